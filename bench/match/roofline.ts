/** What the machine allows at most, one thread: plain reading of a list, hashing alone, probes of memory of an index's size. */
import { open } from "node:fs/promises";
import { sha256Batch } from "../../src/kernel/index.js";

const BLOCK_BYTES = 1 << 20;
const MESSAGES = 1 << 16;
const MESSAGE_BYTES = 21;
const DIGEST_BYTES = 32;
const PROBES = 1 << 22;
/** Of an index, a token. */
export const INDEX_BYTES = 14;
const RUNS = 5;

/** Bytes a second of reading a file that the system has in its cache, and doing nothing with it. */
export async function readingRate(file: string): Promise<number> {
  const handle = await open(file);
  const block = new Uint8Array(BLOCK_BYTES);
  let best = 0;
  for (let run = 0; run <= RUNS; run++) {
    const from = performance.now();
    let at = 0;
    for (;;) {
      const { bytesRead } = await handle.read(block, 0, BLOCK_BYTES, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    best = Math.max(best, (1000 * at) / (performance.now() - from));
  }
  await handle.close();
  return best;
}

/** Addresses a second of SHA-256. */
export function hashingRate(): number {
  const input = new Uint8Array(MESSAGES * MESSAGE_BYTES).fill(97);
  const ends = Uint32Array.from({ length: MESSAGES }, (_, i) => (i + 1) * MESSAGE_BYTES);
  const digests = new Uint8Array(MESSAGES * DIGEST_BYTES);
  return bestRate(MESSAGES, () => sha256Batch(input, ends, MESSAGES, digests));
}

/** Loads a second from places drawn anywhere in memory of the size of an index; none waits for another. */
export function probingRate(contacts: number): { readonly perSecond: number; readonly sum: number } {
  const memory = new Uint32Array(Math.ceil((contacts * INDEX_BYTES) / 4)).fill(1);
  const places = Uint32Array.from({ length: PROBES }, () => Math.floor(Math.random() * memory.length));
  let sum = 0;
  const perSecond = bestRate(PROBES, () => {
    for (let i = 0; i < PROBES; i++) sum += memory[places[i]!]!;
  });
  return { perSecond, sum };
}

/** The first run warms up. */
function bestRate(count: number, work: () => void): number {
  let best = 0;
  for (let run = 0; run <= RUNS; run++) {
    const from = performance.now();
    work();
    if (run > 0) best = Math.max(best, (1000 * count) / (performance.now() - from));
  }
  return best;
}
