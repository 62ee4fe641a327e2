/**
 * The bitemporal rule as it is written, plain and slow: facts with the time at which they were so and the position at which
 * they were learned; what was known at a position is judged by the facts before it and nothing else.
 */
import { type ModelEvent, type ModelGrant, PromiseModel } from "./promise-model.js";

type Fact = { readonly position: number } & ({ readonly grant: ModelGrant } | { readonly event: ModelEvent });

/** A correction of what a notice's grants mean, in force from one leaf on, or no longer; of all histories alike. */
export interface ModelCorrection {
  readonly position: number;
  readonly type: "contain" | "undo";
  readonly incident: string;
  readonly notice: string;
  /** Of grants given from here (inclusive) to there (exclusive). */
  readonly from: number;
  readonly to: number;
  readonly purposes: readonly string[];
  readonly exclusive: boolean;
}

/** What one leaf said of a contact point, and what that changed. */
export interface KnownLeaf {
  readonly position: number;
  readonly told: readonly string[];
  readonly changed: "permitted" | "no longer permitted" | "nothing";
}

export interface KnownPoint {
  readonly point: string;
  readonly isPermitted: boolean;
  readonly leaves: readonly KnownLeaf[];
}

export class KnownModel {
  readonly #facts: Fact[] = [];
  readonly #corrections: readonly ModelCorrection[];

  /** @param corrections in the order of their leaves; more may be added */
  constructor(corrections: readonly ModelCorrection[] = []) {
    this.#corrections = corrections;
  }

  /** Learns a leaf. */
  learn(position: number, grants: readonly ModelGrant[], events: readonly ModelEvent[]): void {
    this.#facts.push(...grants.map((grant) => ({ position, grant })), ...events.map((event) => ({ position, event })));
  }

  isPermitted(known: number, account: string, point: string): boolean {
    const model = new PromiseModel();
    const before = this.#facts.filter(({ position }) => position < known);
    model.learn(
      before.flatMap((fact) => ("grant" in fact ? this.#corrected(known, fact.grant) : [])),
      before.flatMap((fact) => ("event" in fact ? fact.event : [])),
    );
    return model.isPermitted(`${account}|${point}`);
  }

  /** A grant as it was held to be at a position. */
  #corrected(known: number, grant: ModelGrant): ModelGrant {
    const held = new Map<string, ModelCorrection>();
    for (const one of this.#corrections.filter(({ position }) => position < known)) {
      if (one.type === "contain") held.set(one.incident, one);
      else held.delete(one.incident);
    }
    let { notice } = grant;
    for (const one of held.values()) {
      if (!isCovered(one, grant)) continue;
      const purposes = notice.purposes.filter((purpose) => one.purposes.includes(purpose));
      notice = { ...notice, purposes, exclusive: notice.exclusive || one.exclusive };
    }
    return { ...grant, notice };
  }

  /** Contact points of an account that were known, in the order learned; undefined if not even the account was. */
  explain(known: number, account: string): KnownPoint[] | undefined {
    const of = this.#facts.filter((fact) => fact.position < known && subjectOf(fact).account === account);
    const isGiver = this.#facts.some((fact) => fact.position < known && "grant" in fact && fact.grant.by === account);
    if (of.length === 0) return isGiver ? [] : undefined;
    const points = [...new Set(of.flatMap((fact) => subjectOf(fact).point ?? []))];
    return points.map((point) => {
      const own = of.filter((fact) => subjectOf(fact).point === point);
      const whole = of.filter((fact) => subjectOf(fact).point === undefined);
      const corrections = this.#corrections.filter(
        (one) => one.position < known && own.some((fact) => "grant" in fact && isCovered(one, fact.grant)),
      );
      const learned = [...own, ...whole, ...corrections].map(({ position }) => position);
      const positions = [...new Set(learned)].sort((a, b) => a - b);
      let was = false;
      const leaves = positions.map((position): KnownLeaf => {
        const facts = [...own, ...whole].filter((fact) => fact.position === position).map(tell);
        const steps = corrections.filter((one) => one.position === position);
        const told = [...facts, ...steps.map(({ type, incident }) => `${type} ${incident}`)];
        const is = this.isPermitted(position + 1, account, point);
        const changed = is === was ? "nothing" : is ? "permitted" : "no longer permitted";
        was = is;
        return { position, told, changed };
      });
      return { point, isPermitted: this.isPermitted(known, account, point), leaves: withoutRepeats(leaves) };
    });
  }
}

const isCovered = ({ notice, from, to }: ModelCorrection, grant: ModelGrant): boolean =>
  grant.notice.id === notice && grant.at >= from && grant.at < to;

const subjectOf = (fact: Fact): { account: string; point: string | undefined } =>
  "grant" in fact ? fact.grant : fact.event;

function tell(fact: Fact): string {
  if ("grant" in fact) {
    const { notice, at, by, account, verifiedAt } = fact.grant;
    const verified = verifiedAt === undefined ? "not verified" : "verified";
    return `${notice.id} at ${at} by ${by === account ? "account" : "another account"}, ${verified}`;
  }
  const { type, point, purpose, at } = fact.event;
  return `${type} of ${purpose ?? "all"} at ${at}${point === undefined ? ", whole account" : ""}`;
}

/**
 * Leaves without grants that repeat an earlier one: they add no grant, though a leaf may hold them for another spelling's
 * sake. A verification is no repetition.
 */
export function withoutRepeats(leaves: readonly KnownLeaf[]): KnownLeaf[] {
  const seen = new Set<string>();
  return leaves.flatMap((leaf) => {
    const told = leaf.told.filter((one) => {
      const isRepeat = one.endsWith("verified") && (seen.has(one) || seen.has(one.replace(", not ", ", ")));
      seen.add(one);
      return !isRepeat;
    });
    return told.length === 0 && leaf.changed === "nothing" ? [] : { ...leaf, told };
  });
}
