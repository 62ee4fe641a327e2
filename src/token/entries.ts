/**
 * Entries of the token index: 96 bits of a token, the ordinal that has it, and a mark: the schemes whose form it is and
 * the tag of the spelling that it was made of.
 */
import { createHash } from "node:crypto";
import { KINDS } from "../contact/index.js";

/** Schemes in a mark's low half, the tag in its high half; no scheme: an entry that is no more. */
export const SCHEME_BITS = 0x0f;
export const TAG_SHIFT = 4;

/** What is mixed into the third word of an entry, by its kind's code. */
export const KIND_WORDS = Uint32Array.from(KINDS, (kind) =>
  createHash("sha256").update(`solely token kind ${kind}`).digest().readUInt32LE(),
);

/** Entries column by column. */
export interface Entries {
  /** Three words each; the kind's is mixed into the third. */
  readonly tokens: Uint32Array;
  readonly ordinals: Uint32Array;
  readonly marks: Uint8Array;
}
