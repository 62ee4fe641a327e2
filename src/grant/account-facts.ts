/**
 * What the platform knows of accounts: country, times, cohort and yes/no attributes; facts and their fold.
 *
 * Upserts: a field that a later row leaves out keeps its value. Attributes are sets of account numbers.
 * One row is one fact: the account's number, then each field as it was given, little-endian.
 */

import { grown } from "../column/index.js";
import { type BatchRows, batchFacts, KeyTree, leafRoot, padStrings } from "../ledger/index.js";
import { OrdinalSet } from "../set/index.js";
import { decodeColumns, encodeColumns, viewF64, viewU16, viewU32 } from "../store/index.js";
import { type AccountColumns, ATTRIBUTE } from "./batch.js";
import { addAccounts, type EncodedFacts } from "./contact-facts.js";
import type { Contacts } from "./contacts.js";
import { GrantError } from "./error.js";
import { ToldAccounts } from "./told-accounts.js";
import { nameDigests } from "./tombstones.js";

/** Bytes of a fact before its attributes. */
const FIXED_BYTES = 24;

export interface AccountHeader {
  readonly actor: string;
  readonly cohorts: readonly string[];
  readonly attributes: readonly string[];
}

/** Names in the order of the other columns and sets. */
interface SavedAccounts {
  readonly cohorts: readonly string[];
  readonly attributes: readonly string[];
}

type Fields = readonly [Uint16Array, Float64Array, Float64Array, Uint32Array];

/** What is known of accounts now. */
export class AccountFacts {
  /** By account, as far as anything of it was told. Two ASCII letters as a number, 0 for unknown. */
  country: Uint16Array = new Uint16Array(0);
  createdAtMs: Float64Array = new Float64Array(0);
  lastActiveAtMs: Float64Array = new Float64Array(0);
  /** Index + 1 in `cohorts`, 0 for none. */
  cohort: Uint32Array = new Uint32Array(0);
  readonly cohorts: string[] = [];
  readonly #cohortIndex = new Map<string, number>();
  readonly attributes = new Map<string, OrdinalSet>();
  /** Which leaves say so. */
  readonly told = new ToldAccounts();

  /** Applies a body that `encodeAccounts` made, with its keys and its position. */
  apply(position: number, body: Uint8Array, keys: Uint8Array, contacts: Contacts): void {
    const { header, names, ends, rows } = decodeAccounts(body);
    const [, nameTree] = KeyTree.decode(keys);
    if (nameTree === undefined) throw new GrantError("malformed-facts", "a leaf lacks its keys");
    addAccounts(contacts, names, ends, nameTree);
    const { account: numbers, country, createdAtMs, lastActiveAtMs, cohort } = rows;
    this.told.add(position, numbers);
    const cohortIndex = header.cohorts.map((name) => this.#cohort(name));
    this.#reserve(contacts.accounts.count, rows);
    for (let row = 0; row < numbers.length; row++) {
      const number = numbers[row]!;
      if (country[row] !== 0) this.country[number] = country[row]!;
      if (!Number.isNaN(createdAtMs[row]!)) this.createdAtMs[number] = createdAtMs[row]!;
      if (!Number.isNaN(lastActiveAtMs[row]!)) this.lastActiveAtMs[number] = lastActiveAtMs[row]!;
      if (cohort[row] !== 0) this.cohort[number] = cohortIndex[cohort[row]! - 1]!;
    }
    header.attributes.forEach((name, a) => {
      const set = this.attributes.get(name) ?? OrdinalSet.empty();
      this.attributes.set(name, set);
      const values = rows.values.subarray(a * numbers.length, (a + 1) * numbers.length);
      const last = lastOf(numbers, values);
      set.addAll(numbers.filter((_, row) => last[row] === ATTRIBUTE.yes));
      set.removeAll(numbers.filter((_, row) => last[row] === ATTRIBUTE.no));
    });
  }

  /** What is known of one account, by the names that files have for it. */
  profile(account: number): Record<string, string | boolean> {
    const profile: Record<string, string | boolean> = {};
    const country = this.country[account] ?? 0;
    if (country !== 0) profile.country = String.fromCharCode(country & 0xff, country >> 8);
    for (const [name, times] of [
      ["created_at", this.createdAtMs],
      ["last_active_at", this.lastActiveAtMs],
    ] as const) {
      if ((times[account] ?? 0) > 0) profile[name] = new Date(times[account]!).toISOString();
    }
    const cohort = this.cohort[account] ?? 0;
    if (cohort !== 0) profile.cohort = this.cohorts[cohort - 1]!;
    for (const [name, set] of this.attributes) if (set.has(account)) profile[name] = true;
    return profile;
  }

  /** For snapshots. */
  save(): { state: SavedAccounts; fields: Fields; sets: Uint8Array[] } {
    return {
      state: { cohorts: this.cohorts, attributes: [...this.attributes.keys()] },
      fields: [this.country, this.createdAtMs, this.lastActiveAtMs, this.cohort],
      sets: [...this.attributes.values()].map((set) => set.toBytes()),
    };
  }

  restore(saved: SavedAccounts, fields: Fields, sets: readonly Uint8Array[]): void {
    for (const name of saved.cohorts) this.#cohort(name);
    saved.attributes.forEach((name, i) => {
      this.attributes.set(name, OrdinalSet.fromBytes(sets[i]!));
    });
    [this.country, this.createdAtMs, this.lastActiveAtMs, this.cohort] = fields;
  }

  #cohort(name: string): number {
    const known = this.#cohortIndex.get(name);
    if (known !== undefined) return known;
    const index = this.cohorts.push(name);
    this.#cohortIndex.set(name, index);
    return index;
  }

