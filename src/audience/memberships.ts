/**
 * Memberships of the past: what each list operation added to an audience and took out of it, read from the facts of lists
 * once and kept as sets, since the hot audiences are pruned.
 *
 * A membership lasts, in world time, from its match to the operation that took it out; that its permission ended is for
 * whoever asks to find. Members are kept as the sets that the facts hold, never one by one.
 */
import { type Contacts, decodeCorrection } from "../grant/index.js";
import { LeafKind } from "../ledger/index.js";
import type { Log } from "../log/index.js";
import { OrdinalSet } from "../set/index.js";
import type { FactRow } from "../store/index.js";
import { decodeList, type ListHeader, worldTimeOf } from "./list-facts.js";

export type PastAudience = Pick<ListHeader, "audience" | "list" | "advertiser" | "name" | "expression">;

/** Ordinals that came into an audience by one match, and were taken out together. */
export interface Membership {
  readonly match: string;
  /** Inclusive. */
  readonly fromMs: number;
  /** Exclusive; Infinity while nothing took them out. */
  readonly toMs: number;
  readonly ordinals: OrdinalSet;
}

/** An audience with its memberships. */
export interface PastMembers {
  readonly audience: PastAudience;
  readonly memberships: readonly Membership[];
}

/** What one match did to an audience's list, and when that was in the world. */
export interface PastMatch {
  readonly match: string;
  readonly atMs: number;
}

interface Operation {
  readonly position: number;
  readonly atMs: number;
  /** Empty where members went by a correction. */
  readonly match: string;
  readonly added: OrdinalSet;
  readonly removed: OrdinalSet;
}

interface Kept {
  readonly audience: PastAudience;
  /** In the order learned. */
  readonly operations: Operation[];
  /** Of all operations, once they were asked for. */
  memberships: readonly Membership[] | undefined;
}

export class Memberships {
  readonly #audiences = new Map<string, Kept>();
  /** Ids of all matches. */
  readonly #matches = new Set<string>();
  #position = 0;
  #reading: Promise<void> = Promise.resolve();

  /**
   * Reads what lists came to since the last time.
   * @param onProgress leaves read, and all of them
   */
  read(log: Log, contacts: Contacts, onProgress: (done: number, total: number) => void = () => {}): Promise<void> {
    const reading = this.#reading.then(async () => {
      const { position: to } = log;
      if (to === this.#position) return;
      const kinds = [LeafKind.list, LeafKind.correction];
      for await (const fact of log.store.facts(this.#position, { to, kinds })) {
        if (fact.kind === LeafKind.list) this.#take(fact);
        else this.#takeOut(fact, contacts);
        this.#position = fact.position + 1;
        onProgress(fact.position, to);
      }
      this.#position = to;
    });
    this.#reading = reading.catch(() => {});
    return reading;
  }

  #take({ position, timeMs, body }: FactRow): void {
    const { header, added, removed } = decodeList(body);
    const { audience, list, advertiser, name, match, expression } = header;
    const atMs = worldTimeOf(header, timeMs);
    this.#matches.add(match);
    const operation = { position, atMs, match, added, removed };
    const known = this.#audiences.get(audience);
    if (known === undefined) {
      const own = { audience, list, advertiser, name, ...(expression === undefined ? {} : { expression }) };
      const kept = { audience: own, operations: [operation], memberships: undefined };
      this.#audiences.set(audience, kept);
    } else add(known, operation);
  }

  #takeOut({ position, timeMs, body }: FactRow, { corrections }: Contacts): void {
    // One that nobody decided took nobody out.
    if (!corrections.steps.some((step) => step.position === position)) return;
    const { header, removed } = decodeCorrection(body);
    for (const [i, audience] of header.audiences.entries()) {
      const known = this.#audiences.get(audience);
      const nothing = { match: "", added: OrdinalSet.empty() };
      if (known !== undefined) add(known, { position, atMs: timeMs, ...nothing, removed: removed[i]! });
    }
  }

  /** Whether a match of this id was read. */
  hasMatch(match: string): boolean {
    return this.#matches.has(match);
  }

  /** The matches that were read of one audience, in the order learned. */
  matchesOf(audience: string): PastMatch[] {
    const operations = this.#audiences.get(audience)?.operations ?? [];
    return operations.filter(({ match }) => match !== "").map(({ match, atMs }) => ({ match, atMs }));
  }

  /** Audiences that there were before a position, in the order made, with their memberships. */
  before(position: number): PastMembers[] {
    const found: PastMembers[] = [];
    for (const kept of this.#audiences.values()) {
      if (kept.operations[0]!.position < position) found.push(membersOf(kept, position));
    }
    return found;
  }

  /** The memberships of one audience before a position. */
  of(audience: string, position: number): readonly Membership[] {
    const kept = this.#audiences.get(audience);
    return kept === undefined ? [] : membersOf(kept, position).memberships;
  }
}

function membersOf(kept: Kept, position: number): PastMembers {
  const { audience, operations } = kept;
  if (operations.at(-1)!.position >= position) {
    return { audience, memberships: membershipsOf(operations.filter((operation) => operation.position < position)) };
  }
  kept.memberships ??= membershipsOf(operations);
  return { audience, memberships: kept.memberships };
}

function add(kept: Kept, operation: Operation): void {
  kept.operations.push(operation);
  kept.memberships = undefined;
}

/** Operations in the order in which they were so in the world, those of one instant in the order learned. */
function membershipsOf(operations: readonly Operation[]): Membership[] {
  const ordered = operations.toSorted((a, b) => a.atMs - b.atMs || a.position - b.position);
  const removals = ordered.flatMap(({ removed }, i) => (removed.size > 0 ? [i] : []));
  const memberships: Membership[] = [];
  let firstRemoval = 0;
  for (const [i, { match, atMs: fromMs, added }] of ordered.entries()) {
    while (removals[firstRemoval]! <= i) firstRemoval++;
    if (added.size === 0) continue;
    const add = (ordinals: OrdinalSet, toMs: number) => {
      memberships.push({ match, fromMs, toMs, ordinals });
    };
    let staying = added;
    for (const at of removals.slice(firstRemoval)) {
      const { removed, atMs: toMs } = ordered[at]!;
      if (!staying.intersects(removed)) continue;
      add(staying.and(removed), toMs);
      staying = staying.andNot(removed);
      if (staying.size === 0) break;
    }
    if (staying.size > 0) add(staying, Number.POSITIVE_INFINITY);
  }
  return memberships;
}
