/**
 * Parquet tables: read from a file, one row group after the other, only the columns that are wanted.
 *
 * Values become text as in NDJSON; timestamps become RFC 3339 in UTC. A batch is a part of one row group, cut
 * by its size, so that the same file gives the same batches. What is digested of a batch is each cell with
 * its length before it, in the order of the taker's columns. Values pass through strings of the runtime's heap,
 * which can't be wiped.
 */
import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetScan, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { InputError } from "./error.js";
import { INPUT_LIMITS } from "./limits.js";
import { cellText } from "./ndjson.js";
import { REFUSAL } from "./refusal.js";
import { CellScratch, type Columns, type RowTaker } from "./table.js";

const LENGTH_BYTES = 4;
/** What the reader puts in place of bytes that are not UTF-8. */
const REPLACEMENT_CHARACTER = "\uFFFD";

/** One batch of rows as bytes; `take` hands its rows over. */
export interface ParquetRows {
  /** Bytes that stand for the batch's content. */
  readonly content: Uint8Array;
  take(taker: RowTaker): void;
  /** Overwrites the values. */
  wipe(): void;
}

type File = Awaited<ReturnType<typeof asyncBufferFromFile>>;

/**
 * The rows of a Parquet file, batch by batch. Each batch must be taken before the next is asked for.
 * @throws {InputError} codes `unreadable-file`, `broken-parquet`, `parquet-too-large`, `missing-column`
 */
export async function* parquetRows(
  path: string,
  taker: RowTaker,
  columns: Columns,
  batchBytes: number,
): AsyncGenerator<ParquetRows> {
  const { file, metadata } = await openedParquet(path);
  const wanted: { name: string; number: number }[] = [];
  for (const { element, children } of parquetSchema(metadata).children) {
    const number = columns.number(element.name.trim().toLowerCase());
    if (number < 0) continue;
    if (children.length > 0 || wanted.some((column) => column.number === number)) {
      throw new InputError("broken-parquet", `column ${element.name}: nested, or there twice`, {
        field: element.name,
      });
    }
    wanted.push({ name: element.name, number });
  }
  columns.warn();
  taker.checkHeader();
  wanted.sort((a, b) => a.number - b.number);
  const numbers = wanted.map(({ number }) => number);
  const scratch = new CellScratch();
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const groupEnd = groupStart + Number(group.num_rows);
    if (Number(group.total_byte_size) > INPUT_LIMITS.parquetGroupBytes) {
      throw new InputError("parquet-too-large", "a row group has more than 2 GiB", {
        fix: "write smaller row groups",
      });
    }
    const cells: ArrayLike<unknown>[] = [];
    for (const { name } of wanted) cells.push(await columnCells(file, metadata, name, groupStart, groupEnd));
    for (let from = 0; from < groupEnd - groupStart; ) {
      const batch = new RowBatch(scratch, numbers, cells, groupStart, from, groupEnd - groupStart, batchBytes);
      yield batch;
      from = batch.end;
    }
    groupStart = groupEnd;
  }
}

async function openedParquet(path: string): Promise<{ file: File; metadata: FileMetaData }> {
  let file: File;
  try {
    file = await asyncBufferFromFile(path);
  } catch (cause) {
    throw new InputError("unreadable-file", `the file can't be opened: ${path}`, {
      fix: "check its name and permissions",
      cause,
    });
  }
  try {
    return { file, metadata: await parquetMetadataAsync(file, { geoparquet: false }) };
  } catch (cause) {
    throw new InputError("broken-parquet", "the file's metadata can't be read", {
      fix: "write the file again",
      cause,
    });
  }
}

async function columnCells(
  file: File,
  metadata: FileMetaData,
  name: string,
  rowStart: number,
  rowEnd: number,
): Promise<ArrayLike<unknown>> {
  let cells: ArrayLike<unknown>;
  try {
    const scan = await parquetScan({
      file,
      metadata,
      columns: [name],
      rowStart,
      rowEnd,
      compressors,
      geoparquet: false,
    });
    cells = await scan.readColumn({ column: name, rowStart, rowEnd });
  } catch {
    // The reader's message may hold bytes of the column.
    throw new InputError("broken-parquet", `column ${name} can't be decoded`, {
      field: name,
      fix: "write the file again",
    });
  }
  if (cells.length === rowEnd - rowStart) return cells;
  throw new InputError("broken-parquet", `column ${name} lacks rows`, { field: name, fix: "write the file again" });
}

class RowBatch implements ParquetRows {
  /** Row of the group that the next batch starts with. */
  readonly end: number;
  readonly #scratch: CellScratch;
  readonly #numbers: readonly number[];
  /** Number of the first row in the file, from 1. */
  readonly #firstLine: number;
  readonly #rows: number;
  /** By row and column, where the cell starts in the scratch; -1 absent, less is minus a refusal code. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;

  constructor(
    scratch: CellScratch,
    numbers: readonly number[],
    cells: readonly ArrayLike<unknown>[],
    groupStart: number,
    from: number,
    to: number,
    batchBytes: number,
  ) {
    this.#scratch = scratch;
    this.#numbers = numbers;
    this.#firstLine = groupStart + from + 1;
    const columns = numbers.length;
    const most = Math.min(to - from, Math.ceil(batchBytes / (LENGTH_BYTES * columns))) * columns;
    this.#starts = new Int32Array(most);
    this.#ends = new Int32Array(most);
    scratch.clear();
    let row = from;
    for (let cell = 0; row < to && scratch.used < batchBytes; row++) {
      for (let column = 0; column < columns; column++, cell++) {
        const value = cells[column]![row];
        const text = value instanceof Date ? instantText(value) : cellText(value);
        const code = refusalOfCell(text);
        const kept = code === 0 ? text! : "";
        scratch.appendLength(kept.length);
        this.#starts[cell] = code !== 0 ? -code : kept === "" ? -1 : scratch.used;
        scratch.append(kept);
        this.#ends[cell] = scratch.used;
      }
    }
    this.end = row;
    this.#rows = row - from;
  }

  get content(): Uint8Array {
    return this.#scratch.bytes.subarray(0, this.#scratch.used);
  }

  take(taker: RowTaker): void {
    const numbers = this.#numbers;
    const starts = new Int32Array(INPUT_LIMITS.columns).fill(-1);
    const ends = new Int32Array(INPUT_LIMITS.columns);
    for (let row = 0, cell = 0; row < this.#rows; row++) {
      let bad = 0;
      let badColumn = 0;
      for (let column = 0; column < numbers.length; column++, cell++) {
        const number = numbers[column]!;
        const start = this.#starts[cell]!;
        starts[number] = start;
        ends[number] = this.#ends[cell]!;
        if (start < -1 && bad === 0) {
          bad = -start;
          badColumn = taker.refusalColumn(number);
        }
      }
      const line = this.#firstLine + row;
      if (bad === 0) taker.row(this.#scratch.bytes, starts, ends, line);
      else taker.refuse(line, badColumn, bad);
    }
  }

  wipe(): void {
    this.#scratch.wipe();
  }
}

function refusalOfCell(text: string | undefined): number {
  if (text === undefined) return REFUSAL.malformedRecord;
  if (text.length > INPUT_LIMITS.fieldBytes) return REFUSAL.fieldTooLong;
  return text.includes(REPLACEMENT_CHARACTER) ? REFUSAL.notUtf8 : 0;
}

function instantText(instant: Date): string | undefined {
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}
