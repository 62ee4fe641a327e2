/**
 * Events: withdrawals, erasures and losses of ownership become one leaf of facts and what it changes.
 *
 * An event takes away what was given up to its instant, however late it arrives; so an event of a contact
 * point or account that is not known yet is kept too, and waits for the older grant that may still come.
 */

import type { EventColumns } from "./batch.js";
import type { EventRows } from "./contact-facts.js";
import type { Change, Contacts } from "./contacts.js";
import { identityDigests, nameDigests, type Tombstones } from "./tombstones.js";

export function planEvents(contacts: Contacts, change: Change, batch: EventColumns): EventRows {
  const n = batch.rows;
  const rows: EventRows = {
    count: n,
    type: batch.type.slice(0, n),
    purpose: batch.purpose.slice(0, n),
    whole: new Uint8Array(n),
    number: new Uint32Array(n),
    atMs: batch.at.slice(0, n),
    identity: batch.identity.slice(0, n * 16),
  };
  const identities = new Uint32Array(rows.identity.buffer, rows.identity.byteOffset, n * 4);
  for (let row = 0; row < n; row++) {
    const start = row === 0 ? 0 : batch.accountEnds[row - 1]!;
    const account = contacts.accounts.findOrAdd(batch.accountBytes, start, batch.accountEnds[row]!);
    if (batch.hasContact[row] === 0) {
      rows.whole[row] = 1;
      rows.number[row] = account;
      contacts.addAccountEvent(change, account, rows.type[row]!, rows.purpose[row]!, rows.atMs[row]!);
      continue;
    }
    const known = contacts.points.find(identities, row);
    const number = known >= 0 ? known : contacts.addPoint(identities, row, account, batch.kind[row]!);
    rows.number[row] = number;
    contacts.addPointEvent(change, number, rows.type[row]!, rows.purpose[row]!, rows.atMs[row]!);
  }
  contacts.settle(change);
  contacts.dropDeadSpellings(change);
  return rows;
}

/** The rows of events that no erasure covers. */
export function uncoveredEvents(tombstones: Tombstones, key: Uint8Array, batch: EventColumns): EventColumns {
  if (tombstones.count === 0) return batch;
  const accounts = nameDigests(key, batch.accountBytes, batch.accountEnds);
  const identities = identityDigests(key, batch.identity);
  const isCovered = (row: number): boolean => {
    const contactMs = batch.hasContact[row] === 1 ? tombstones.find(identities, row) : -1;
    return Math.max(tombstones.find(accounts, row), contactMs) >= batch.at[row]!;
  };
  const kept = [...batch.type.keys()].filter((row) => !isCovered(row));
  return kept.length === batch.rows ? batch : selectEvents(batch, kept);
}

/** Some rows of a batch as one of their own. */
export function selectEvents(batch: EventColumns, rows: readonly number[]): EventColumns {
  const names = rows.map((row) => nameOf(batch, row));
  const accountEnds = new Uint32Array(rows.length);
  names.reduce((end, name, i) => (accountEnds[i] = end + name.length), 0);
  return {
    rows: rows.length,
    type: Uint8Array.from(rows, (row) => batch.type[row]!),
    accountBytes: new Uint8Array(Buffer.concat(names)),
    accountEnds,
    hasContact: Uint8Array.from(rows, (row) => batch.hasContact[row]!),
    kind: Uint8Array.from(rows, (row) => batch.kind[row]!),
    identity: new Uint8Array(Buffer.concat(rows.map((row) => batch.identity.subarray(16 * row, 16 * row + 16)))),
    purpose: Uint8Array.from(rows, (row) => batch.purpose[row]!),
    at: Float64Array.from(rows, (row) => batch.at[row]!),
  };
}

/** Several batches as one, in order. */
export function joinEvents(batches: readonly EventColumns[]): EventColumns {
  if (batches.length === 1) return batches[0]!;
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  const joined = {
    rows,
    type: new Uint8Array(rows),
    accountBytes: new Uint8Array(batches.reduce((sum, { accountBytes }) => sum + accountBytes.length, 0)),
    accountEnds: new Uint32Array(rows),
    hasContact: new Uint8Array(rows),
    kind: new Uint8Array(rows),
    identity: new Uint8Array(rows * 16),
    purpose: new Uint8Array(rows),
    at: new Float64Array(rows),
  };
  let [row, nameAt] = [0, 0];
  for (const batch of batches) {
    for (const column of ["type", "hasContact", "kind", "purpose", "at"] as const)
      joined[column].set(batch[column], row);
    joined.identity.set(batch.identity, row * 16);
    joined.accountBytes.set(batch.accountBytes, nameAt);
    for (let i = 0; i < batch.rows; i++) joined.accountEnds[row + i] = nameAt + batch.accountEnds[i]!;
    nameAt += batch.accountBytes.length;
    row += batch.rows;
  }
  return joined;
}

/** The account's name in a row. */
export function nameOf({ accountBytes, accountEnds }: EventColumns, row: number): Uint8Array {
  return accountBytes.subarray(row === 0 ? 0 : accountEnds[row - 1]!, accountEnds[row]!);
}
