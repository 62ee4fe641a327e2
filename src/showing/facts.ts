/**
 * The facts of a batch of showings: what was shown to whom when, grouped by audience, campaign and UTC day.
 *
 * A row's fact has 36 bytes and stands alone: the audience's id (8), the first half of the SHA-256 of the campaign's name
 * (16), the account's number (4, little-endian), the instant (8, a float of milliseconds since 1970). In the body a row
 * takes 8 bytes: account, and milliseconds of its day. Salts grow from one root. No account is named: numbers, instants and
 * campaigns stay when an account is erased, so that counts stay exact.
 */
import { createHash } from "node:crypto";
import { batchFacts, KeyTree, type LeafFacts, leafRoot } from "../ledger/index.js";
import { decodeColumns, encodeColumns, viewU32 } from "../store/index.js";
import { ShowingError } from "./error.js";

export const DAY_MS = 86_400_000;
const FACT_BYTES = 36;

/** What a run answered, kept under its idempotency key. */
export interface ShowingsRun {
  readonly key: string;
  readonly counts: ShowingCounts;
}

export interface ShowingCounts {
  readonly rows: number;
  readonly accepted: number;
  /** Rows that were taken before. */
  readonly duplicates: number;
  readonly refused: number;
  /** Showings to accounts that were not eligible then; they are kept, and told as alarms. */
  readonly ineligible: number;
}

export interface ShowingsHeader {
  readonly actor: string;
  readonly audiences: readonly string[];
  readonly campaigns: readonly string[];
  /** Of a leaf that ends a run, and has no rows. */
  readonly run?: ShowingsRun;
}

/** Rows of one audience, campaign and day. */
export interface ShownRows {
  readonly audience: string;
  readonly campaign: string;
  /** Days since 1970, UTC. */
  readonly day: number;
  /** Account numbers. */
  readonly account: Uint32Array;
  /** Milliseconds of the day. */
  readonly ofDayMs: Uint32Array;
}

export interface EncodedShowings {
  readonly root: Uint8Array;
  readonly body: Uint8Array;
  readonly keys: Uint8Array;
}

export function encodeShowings(
  groups: readonly ShownRows[],
  { actor, run }: Pick<ShowingsHeader, "actor" | "run">,
): EncodedShowings {
  const [audiences, campaigns] = [new Places(), new Places()];
  const rows = countRows(groups);
  const directory = new Uint32Array(4 * groups.length);
  const [account, ofDayMs] = [new Uint32Array(rows), new Uint32Array(rows)];
  let at = 0;
  groups.forEach((group, i) => {
    account.set(group.account, at);
    ofDayMs.set(group.ofDayMs, at);
    at += group.account.length;
    directory.set([audiences.of(group.audience), campaigns.of(group.campaign), group.day, at], 4 * i);
  });
  const header: ShowingsHeader = {
    actor,
    audiences: audiences.names,
    campaigns: campaigns.names,
    ...(run === undefined ? {} : { run }),
  };
  const body = encodeColumns([Buffer.from(JSON.stringify(header)), directory, account, ofDayMs]);
  const tree = KeyTree.fresh(rows + 1);
  return { root: leafRoot(factsOf(groups, body, tree)), body, keys: KeyTree.encode([tree]) };
}

class Places {
  readonly names: string[] = [];
  readonly #places = new Map<string, number>();

  of(name: string): number {
    const place = this.#places.get(name) ?? this.names.push(name) - 1;
    this.#places.set(name, place);
    return place;
  }
}

/** Reads a body; the rows are views into it. */
export function decodeShowings(body: Uint8Array): { readonly header: ShowingsHeader; readonly groups: ShownRows[] } {
  const [headerBytes, directoryBytes, accounts, times] = decodeColumns(body);
  if (times === undefined) throw new ShowingError("malformed-facts", "a body of showings lacks columns");
  const header: ShowingsHeader = JSON.parse(Buffer.from(headerBytes!).toString("utf8"));
  const directory = viewU32(directoryBytes!);
  const [account, ofDayMs] = [viewU32(accounts!), viewU32(times)];
  const groups: ShownRows[] = [];
  for (let i = 0, from = 0; i < directory.length; i += 4) {
    const to = directory[i + 3]!;
    groups.push({
      audience: header.audiences[directory[i]!]!,
      campaign: header.campaigns[directory[i + 1]!]!,
      day: directory[i + 2]!,
      account: account.subarray(from, to),
      ofDayMs: ofDayMs.subarray(from, to),
    });
    from = to;
  }
  return { header, groups };
}

/** The facts of a stored body, as they were hashed when it was written. */
export function showingFacts(body: Uint8Array, keys: Uint8Array): LeafFacts {
  const [tree] = KeyTree.decode(keys);
  const { groups } = decodeShowings(body);
  // A key for each row, and one for the body.
  if (tree?.count !== countRows(groups) + 1) throw new ShowingError("malformed-facts", "a leaf lacks its keys");
  return factsOf(groups, body, tree);
}

/** Milliseconds since 1970 of instants of a day. */
export function instantsOf(day: number, ofDayMs: Uint32Array): Float64Array {
  const atMs = new Float64Array(ofDayMs.length);
  for (let row = 0; row < atMs.length; row++) atMs[row] = day * DAY_MS + ofDayMs[row]!;
  return atMs;
}

/** The account of each row of a body; a view into it. */
export function shownAccounts(body: Uint8Array): Uint32Array {
  const [, , accounts] = decodeColumns(body);
  if (accounts === undefined) throw new ShowingError("malformed-facts", "a body of showings lacks columns");
  return viewU32(accounts);
}

const countRows = (groups: readonly ShownRows[]): number =>
  groups.reduce((sum, { account }) => sum + account.length, 0);

function factsOf(groups: readonly ShownRows[], body: Uint8Array, tree: KeyTree): LeafFacts {
  const count = countRows(groups);
  const bytes = Buffer.alloc(FACT_BYTES * count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (const { audience, campaign, day, account, ofDayMs } of groups) {
    const prefix = Buffer.concat([
      Buffer.from(audience.slice(1), "hex"),
      createHash("sha256").update(campaign).digest().subarray(0, 16),
    ]);
    const fromMs = day * DAY_MS;
    for (let row = 0; row < account.length; row++, at += FACT_BYTES) {
      for (let i = 0; i < prefix.length; i++) bytes[at + i] = prefix[i]!;
      view.setUint32(at + 24, account[row]!, true);
      view.setFloat64(at + 28, fromMs + ofDayMs[row]!, true);
    }
  }
  return batchFacts({ count, bytes, width: FACT_BYTES }, body, tree.keys());
}
