/**
 * NDJSON tables: one JSON object a line (https://github.com/ndjson/ndjson-spec), each naming its own columns.
 *
 * Texts are taken as they are, whole numbers and booleans as written, null and "" as absent. Lines of blanks
 * are no rows. Strings made here live in the runtime's heap until it collects them; they can't be wiped.
 */
import { isUtf8 } from "node:buffer";
import { INPUT_LIMITS } from "./limits.js";
import { REFUSAL } from "./refusal.js";
import { CellScratch, type Columns, type RowTaker, type TextTable } from "./table.js";

const LF = 10;
const NO_HEADER = new Uint8Array(0);
const LONE_SURROGATE = /\p{Surrogate}/u;

export class NdjsonTable implements TextTable {
  readonly header = NO_HEADER;
  recordsFrom = 0;
  readonly #columns: Columns;
  readonly #scratch = new CellScratch();
  readonly #starts = new Int32Array(INPUT_LIMITS.columns).fill(-1);
  readonly #ends = new Int32Array(INPUT_LIMITS.columns);
  #consumed = 0;
  #line = 1;
  #isAtStart = true;
  /** The rest of a line that was too long is still to come. */
  #isSkipping = false;

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  find(block: Uint8Array, to: number, isLast: boolean): number {
    this.recordsFrom = this.#isAtStart && block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? 3 : 0;
    if (to > 0) this.#isAtStart = false;
    if (isLast) return (this.#consumed = to);
    const end = block.lastIndexOf(LF, to - 1) + 1;
    // A line that is longer than its limit may fill the whole block: then its start is refused, its rest skipped.
    return (this.#consumed = end > 0 || to <= INPUT_LIMITS.recordBytes + 3 ? end : to);
  }

  take(block: Uint8Array, taker: RowTaker): void {
    let at = this.recordsFrom;
    while (at < this.#consumed) {
      const found = block.indexOf(LF, at);
      const isWhole = found >= 0 && found < this.#consumed;
      const end = isWhole ? found : this.#consumed;
      if (this.#isSkipping) this.#isSkipping = !isWhole;
      else this.#takeLine(block, at, end, taker, isWhole);
      if (isWhole) this.#line++;
      at = end + 1;
    }
    this.#scratch.wipe();
  }

  #takeLine(block: Uint8Array, start: number, lineEnd: number, taker: RowTaker, isWhole: boolean): void {
    let end = lineEnd;
    let from = start;
    while (end > from && isBlank(block[end - 1]!)) end--;
    while (from < end && isBlank(block[from]!)) from++;
    if (lineEnd - start > INPUT_LIMITS.recordBytes) {
      this.#isSkipping = !isWhole;
      taker.refuse(this.#line, 0, REFUSAL.recordTooLong);
      return;
    }
    if (from === end) return;
    const bytes = Buffer.from(block.buffer, block.byteOffset + from, end - from);
    if (!isUtf8(bytes)) {
      taker.refuse(this.#line, 0, REFUSAL.notUtf8);
      return;
    }
    const value = parsedObject(bytes.toString("utf8"));
    if (value === undefined) taker.refuse(this.#line, 0, REFUSAL.malformedRecord);
    else this.#takeObject(value, taker);
  }

  #takeObject(value: Readonly<Record<string, unknown>>, taker: RowTaker): void {
    const starts = this.#starts;
    starts.fill(-1);
    this.#scratch.clear();
    for (const name in value) {
      const column = this.#columns.number(name);
      if (column < 0) continue;
      const text = cellText(value[name]);
      if (text === undefined || LONE_SURROGATE.test(text)) {
        taker.refuse(
          this.#line,
          taker.refusalColumn(column),
          text === undefined ? REFUSAL.malformedRecord : REFUSAL.notUtf8,
        );
        this.#columns.warn();
        return;
      }
      starts[column] = this.#scratch.used;
      this.#scratch.append(text);
      this.#ends[column] = this.#scratch.used;
    }
    this.#columns.warn();
    taker.row(this.#scratch.bytes, starts, this.#ends, this.#line);
  }
}

function parsedObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // The parser's message quotes the text, so it goes no further.
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A cell's text; undefined for what is no cell. */
export function cellText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  return undefined;
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 13;
}