  /** Makes room in the columns of which anything is told: most platforms tell little of accounts. */
  #reserve(accounts: number, { country, createdAtMs, lastActiveAtMs, cohort }: AccountRows): void {
    const isTold = (value: number) => value !== 0;
    const isInstant = (atMs: number) => !Number.isNaN(atMs);
    if (country.some(isTold)) this.country = grown(this.country, accounts);
    if (createdAtMs.some(isInstant)) this.createdAtMs = grown(this.createdAtMs, accounts);
    if (lastActiveAtMs.some(isInstant)) this.lastActiveAtMs = grown(this.lastActiveAtMs, accounts);
    if (cohort.some(isTold)) this.cohort = grown(this.cohort, accounts);
  }
}

/** The values of an attribute, with those that a later row of the same account replaces left out. */
function lastOf(numbers: Uint32Array, values: Uint8Array): Uint8Array {
  const last = values.slice();
  const seen = new Set<number>();
  for (let row = numbers.length - 1; row >= 0; row--) {
    if (values[row] === ATTRIBUTE.absent) continue;
    if (seen.has(numbers[row]!)) last[row] = ATTRIBUTE.absent;
    seen.add(numbers[row]!);
  }
  return last;
}

/** The leaf's root and body of a batch of accounts; new names are added to the table, to be undone by the caller. */
export function encodeAccounts(contacts: Contacts, batch: AccountColumns, actor: string): EncodedFacts {
  const firstAccount = contacts.accounts.count;
  const n = batch.rows;
  const account = new Uint32Array(n);
  for (let row = 0; row < n; row++) {
    const start = row === 0 ? 0 : batch.accountEnds[row - 1]!;
    account[row] = contacts.accounts.findOrAdd(batch.accountBytes, start, batch.accountEnds[row]!);
  }
  const names = contacts.accounts.namesFrom(firstAccount);
  const attributes = [...batch.attributes.keys()];
  const values = new Uint8Array(attributes.length * n);
  attributes.forEach((name, a) => {
    values.set(batch.attributes.get(name)!.subarray(0, n), a * n);
  });
  const country = new Uint16Array(n);
  for (let row = 0; row < n; row++) country[row] = batch.country[2 * row]! | (batch.country[2 * row + 1]! << 8);
  const columns: AccountRows = {
    account,
    country,
    createdAtMs: batch.createdAt.slice(0, n),
    lastActiveAtMs: batch.lastActiveAt.slice(0, n),
    cohort: batch.cohort.slice(0, n),
    values,
  };
  const factTree = KeyTree.fresh(n + 1);
  const nameTree = KeyTree.fresh(names.ends.length);
  const nameKeys = nameTree.keys();
  padStrings(nameKeys.keys, names.bytes, names.ends);
  const header: AccountHeader = { actor, cohorts: batch.cohorts, attributes };
  const body = encodeColumns([
    Buffer.from(JSON.stringify(header)),
    names.bytes,
    names.ends,
    account,
    country,
    columns.createdAtMs,
    columns.lastActiveAtMs,
    columns.cohort,
    values,
  ]);
  const root = leafRoot(batchFacts(accountRows(columns), body, factTree.keys(), nameKeys));
  return { root, body, keys: KeyTree.encode([factTree, nameTree]) };
}

