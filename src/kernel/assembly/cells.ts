/**
 * One column of cells, which lie anywhere in the text: their instants, and numbers for names that many have in common.
 * Empty cells are passed over: what is written of them means nothing. Reads up to 16 bytes past a cell.
 */
import { areSame } from "./same";
import { parseTime } from "./time";

const MULTIPLIER: u64 = ((<u64>0x9e37_79b9) << 32) | 0x7f4a_7c15;

/** Milliseconds since 1970 of each date-time, or NaN; `bias` and a place make an address. */
export function readTimes(starts: usize, ends: usize, bias: u32, rows: u32, times: usize): void {
  for (let row: u32 = 0; row < rows; row++) {
    const start = load<u32>(starts + (row << 2)) + bias;
    store<f64>(times + (row << 3), parseTime(start, load<u32>(ends + (row << 2)) + bias));
  }
}

/**
 * Numbers names from 0 on, each when it comes first. A call has a thousand rows or so: names that all have one hash cost
 * microseconds each at most.
 *
 * @param slots twice as many words as there are rows, a power of two; @param slotBits of which
 * @param numbers the number of each row's name; @param firsts the first row of each name
 * @returns how many names there are
 */
export function numberNames(
  starts: usize,
  ends: usize,
  bias: u32,
  rows: u32,
  slots: usize,
  slotBits: u32,
  numbers: usize,
  firsts: usize,
): u32 {
  const mask = ((<u32>1) << slotBits) - 1;
  memory.fill(slots, 0, 4 << slotBits);
  let count: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const start = load<u32>(starts + (row << 2));
    const length = load<u32>(ends + (row << 2)) - start;
    if (length === 0) continue;
    let slot = <u32>(hash(start + bias, length) >> (64 - slotBits));
    for (; ; slot = (slot + 1) & mask) {
      const name = load<u32>(slots + (slot << 2));
      if (name === 0) {
        store<u32>(firsts + (count << 2), row);
        store<u32>(numbers + (row << 2), count);
        store<u32>(slots + (slot << 2), ++count);
        break;
      }
      const first = load<u32>(firsts + ((name - 1) << 2));
      const other = load<u32>(starts + (first << 2));
      if (load<u32>(ends + (first << 2)) - other === length && areSame(other + bias, start + bias, length)) {
        store<u32>(numbers + (row << 2), name - 1);
        break;
      }
    }
  }
  return count;
}

/** Eight bytes at a time; its highest bits depend on all of them. */
function hash(start: u32, length: u32): u64 {
  let sum: u64 = length;
  let at = start;
  let rest = length;
  for (; rest > 8; rest -= 8, at += 8) sum = mixed(sum ^ load<u64>(at));
  return mixed(sum ^ (load<u64>(at) << ((<u64>(8 - rest)) << 3)));
}

function mixed(sum: u64): u64 {
  const product = sum * MULTIPLIER;
  return (product ^ (product >> 32)) * MULTIPLIER;
}
