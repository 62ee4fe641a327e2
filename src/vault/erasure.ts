/**
 * Erasure in the stored rows: what a leaf of erasures destroys is made here as rewrites of rows, to be durable in the
 * transaction of that very leaf.
 *
 * Each chunk that holds an erased value is sealed anew without it, under another data key, or removed when nothing is
 * left; keys of facts and tokens are destroyed in their trees, and hashes of the facts' entries kept, so that their leaves
 * can still be checked. What the rows were before leaves the disk's bytes by
 * compaction.
 */
import { type Contacts, type Erased, type Gone, remainingTokenKeys, remainsOf } from "../grant/index.js";
import type { ErasedFact, KeyRow, Rewrites, SealedPlace, SealedQuery, SealedRow, Store } from "../store/index.js";
import { openChunk, sealChunk, withoutNumbers } from "./chunk.js";
import { COMPARTMENTS, type Compartment, compartmentCode } from "./compartment.js";
import type { SealingKeys } from "./sealing-keys.js";

export interface ErasureRooms {
  readonly store: Store;
  readonly contacts: Contacts;
  readonly vault: { readonly keys: SealingKeys };
}

/** The rows that take the place of those that hold what was erased; only when every leaf before is durable. */
export async function erasureRewrites(rooms: ErasureRooms, erased: Erased): Promise<Rewrites> {
  const leaves = byLeaf(rooms.contacts, erased);
  const factKeys: KeyRow[] = [];
  const erasedFacts: ErasedFact[] = [];
  const tokenKeys: KeyRow[] = [];
  for (const [position, { gone, points }] of leaves) {
    if (gone.points.size > 0 || gone.accounts.size > 0) {
      const arrival = rooms.contacts.arrivals.at(position);
      for await (const row of rooms.store.facts(position, { to: position + 1 })) {
        if (row.keys.length === 0) continue;
        const { keys, hashes } = remainsOf(row, arrival, gone);
        factKeys.push({ position, part: row.part, keys });
        for (const { fact, hash } of hashes) erasedFacts.push({ position, fact, hash });
      }
    }
    if (points.size === 0) continue;
    for await (const row of rooms.store.tokens(position, position + 1)) {
      const keys = remainingTokenKeys(row, points);
      if (keys !== undefined) tokenKeys.push({ position, part: row.part, keys });
    }
  }
  const chunks = await resealed(rooms, erased);
  return { factKeys, erasedFacts, tokenKeys, ...chunks };
}

interface LeafErasure {
  readonly gone: { points: Set<number>; accounts: Set<number>; named: number[] } & Gone;
  /** Contact points whose tokens are destroyed. */
  readonly points: Set<number>;
}

function byLeaf(contacts: Contacts, { points, accounts }: Erased): Map<number, LeafErasure> {
  const leaves = new Map<number, LeafErasure>();
  const at = (position: number): LeafErasure => {
    const known = leaves.get(position);
    if (known !== undefined) return known;
    const fresh: LeafErasure = {
      gone: { points: new Set<number>(), accounts: new Set<number>(), named: [] },
      points: new Set(),
    };
    leaves.set(position, fresh);
    return fresh;
  };
  for (const { number, leaves: positions, isWhole } of points) {
    for (const position of positions) {
      at(position).points.add(number);
      if (isWhole) at(position).gone.points.add(number);
    }
  }
  for (const { account, leaves: positions } of accounts) {
    const named = contacts.arrivals.ofAccount(account).position;
    for (const position of positions) {
      at(position).gone.accounts.add(account);
      if (position === named) at(position).gone.named.push(account);
    }
  }
  return leaves;
}

async function resealed(
  { store, vault }: ErasureRooms,
  { points }: Erased,
): Promise<{ sealed: SealedRow[]; removed: SealedPlace[] }> {
  const queries: SealedQuery[] = [];
  for (const compartment of COMPARTMENTS) {
    for (const { number, leaves } of points) {
      for (const position of leaves) queries.push({ position, compartment: compartmentCode(compartment), number });
    }
  }
  const chunks = new Map<string, { row: SealedRow; gone: Set<number> }>();
  (await store.findSealed(queries)).forEach((row, i) => {
    if (row === undefined) return;
    const place = `${row.position} ${row.compartment} ${row.first}`;
    const known = chunks.get(place);
    if (known === undefined) chunks.set(place, { row, gone: new Set([queries[i]!.number]) });
    else known.gone.add(queries[i]!.number);
  });
  const sealed: SealedRow[] = [];
  const removed: SealedPlace[] = [];
  for (const { row, gone } of chunks.values()) {
    const compartment = compartmentOf(row);
    const values = openChunk(vault.keys, compartment, row);
    const rest = withoutNumbers(values, gone);
    values.bytes.fill(0);
    if (rest.numbers.length === values.numbers.length) continue;
    if (rest.numbers.length === 0) removed.push(row);
    else sealed.push({ position: row.position, ...sealChunk(vault.keys.inForce(compartment), row, rest) });
    rest.bytes.fill(0);
  }
  return { sealed, removed };
}

const compartmentOf = ({ compartment }: SealedRow): Compartment =>
  COMPARTMENTS.find((one) => compartmentCode(one) === compartment)!;
