/**
 * Rows of an audit: what the takers of all tables have in common. Cells are found by the map's names, or are the same in
 * every row; a row is good as a whole or refused with its first fault; good ones become records of the spill, some thousand
 * at a time.
 */
import type { ByteNames } from "../column/index.js";
import { Messages } from "../contact/index.js";
import {
  type BatchTaker,
  fault,
  InputError,
  REFUSAL,
  RefusalList,
  type Refusals,
  timeRefusal,
} from "../input/index.js";
import { accountRefusal } from "../intake/index.js";
import type { AccountFilter } from "./filter.js";
import type { AuditTable } from "./finding.js";
import { LABEL_WORDS, labelsOf } from "./labels.js";
import type { Names } from "./names.js";
import type { AuditNotices } from "./notices.js";
import { AUDIT_REFUSAL } from "./refusal.js";
import { type AuditSource, COLUMNS, REQUIRED } from "./sources.js";
import { PARTS, RECORDS, type RecordSort, type SpillWriter } from "./spill.js";
import { LATEST_MS, type Times } from "./times.js";

const BATCH_ROWS = 8192;
const MAX_NAME_BYTES = 256;

/** What rows are read by; shared by the takers of one thread. */
export interface Reading {
  readonly spill: SpillWriter;
  /** 32 bytes. */
  readonly runKey: Uint8Array;
  readonly notices: AuditNotices;
  readonly region: string | undefined;
  readonly filter: AccountFilter;
  /** Whether accounts' names are kept, to say who. */
  readonly keepsNames: boolean;
  /** Ids of matches that a claim is about. */
  readonly claimedMatches: ReadonlySet<string>;
  readonly lists: Names;
  readonly campaigns: Names;
  readonly countries: Names;
  /** Rows of contacts by notice version. */
  readonly noticeRows: Float64Array;
  readonly told: ReadingTold;
}

/** What is said of all rows. */
interface ReadingTold {
  latestMs: number;
  readonly times: Times;
  /** Contacts of sources that don't say which are verified. */
  takenAsVerified: number;
  /** Matches of sources that don't say when they ended. */
  unknownEnds: number;
  /** Matches that ended before they began. */
  endsBefore: number;
  /** Sentences about columns that came late. */
  readonly late: string[];
}

export interface RowsTaken {
  /** Good ones. */
  readonly rows: number;
  readonly refusals: Refusals;
}

/** Takes the rows of one source. */
export abstract class AuditRows implements BatchTaker<RowsTaken> {
  /** Good rows since the last call of `take`. */
  rows = 0;
  protected src!: Uint8Array;
  protected starts!: Int32Array;
  protected ends!: Int32Array;
  /** Milliseconds of a cell that came as an instant, by column; else NaN. */
  protected instants!: Float64Array;
  protected readonly reading: Reading;
  readonly #table: AuditTable;
  readonly #source: AuditSource;
  /** Column that a header's name stands for, by the first one; others of the same header follow it. */
  readonly #byHeader = new Map<string, number>();
  readonly #copies: { from: number; to: number }[] = [];
  readonly #found = new Set<number>();
  readonly #constants: (Uint8Array | undefined)[];
  readonly #refusals = new RefusalList();
  readonly #noInstants: Float64Array;
  #hasRows = false;

  protected readonly accounts = new Messages();
  /** Labels of the batch's accounts. */
  protected keys: Uint32Array = new Uint32Array(0);

