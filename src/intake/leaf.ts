/**
 * From a planned batch of contacts to what the store keeps of it: the facts' body under their root, key trees, tokens hidden
 * under theirs, and the vault's chunks.
 *
 * It needs nothing of the hot state, so that a thread of its own does it while the next batch is planned. The same bytes of
 * the same batch come of it wherever it is done, but for keys and nonces, which are fresh.
 */
import { columnMemory } from "../column/index.js";
import { type EncodedFacts, encodeGrants, encodeTokens, type GrantLeaf, type StoredTokens } from "../grant/index.js";
import type { LeafMaker } from "../log/index.js";
import type { SealedChunks } from "../store/index.js";
import { type SealingOrder, sealRows, type ValueColumns } from "../vault/index.js";

/** All that a leaf is made from, as plain data of its own. */
export interface PlannedLeaf {
  /** Where it will be in the ledger. */
  readonly position: number;
  readonly grants: GrantLeaf;
  readonly tokens: StoredTokens;
  readonly order: SealingOrder;
  /** Plain values and masks; overwritten when they are sealed. */
  readonly values: ValueColumns;
}

export interface MadeLeaf {
  readonly facts: EncodedFacts;
  /** Undefined where there are none. */
  readonly tokens: { readonly body: Uint8Array; readonly keys: Uint8Array } | undefined;
  readonly sealed: SealedChunks;
}

export function makeLeaf({ position, grants, tokens, order, values }: PlannedLeaf): MadeLeaf {
  // First, so that plain values are overwritten whatever fails.
  const sealed = sealRows(order, position, grants.rows, values);
  const facts = encodeGrants(grants);
  return { facts, tokens: tokens.number.length === 0 ? undefined : encodeTokens(tokens), sealed };
}

export const CONTACT_LEAVES: LeafMaker<PlannedLeaf, MadeLeaf> = {
  worker: new URL("./leaf-worker.js", import.meta.url),
  make: makeLeaf,
  rows: ({ grants }) => grants.rows.count,
  memory: plannedMemory,
};

/** The memory of all that a planned leaf holds, but for what the index is yet to get. */
function plannedMemory({ grants, tokens, order, values }: PlannedLeaf): ArrayBuffer[] {
  const keys = [order.mask, ...order.purposes.map(({ key }) => key)];
  return columnMemory(grants, grants.rows, grants.newcomers, { number: tokens.number }, ...keys, values);
}

export const madeMemory = ({ facts, tokens, sealed }: MadeLeaf): ArrayBuffer[] =>
  columnMemory(facts, tokens ?? {}, sealed);
