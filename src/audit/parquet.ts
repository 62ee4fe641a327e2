/**
 * Parquet by columns: a row group is decoded as a whole to Arrow's form, in which texts lie behind one another as bytes, and
 * its rows are handed over as places in that memory; no text of a row becomes a string. Whole numbers are written out behind
 * it; instants are handed over as milliseconds.
 *
 * Peer of the reader in the input room, which is for rows that may be refused one by one and costs 100 to 1,000 ns a cell:
 * here a text is refused with its whole row group if it is not UTF-8.
 */
import { openAsBlob } from "node:fs";
import { type Data, DataType, type RecordBatch, type TimeUnit, tableFromIPC } from "apache-arrow";
import { ParquetFile } from "parquet-wasm";
import { AuditError } from "./error.js";
import type { AuditRows } from "./rows.js";

/** Rows that the decoder puts into a batch of Arrow's. */
const BATCH_ROWS = 65_536;
/** Behind the decoded bytes, for what is written out of one row. */
const SCRATCH_BYTES = 1 << 16;
const TWO_32 = 2 ** 32;
const ABSENT = -1;

export interface GroupListener {
  readonly onBatch: () => void;
  /** Told, with the first row group, which columns nobody asks for. */
  readonly onIgnored: (names: readonly string[]) => void;
}

const isSameName = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();

/** Reads row groups of one file, one after the other. */
export class ParquetGroups {
  readonly #path: string;
  readonly #file: ParquetFile;
  /** Of its columns. */
  readonly #names: readonly string[];
  /** Decoded bytes, used again. */
  #memory = new Uint8Array(0);
  #used = 0;

  private constructor(path: string, file: ParquetFile) {
    this.#path = path;
    this.#file = file;
    this.#names = tableFromIPC(file.schema().intoIPCStream()).schema.fields.map(({ name }) => name);
  }

  static async open(path: string): Promise<ParquetGroups> {
    return new ParquetGroups(path, await ParquetFile.fromFile(await openAsBlob(path)));
  }

  /**
   * Hands the rows of a row group over.
   * @param firstLine number of its first row in the file, from 1
   * @throws {AuditError} code `broken-parquet`
   * @throws {InputError} code `missing-column`
   */
  async read(group: number, firstLine: number, rows: AuditRows, { onBatch, onIgnored }: GroupListener): Promise<void> {
    let line = firstLine;
    for (const batch of await this.#batches(group, rows, onIgnored)) {
      line = this.#take(batch, line, rows);
      onBatch();
    }
    this.#memory.fill(0, 0, this.#used);
  }

  async #batches(group: number, rows: AuditRows, onIgnored: GroupListener["onIgnored"]): Promise<RecordBatch[]> {
    const names = this.#names;
    const columns = names.filter((name) => rows.columnOf(name.trim().toLowerCase()) >= 0);
    const twice = columns.find((name, i) => columns.slice(0, i).some((one) => isSameName(one, name)));
    if (twice !== undefined) {
      throw new AuditError("broken-parquet", `${this.#path}: column ${twice} is there twice`, "name each column once");
    }
    rows.checkHeader();
    if (group === 0) onIgnored(names.filter((name) => !columns.includes(name)));
    let bytes: Uint8Array;
    try {
      const table = await this.#file.read({ rowGroups: [group], columns, batchSize: BATCH_ROWS });
      bytes = table.intoIPCStream();
    } catch {
      // The decoder's message may hold bytes of the file.
      throw new AuditError(
        "broken-parquet",
        `${this.#path}: row group ${group + 1} can't be decoded`,
        "write the file again, with texts in UTF-8",
      );
    }
    if (bytes.length + SCRATCH_BYTES > this.#memory.length) {
      this.#memory = new Uint8Array(Math.ceil(bytes.length * 1.25) + SCRATCH_BYTES);
    }
    this.#memory.set(bytes);
    this.#used = bytes.length;
    return tableFromIPC(this.#memory.subarray(0, bytes.length)).batches;
  }

