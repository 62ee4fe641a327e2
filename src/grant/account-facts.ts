/**
 * What the platform knows of accounts: country, times, cohort and yes/no attributes; facts and their fold.
 *
 * Upserts: a field that a later row leaves out keeps its value. Attributes are sets of account numbers.
 * One row is one fact: the account's number, then each field as it was given, little-endian.
 */

import { grown } from "../column/index.js";
import { factRoot, KeyTree, padStrings, saltsOf } from "../ledger/index.js";
import { OrdinalSet } from "../set/index.js";
import { decodeColumns, encodeColumns, viewF64, viewU16, viewU32 } from "../store/index.js";
import { type AccountColumns, ATTRIBUTE } from "./batch.js";
import { addAccounts, type EncodedFacts } from "./contact-facts.js";
import type { Contacts } from "./contacts.js";
import { GrantError } from "./error.js";
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
  /** Two ASCII letters as a number, 0 for unknown. */
  country: Uint16Array = new Uint16Array(0);
  createdAtMs: Float64Array = new Float64Array(0);
  lastActiveAtMs: Float64Array = new Float64Array(0);
  /** Index + 1 in `cohorts`, 0 for none. */
  cohort: Uint32Array = new Uint32Array(0);
  readonly cohorts: string[] = [];
  readonly #cohortIndex = new Map<string, number>();
  readonly attributes = new Map<string, OrdinalSet>();

  /** Applies a body that `encodeAccounts` made, with its keys. */
  apply(body: Uint8Array, keys: Uint8Array, contacts: Contacts): void {
    const [headerBytes, names, ends, account, country, created, active, cohort, attributes] = decodeColumns(body);
    const [, nameTree] = KeyTree.decode(keys);
    if (attributes === undefined || nameTree === undefined)
      throw new GrantError("malformed-facts", "a body of accounts lacks columns");
    const header: AccountHeader = JSON.parse(Buffer.from(headerBytes!).toString("utf8"));
    addAccounts(contacts, names!, viewU32(ends!), nameTree);
    const numbers = viewU32(account!);
    const countries = viewU16(country!);
    const createdAt = viewF64(created!);
    const activeAt = viewF64(active!);
    const cohortOf = viewU16(cohort!);
    const cohortIndex = header.cohorts.map((name) => this.#cohort(name));
    this.#reserve(contacts.accounts.count);
    for (let row = 0; row < numbers.length; row++) {
      const number = numbers[row]!;
      if (countries[row] !== 0) this.country[number] = countries[row]!;
      if (!Number.isNaN(createdAt[row]!)) this.createdAtMs[number] = createdAt[row]!;
      if (!Number.isNaN(activeAt[row]!)) this.lastActiveAtMs[number] = activeAt[row]!;
      if (cohortOf[row] !== 0) this.cohort[number] = cohortIndex[cohortOf[row]! - 1]!;
    }
    header.attributes.forEach((name, a) => {
      const set = this.attributes.get(name) ?? OrdinalSet.empty();
      this.attributes.set(name, set);
      const values = attributes.subarray(a * numbers.length, (a + 1) * numbers.length);
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

  #reserve(accounts: number): void {
    this.country = grown(this.country, accounts);
    const capacity = this.country.length;
    this.createdAtMs = grown(this.createdAtMs, capacity);
    this.lastActiveAtMs = grown(this.lastActiveAtMs, capacity);
    this.cohort = grown(this.cohort, capacity);
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
  const stride = FIXED_BYTES + attributes.length;
  const facts = new Uint8Array(stride * n);
  const view = new DataView(facts.buffer);
  const country = new Uint16Array(n);
  for (let row = 0; row < n; row++) {
    country[row] = batch.country[2 * row]! | (batch.country[2 * row + 1]! << 8);
    const at = row * stride;
    view.setUint32(at, account[row]!, true);
    view.setUint16(at + 4, country[row]!, true);
    view.setUint16(at + 6, batch.cohort[row]!, true);
    view.setFloat64(at + 8, batch.createdAt[row]!, true);
    view.setFloat64(at + 16, batch.lastActiveAt[row]!, true);
    for (let a = 0; a < attributes.length; a++) facts[at + FIXED_BYTES + a] = values[a * n + row]!;
  }
  const factTree = KeyTree.fresh(n);
  const nameTree = KeyTree.fresh(names.ends.length);
  const root = factRoot(saltsOf(factTree.keys().keys), facts, stride, n);
  padStrings(nameTree.keys().keys, names.bytes, names.ends);
  const header: AccountHeader = { actor, cohorts: batch.cohorts, attributes };
  const body = encodeColumns([
    Buffer.from(JSON.stringify(header)),
    names.bytes,
    names.ends,
    account,
    country,
    batch.createdAt.slice(0, n),
    batch.lastActiveAt.slice(0, n),
    batch.cohort.slice(0, n),
    values,
  ]);
  return { root, body, keys: KeyTree.encode([factTree, nameTree]) };
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
