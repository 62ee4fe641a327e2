/**
 * Who: everybody who is, or may be, affected, in the order of their accounts' bytes. Each part is put in order in its thread
 * and written behind the ones before; at the end they are merged, so that memory does not grow with the people.
 */
import { rename, rm, writeFile } from "node:fs/promises";
import { type ColumnSource, fileWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import { grown, Numbers } from "../column/index.js";
import { KINDS } from "../contact/index.js";
import { csv } from "../incident/index.js";
import { writeWhole } from "../serve/index.js";
import { AuditError } from "./error.js";
import type { Part } from "./part.js";
import type { Person } from "./person.js";
import { NAME_HEAD_WORDS, readAll, type SpilledRecords, writeAll } from "./spill.js";

/** What is written of a person before the name: its length, certain, kinds, lists, first and last instant. */
const HEAD_BYTES = 32;
const WINDOW_BYTES = 1 << 16;
const PARQUET_ROWS = 100_000;
const COLUMNS = ["account", "affected", "kinds", "lists", "first_at", "last_at"];

/** A person as written. */
interface WrittenPerson {
  readonly account: string;
  readonly affected: "certainly" | "possibly";
  /** Of affected contact points, with blanks between them. */
  readonly kinds: string;
  readonly lists: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/** The people of one part. */
export class PartPeople {
  readonly #accounts = new Numbers();
  /** Certain, kinds and lists of each. */
  readonly #told = new Numbers();
  #times = new Float64Array(1 << 10);

  add(account: number, isCertain: boolean, { kinds, firstMs, lastMs }: Person, lists: number): void {
    const at = 2 * this.#accounts.count;
    this.#times = grown(this.#times, at + 2);
    this.#times[at] = firstMs;
    this.#times[at + 1] = lastMs;
    this.#accounts.push(account);
    for (const number of [isCertain ? 1 : 0, kinds, lists]) this.#told.push(number);
  }

  /** The people as bytes, in order; none are left. */
  take(part: Part, names: SpilledRecords): Uint8Array {
    const accounts = this.#accounts.values;
    const told = this.#told.values;
    const nameOf = namesOf(part, names);
    const named = Buffer.from(names.words.buffer, names.words.byteOffset, names.words.byteLength);
    const startOf = (one: number): number => 4 * (nameOf[accounts[one]!]! + NAME_HEAD_WORDS);
    const lengthOf = (one: number): number => names.words[nameOf[accounts[one]!]! + 3]!;
    const order = Uint32Array.from(accounts, (_, one) => one).sort((a, b) => {
      const [start, other] = [startOf(a), startOf(b)];
      return named.compare(named, other, other + lengthOf(b), start, start + lengthOf(a));
    });
    const bytes = Buffer.alloc(order.reduce((sum, one) => sum + HEAD_BYTES + lengthOf(one), 0));
    let at = 0;
    for (const one of order) {
      bytes.writeUInt32BE(lengthOf(one), at);
      for (let i = 0; i < 3; i++) bytes.writeUInt32BE(told[3 * one + i]!, at + 4 + 4 * i);
      bytes.writeDoubleBE(this.#times[2 * one]!, at + 16);
      bytes.writeDoubleBE(this.#times[2 * one + 1]!, at + 24);
      at += HEAD_BYTES;
      at += named.copy(bytes, at, startOf(one), startOf(one) + lengthOf(one));
    }
    this.#accounts.clear();
    this.#told.clear();
    return bytes;
  }
}

/** Where the name of each account of a part lies. */
function namesOf(part: Part, { words }: SpilledRecords): Uint32Array {
  const places = new Uint32Array(part.accounts);
  for (let at = 0; at < words.length; at += NAME_HEAD_WORDS + 2 * Math.ceil(words[at + 3]! / 8)) {
    const account = part.find(words, at);
    if (account >= 0) places[account] = at;
  }
  return places;
}

/** The people of all parts, on disk. */
export class PeopleRuns {
  readonly #fd: number;
  #end = 0;
  readonly #runs: { from: number; to: number }[] = [];

  constructor(fd: number) {
    this.#fd = fd;
  }

  add(run: Uint8Array): void {
    if (run.length === 0) return;
    writeAll(this.#fd, run, this.#end);
    this.#runs.push({ from: this.#end, to: this.#end + run.length });
    this.#end += run.length;
  }

  /** Everybody, in order. */
  *#merged(): Generator<RunReader> {
    const readers = this.#runs.map(({ from, to }) => new RunReader(this.#fd, from, to));
    const heap = readers.filter((reader) => reader.next());
    heap.sort((a, b) => Buffer.compare(a.name, b.name));
    while (heap.length > 0) {
      yield heap[0]!;
      if (!heap[0]!.next()) {
        const last = heap.pop()!;
        if (heap.length > 0) heap[0] = last;
      }
      sift(heap);
    }
  }

  /**
   * Writes everybody as `.csv` or `.parquet`.
   * @throws {AuditError} code `unwritable-file`
   */
  async write(path: string): Promise<void> {
    try {
      await (path.endsWith(".csv") ? this.#writeCsv(path) : this.#writeParquet(path));
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === undefined) throw cause;
      throw new AuditError("unwritable-file", `${path} can't be written`, "check its folder, permissions and room");
    }
  }

  async #writeCsv(path: string): Promise<void> {
    const merged = this.#merged();
    const rows = function* (): Generator<(string | number)[]> {
      for (const reader of merged) {
        const { account, affected, kinds, lists, firstAt, lastAt } = reader.person();
        yield [account, affected, kinds, lists, firstAt.toISOString(), lastAt.toISOString()];
      }
    };
    await writeWhole(path, csv(COLUMNS, rows()));
  }

  async #writeParquet(path: string): Promise<void> {
    let some: WrittenPerson[] = [];
    const part = `${path}.part`;
    const columns = (): ColumnSource[] => [
      { name: "account", data: some.map(({ account }) => account), type: "STRING" },
      { name: "affected", data: some.map(({ affected }) => affected), type: "STRING" },
      { name: "kinds", data: some.map(({ kinds }) => kinds), type: "STRING" },
      { name: "lists", data: some.map(({ lists }) => lists), type: "INT32" },
      { name: "first_at", data: some.map(({ firstAt }) => firstAt), type: "TIMESTAMP" },
      { name: "last_at", data: some.map(({ lastAt }) => lastAt), type: "TIMESTAMP" },
    ];
    // For its owner alone from the first byte on.
    await writeFile(part, "", { mode: 0o600 });
    const writer = new ParquetWriter({
      writer: fileWriter(part),
      schema: schemaFromColumnData({ columnData: columns() }),
    });
    const pour = async (): Promise<void> => {
      if (some.length > 0) await writer.write({ columnData: columns(), rowGroupSize: PARQUET_ROWS });
      some = [];
    };
    try {
      for (const reader of this.#merged()) {
        some.push(reader.person());
        if (some.length === PARQUET_ROWS) await pour();
      }
      await pour();
      await writer.finish();
      await rename(part, path);
    } finally {
      await rm(part, { force: true });
    }
  }
}

/** Lets the first of a binary heap sink to its place. */
function sift(heap: RunReader[]): void {
  for (let at = 0; ; ) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && Buffer.compare(heap[child]!.name, heap[least]!.name) < 0) least = child;
    }
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least]!, heap[at]!];
    at = least;
  }
}

