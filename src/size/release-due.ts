/**
 * The epoch job: draws the sizes that are due, and nothing else does.
 *
 * Each release is one fact: by being written it is stored, charged, in the ledger and in force, in one transaction. Charged
 * first, then drawn: what can't be paid for is not drawn. A draw that does not become durable was seen by nobody.
 */
import type { Access } from "../access/index.js";
import {
  type Audience,
  type Audiences,
  accountSet,
  evaluate,
  membersEntry,
  operandsOf,
  servedOfAny,
  wholeIn,
} from "../audience/index.js";
import { CANARY_ADVERTISER } from "../canary/index.js";
import type { Contacts, GrantFold } from "../grant/index.js";
import { LeafKind } from "../ledger/index.js";
import { type Log, recordEntry } from "../log/index.js";
import type { PurposeGate } from "../purpose/index.js";
import type { OrdinalSet } from "../set/index.js";
import type { Append, FactRow } from "../store/index.js";
import { countAccounts } from "./count.js";
import { drawDiscreteGaussian } from "./discrete-gaussian.js";
import { drawsFor, isDue, isOutdated, tickOf } from "./due.js";
import { type Fraction, partsOf } from "./fraction.js";
import { type Draw, encodeRelease, type ReleaseFact } from "./release-facts.js";
import type { Releases } from "./releases.js";
import { leftOf } from "./spending.js";
import { budgetOf, costOf, drawsIn, type SizeTerms, varianceOf } from "./terms.js";

export interface ReleaseRooms {
  readonly log: Log;
  readonly gate: PurposeGate;
  readonly access: Access;
  readonly contacts: Contacts;
  readonly grants: GrantFold;
  readonly audiences: Audiences;
  readonly releases: Releases;
  readonly config: { readonly sizes: SizeTerms };
}

export interface ReleaseRun {
  /** How many were drawn. */
  readonly released: number;
  /** First releases that could not be paid for. */
  readonly unfunded: number;
}

/** Releases that become durable together. */
const RELEASES_AT_ONCE = 64;
const ACTOR = "solely:release";

/**
 * Draws every size that is due.
 * @param nowMs the clock; where it is behind what was released last, it is that
 */
export async function releaseDue(rooms: ReleaseRooms, nowMs: number): Promise<ReleaseRun> {
  const { audiences, releases, config } = rooms;
  const atMs = Math.max(releases.durable.lastAtMs, tickOf(nowMs));
  const unfunded = new Set<string>();
  let released = 0;
  // What is made of others comes when they are released.
  for (const isMade of [false, true]) {
    const due = audiences.list().filter((audience) => {
      const isOne = (audience.expression !== undefined) === isMade && audience.advertiser !== CANARY_ADVERTISER;
      return isOne && isDue(releases, audience, config.sizes, atMs);
    });
    const isKnown = ({ id }: Audience) => (releases.durable.get(id) === undefined ? 0 : 1);
    due.sort((a, b) => isKnown(a) - isKnown(b));
    for (let first = 0; first < due.length; first += RELEASES_AT_ONCE) {
      released += await releaseSome(rooms, due.slice(first, first + RELEASES_AT_ONCE), atMs, unfunded);
    }
  }
  releases.noteUnfunded(unfunded);
  return { released, unfunded: unfunded.size };
}

/** @returns how many were drawn */
async function releaseSome(
  rooms: ReleaseRooms,
  some: readonly Audience[],
  atMs: number,
  unfunded: Set<string>,
): Promise<number> {
  const { log, gate, audiences, releases, config } = rooms;
  const counts: Counted[] = [];
  try {
    // A store that may not be used, or is not the whole, releases nothing.
    gate.permit("ads.match");
    for (const audience of some) counts.push(await countIfPayable(rooms, audience, atMs));
    const { drawn, done } = await log.writer.exclusiveSettled(async () => {
      gate.permit("ads.match");
      audiences.prune();
      const planned = new Map<string, number>();
      const plans: Plan[] = [];
      let { position } = log.writer;
      for (const [i, { audience, position: countedAt }] of counts.entries()) {
        if (!isDue(releases, audience, config.sizes, atMs)) continue;
        // A list changed it while it was counted: once more, while nothing else changes anything.
        if (audience.position !== countedAt) {
          counts[i]!.members?.dispose();
          counts[i] = await countIfPayable(rooms, audience, atMs);
        }
        const counted = counts[i]!;
        if (counted.members !== undefined) keepServed(rooms, audience, counted.members);
        const plan = planRelease(rooms, counted, { atMs, position, planned });
        if (plan === undefined) {
          if (releases.durable.get(audience.id) === undefined) unfunded.add(audience.id);
          continue;
        }
        plans.push(plan);
        position += plan.entries.length;
      }
      const publish = () => {
        for (const plan of plans) plan.publish();
      };
      const undo = () => {
        for (const plan of plans) plan.undo();
      };
      const entries = plans.flatMap((plan) => plan.entries);
      const drawn = plans.filter((plan) => plan.isDrawn).length;
      return { drawn, done: entries.length === 0 ? undefined : log.writer.seal({ entries, publish, undo }) };
    });
    await done;
    return drawn;
  } finally {
    for (const { members } of counts) members?.dispose();
  }
}

/** What was counted of an audience, before anything is charged. */
interface Counted {
  readonly audience: Audience;
  /** The audience's, when it was counted. */
  readonly position: number;
  /** None where an operand is below its own floor; undefined where it can't be paid for. */
  readonly nodes: readonly { readonly node: string; readonly count: number }[] | undefined;
  /** Of an audience that is made of others. */
  readonly members: OrdinalSet | undefined;
}

