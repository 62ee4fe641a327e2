/**
 * The fact of one list operation: a header, and the ordinals that it added and removed as sets.
 *
 * One fact a leaf, with its own salt: the header's bytes, then the SHA-256 of each set's bytes. The sets are
 * stored in the public roaring form, so that other engines can read them as they stand.
 */
import { randomBytes } from "node:crypto";
import { columnFacts, type LeafFacts, leafRoot, newSalts } from "../ledger/index.js";
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import { decodeColumns, encodeColumns } from "../store/index.js";
import { AudienceError } from "./error.js";

/** What an advertiser does with a list; `delete` ends its audience. */
export type ListOperation = "create" | "append" | "remove" | "replace" | "delete";

/** Drawn, so that it tells nothing of what else goes on. */
export const newId = (letter: "a" | "l" | "m"): string => letter + randomBytes(8).toString("hex");

/** How an audience is made of others of its advertiser: ids of audiences, and names of attributes of accounts. */
export interface Expression {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly with: readonly string[];
  readonly without: readonly string[];
}

/** Audiences that an expression names. */
export const operandsOf = ({ include, exclude }: Expression): string[] => [...new Set([...include, ...exclude])];

/** What a leaf of a list says of itself. */
export interface ListHeader {
  readonly actor: string;
  readonly advertiser: string;
  readonly match: string;
  readonly audience: string;
  readonly list: string;
  readonly name: string;
  readonly operation: ListOperation;
  readonly scheme: string;
  readonly rows: number;
  readonly usable: number;
  readonly refused: number;
  readonly session?: string;
  readonly part?: number;
  /** When it was matched in the world, RFC 3339, of a list that was replayed; without it, when it was learned. */
  readonly at?: string;
  /** When the last byte of it had come, RFC 3339; without it, when it was learned. */
  readonly receivedAt?: string;
  /** Of an audience that is made of others: how. What it adds and removes is what became of that when its size was released. */
  readonly expression?: Expression;
}

export interface ListFacts<Set extends ReadonlyOrdinalSet = OrdinalSet> {
  readonly header: ListHeader;
  readonly added: Set;
  readonly removed: Set;
}

export function encodeList({ header, added, removed }: ListFacts<ReadonlyOrdinalSet>): {
  root: Uint8Array;
  body: Uint8Array;
} {
  const text = Buffer.from(JSON.stringify(header));
  const sets = [added.toBytes(), removed.toBytes()];
  const columns = [newSalts(1), text, ...sets];
  return { root: leafRoot(columnFacts(columns)), body: encodeColumns(columns) };
}

/** The fact of a stored body, as it was hashed when it was written. */
export const listFacts = (body: Uint8Array): LeafFacts => columnFacts(decodeColumns(body));

/** When a list was matched in the world. */
export function worldTimeOf({ at }: ListHeader, leafTimeMs: number): number {
  return at === undefined ? leafTimeMs : Date.parse(at);
}

/** @throws {AudienceError} code `malformed-facts` */
export function decodeList(body: Uint8Array): ListFacts {
  const [, header, added, removed] = decodeColumns(body);
  if (removed === undefined) throw new AudienceError("malformed-facts", "a list's body lacks a set");
  return {
    header: JSON.parse(Buffer.from(header!).toString("utf8")),
    added: OrdinalSet.fromBytes(added!),
    removed: OrdinalSet.fromBytes(removed),
  };
}
