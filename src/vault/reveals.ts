/**
 * Reveals: who was told contacts in the clear, how many and when; a fold of their facts, for the limits.
 *
 * A fact names contact points by number, never an account or a value. Services are counted by contacts asked for, in a
 * minute and in a day; operators by reveals in an hour, beyond which each needs a second operator's approval of its own.
 */
import { LeafKind } from "../ledger/index.js";
import { type Fold, jsonSection, type Kept, payloadOf, readJson } from "../log/index.js";
import { type Action, type Decision, type Signed, statementId } from "../operator/index.js";
import type { FactRow } from "../store/index.js";
import type { SealedPurpose } from "./compartment.js";
import { VAULT_LIMITS } from "./limits.js";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export interface RevealFact {
  readonly type: "reveal";
  /** `key:…` or `operator:…`. */
  readonly actor: string;
  readonly purpose: SealedPurpose;
  readonly reason: string;
  /** Contact points that might be used for the purpose. */
  readonly contacts: readonly number[];
  /** Contacts that were asked for. */
  readonly asked: number;
  /** Of an operator: the request as it was signed, and the id of the proposal that let it through past the limit. */
  readonly signed?: Signed;
  readonly approval?: string;
}

interface SavedReveals {
  /** By actor: instants, and contacts asked for at each. */
  readonly uses: [string, [number, number][]][];
  readonly requests: [string, number][];
  readonly spent: [string, number][];
}

export type RevealAction = Extract<Action, { type: "contact.reveal" }>;

export class Reveals implements Fold {
  readonly kinds = [LeafKind.reveal];
  readonly #uses = new Map<string, Uses>();
  /** Signed requests that were done, and approvals that were spent, by id. */
  readonly #requests = new Map<string, number>();
  readonly #spent = new Map<string, number>();
  /** Reveals that a second operator approved. */
  readonly #approved = new Map<string, { readonly action: RevealAction; readonly by: string; readonly atMs: number }>();

  apply({ body, timeMs: atMs }: FactRow): void {
    const fact: RevealFact = JSON.parse(Buffer.from(payloadOf(body)).toString("utf8"));
    this.#usesOf(fact.actor).add(atMs, fact.asked);
    if (fact.signed !== undefined) this.#requests.set(statementId(fact.signed), atMs);
    if (fact.approval !== undefined) this.#spent.set(fact.approval, atMs);
  }

  /** The effect of an approved `contact.reveal`. */
  approve(action: RevealAction, { proposal }: Decision, atMs: number): void {
    this.#approved.set(proposal.id, { action, by: proposal.by, atMs });
  }

  /** Contacts that an actor asked for since an instant. */
  asked(actor: string, sinceMs: number): number {
    return this.#usesOf(actor).since(sinceMs).asked;
  }

  /** Reveals of an actor since an instant. */
  count(actor: string, sinceMs: number): number {
    return this.#usesOf(actor).since(sinceMs).count;
  }

  #usesOf(actor: string): Uses {
    const uses = this.#uses.get(actor) ?? new Uses();
    this.#uses.set(actor, uses);
    return uses;
  }

  isDone(request: string): boolean {
    return this.#requests.has(request);
  }

  /** An approval of this very reveal that was not used yet. */
  approval(by: string, action: RevealAction, nowMs: number): string | undefined {
    const wanted = JSON.stringify([action.purpose, action.contacts]);
    for (const [id, { action: approved, by: proposer, atMs }] of this.#approved) {
      const isSame = proposer === by && JSON.stringify([approved.purpose, approved.contacts]) === wanted;
      if (isSame && !this.#spent.has(id) && atMs > nowMs - VAULT_LIMITS.approvalAgeMs) return id;
    }
    return undefined;
  }

  readonly kept: Kept = {
    name: "reveals",
    save: () => {
      const since = Date.now() - DAY_MS;
      const recent = (ids: ReadonlyMap<string, number>) => [...ids].filter(([, atMs]) => atMs > since);
      const saved: SavedReveals = {
        uses: [...this.#uses].map(([actor, uses]) => [actor, uses.entries(since)]),
        requests: recent(this.#requests),
        spent: recent(this.#spent),
      };
      return [jsonSection("reveals", saved)];
    },
    restore: (sections) => {
      const { uses, requests, spent } = readJson(sections, "reveals") as SavedReveals;
      for (const [actor, own] of uses) for (const [atMs, asked] of own) this.#usesOf(actor).add(atMs, asked);
      for (const [id, atMs] of requests) this.#requests.set(id, atMs);
      for (const [id, atMs] of spent) this.#spent.set(id, atMs);
    },
  };
}

/** What one actor asked for in the last day, by running sums: a question costs a binary search, however many there are. */
class Uses {
  /** Ascending; a clock that went back counts as standing still. */
  #atMs: number[] = [];
  /** Contacts asked for up to and with each, and before the first that is kept. */
  #sums: number[] = [];
  #origin = 0;

  add(atMs: number, asked: number): void {
    const last = this.#atMs.at(-1) ?? atMs;
    const old = this.#firstAfter(atMs - DAY_MS);
    if (old > this.#atMs.length / 2) {
      this.#origin = this.#sums[old - 1]!;
      this.#atMs = this.#atMs.slice(old);
      this.#sums = this.#sums.slice(old);
    }
    this.#atMs.push(Math.max(last, atMs));
    this.#sums.push((this.#sums.at(-1) ?? this.#origin) + asked);
  }

  since(sinceMs: number): { readonly count: number; readonly asked: number } {
    const first = this.#firstAfter(sinceMs);
    const count = this.#atMs.length - first;
    return { count, asked: count === 0 ? 0 : this.#sums.at(-1)! - this.#before(first) };
  }

  entries(sinceMs: number): [number, number][] {
    const first = this.#firstAfter(sinceMs);
    return this.#atMs.slice(first).map((atMs, i) => [atMs, this.#sums[first + i]! - this.#before(first + i)]);
  }

  /** The sum before an entry. */
  #before(entry: number): number {
    return entry === 0 ? this.#origin : this.#sums[entry - 1]!;
  }

  #firstAfter(sinceMs: number): number {
    let [low, high] = [0, this.#atMs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#atMs[middle]! > sinceMs) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
