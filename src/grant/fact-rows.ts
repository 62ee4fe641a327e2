/**
 * Rows of grants and events as facts: the same bytes when a leaf is written and when it is held against the store.
 *
 * A fact has 36 bytes, little-endian, times in milliseconds since 1970; with its salt it fits one block of SHA-256:
 *
 *     grant  u8 what  u16 notice             u8 0      u32 number  u32 giver (0: itself)  u48 given  u48 verified (0: not)
 *     event  u8 0x80  u8 type  u8 purpose    u8 whole  u32 number  u32 0                  u48 at     u48 0
 *     both   12 bytes identity where the row added the contact point, else zero
 *
 * `number` of an event of a whole account is the account's.
 */
import { type Purpose, purposeOfCode } from "../purpose/index.js";
import { GrantError } from "./error.js";
import { ALL_PROMOTIONAL, EVENT_TYPES, type EventType } from "./events.js";
import { WHAT } from "./history.js";

const FACT_BYTES = 36;
export const FACT_WORDS = FACT_BYTES / 4;
/** Where a fact's identity begins. */
const IDENTITY_AT = 6;
/** 32-bit words of an identity as it comes and is stored; a fact holds the first three, which tables compare. */
export const IDENTITY_WORDS = 4;
const TWO_16 = 2 ** 16;
const TWO_32 = 2 ** 32;

export class FactRows {
  readonly bytes: Uint8Array;
  readonly width = FACT_BYTES;
  readonly #words: Uint32Array;

  /** @param words where they lie, 9 a row */
  constructor(
    readonly count: number,
    words = new Uint32Array(count * FACT_WORDS),
  ) {
    this.bytes = new Uint8Array(words.buffer, words.byteOffset, count * FACT_BYTES);
    this.#words = words;
  }

  /** @param what WHAT bits: they say whether `giver` and `verifiedAtMs` count */
  setGrant(
    row: number,
    what: number,
    notice: number,
    number: number,
    giver: number,
    givenAtMs: number,
    verifiedAtMs: number,
  ): void {
    const by = (what & WHAT.byOther) !== 0 ? giver : 0;
    this.#set(row, what | (notice << 8), number, by, givenAtMs, (what & WHAT.verified) !== 0 ? verifiedAtMs : 0);
  }

  setEvent(row: number, type: number, purpose: number, whole: number, number: number, atMs: number): void {
    this.#set(row, WHAT.event | ((type | (purpose << 8)) << 8) | (whole << 24), number, 0, atMs, 0);
  }

  #set(row: number, head: number, number: number, giver: number, atMs: number, verifiedAtMs: number): void {
    const words = this.#words;
    const at = row * FACT_WORDS;
    // The remainder of doubles is a call; a product is not.
    const atHigh = Math.floor(atMs / TWO_32);
    const verifiedHigh = Math.floor(verifiedAtMs / TWO_16);
    words[at] = head;
    words[at + 1] = number;
    words[at + 2] = giver;
    words[at + 3] = atMs - atHigh * TWO_32;
    words[at + 4] = atHigh | ((verifiedAtMs - verifiedHigh * TWO_16) << 16);
    words[at + 5] = verifiedHigh;
    for (let word = IDENTITY_AT; word < FACT_WORDS; word++) words[at + word] = 0;
  }

  /** After the row's other fields. */
  setIdentity(row: number, identities: Uint32Array, from: number): void {
    const at = row * FACT_WORDS + IDENTITY_AT;
    for (let word = 0; word < FACT_WORDS - IDENTITY_AT; word++) {
      this.#words[at + word] = identities[IDENTITY_WORDS * from + word]!;
    }
  }
}

/** What a grant or an event says as a fact. */
export type FactRow =
  | {
      readonly is: "grant";
      readonly number: number;
      readonly atMs: number;
      /** Index of the notice version. */
      readonly notice: number;
      readonly isByOther: boolean;
      readonly giver: number;
      readonly verifiedAtMs: number | undefined;
    }
  | {
      readonly is: "event";
      readonly number: number;
      readonly atMs: number;
      readonly type: EventType;
      /** Undefined where it covers all of a kind, or everything. */
      readonly purpose: Purpose | undefined;
      readonly isWholeAccount: boolean;
    };

/** @throws {GrantError} code `malformed-facts` */
export function readFactRow(bytes: Uint8Array): FactRow {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length !== FACT_BYTES) throw new GrantError("malformed-facts", "this is no grant and no event");
  const what = view[0]!;
  const [number, atMs] = [view.readUInt32LE(4), view.readUIntLE(12, 6)];
  if ((what & WHAT.event) === 0) {
    const isVerified = (what & WHAT.verified) !== 0;
    const verifiedAtMs = isVerified ? view.readUIntLE(18, 6) : undefined;
    const isByOther = (what & WHAT.byOther) !== 0;
    const [notice, giver] = [view.readUInt16LE(1), view.readUInt32LE(8)];
    return { is: "grant", number, atMs, notice, isByOther, giver, verifiedAtMs };
  }
  const type = EVENT_TYPES[view[1]!];
  if (type === undefined) throw new GrantError("malformed-facts", "this is no event");
  const isNamed = type === "withdraw" && view[2] !== ALL_PROMOTIONAL;
  const purpose = isNamed ? purposeOfCode(view[2]!) : undefined;
  return { is: "event", number, atMs, type, purpose, isWholeAccount: view[3] === 1 };
}
