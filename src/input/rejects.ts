/**
 * Refused rows of one input: a reject file (line, column, code, reason, fix; never a value), and the first few for an
 * answer.
 *
 * The file is made when the first row is refused, readable by its owner only.
 */
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "./error.js";
import { REJECT_HEADER, type RefusalBook, type Refusals, rejectLines } from "./refusal.js";
import type { RefusalTally, RefusedRows } from "./refusal-tally.js";

/** One refused row, as an answer tells it. */
export interface RefusedRow {
  readonly line: number;
  readonly column: string;
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
  readonly #book: RefusalBook;
  readonly #path: string | undefined;
  readonly #keep: number;
  readonly #counted: { readonly tally: RefusalTally; readonly of: RefusedRows } | undefined;
  #file: FileHandle | undefined;

  /** @param counted where refused rows are counted, and as what */
  constructor(
    book: RefusalBook,
    { rejectFile, keepRefused = 0 }: RejectOptions,
    counted?: { readonly tally: RefusalTally; readonly of: RefusedRows },
  ) {
    this.#book = book;
    this.#counted = counted;
    this.#path = rejectFile;
    this.#keep = keepRefused;
  }

  /** The file, if any row was written to it. */
  get file(): string | null {
    return this.#file === undefined ? null : (this.#path ?? null);
  }

  /** @throws {InputError} code `unwritable-reject-file` */
  async add(refusals: Refusals): Promise<void> {
    this.#counted?.tally.add(this.#counted.of, refusals, this.#book);
    for (let i = 0; i < refusals.count && this.kept.length < this.#keep; i++) {
      const { name, reason, fix } = this.#book.refusal(refusals.code[i]!);
      const column = this.#book.column(refusals.column[i]!);
      this.kept.push({ line: refusals.line[i]!, column, code: name, reason, fix });
    }
    if (refusals.count === 0 || this.#path === undefined) return;
    try {
      this.#file ??= await newFile(this.#path);
      await this.#file.write(rejectLines(refusals, this.#book));
    } catch (cause) {
      throw new InputError("unwritable-reject-file", `refused rows can't be written to ${this.#path}`, {
        fix: "check the folder's permissions and its room",
        cause,
      });
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}

async function newFile(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, "w", 0o600);
  await file.write(REJECT_HEADER);
  return file;
}
