/**
 * What was read of a list, block by block in their order, put together: lines count from the list's first, as many
 * refusals are kept as may be, and the summary is of all.
 */
import type { DigestBatch } from "./batch.js";
import type { ColumnPlan, ListColumn } from "./columns.js";
import { ListError } from "./error.js";
import { LIST_LIMITS, type ListLimits } from "./limits.js";
import { listRefusals } from "./refusal.js";
import type { RowsRead } from "./rows.js";

/** How many cells of a column were no good for one reason, those of usable rows included. */
export interface CellCount {
  /** From 1; 0 for rows as a whole. */
  readonly column: number;
  readonly code: string;
  readonly cells: number;
}

export interface ListSummary {
  /** usable + refused. */
  readonly rows: number;
  readonly usable: number;
  readonly refused: number;
  readonly hasHeader: boolean;
  readonly columns: readonly ListColumn[];
  readonly badCells: readonly CellCount[];
  /** What a person should know of how the list was read; never a value. */
  readonly notes: readonly string[];
}

export class ListTotal {
  readonly #limits: ListLimits;
  #lines = 0;
  #rows = 0;
  #usable = 0;
  #refusalsKept = 0;
  #unknownRegions = 0;
  readonly #badCells = new Map<number, number>();

  constructor(limits?: Partial<ListLimits>) {
    this.#limits = { ...LIST_LIMITS, ...limits };
  }

  /**
   * Counts what was read of the next block.
   *
   * @returns its batches as the list's
   * @throws {ListError} code `too-many-rows`
   */
  add({ batches, lines, unknownRegions, badCells }: RowsRead, linesBefore = 0): DigestBatch[] {
    this.#lines += linesBefore;
    const added = batches.map((batch) => this.#added(batch));
    this.#lines += lines;
    this.#unknownRegions += unknownRegions;
    for (const [key, cells] of badCells) this.#badCells.set(key, (this.#badCells.get(key) ?? 0) + cells);
    return added;
  }

  #added(batch: DigestBatch): DigestBatch {
    this.#rows += batch.rows;
    this.#usable += batch.usable;
    if (this.#rows > this.#limits.rows) {
      throw new ListError("too-many-rows", `the list has more than ${this.#limits.rows} rows`, "send it in parts");
    }
    const { line, column, code } = batch.refusals;
    const count = Math.min(batch.refusals.count, this.#limits.refusalsKept - this.#refusalsKept);
    this.#refusalsKept += count;
    const refusals = {
      count,
      line: line.subarray(0, count).map((one) => this.#lines + one),
      column: column.subarray(0, count),
      code: code.subarray(0, count),
    };
    return { ...batch, refusals };
  }

  /** Of the whole list, when its last block is counted. */
  summary({ hasHeader, columns, notes }: ColumnPlan): ListSummary {
    const refused = this.#rows - this.#usable;
    const said = [...notes];
    if (this.#rows === 0) said.push("the list has no rows");
    if (this.#unknownRegions > 0) {
      said.push(`${this.#unknownRegions} phones: the row's country is no ISO 3166-1 code that has phone numbers`);
    }
    if (refused > this.#refusalsKept) said.push(`only the first ${this.#refusalsKept} refused rows are listed`);
    const badCells = [...this.#badCells]
      .sort(([one], [other]) => one - other)
      .map(([key, cells]) => ({ column: key >> 8, code: listRefusals.refusal(key & 255).name, cells }));
    return { rows: this.#rows, usable: this.#usable, refused, hasHeader, columns, badCells, notes: said };
  }
}
