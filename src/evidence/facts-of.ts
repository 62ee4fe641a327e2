/**
 * The facts of a stored leaf, by its kind: rebuilt by the room that encoded them.
 *
 * Every kind is named here, so that a new one can't be left out of the audit.
 */
import { listFacts } from "../audience/index.js";
import { batchFactsOf, correctionFacts, type Subjects, subjects } from "../grant/index.js";
import { type LeafFacts, LeafKind, type LeafKindName, leafKindName } from "../ledger/index.js";
import { recordFacts } from "../log/index.js";
import { showingFacts, shownAccounts } from "../showing/index.js";

/** A row of facts, with its keys. */
export interface StoredFacts {
  readonly kind: number;
  readonly body: Uint8Array;
  /** Empty where nothing of it can be erased. */
  readonly keys: Uint8Array;
}

/** @param first number of the first contact point that the leaf adds */
type FactsOf = (stored: StoredFacts, first: number) => LeafFacts;

const record: FactsOf = ({ body }) => recordFacts(body);

const FACTS_OF: Readonly<Record<LeafKindName, FactsOf>> = {
  genesis: record,
  setup: record,
  proposal: record,
  approval: record,
  advertiser: record,
  key: record,
  rotation: record,
  incident: record,
  canary: record,
  recovery: record,
  contacts: batchFactsOf,
  events: batchFactsOf,
  accounts: batchFactsOf,
  list: ({ body }) => listFacts(body),
  run: record,
  export: record,
  release: record,
  erasure: batchFactsOf,
  reveal: record,
  compaction: record,
  correction: ({ body }) => correctionFacts(body),
  showings: ({ body, keys }) => showingFacts(body, keys),
  alarm: record,
};

/** Kinds whose facts are rows about people, with keys of which their salts are made. */
const KEYED: ReadonlySet<number> = new Set([
  ...[LeafKind.contacts, LeafKind.events, LeafKind.accounts, LeafKind.erasure, LeafKind.showings],
]);

export const hasKeys = (kind: number): boolean => KEYED.has(kind);

/** Whom each row of a leaf is about; of a leaf that has none, nobody. */
export function subjectsOf(stored: StoredFacts, first: number): Subjects {
  if (stored.kind === LeafKind.showings) {
    const numbers = shownAccounts(stored.body);
    return { numbers, whole: new Uint8Array(numbers.length).fill(1) };
  }
  return hasKeys(stored.kind) ? subjects(stored, first) : { numbers: new Uint32Array(0) };
}

/** @throws whatever the room says of a body or keys that it can't have made */
export const factsOf = (stored: StoredFacts, first: number): LeafFacts =>
  FACTS_OF[leafKindName(stored.kind)](stored, first);
