/**
 * Rows of showings: `advertiser, campaign, audience, account, at`, as columns.
 *
 * Names that many rows have in common become numbers here; whether there are such audiences and accounts is for whoever
 * takes them in.
 */
import { BytesColumn, grown, type NameHash, NamesColumn } from "../column/index.js";
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
import { ROW, type RowTurn, TURN_ROWS } from "../kernel/index.js";
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
const NAMED = [ADVERTISER, CAMPAIGN, AUDIENCE];
/** By such a column: the numbers of names in a turn, and their places in the batch. */
const NUMBERS = NAMED.map(() => new Uint32Array(TURN_ROWS));
const PLACES = NAMED.map(() => new Int32Array(TURN_ROWS));

export class ShowingRows implements BatchTaker<ShowingBatch> {
  #rows = 0;
  #line: Uint32Array = new Uint32Array(1 << 4);
  #atMs: Float64Array = new Float64Array(1 << 3);
  readonly #names: readonly [NamesColumn, NamesColumn, NamesColumn];
  readonly #accounts = new BytesColumn();
  readonly #refusals = new RefusalList();

  /** @param hash of names; another one for tests */
  constructor(hash?: NameHash) {
    this.#names = [new NamesColumn(hash), new NamesColumn(hash), new NamesColumn(hash)];
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

  plainRows(block: Uint8Array, turn: RowTurn, firstLine: number, one: (row: number) => void): void {
    const { rows, codes, starts, ends } = turn;
    const times = turn.times(AT);
    const latestMs = Date.now() + INPUT_LIMITS.clockSkewMs;
    for (const column of NAMED) PLACES[column]!.fill(-1, 0, turn.numbers(column, NUMBERS[column]!));
    let from = 0;
    const addTo = (to: number) => {
      if (to > from) this.#addPlain(block, turn, times, from, to, firstLine);
    };
    for (let row = 0; row < rows; row++) {
      let isGood = codes[row] === ROW.plain && times[row]! >= 0 && times[row]! <= latestMs;
      for (let column = 0; column < COLUMNS.length; column++) {
        isGood &&= starts[column]![row] !== ends[column]![row];
      }
      if (isGood && ends[CAMPAIGN]![row]! - starts[CAMPAIGN]![row]! <= MAX_CAMPAIGN_BYTES) continue;
      addTo(row);
      one(row);
      from = row + 1;
    }
    addTo(rows);
  }

  /** Adds rows [from, to) of a turn, all of them good. */
  #addPlain(
    block: Uint8Array,
    { starts, ends }: RowTurn,
    times: Float64Array,
    from: number,
    to: number,
    firstLine: number,
  ): void {
    for (const column of NAMED) {
      const [names, numbers, places] = [this.#names[column]!, NUMBERS[column]!, PLACES[column]!];
      for (let row = from; row < to; row++) {
        const number = numbers[row]!;
        if (places[number]! < 0) places[number] = names.placeOf(block, starts[column]![row]!, ends[column]![row]!);
        numbers[row] = places[number]!;
      }
      names.addPlaces(numbers.subarray(from, to));
    }
    const [accountStarts, accountEnds] = [starts[ACCOUNT]!, ends[ACCOUNT]!];
    for (let row = from; row < to; row++) this.#accounts.add(block, accountStarts[row]!, accountEnds[row]!);
    const first = this.#rows;
    this.#rows += to - from;
    this.#line = grown(this.#line, this.#rows);
    this.#atMs = grown(this.#atMs, this.#rows);
    for (let row = from; row < to; row++) this.#line[first + row - from] = firstLine + row;
    this.#atMs.set(times.subarray(from, to), first);
  }

  /** Adds a row, or returns its first fault. */
  #add(src: Uint8Array, starts: Int32Array, ends: Int32Array, line: number): number {
    for (let column = 0; column < COLUMNS.length; column++) {
      if (starts[column]! < 0 || starts[column] === ends[column]) return fault(column, REFUSAL.missingField);
    }
    if (ends[CAMPAIGN]! - starts[CAMPAIGN]! > MAX_CAMPAIGN_BYTES) return fault(CAMPAIGN, SHOWING_REFUSAL.badCampaign);
    const atMs = parseTime(src, starts[AT]!, ends[AT]!);
    if (!(atMs >= 0 && atMs <= Date.now() + INPUT_LIMITS.clockSkewMs))
      return fault(AT, timeRefusal(atMs, src, starts[AT]!, ends[AT]!));
    for (const column of NAMED) {
      if (!this.#names[column]!.add(src, starts[column]!, ends[column]!)) {
        for (let before = 0; before < column; before++) this.#names[before]!.drop();
        return fault(column, REFUSAL.notUtf8);
      }
    }
    this.#accounts.add(src, starts[ACCOUNT]!, ends[ACCOUNT]!);
    const row = this.#rows++;
    this.#line = grown(this.#line, row + 1);
    this.#atMs = grown(this.#atMs, row + 1);
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

/** The memory of a batch, for giving it away. */
export function batchMemory({ refusals, ...batch }: ShowingBatch): ArrayBuffer[] {
  const { advertiser, campaign, audience, accountBytes, accountEnds, atMs, line } = batch;
  const columns = [advertiser, campaign, audience, accountBytes, accountEnds, atMs, line];
  return [...columns, refusals.line, refusals.column, refusals.code].flatMap(({ buffer }) =>
    buffer instanceof ArrayBuffer ? [buffer] : [],
  );
}