/** What a leaf says of accounts, column by column. */
export interface AccountRows {
  readonly account: Uint32Array;
  /** Two ASCII letters as a number, 0 where it was left out. */
  readonly country: Uint16Array;
  /** Milliseconds; NaN where it was left out. */
  readonly createdAtMs: Float64Array;
  readonly lastActiveAtMs: Float64Array;
  /** Place in the header's cohorts + 1, 0 where it was left out. */
  readonly cohort: Uint16Array;
  /** One column of ATTRIBUTE values for each of the header's attributes. */
  readonly values: Uint8Array;
}

/** The rows as facts. */
export function accountRows(rows: AccountRows): BatchRows {
  const { account, country, createdAtMs, lastActiveAtMs, cohort, values } = rows;
  const count = account.length;
  const attributes = count === 0 ? 0 : Math.floor(values.length / count);
  const width = FIXED_BYTES + attributes;
  const bytes = new Uint8Array(width * count);
  const view = new DataView(bytes.buffer);
  for (let row = 0; row < count; row++) {
    const at = row * width;
    view.setUint32(at, account[row]!, true);
    view.setUint16(at + 4, country[row]!, true);
    view.setUint16(at + 6, cohort[row]!, true);
    view.setFloat64(at + 8, createdAtMs[row]!, true);
    view.setFloat64(at + 16, lastActiveAtMs[row]!, true);
    for (let a = 0; a < attributes; a++) bytes[at + FIXED_BYTES + a] = values[a * count + row]!;
  }
  return { count, bytes, width };
}

/** The columns of a body that `encodeAccounts` made. */
export function decodeAccounts(body: Uint8Array): {
  readonly header: AccountHeader;
  readonly names: Uint8Array;
  readonly ends: Uint32Array;
  readonly rows: AccountRows;
} {
  const [header, names, ends, account, country, created, active, cohort, values] = decodeColumns(body);
  if (values === undefined) throw new GrantError("malformed-facts", "a body of accounts lacks columns");
  return {
    header: JSON.parse(Buffer.from(header!).toString("utf8")),
    names: names!,
    ends: viewU32(ends!),
    rows: {
      account: viewU32(account!),
      country: viewU16(country!),
      createdAtMs: viewF64(created!),
      lastActiveAtMs: viewF64(active!),
      cohort: viewU16(cohort!),
      values,
    },
  };
}

/**
 * The rows without those of accounts that were erased, are not known again, and were not made anew since.
 * @returns places of the rows that are left out, and the others as a batch
 */
export function withoutErased(
  { accounts, tombstones }: Contacts,
  key: Uint8Array,
  batch: AccountColumns,
): { erased: number[]; kept: AccountColumns } {
  if (tombstones.count === 0) return { erased: [], kept: batch };
  const { accountBytes, accountEnds, createdAt } = batch;
  const digests = nameDigests(key, accountBytes, accountEnds);
  const isErased = (row: number): boolean => {
    const erasedMs = tombstones.find(digests, row);
    if (erasedMs < 0 || createdAt[row]! > erasedMs) return false;
    return accounts.find(accountBytes, row === 0 ? 0 : accountEnds[row - 1]!, accountEnds[row]!) < 0;
  };
  const rows = [...accountEnds.keys()];
  const erased = rows.filter(isErased);
  if (erased.length === 0) return { erased, kept: batch };
  const left = new Set(erased);
  return {
    erased,
    kept: selectAccounts(
      batch,
      rows.filter((row) => !left.has(row)),
    ),
  };
}

function selectAccounts(batch: AccountColumns, rows: readonly number[]): AccountColumns {
  const names = rows.map((row) =>
    batch.accountBytes.subarray(row === 0 ? 0 : batch.accountEnds[row - 1]!, batch.accountEnds[row]!),
  );
  const accountEnds = new Uint32Array(rows.length);
  names.reduce((end, name, i) => (accountEnds[i] = end + name.length), 0);
  const attributes = [...batch.attributes].map(
    ([name, values]) => [name, Uint8Array.from(rows, (row) => values[row]!)] as const,
  );
  return {
    rows: rows.length,
    accountBytes: new Uint8Array(Buffer.concat(names)),
    accountEnds,
    country: new Uint8Array(rows.flatMap((row) => [batch.country[2 * row]!, batch.country[2 * row + 1]!])),
    createdAt: Float64Array.from(rows, (row) => batch.createdAt[row]!),
    lastActiveAt: Float64Array.from(rows, (row) => batch.lastActiveAt[row]!),
    cohort: Uint16Array.from(rows, (row) => batch.cohort[row]!),
    cohorts: batch.cohorts,
    attributes: new Map(attributes),
  };
}
