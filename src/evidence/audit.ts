/**
 * Audit: every stored row of leaves, facts, keys and kept hashes, held against the leaves, and these against the log's tree
 * and its newest signed checkpoint.
 *
 * It reads the database alone, in order, some hundred leaves at a time, each time as of one instant; whatever else is done
 * goes on. Of the running state it needs where numbers of newcomers begin, and nothing else.
 * Cost: reading everything once, and a hash for each fact.
 */
import { type LogFinding, verifyLog } from "../checkpoint/index.js";
import { leafKindName } from "../ledger/index.js";
import type { Store, StoredRow } from "../store/index.js";
import { checkLeaf, type Finding, type StoredTable } from "./check-leaf.js";
import { storedLog } from "./stored-log.js";

export interface Audit {
  readonly isWhole: boolean;
  /** Leaves that were held against what is stored of them, and their facts. */
  readonly leaves: number;
  readonly facts: number;
  /** Facts that were erased: of these the kept hashes were used. */
  readonly erased: number;
  /** Leaves that the newest checkpoint covers; 0 without one. */
  readonly signed: number;
  /** Stored rows that are not what was written. */
  readonly findings: readonly Finding[];
  /** What the log's own check found: leaves, tiles, checkpoint. */
  readonly log: readonly LogFinding[];
  /** Findings beyond those that are told. */
  readonly untold: number;
  /**
   * Positions of leaves that can't be held against their facts, since a version that kept no hashes erased some of them.
   * No sign of tampering.
   */
  readonly unproven: readonly number[];
  readonly seconds: number;
}

export interface AuditOptions {
  /** The key that signs the log's checkpoints. */
  readonly verifier: string;
  /** Number of the first contact point that a leaf adds, any number if it adds none; undefined where it is not known. */
  readonly firstOf: (position: number) => number | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What is told of a store that is wrong all over; all of it is counted. */
const MAX_FINDINGS = 1000;
/** Leaves that are read as of one instant. */
const WINDOW_LEAVES = 1024;
const TABLES: readonly StoredTable[] = ["leaf", "fact", "fact_key", "erased_fact"];

export async function audit(store: Store, options: AuditOptions): Promise<Audit> {
  const startedMs = performance.now();
  const { onProgress = () => {} } = options;
  const length = await store.length();
  const check = new FactCheck(options.firstOf);
  for (let from = 0; from < length; from += WINDOW_LEAVES) {
    const to = Math.min(length, from + WINDOW_LEAVES);
    let at = from;
    for await (const rows of positions(store.storedRows({ ...(from === 0 ? {} : { from }), to }))) {
      const { position } = rows[0]!;
      for (; at < position; at++) check.take(at, []);
      if (position < 0) check.takeStray(rows);
      else check.take(at++, rows);
    }
    for (; at < to; at++) check.take(at, []);
    onProgress(to, length);
  }
  // Whole leaves from here on came while the audit was running.
  for await (const rows of positions(store.storedRows({ from: length }))) {
    if (rows[0]!.leaf === undefined) check.takeStray(rows);
  }
  const unproven = check.settle();
  const log = await checkLog(store, options.verifier);
  const { facts, erased, findings, count } = check;
  return {
    isWhole: count === 0 && log.findings.length === 0,
    ...{ leaves: length, facts, erased, signed: log.size, findings, untold: count - findings.length, unproven },
    log: log.findings,
    seconds: Math.round(performance.now() - startedMs) / 1000,
  };
}

async function checkLog(store: Store, verifier: string): Promise<{ size: number; findings: readonly LogFinding[] }> {
  if ((await store.signedCheckpoint()) === undefined) return { size: 0, findings: [] };
  const { size, findings } = await verifyLog(storedLog(store, verifier), { key: verifier });
  return { size, findings };
}

/** Rows of one position after the other. */
async function* positions(rows: AsyncIterable<StoredRow>): AsyncGenerator<StoredRow[]> {
  let group: StoredRow[] = [];
  for await (const row of rows) {
    if (group.length > 0 && group[0]!.position !== row.position) {
      yield group;
      group = [];
    }
    group.push(row);
  }
  if (group.length > 0) yield group;
}

/** Goes from leaf to leaf. */
class FactCheck {
  facts = 0;
  erased = 0;
  /** Number of findings; those that are told are fewer where there are many. */
  count = 0;
  readonly findings: Finding[] = [];
  /** Leaves with erased facts whose hashes are missing. */
  readonly #withoutHash: { readonly position: number; readonly facts: readonly number[]; readonly kind: number }[] = [];
  #lastBareErasure = -1;
  readonly #firstOf: AuditOptions["firstOf"];

  constructor(firstOf: AuditOptions["firstOf"]) {
    this.#firstOf = firstOf;
  }

  take(position: number, rows: readonly StoredRow[]): void {
    const checked = checkLeaf(position, rows, this.#firstOf(position));
    this.facts += checked.facts;
    this.erased += checked.erased;
    for (const finding of checked.findings) this.#find(finding);
    if (checked.isBareErasure) this.#lastBareErasure = position;
    const { withoutHash } = checked;
    if (withoutHash.length > 0) this.#withoutHash.push({ position, facts: withoutHash, kind: rows[0]!.fact!.kind });
  }

  /** Rows where there is no leaf, and none belongs. */
  takeStray(rows: readonly StoredRow[]): void {
    for (const { position, part, leaf, fact, keys, erased } of rows) {
      const there = { leaf, fact, fact_key: keys, erased_fact: erased.length > 0 ? erased : undefined };
      const tables = TABLES.filter((table) => there[table] !== undefined);
      const what = "rows at a position where the log has no leaf";
      this.#find({ position, part, kind: null, tables, fault: "extra", what });
    }
  }

  /**
   * Once all leaves are seen: a hash may be missing only where a later leaf of erasures is of a version that kept none.
   * @returns positions of such leaves
   */
  settle(): number[] {
    const unproven: number[] = [];
    for (const { position, facts, kind } of this.#withoutHash) {
      if (position < this.#lastBareErasure) unproven.push(position);
      else {
        const what = `the facts ${facts.slice(0, 5).join(", ")} are erased, and their hashes were not kept`;
        const where = { position, part: 0, kind: leafKindName(kind), fact: facts[0]! };
        this.#find({ ...where, tables: ["fact_key", "erased_fact"], fault: "missing", what });
      }
    }
    return unproven;
  }

  #find(finding: Finding): void {
    if (this.count++ < MAX_FINDINGS) this.findings.push(finding);
  }
}
