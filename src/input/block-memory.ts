/**
 * Memory of blocks of one size that is used again: to get and to free as much for each block costs more than reading it,
 * and has the runtime look for garbage. What is given back is overwritten.
 */
export class BlockMemory {
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  readonly #mostSpare: number;

  /** @param mostSpare blocks that are kept until they are lent again */
  constructor(
    readonly blockBytes: number,
    mostSpare = Number.POSITIVE_INFINITY,
  ) {
    this.#mostSpare = mostSpare;
  }

  /** A block; what it holds means nothing. */
  lend(): Uint8Array<ArrayBuffer> {
    return this.#spare.pop() ?? new Uint8Array(this.blockBytes);
  }

  /** Takes a block, or what is used of it, that nobody holds any more; what is of another size is overwritten only. */
  takeBack(block: Uint8Array): void {
    block.fill(0);
    const { buffer } = block;
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== this.blockBytes) return;
    if (this.#spare.length < this.#mostSpare) this.#spare.push(new Uint8Array(buffer));
  }
}
