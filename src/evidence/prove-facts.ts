/**
 * Makes a proof of facts that are stored: those of one account at one leaf, or one fact by its number.
 *
 * It shows keyed identities, times and notices of a person to whoever gets it, so it is an operator's or that person's own
 * to make, and a leaf of its own with the actor before it is given out. What was erased can't be shown by anybody.
 */
import type { Checkpoints } from "../checkpoint/index.js";
import type { Contacts } from "../grant/index.js";
import {
  countFacts,
  entryPath,
  factHashes,
  factOf,
  formatVerifier,
  type LeafFacts,
  LeafKind,
  LedgerError,
} from "../ledger/index.js";
import type { Log } from "../log/index.js";
import type { Store, StoredRow } from "../store/index.js";
import { pointsOf } from "../vault/index.js";
import { checkLeaf, fillKept } from "./check-leaf.js";
import { EvidenceError } from "./error.js";
import { type FactProof, formatFactProof } from "./fact-proof.js";
import { factsOf, type StoredFacts, subjectsOf } from "./facts-of.js";

export interface ProofRooms {
  readonly store: Store;
  readonly log: Log;
  readonly contacts: Contacts;
  readonly checkpoints: Checkpoints;
}

export interface ProofRequest {
  readonly position: number;
  /** An account's facts at that leaf, of its contacts of one kind if that is given; or else one fact by its number. */
  readonly of: { readonly account: string; readonly kind?: string | undefined } | { readonly fact: number };
  readonly actor: string;
}

/** What the leaf of a proof says. */
interface ProofFact {
  readonly type: "fact-proof";
  readonly actor: string;
  readonly position: number;
  readonly facts: readonly number[];
}

/**
 * @returns the proof's text
 * @throws {EvidenceError} codes `no-such-leaf`, `no-such-fact`, `erased`, `altered`, `unproven`
 * @throws {GrantError} code `unknown-account`
 */
export async function proveFacts(rooms: ProofRooms, { position, of, actor }: ProofRequest): Promise<string> {
  const { store, log, contacts, checkpoints } = rooms;
  const rows: StoredRow[] = [];
  if (position < log.position)
    for await (const row of store.storedRows({ from: position, to: position + 1 })) rows.push(row);
  const [row] = rows;
  if (row?.leaf === undefined || row.fact === undefined)
    throw new EvidenceError(
      "no-such-leaf",
      `the log has no leaf ${position}`,
      "`solely explain` tells an entry's position",
    );
  const first = contacts.arrivals.at(position)?.first ?? 0;
  requireWhole(rows, first);
  const stored: StoredFacts = { ...row.fact, keys: row.keys ?? new Uint8Array(0) };
  const facts = factsOf(stored, first);
  const items = "fact" in of ? [of.fact] : factsAbout(contacts, stored, first, of.account, of.kind);
  const shown = shownFacts(facts, row, items);
  await log.record(LeafKind.export, () => {
    const fact: ProofFact = { type: "fact-proof", actor, position, facts: items };
    return Buffer.from(JSON.stringify(fact));
  });
  await checkpoints.signNow();
  const { note, checkpoint } = checkpoints.newest;
  const inclusion = await checkpoints.inclusion(position, checkpoint.size);
  const verifier = formatVerifier(checkpoints.verifier);
  return formatFactProof({
    position,
    leaf: row.leaf,
    count: countFacts(facts),
    facts: shown,
    inclusion,
    note,
    verifier,
  });
}

function requireWhole(rows: readonly StoredRow[], first: number): void {
  const { findings, withoutHash } = checkLeaf(rows[0]!.position, rows, first);
  if (findings.length > 0) {
    const what = `the stored facts are not those of their leaf: ${findings[0]!.what}`;
    throw new EvidenceError("altered", what, "run `solely ledger audit`");
  }
  if (withoutHash.length === 0) return;
  throw new EvidenceError(
    "unproven",
    "some facts of the leaf were erased by a version that kept no hashes: nothing of it can be proved",
    "there is no way back to the hashes",
  );
}

/** Numbers of the facts that are about an account or its contacts. */
function factsAbout(contacts: Contacts, stored: StoredFacts, first: number, name: string, kind?: string): number[] {
  const account = contacts.account(name);
  const points = new Set(kind === undefined ? contacts.pointsOf(account) : pointsOf(contacts, name, kind));
  const items: number[] = [];
  const { numbers, whole } = subjectsOf(stored, first);
  numbers.forEach((number, item) => {
    if (whole?.[item] === 1 ? number === account && kind === undefined : points.has(number)) items.push(item);
  });
  if (items.length > 0) return items;
  throw new EvidenceError(
    "no-such-fact",
    "the leaf has no fact about this account",
    "`solely explain` tells the positions of its entries",
  );
}

function shownFacts(facts: LeafFacts, row: StoredRow, items: readonly number[]): FactProof["facts"] {
  const hashes = factHashes(facts);
  fillKept(hashes, facts, row.erased);
  try {
    return items.map((item) => {
      const { salt, fact } = factOf(facts, item);
      return { fact: item, salt, bytes: fact, path: entryPath(hashes, countFacts(facts), item) };
    });
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    if (error.code === "destroyed-fact")
      throw new EvidenceError("erased", "the fact was erased: nobody can show it any more", "its leaf still verifies");
    throw new EvidenceError("no-such-fact", `the leaf has ${countFacts(facts)} facts`, "they are numbered from 0 on");
  }
}
