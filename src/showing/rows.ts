/**
 * Rows of showings: `advertiser, campaign, audience, account, at`, as columns.
 *
 * Names that many rows have in common become numbers here; whether there are such audiences and accounts is for whoever
 * takes them in.
 */
import { isUtf8 } from "node:buffer";
import { BytesColumn, grown, sameBytes } from "../column/index.js";
import {
  type BatchTaker,
  fault,
  INPUT_LIMITS,
  parseTime,
  REFUSAL,
  RefusalList,
  type Refusals,
  timeRefusal,
} from "../input/index.js";
import { COLUMNS, MAX_CAMPAIGN_BYTES, SHOWING_REFUSAL } from "./refusal.js";

/** Good rows, column by column; names by their places in the lists of names. */
export interface ShowingBatch {
  readonly rows: number;
  readonly advertiser: Uint32Array;
  readonly campaign: Uint32Array;
  readonly audience: Uint32Array;
  readonly accountBytes: Uint8Array;
  readonly accountEnds: Uint32Array;
  readonly atMs: Float64Array;
  readonly line: Uint32Array;
  readonly advertisers: readonly string[];
  readonly campaigns: readonly string[];
  readonly audiences: readonly string[];
  readonly refusals: Refusals;
  /** Good and refused rows. */
  readonly totalRows: number;
}

const [ADVERTISER, CAMPAIGN, AUDIENCE, ACCOUNT, AT] = [0, 1, 2, 3, 4];

export class ShowingRows implements BatchTaker<ShowingBatch> {
  readonly #nowMs: () => number;
  #rows = 0;
  #line: Uint32Array = new Uint32Array(1 << 8);
  #atMs: Float64Array = new Float64Array(1 << 8);
  readonly #names = [new Names(), new Names(), new Names()] as const;
  readonly #accounts = new BytesColumn();
  readonly #refusals = new RefusalList();

  /** @param nowMs showings later than this, but for what clocks differ, are refused */
  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  columnOf(name: string): number {
    return (COLUMNS as readonly string[]).indexOf(name);
  }

  checkHeader(): void {}

  refusalColumn(column: number): number {
    return column + 1;
  }

  refuse(line: number, column: number, code: number): void {
    this.#refusals.add(line, column, code);
  }

  row(src: Uint8Array, starts: Int32Array, ends: Int32Array, line: number): void {
    const bad = this.#add(src, starts, ends, line);
    if (bad !== 0) this.#refusals.add(line, this.refusalColumn(bad >> 8), bad & 0xff);
  }

  /** Adds a row, or returns its first fault. */
  #add(src: Uint8Array, starts: Int32Array, ends: Int32Array, line: number): number {
    for (let column = 0; column < COLUMNS.length; column++) {
      if (starts[column]! < 0 || starts[column] === ends[column]) return fault(column, REFUSAL.missingField);
    }
    if (ends[CAMPAIGN]! - starts[CAMPAIGN]! > MAX_CAMPAIGN_BYTES) return fault(CAMPAIGN, SHOWING_REFUSAL.badCampaign);
    const atMs = parseTime(src, starts[AT]!, ends[AT]!);
    if (!(atMs >= 0 && atMs <= this.#nowMs() + INPUT_LIMITS.clockSkewMs))
      return fault(AT, timeRefusal(atMs, src, starts[AT]!, ends[AT]!));
    for (const column of NAMED) {
      if (!this.#names[column]!.add(src, starts[column]!, ends[column]!)) {
        for (let before = 0; before < column; before++) this.#names[before]!.drop();
        return fault(column, REFUSAL.notUtf8);
      }
    }
    this.#accounts.add(src, starts[ACCOUNT]!, ends[ACCOUNT]!);
    const row = this.#rows++;
    if (row === this.#line.length) {
      this.#line = grown(this.#line, row + 1);
      this.#atMs = grown(this.#atMs, row + 1);
    }
    this.#line[row] = line;
    this.#atMs[row] = atMs;
    return 0;
  }

  take(): ShowingBatch | undefined {
    const rows = this.#rows;
    const refusals = this.#refusals.take();
    if (rows === 0 && refusals.count === 0) return undefined;
    const [advertiser, campaign, audience] = this.#names.map((names) => names.take());
    const accounts = this.#accounts.take();
    this.#rows = 0;
    return {
      rows,
      advertiser: advertiser!.column,
      campaign: campaign!.column,
      audience: audience!.column,
      accountBytes: accounts.bytes,
      accountEnds: accounts.ends,
      atMs: this.#atMs.slice(0, rows),
      line: this.#line.slice(0, rows),
      advertisers: advertiser!.names,
      campaigns: campaign!.names,
      audiences: audience!.names,
      refusals,
      totalRows: rows + refusals.count,
    };
  }
}

const NAMED = [ADVERTISER, CAMPAIGN, AUDIENCE];

/** A column of names that repeat: each row holds the place of its name. */
class Names {
  #column: Uint32Array = new Uint32Array(1 << 8);
  #rows = 0;
  #names: string[] = [];
  readonly #places = new Map<string, number>();
  #last: Uint8Array = new Uint8Array(0);
  #lastPlace = -1;

  /** False if it is not UTF-8; then nothing is added. */
  add(src: Uint8Array, start: number, end: number): boolean {
    if (this.#lastPlace < 0 || !sameBytes(this.#last, src, start, end)) {
      // Not `slice`: of a Buffer it is no copy.
      const bytes = new Uint8Array(src.subarray(start, end));
      if (!isUtf8(bytes)) return false;
      const name = Buffer.from(bytes).toString("utf8");
      const place = this.#places.get(name) ?? this.#names.push(name) - 1;
      this.#places.set(name, place);
      this.#last = bytes;
      this.#lastPlace = place;
    }
    if (this.#rows === this.#column.length) this.#column = grown(this.#column, this.#rows + 1);
    this.#column[this.#rows++] = this.#lastPlace;
    return true;
  }

  drop(): void {
    this.#rows--;
  }

  take(): { column: Uint32Array; names: string[] } {
    const taken = { column: this.#column.slice(0, this.#rows), names: this.#names };
    this.#rows = 0;
    this.#names = [];
    this.#places.clear();
    this.#lastPlace = -1;
    return taken;
  }
}