/** Reads a run person by person, through a window. */
class RunReader {
  name: Uint8Array = new Uint8Array(0);
  readonly #fd: number;
  #from: number;
  readonly #to: number;
  readonly #window = new Uint8Array(WINDOW_BYTES);
  readonly #view = new DataView(this.#window.buffer);
  #at = 0;
  #end = 0;
  /** Where the person begins in the window. */
  #head = 0;

  constructor(fd: number, from: number, to: number) {
    this.#fd = fd;
    this.#from = from;
    this.#to = to;
  }

  /** Goes on to the next person; whether there is one. */
  next(): boolean {
    if (!this.#has(HEAD_BYTES)) return false;
    const length = this.#view.getUint32(this.#at);
    this.#has(HEAD_BYTES + length);
    this.#head = this.#at;
    this.name = this.#window.subarray(this.#at + HEAD_BYTES, this.#at + HEAD_BYTES + length);
    this.#at += HEAD_BYTES + length;
    return true;
  }

  #has(bytes: number): boolean {
    if (this.#end - this.#at >= bytes) return true;
    this.#window.copyWithin(0, this.#at, this.#end);
    this.#end -= this.#at;
    this.#at = 0;
    while (this.#end < bytes && this.#from < this.#to) {
      const most = Math.min(this.#window.length - this.#end, this.#to - this.#from);
      readAll(this.#fd, this.#window.subarray(this.#end, this.#end + most), this.#from);
      this.#from += most;
      this.#end += most;
    }
    return this.#end >= bytes;
  }

  person(): WrittenPerson {
    const view = this.#view;
    const head = this.#head;
    const bits = view.getUint32(head + 8);
    return {
      account: Buffer.from(this.name.buffer, this.name.byteOffset, this.name.length).toString(),
      affected: view.getUint32(head + 4) === 1 ? "certainly" : "possibly",
      kinds: KINDS.filter((_, kind) => ((bits >> kind) & 1) === 1).join(" "),
      lists: view.getUint32(head + 12),
      firstAt: new Date(view.getFloat64(head + 16)),
      lastAt: new Date(view.getFloat64(head + 24)),
    };
  }
}
