/** Threads that read the blocks of a list, several at once; each block's rows are the same in whichever it is read. */
import { RowReader } from "../../list/index.js";
import type { BlockRead, Failed, ReadTask } from "./list-protocol.js";

/** A thread could not read its block. */
class BlockUnread extends Error {
  constructor(readonly problem: Failed) {
    super(problem.message);
  }
}

interface Waiting {
  readonly done: (read: BlockRead) => void;
  readonly failed: (error: Error) => void;
}

/** One thread, and who waits for its blocks, in their order. */
class BlockThread {
  readonly waiting: Waiting[] = [];
  readonly #worker: Worker;

  constructor(script: string) {
    this.#worker = new Worker(script, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<BlockRead | Failed>) => {
      const first = this.waiting.shift();
      if (data.is === "read") first?.done(data);
      else first?.failed(new BlockUnread(data));
    };
    this.#worker.onerror = ({ message }) => {
      for (const { failed } of this.waiting.splice(0)) failed(new Error(message));
    };
  }

  read(task: ReadTask): Promise<BlockRead> {
    return new Promise((done, failed) => {
      this.waiting.push({ done, failed });
      this.#worker.postMessage(task, [task.block.bytes.buffer]);
    });
  }
}

export class BlockReaders {
  readonly #threads: readonly BlockThread[];

  /** @param count of threads; with none, blocks are read where they are handed out */
  constructor(script: string, count: number) {
    this.#threads = Array.from({ length: count }, () => new BlockThread(script));
  }

  /** Blocks that are worth being handed out at once. */
  get ahead(): number {
    return 2 * this.#threads.length;
  }

  async read(task: ReadTask): Promise<BlockRead> {
    const [first, ...others] = this.#threads;
    if (first === undefined) return readBlock(task);
    return others.reduce((least, one) => (one.waiting.length < least.waiting.length ? one : least), first).read(task);
  }
}

/** Reads a block here; its values are overwritten by who has its memory back. */
export function readBlock({ options, plan, block }: ReadTask): BlockRead {
  const reader = new RowReader(options, plan);
  try {
    const read = reader.read(block);
    return { is: "read", read, plan: reader.plan!, bytes: block.bytes };
  } finally {
    reader.wipe();
  }
}
