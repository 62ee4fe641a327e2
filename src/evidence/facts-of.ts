/**
 * The facts of a stored leaf, by its kind: rebuilt by the room that encoded them.
 *
 * Every kind is named here, so that a new one can't be left out of the audit.
 */
import { listFacts } from "../audience/index.js";
import { batchFactsOf, correctionFacts } from "../grant/index.js";
import { type LeafFacts, LeafKind, type LeafKindName, leafKindName } from "../ledger/index.js";
import { recordFacts } from "../log/index.js";
import { showingFacts } from "../showing/index.js";

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
  erasure: batchFactsOf,
  reveal: record,
  compaction: record,
  correction: ({ body }) => correctionFacts(body),
  showings: ({ body, keys }) => showingFacts(body, keys),
  alarm: record,
};

/** Kinds whose rows have keys, and lose some of them by erasures. */
const ERASABLE: ReadonlySet<number> = new Set([
  ...[LeafKind.contacts, LeafKind.events, LeafKind.accounts, LeafKind.erasure],
]);

export const isErasable = (kind: number): boolean => ERASABLE.has(kind);

/** Whether rows of a kind have keys, from which their salts grow. */
export const hasKeys = (kind: number): boolean => isErasable(kind) || kind === LeafKind.showings;

/** @throws whatever the room says of a body or keys that it can't have made */
export const factsOf = (stored: StoredFacts, first: number): LeafFacts =>
  FACTS_OF[leafKindName(stored.kind)](stored, first);