  constructor(source: AuditSource, reading: Reading) {
    this.reading = reading;
    this.#source = source;
    this.#table = source.table;
    const columns: readonly string[] = COLUMNS[source.table];
    this.#noInstants = new Float64Array(columns.length).fill(Number.NaN);
    this.#constants = columns.map((column) => {
      const constant = source.constants[column];
      return constant === undefined ? undefined : Buffer.from(constant);
    });
    columns.forEach((column, i) => {
      if (this.#constants[i] !== undefined) return;
      const header = (source.columns[column] ?? column).trim().toLowerCase();
      const first = this.#byHeader.get(header);
      if (first === undefined) this.#byHeader.set(header, i);
      else this.#copies.push({ from: first, to: i });
    });
  }

  /** How many columns the table may have. */
  get columns(): number {
    return this.#constants.length;
  }

  /** Whether a column holds instants. */
  isTime(column: number): boolean {
    return /_at$|^at$/.test(COLUMNS[this.#table][column]!);
  }

  columnOf(name: string): number {
    const column = this.#byHeader.get(name);
    if (column === undefined) return -1;
    this.#find(column);
    for (const { from, to } of this.#copies) if (from === column) this.#find(to);
    return column;
  }

  /** A format without a header may name a column late: what its absence meant before is told. */
  #find(column: number): void {
    if (this.#found.has(column)) return;
    this.#found.add(column);
    const name = COLUMNS[this.#table][column]!;
    if (this.#hasRows && (name === "verified_at" || name === "left_at")) {
      this.reading.told.late.push(
        `${this.#source.name}: ${name} is not in the first rows, which count as if it were in none`,
      );
    }
  }

  checkHeader(): void {
    const columns: readonly string[] = COLUMNS[this.#table];
    for (const oneOf of REQUIRED[this.#table]) {
      if (oneOf.some((column) => this.has(columns.indexOf(column)))) continue;
      const wanted = oneOf.map((column) => this.#source.columns[column] ?? column).join(" or ");
      throw new InputError("missing-column", `${this.#source.name}: there is no column ${wanted}`, {
        field: oneOf[0]!,
        fix: `name the column that is the ${oneOf.join(" or ")} of ${this.#table} in audit.yaml`,
      });
    }
  }

  /** Whether the source has a column, or says what it is in every row. */
  protected has(column: number): boolean {
    return this.#found.has(column) || this.#constants[column] !== undefined;
  }

  refusalColumn(column: number): number {
    return column + 1;
  }

  refuse(line: number, column: number, code: number): void {
    this.#refusals.add(line, column, code);
  }

  row(src: Uint8Array, starts: Int32Array, ends: Int32Array, line: number): void {
    this.rowOf(src, starts, ends, this.#noInstants, line);
  }

  /** As `row`, of a format whose instants need no reading. */
  rowOf(src: Uint8Array, starts: Int32Array, ends: Int32Array, instants: Float64Array, line: number): void {
    this.src = src;
    this.starts = starts;
    this.ends = ends;
    this.instants = instants;
    for (const { from, to } of this.#copies) {
      starts[to] = starts[from]!;
      ends[to] = ends[from]!;
      if (instants !== this.#noInstants) instants[to] = instants[from]!;
    }
    this.#hasRows = true;
    const bad = this.add();
    if (bad !== 0) this.#refusals.add(line, this.refusalColumn(bad >> 8), bad & 0xff);
    else {
      this.rows++;
      if (this.accounts.count === BATCH_ROWS) this.flush();
    }
  }

  /** What was taken since the last call. */
  take(): RowsTaken {
    const { rows } = this;
    this.rows = 0;
    return { rows, refusals: this.#refusals.take() };
  }

  /** Writes the rows that are gathered to the spill. */
  flush(): void {
    if (this.accounts.count === 0) return;
    this.keys = labelsOf(this.accounts, this.reading.runKey);
    this.pour();
  }

  /** Adds the row, or returns its first fault. */
  protected abstract add(): number;
  /** Spills the rows whose keys are made. */
  protected abstract pour(): void;

  /** Bytes that a column's cell lies in. */
  protected bytesOf(column: number): Uint8Array {
    return this.#constants[column] ?? this.src;
  }
  protected startOf(column: number): number {
    return this.#constants[column] === undefined ? this.starts[column]! : 0;
  }
  protected endOf(column: number): number {
    return this.#constants[column]?.length ?? this.ends[column]!;
  }
  protected isGiven(column: number): boolean {
    const start = this.startOf(column);
    return (start >= 0 && start !== this.endOf(column)) || !Number.isNaN(this.instants[column]!);
  }
  protected textOf(column: number): string {
    const bytes = this.bytesOf(column);
    return Buffer.from(
      bytes.buffer,
      bytes.byteOffset + this.startOf(column),
      this.endOf(column) - this.startOf(column),
    ).toString();
  }
  /** Whether two cells hold the same bytes. */
  protected areSame(one: number, other: number): boolean {
    const [from, to] = [this.bytesOf(one), this.bytesOf(other)];
    const [start, otherStart] = [this.startOf(one), this.startOf(other)];
    const length = this.endOf(one) - start;
    if (length !== this.endOf(other) - otherStart) return false;
    for (let i = 0; i < length; i++) if (from[start + i] !== to[otherStart + i]) return false;
    return true;
  }
  protected find(names: ByteNames, column: number): number {
    return names.find(this.bytesOf(column), this.startOf(column), this.endOf(column));
  }

  /** Milliseconds of a time; NaN where it is none, Infinity where it says "never". */
  protected timeOf(column: number): number {
    const given = this.instants[column]!;
    if (!Number.isNaN(given)) return given > LATEST_MS ? Number.POSITIVE_INFINITY : given;
    return this.reading.told.times.parse(this.bytesOf(column), this.startOf(column), this.endOf(column));
  }
  protected isInstant(ms: number): boolean {
    return ms >= 0 && ms < Number.POSITIVE_INFINITY;
  }
  /** Notes when something of a good row was so. */
  protected noteTime(ms: number): void {
    const { told } = this.reading;
    if (ms > told.latestMs) told.latestMs = ms;
  }
  protected timeFault(column: number, ms: number): number {
    return fault(
      column,
      timeRefusal(ms, this.bytesOf(column), Math.max(0, this.startOf(column)), Math.max(0, this.endOf(column))),
    );
  }

  /** 0, or the refusal of the account's name. */
  protected badAccount(column: number): number {
    if (!this.isGiven(column)) return fault(column, REFUSAL.missingField);
    const code = accountRefusal(this.bytesOf(column), this.startOf(column), this.endOf(column));
    return code === 0 ? 0 : fault(column, code);
  }
  protected addAccount(column: number): void {
    this.accounts.append(this.bytesOf(column), this.startOf(column), this.endOf(column));
    this.accounts.end();
  }

  /** Number of a name of one cell, or of two, the second of which may be empty; or minus its fault. */
  protected nameOf(names: Names, one: number, other = one): number {
    if (this.endOf(one) - this.startOf(one) > MAX_NAME_BYTES) return -fault(one, AUDIT_REFUSAL.nameInvalid);
    const isTwo = other !== one && this.isGiven(other);
    const start = isTwo ? this.startOf(other) : 0;
    const end = isTwo ? this.endOf(other) : 0;
    if (end - start > MAX_NAME_BYTES) return -fault(other, AUDIT_REFUSAL.nameInvalid);
    const number = names.of(this.bytesOf(one), this.startOf(one), this.endOf(one), this.bytesOf(other), start, end);
    return number < 0 ? -fault(isTwo ? other : one, AUDIT_REFUSAL.nameInvalid) : number;
  }

  /** Begins a record of a row: its account, and where the rest goes. */
  protected record(sort: RecordSort, row: number, size: number = RECORDS[sort]): number {
    const key = LABEL_WORDS * row;
    const { keys } = this;
    const { spill } = this.reading;
    const at = spill.room(sort, keys[key]! % PARTS, size);
    const { words } = spill;
    words[at] = keys[key]!;
    words[at + 1] = keys[key + 1]!;
    words[at + 2] = keys[key + 2]!;
    return at;
  }

  protected isKept(row: number): boolean {
    const key = LABEL_WORDS * row;
    return this.reading.filter.has(this.keys[key + 1]!, this.keys[key + 2]!);
  }
}
