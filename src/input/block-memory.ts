/**
 * Memory of blocks of one size that is used again: to get and to free as much for each block costs more than reading it.
 * What is given back holds what it held, until it is lent again or wiped.
 */
export class BlockMemory {
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];

  constructor(readonly blockBytes: number) {}

  /** A block; what it holds means nothing. */
  lend(): Uint8Array<ArrayBuffer> {
    return this.#spare.pop() ?? new Uint8Array(this.blockBytes);
  }

  /** Takes a block, or what is used of it, that nobody holds any more; what is of another size is overwritten. */
  takeBack(block: Uint8Array): void {
    const { buffer } = block;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === this.blockBytes)
      this.#spare.push(new Uint8Array(buffer));
    else block.fill(0);
  }

  /** Overwrites what was given back, and forgets it. */
  wipe(): void {
    for (const block of this.#spare.splice(0)) block.fill(0);
  }
}
