/**
 * List reader: the rows of one part of an advertiser's list -> batches of digests, in this thread.
 *
 * The bytes are cut into blocks (cut.ts), each is read for itself (rows.ts), and what was read is put together
 * (total.ts); threads do the same with many blocks at once, so the same list gives the same batches however it arrives
 * and wherever it is read. The reader keeps no value: a block is overwritten once it was read. Compressed input is undone
 * before.
 */
import type { DigestBatch } from "./batch.js";
import { type Block, BlockCutter } from "./cut.js";
import { ListError } from "./error.js";
import { type ListOptions, RowReader } from "./rows.js";
import { type ListSummary, ListTotal } from "./total.js";

export class ListReader {
  readonly #cutter = new BlockCutter();
  readonly #rows: RowReader;
  readonly #total: ListTotal;
  #isFirst = true;
  #isEnded = false;

  /** @throws {ListError} code `unknown-region` */
  constructor(options: ListOptions) {
    this.#rows = new RowReader(options);
    this.#total = new ListTotal(options.limits);
  }

  /**
   * Takes the next bytes, copies of them: the caller may overwrite them afterwards.
   *
   * @returns the batches that were completed
   * @throws {ListError} after which the reader takes nothing more, and nothing of the list counts
   * @example for (const block of blocks) batches.push(...reader.push(block));
   */
  push(bytes: Uint8Array): DigestBatch[] {
    return this.#guarded(() => this.#cutter.push(bytes).flatMap((block) => this.#read(block)));
  }

  /**
   * Ends the list.
   *
   * @throws {ListError} as `push`
   */
  end(): { batches: DigestBatch[]; summary: ListSummary } {
    return this.#guarded(() => {
      const batches = this.#cutter.end().flatMap((block) => this.#read(block));
      const summary = this.#total.summary(this.#rows.plan!);
      this.close();
      return { batches, summary };
    });
  }

  /** Overwrites what is left of values; nothing more can be read. For whoever does not read to the end. */
  close(): void {
    this.#isEnded = true;
    this.#cutter.wipe();
    this.#rows.wipe();
  }

  #guarded<T>(read: () => T): T {
    if (this.#isEnded)
      throw new ListError("reading-ended", "the list was ended or refused before", "start a new reader");
    try {
      return read();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #read(block: Block): DigestBatch[] {
    const read = this.#rows.read(block);
    this.#cutter.takeBack(block.bytes);
    const linesBefore = this.#isFirst ? this.#cutter.linesBefore : 0;
    this.#isFirst = false;
    return this.#total.add(read, linesBefore);
  }
}
