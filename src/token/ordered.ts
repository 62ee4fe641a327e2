/**
 * Tokens in the order of the index: as they are asked for, sorted by their upper bits into parts, so that whoever looks them
 * up goes through the index once and in order. The parts of several batches are looked up together, and ranges of parts in
 * several threads.
 */
import { TokenError } from "./error.js";
import { TOKEN_BYTES } from "./token.js";
import type { Workbench } from "./workbench.js";

/** What is asked for: a token's three words; its row in the upper 24 bits of the fourth, its kinds in the lower eight. */
export const ASKED_BYTES = 16;
const ORDER_BITS = 10;
export const ORDER_PARTS = 2 ** ORDER_BITS;
const MAX_ROWS = 2 ** 24;

/** A batch of tokens in order. */
export interface Ordered {
  readonly records: Uint8Array;
  /** Where each of the parts ends, in records. */
  readonly ends: Uint32Array;
}

/** Some parts of the order, from one to before another. */
export interface OrderRange {
  readonly from: number;
  readonly to: number;
}

export const WHOLE_ORDER: OrderRange = { from: 0, to: ORDER_PARTS };

/** The order cut into so many ranges of about the same size. */
export function orderRanges(count: number): OrderRange[] {
  const at = (i: number) => Math.floor((ORDER_PARTS * i) / count);
  return Array.from({ length: count }, (_, i) => ({ from: at(i), to: at(i + 1) }));
}

/**
 * @param pieces tokens of 16 bytes each, as many as there are kinds
 * @param kinds of each token, the bits of the kinds that it may be of
 * @returns views of the workbench, good until something else is laid out on it
 * @throws {TokenError} code `malformed-batch`
 */
export function orderTokens(pieces: Iterable<Uint8Array>, kinds: Uint8Array, bench: Workbench): Ordered {
  const count = kinds.length;
  if (count > MAX_ROWS) throw malformed();
  const rooms = [TOKEN_BYTES * count, count, 4 * ORDER_PARTS, ASKED_BYTES * count] as const;
  const [tokensAt, kindsAt, endsAt, recordsAt] = bench.layOut(rooms);
  let at = tokensAt;
  for (const tokens of pieces) {
    bench.bytes.set(tokens, at);
    at += tokens.length;
  }
  if (at !== tokensAt + TOKEN_BYTES * count) throw malformed();
  bench.bytes.set(kinds, kindsAt);
  bench.kernels.partition(tokensAt, kindsAt, count, ORDER_BITS, endsAt, recordsAt);
  return {
    records: bench.bytes.subarray(recordsAt, recordsAt + ASKED_BYTES * count),
    ends: bench.words.subarray(endsAt / 4, endsAt / 4 + ORDER_PARTS),
  };
}

function malformed(): TokenError {
  return new TokenError("malformed-batch", `what is asked for is up to ${MAX_ROWS} tokens, and the kinds of each`);
}

/** The records of some parts. */
export function segment({ records, ends }: Ordered, from: number, to: number): Uint8Array {
  const at = (part: number) => ASKED_BYTES * (part === 0 ? 0 : ends[part - 1]!);
  return records.subarray(at(from), at(to));
}
