/**
 * Events: withdrawals, erasures and losses of ownership become one leaf of facts and what it changes.
 *
 * An event takes away what was given up to its instant, however late it arrives; so an event of a contact
 * point or account that is not known yet is kept too, and waits for the older grant that may still come.
 */

import type { EventColumns } from "./batch.js";
import type { EventRows } from "./contact-facts.js";
import type { Change, Contacts } from "./contacts.js";

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
