/**
 * Refused rows: a reject file (line, column, code, reason, fix; never a value), and the first few for an answer.
 *
 * The file is made when the first row is refused, readable by its owner only.
 */
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

const HEADER = "line,column,code,reason,fix\n";

/** One refused row, as an answer tells it. */
export interface RefusedRow {
  readonly line: number;
  readonly column: string | number;
  readonly code: string;
  readonly reason: string;
  readonly fix: string;
}

export interface RejectOptions {
  /** Where refused rows are written; nowhere without it. */
  readonly rejectFile?: string | undefined;
  /** How many refused rows the result itself holds. */
  readonly keepRefused?: number | undefined;
}

export class Rejects {
  readonly kept: RefusedRow[] = [];
  readonly #path: string | undefined;
  readonly #keep: number;
  #file: FileHandle | undefined;

  constructor({ rejectFile, keepRefused = 0 }: RejectOptions) {
    this.#path = rejectFile;
    this.#keep = keepRefused;
  }

  /** The file, if any row was written to it. */
  get file(): string | null {
    return this.#file === undefined ? null : (this.#path ?? null);
  }

  /**
   * @param count refused rows
   * @param row the i-th of them
   * @param lines all of them as lines of the file
   */
  async add(count: number, row: (i: number) => RefusedRow, lines: () => string): Promise<void> {
    for (let i = 0; i < count && this.kept.length < this.#keep; i++) this.kept.push(row(i));
    if (count === 0 || this.#path === undefined) return;
    if (this.#file === undefined) {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      this.#file = await open(this.#path, "w", 0o600);
      await this.#file.write(HEADER);
    }
    await this.#file.write(lines());
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}
