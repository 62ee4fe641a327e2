/**
 * The bitemporal rule as it is written, plain and slow: facts with the time at which they were so and the position at which
 * they were learned; what was known at a position is judged by the facts before it and nothing else.
 */
import { type ModelEvent, type ModelGrant, PromiseModel } from "./promise-model.js";

type Fact = { readonly position: number } & ({ readonly grant: ModelGrant } | { readonly event: ModelEvent });

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

  /** Learns a leaf. */
  learn(position: number, grants: readonly ModelGrant[], events: readonly ModelEvent[]): void {
    this.#facts.push(...grants.map((grant) => ({ position, grant })), ...events.map((event) => ({ position, event })));
  }

  isPermitted(known: number, account: string, point: string): boolean {
    const model = new PromiseModel();
    const before = this.#facts.filter(({ position }) => position < known);
    model.learn(
      before.flatMap((fact) => ("grant" in fact ? fact.grant : [])),
      before.flatMap((fact) => ("event" in fact ? fact.event : [])),
    );
    return model.isPermitted(`${account}|${point}`);
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
      const positions = [...new Set([...own, ...whole].map(({ position }) => position))].sort((a, b) => a - b);
      let was = false;
      const leaves = positions.map((position): KnownLeaf => {
        const told = [...own, ...whole].filter((fact) => fact.position === position).map(tell);
        const is = this.isPermitted(position + 1, account, point);
        const changed = is === was ? "nothing" : is ? "permitted" : "no longer permitted";
        was = is;
        return { position, told, changed };
      });
      return { point, isPermitted: this.isPermitted(known, account, point), leaves: withoutRepeats(leaves) };
    });
  }
}

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