  #take(batch: RecordBatch, firstLine: number, rows: AuditRows): number {
    const scratch = new Scratch(this.#memory, this.#memory.length - SCRATCH_BYTES);
    const cells = batch.schema.fields.map(({ name }, i) => {
      const column = rows.columnOf(name.trim().toLowerCase());
      const where = `${this.#path}: column ${name}`;
      return { column, cell: cellOf(batch.data.children[i]!, rows.isTime(column), this.#memory, scratch, where) };
    });
    const starts = new Int32Array(rows.columns).fill(ABSENT);
    const ends = new Int32Array(rows.columns);
    const instants = new Float64Array(rows.columns).fill(Number.NaN);
    for (let row = 0; row < batch.numRows; row++) {
      scratch.clear();
      for (const { column, cell } of cells) cell(row, column, starts, ends, instants);
      rows.rowOf(this.#memory, starts, ends, instants, firstLine + row);
    }
    return firstLine + batch.numRows;
  }
}

/** Says where a row's cell of a column lies. */
type Cell = (row: number, column: number, starts: Int32Array, ends: Int32Array, instants: Float64Array) => void;

/** Texts that are written behind the decoded bytes. */
class Scratch {
  readonly #bytes: Uint8Array;
  readonly #from: number;
  #used: number;

  constructor(bytes: Uint8Array, from: number) {
    this.#bytes = bytes;
    this.#from = from;
    this.#used = from;
  }

  clear(): void {
    this.#used = this.#from;
  }

  /** Writes a text that is short; returns where it begins, and `end` where it ends. */
  write(text: string): number {
    const start = this.#used;
    this.#used += new TextEncoder().encodeInto(text, this.#bytes.subarray(start)).written;
    return start;
  }

  /** Writes a whole number in decimal digits. */
  writeInteger(value: number): number {
    const start = this.#used;
    const bytes = this.#bytes;
    let rest = Math.abs(value);
    let at = start + (value < 0 ? 1 : 0);
    if (value < 0) bytes[start] = 45;
    let digits = 1;
    for (let power = 10; rest >= power; power *= 10) digits++;
    at += digits;
    this.#used = at;
    do {
      const next = Math.floor(rest / 10);
      bytes[--at] = 48 + rest - next * 10;
      rest = next;
    } while (rest > 0);
    return start;
  }

  get end(): number {
    return this.#used;
  }
}

/** @param isTime whether the column holds instants; elsewhere one is a text like any other */
function cellOf(data: Data, isTime: boolean, memory: Uint8Array, scratch: Scratch, where: string): Cell {
  const { type } = data;
  const isValid = validity(data);
  const present =
    (cell: Cell): Cell =>
    (row, column, starts, ends, instants) => {
      if (isValid(row)) cell(row, column, starts, ends, instants);
      else {
        starts[column] = ABSENT;
        instants[column] = Number.NaN;
      }
    };
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return present(textCell(data, memory));
  if (DataType.isDictionary(type)) return present(dictionaryCell(data, memory, where));
  if (DataType.isTimestamp(type) || DataType.isDate(type)) {
    const instant = DataType.isDate(type) ? dayCell(data) : instantCell(data, MS_OF_UNIT[type.unit]!);
    return present(isTime ? instant : writtenCell(instant, scratch));
  }
  if (DataType.isInt(type)) return present(integerCell(data, scratch));
  if (DataType.isBool(type)) {
    const bits = data.values as Uint8Array;
    return present((row, column, starts, ends) => {
      const at = row + data.offset;
      starts[column] = scratch.write(((bits[at >> 3]! >> (at & 7)) & 1) === 1 ? "true" : "false");
      ends[column] = scratch.end;
    });
  }
  if (DataType.isNull(type)) return (_, column, starts) => void (starts[column] = ABSENT);
  throw new AuditError(
    "broken-parquet",
    `${where}: ${type} is neither text, whole number nor time`,
    "write the column as text",
  );
}

function validity(data: Data): (row: number) => boolean {
  const bits = data.nullBitmap;
  if (data.nullCount === 0 || bits === undefined || bits.length === 0) return () => true;
  return (row) => ((bits[(row + data.offset) >> 3]! >> ((row + data.offset) & 7)) & 1) === 1;
}

/** Where a column's texts begin in the memory; they lie in it as they came. */
function offsetIn(memory: Uint8Array, values: Uint8Array): number {
  if (values.buffer !== memory.buffer)
    throw new Error("a column of Arrow's does not lie in the memory that it was read from");
  return values.byteOffset - memory.byteOffset;
}

function textCell(data: Data, memory: Uint8Array): Cell {
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  const base = offsetIn(memory, data.values as Uint8Array);
  if (offsets instanceof BigInt64Array) {
    return (row, column, starts, ends) => {
      starts[column] = base + Number(offsets[row]!);
      ends[column] = base + Number(offsets[row + 1]!);
    };
  }
  return (row, column, starts, ends) => {
    starts[column] = base + offsets[row]!;
    ends[column] = base + offsets[row + 1]!;
  };
}

function dictionaryCell(data: Data, memory: Uint8Array, where: string): Cell {
  const values = data.dictionary?.data ?? [];
  if (values.length !== 1 || !DataType.isUtf8(values[0]!.type)) {
    throw new AuditError("broken-parquet", `${where}: its dictionary is not of text`, "write the column as text");
  }
  const text = textCell(values[0]!, memory);
  const indices = data.values as Int32Array;
  return (row, column, starts, ends, instants) => text(Number(indices[row]!), column, starts, ends, instants);
}

/** Milliseconds of each unit of Arrow's: second, millisecond, microsecond, nanosecond. */
const MS_OF_UNIT: Readonly<Record<TimeUnit, number>> = { 0: 1000, 1: 1, 2: 1e-3, 3: 1e-6 };

/** Numbers of 64 bits without an object for each. */
function wide(values: BigInt64Array): (row: number) => number {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  return (row) => words[2 * row + 1]! * TWO_32 + (words[2 * row]! >>> 0);
}

function instantCell(data: Data, msOfUnit: number): Cell {
  const number = wide(data.values as BigInt64Array);
  return (row, column, _, __, instants) => void (instants[column] = Math.floor(number(row) * msOfUnit));
}

/** Instants, as texts. */
function writtenCell(instant: Cell, scratch: Scratch): Cell {
  return (row, column, starts, ends, instants) => {
    instant(row, column, starts, ends, instants);
    const date = new Date(instants[column]!);
    instants[column] = Number.NaN;
    starts[column] = scratch.write(Number.isNaN(date.getTime()) ? "invalid" : date.toISOString());
    ends[column] = scratch.end;
  };
}

const DAY_MS = 86_400_000;

function dayCell(data: Data): Cell {
  const { values } = data;
  if (values instanceof BigInt64Array) {
    const number = wide(values);
    return (row, column, _, __, instants) => void (instants[column] = number(row));
  }
  return (row, column, _, __, instants) => void (instants[column] = (values as Int32Array)[row]! * DAY_MS);
}

function integerCell(data: Data, scratch: Scratch): Cell {
  const { values } = data;
  const isWide = values instanceof BigInt64Array || values instanceof BigUint64Array;
  const number = values instanceof BigInt64Array ? wide(values) : (row: number) => Number(values[row]!);
  return (row, column, starts, ends) => {
    const value = number(row);
    starts[column] =
      isWide && !Number.isSafeInteger(value) ? scratch.write(String(values[row])) : scratch.writeInteger(value);
    ends[column] = scratch.end;
  };
}