/** What can't be paid for is not counted either. */
async function countIfPayable(rooms: ReleaseRooms, audience: Audience, atMs: number): Promise<Counted> {
  if (leftFor(rooms, audience, atMs).draws >= drawsFor(audience)) return countNodes(rooms, audience, atMs);
  return { audience, position: audience.position, nodes: undefined, members: undefined };
}

/** Takes out who is not served of its operands any more: they may have left while it was counted. */
function keepServed({ audiences, gate }: ReleaseRooms, { expression }: Audience, members: OrdinalSet): void {
  const served = servedOfAny(audiences, expression!.include, gate.permit("ads.match"));
  members.keepSet(served);
  served.dispose();
}

/** How many draws the legal entity of an audience has left, and of which noise. */
function leftFor(
  { access, releases, config }: ReleaseRooms,
  { advertiser }: Audience,
  atMs: number,
): { entity: string; draws: number; variance: Fraction; month: Fraction } {
  const { entity } = access.advertiser(advertiser);
  const budget = budgetOf(config.sizes);
  const variance = varianceOf(budget);
  const left = leftOf(releases.spent(releases.durable, entity, atMs, budget), budget);
  return { entity, draws: drawsIn(left, costOf(variance)), variance, month: budget.month };
}

interface Plan {
  readonly entries: readonly Append[];
  readonly isDrawn: boolean;
  publish(): void;
  undo(): void;
}

/**
 * Draws what the budget can pay for. What it can't stays as it is, but for what is served with members that were to be
 * taken out: that ends.
 * @returns undefined where nothing is to be done
 */
function planRelease(
  rooms: ReleaseRooms,
  { audience, nodes, members }: Counted,
  { atMs, position, planned }: { atMs: number; position: number; planned: Map<string, number> },
): Plan | undefined {
  const { releases, config } = rooms;
  const { entity, draws: left, variance, month } = leftFor(rooms, audience, atMs);
  const before = planned.get(entity) ?? 0;
  const isUnfunded = nodes === undefined || before + nodes.length > left;
  const isServed = releases.durable.get(audience.id)?.isReady === true;
  if (isUnfunded && !(isServed && isOutdated(releases, audience, atMs))) return undefined;
  const paid = isUnfunded ? [] : nodes;
  planned.set(entity, before + paid.length);
  const draws = paid.map(({ node, count }): Draw => ({ node, value: count + Number(drawDiscreteGaussian(variance)) }));
  return sealed(rooms, audience, {
    position,
    members: isUnfunded ? undefined : members,
    fact: {
      type: "release",
      actor: ACTOR,
      entity,
      audience: audience.id,
      at: new Date(atMs).toISOString(),
      variance: partsOf(variance),
      month: partsOf(month),
      draws,
      value: draws[audience.expression === undefined ? 0 : wholeIn(audience.expression)]?.value ?? null,
      isReady: draws.length > 0 && draws.every(({ value }) => value >= config.sizes.floor),
      ...(isUnfunded ? { isUnfunded } : {}),
    },
  });
}

/** The leaves of a release, and what makes them count. */
function sealed(
  rooms: ReleaseRooms,
  audience: Audience,
  { position, members, fact }: { position: number; members: OrdinalSet | undefined; fact: ReleaseFact },
): Plan {
  const { log, releases } = rooms;
  const membership =
    members === undefined ? undefined : membersEntry(rooms, audience, { members, actor: ACTOR, position });
  const timeMs = log.writer.nowMs();
  const entry = recordEntry(LeafKind.release, encodeRelease(fact), timeMs);
  const row: FactRow = {
    position: position + (membership === undefined ? 0 : 1),
    ...{ part: 0, kind: LeafKind.release, timeMs, keys: new Uint8Array(0) },
    // The entry's own body is given away.
    body: entry.facts[0]!.body.slice(),
  };
  return {
    entries: membership === undefined ? [entry] : [membership.entry, entry],
    isDrawn: fact.draws.length > 0,
    publish: () => {
      membership?.publish();
      releases.apply(row);
    },
    undo: () => membership?.undo(),
  };
}

/** Counts what is to be drawn, as of now; of an audience that is made of others with its members. */
async function countNodes(rooms: ReleaseRooms, audience: Audience, atMs: number): Promise<Counted> {
  const { gate, audiences, contacts, grants, releases, config } = rooms;
  const { accountFacts } = grants;
  const { position, expression } = audience;
  const permit = gate.permit("ads.match");
  const count = async (node: string, accounts: OrdinalSet) => {
    const counted = await countAccounts(accounts, accountFacts, config.sizes, atMs);
    accounts.dispose();
    return { node, count: counted };
  };
  if (expression === undefined) {
    const members = audiences.members(permit, audience);
    const accounts = await accountSet(contacts, members);
    members.dispose();
    return { audience, position, nodes: [await count("size", accounts)], members: undefined };
  }
  const isNamed = (name: string) => config.sizes.attributes.includes(name);
  const isOpen = [...expression.with, ...expression.without].every(isNamed);
  if (!isOpen || operandsOf(expression).some((id) => releases.durable.get(id)?.isReady !== true)) {
    return { audience, position, nodes: [], members: undefined };
  }
  const { nodes, members } = await evaluate({ contacts, accountFacts, audiences }, expression, permit);
  const counted = [];
  for (const { node, accounts } of nodes) counted.push(await count(node, accounts));
  return { audience, position, nodes: counted, members };
}
