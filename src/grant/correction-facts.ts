/**
 * The fact of a correction: what grants are held to from a leaf on, and which members of audiences go with it.
 *
 * One fact a leaf, with its own salt: the header's bytes, then the SHA-256 of each set's bytes, in the order of the
 * audiences that the header names. The sets are stored in the public roaring form.
 */
import { columnFacts, type LeafFacts, leafRoot, newSalts } from "../ledger/index.js";
import type { Correction } from "../purpose/index.js";
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import { decodeColumns, encodeColumns } from "../store/index.js";
import { GrantError } from "./error.js";

export interface CorrectionHeader {
  readonly type: "contain" | "undo";
  readonly actor: string;
  readonly incident: string;
  /** Id of the proposal that two operators signed. */
  readonly proposal: string;
  readonly corrections: readonly Correction[];
  /** Audiences that lose members by this leaf alone, and not by their permission. */
  readonly audiences: readonly string[];
}

export interface CorrectionFacts<Set extends ReadonlyOrdinalSet = OrdinalSet> {
  readonly header: CorrectionHeader;
  /** What each audience of the header loses. */
  readonly removed: readonly Set[];
}

export function encodeCorrection({ header, removed }: CorrectionFacts<ReadonlyOrdinalSet>): {
  root: Uint8Array;
  body: Uint8Array;
} {
  const text = Buffer.from(JSON.stringify(header));
  const sets = removed.map((set) => set.toBytes());
  const columns = [newSalts(1), text, ...sets];
  return { root: leafRoot(columnFacts(columns)), body: encodeColumns(columns) };
}

/** The fact of a stored body, as it was hashed when it was written. */
export const correctionFacts = (body: Uint8Array): LeafFacts => columnFacts(decodeColumns(body));

/** @throws {GrantError} code `malformed-facts` */
export function decodeCorrection(body: Uint8Array): CorrectionFacts {
  const [, text, ...sets] = decodeColumns(body);
  if (text === undefined) throw new GrantError("malformed-facts", "a body of a correction lacks its header");
  const header: CorrectionHeader = JSON.parse(Buffer.from(text).toString("utf8"));
  if (sets.length !== header.audiences.length)
    throw new GrantError("malformed-facts", "a body of a correction lacks a set");
  return { header, removed: sets.map((set) => OrdinalSet.fromBytes(set)) };
}
