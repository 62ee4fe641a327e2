/**
 * Random bytes for keys and nonces, drawn from the runtime's source some thousands at a time: a call of it costs more than
 * what it gives here. What is handed out is wiped where it lay, and never handed out again.
 */
import { randomFillSync } from "node:crypto";

const pool = new Uint8Array(16 * 1024);
let used = pool.length;

/** Fresh random bytes, the caller's own. */
export function freshBytes(count: number): Uint8Array {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.slice(used, used + count);
  pool.fill(0, used, used + count);
  used += count;
  return bytes;
}
