/**
 * A thread's own memory with the token kernels over it, laid out anew for each piece of work.
 */
import { enlarge, type SharedMemory, sharedMemory, type TokenKernels, tokenKernels } from "../kernel/index.js";

const FIRST_BYTES = 1024 * 1024;
const MAX_BYTES = 2 ** 32;
/** What the runtime copies at once to or from memory that threads share, where both lie alike; else it goes byte by byte. */
export const WORD_BYTES = 8;
/** Kernels read a little behind what they are given. */
const OVERREAD_BYTES = 64;

/** Where in a part, of WORD_BYTES more than is needed, something lies like what is at `other`: so it is copied by words. */
export const alike = (part: number, other: number): number => part + (other % WORD_BYTES);

export class Workbench {
  readonly kernels: TokenKernels;
  /** Views of the whole memory, good until the next `layOut`. */
  bytes: Uint8Array;
  words: Uint32Array;
  readonly #memory: SharedMemory;
  #end = 0;

  constructor() {
    this.#memory = sharedMemory(FIRST_BYTES, MAX_BYTES);
    this.kernels = tokenKernels(this.#memory);
    this.bytes = new Uint8Array(this.#memory.buffer);
    this.words = new Uint32Array(this.#memory.buffer);
  }

  /**
   * Addresses of parts of these sizes in bytes, each on a multiple of 16, the first at 0. What lies there is left as it is.
   * @throws {KernelError} code `memory-short`
   */
  layOut<const T extends readonly number[]>(sizes: T): { [i in keyof T]: number } {
    let end = 0;
    const addresses = sizes.map((size) => {
      const address = end;
      end += Math.ceil(size / 16) * 16;
      return address;
    });
    this.#end = end;
    if (end + OVERREAD_BYTES > this.bytes.length) {
      enlarge(this.#memory, Math.max(end + OVERREAD_BYTES, Math.min(MAX_BYTES, 2 * this.bytes.length)));
      this.bytes = new Uint8Array(this.#memory.buffer);
      this.words = new Uint32Array(this.#memory.buffer);
    }
    return addresses as { [i in keyof T]: number };
  }

  /** Overwrites all that was laid out last. */
  wipe(): void {
    this.kernels.wipe(0, this.#end);
  }
}
