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

/** Rows by audience, campaign and day, as a body holds them. */
export interface ShownBatch {
  readonly audiences: readonly string[];
  readonly campaigns: readonly string[];
  /** Four words for each group, by `GROUP`. */
  readonly directory: Uint32Array;
  /** Account numbers. */
  readonly account: Uint32Array;
  /** Milliseconds of the day. */
  readonly ofDayMs: Uint32Array;
}

/** Words of a group: places of its audience's and its campaign's names, days since 1970 in UTC, where its rows end. */
export const GROUP = { audience: 0, campaign: 1, day: 2, end: 3, words: 4 } as const;

export const NO_ROWS: ShownBatch = {
  ...{ audiences: [], campaigns: [], directory: new Uint32Array(0) },
  ...{ account: new Uint32Array(0), ofDayMs: new Uint32Array(0) },
};

/** All that a leaf is made from; plain data. */
export interface PlannedShowings {
  readonly shown: ShownBatch;
  readonly actor: string;
  /** Of a leaf that ends a run. */
  readonly run?: ShowingsRun;
}

export interface EncodedShowings {
  readonly root: Uint8Array;
  readonly body: Uint8Array;
  readonly keys: Uint8Array;
}

/** What the store keeps of a batch. It needs nothing of the hot state, so that a thread of its own does it. */
export function encodeShowings({ shown, actor, run }: PlannedShowings): EncodedShowings {
  const { audiences, campaigns, directory, account, ofDayMs } = shown;
  const header: ShowingsHeader = { actor, audiences, campaigns, ...(run === undefined ? {} : { run }) };
  const body = encodeColumns([Buffer.from(JSON.stringify(header)), directory, account, ofDayMs]);
  // A key for each row, and one for the body.
  const tree = KeyTree.fresh(account.length + 1);
  return { root: leafRoot(factsOf(shown, body, tree)), body, keys: KeyTree.encode([tree]) };
}

/** Reads a body; the rows are views into it. */
export function decodeShowings(body: Uint8Array): { readonly header: ShowingsHeader; readonly shown: ShownBatch } {
  const [headerBytes, directory, account, ofDayMs] = decodeColumns(body);
  if (ofDayMs === undefined) throw new ShowingError("malformed-facts", "a body of showings lacks columns");
  const header: ShowingsHeader = JSON.parse(Buffer.from(headerBytes!).toString("utf8"));
  const { audiences, campaigns } = header;
  const columns = { directory: viewU32(directory!), account: viewU32(account!), ofDayMs: viewU32(ofDayMs) };
  return { header, shown: { audiences, campaigns, ...columns } };
}

/** The facts of a stored body, as they were hashed when it was written. */
export function showingFacts(body: Uint8Array, keys: Uint8Array): LeafFacts {
  const [tree] = KeyTree.decode(keys);
  const { shown } = decodeShowings(body);
  if (tree?.count !== shown.account.length + 1) throw new ShowingError("malformed-facts", "a leaf lacks its keys");
  return factsOf(shown, body, tree);
}

/** The account of each row of a body; a view into it. */
export function shownAccounts(body: Uint8Array): Uint32Array {
  const [, , accounts] = decodeColumns(body);
  if (accounts === undefined) throw new ShowingError("malformed-facts", "a body of showings lacks columns");
  return viewU32(accounts);
}

const FACT_WORDS = FACT_BYTES / 4;
const [AUDIENCE_WORDS, CAMPAIGN_WORDS] = [2, 4];
const ACCOUNT_AT = AUDIENCE_WORDS + CAMPAIGN_WORDS;
const INSTANT_AT = ACCOUNT_AT + 1;

function factsOf(
  { audiences, campaigns, directory, account, ofDayMs }: ShownBatch,
  body: Uint8Array,
  tree: KeyTree,
): LeafFacts {
  const audienceWords = wordsOf(audiences, AUDIENCE_WORDS, (id) => Buffer.from(id.slice(1), "hex"));
  const campaignWords = wordsOf(campaigns, CAMPAIGN_WORDS, (name) => createHash("sha256").update(name).digest());
  const count = account.length;
  const facts = new Uint32Array(count * FACT_WORDS);
  const instant = new Float64Array(1);
  const instantWords = new Uint32Array(instant.buffer);
  let [row, at] = [0, 0];
  for (let group = 0; group < directory.length; group += GROUP.words) {
    const audienceAt = AUDIENCE_WORDS * directory[group + GROUP.audience]!;
    const campaignAt = CAMPAIGN_WORDS * directory[group + GROUP.campaign]!;
    const fromMs = directory[group + GROUP.day]! * DAY_MS;
    for (const end = directory[group + GROUP.end]!; row < end; row++, at += FACT_WORDS) {
      for (let i = 0; i < AUDIENCE_WORDS; i++) facts[at + i] = audienceWords[audienceAt + i]!;
      for (let i = 0; i < CAMPAIGN_WORDS; i++) facts[at + AUDIENCE_WORDS + i] = campaignWords[campaignAt + i]!;
      facts[at + ACCOUNT_AT] = account[row]!;
      instant[0] = fromMs + ofDayMs[row]!;
      facts[at + INSTANT_AT] = instantWords[0]!;
      facts[at + INSTANT_AT + 1] = instantWords[1]!;
    }
  }
  return batchFacts({ count, bytes: new Uint8Array(facts.buffer), width: FACT_BYTES }, body, tree.keys());
}

/** The first words of what each name stands for in a fact. */
function wordsOf(names: readonly string[], words: number, bytesOf: (name: string) => Uint8Array): Uint32Array {
  const bytes = new Uint8Array(4 * words * names.length);
  names.forEach((name, i) => void bytes.set(bytesOf(name).subarray(0, 4 * words), 4 * words * i));
  return new Uint32Array(bytes.buffer);
}
