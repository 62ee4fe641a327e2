/**
 * The epoch job: draws the sizes that are due, and nothing else does.
 *
 * When an audience is due follows from its epochs and from when its list came, never from what is in it. Each release is one
 * fact: by being written it is stored, charged, in the ledger and in force, in one transaction. Charged first, then
 * drawn: what can't be paid for is not drawn. A draw that does not become durable was seen by nobody.
 */
import type { Access } from "../access/index.js";
import {
  type Audience,
  type Audiences,
  accountSet,
  type Expression,
  evaluate,
  membersEntry,
  operandsOf,
  servedOfAny,
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
import type { Fraction } from "./fraction.js";
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
  readonly released: number;
  /** First releases that could not be paid for. */
  readonly unfunded: number;
}

/** What an advertiser sees of its audiences changes at multiples of this. */
export const TICK_MS = 60_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Releases that become durable together. */
const RELEASES_AT_ONCE = 64;
const ACTOR = "solely:release";

/** Number of the epoch that an instant is in, from 1970 on. */
const epochOf = (ms: number, { epochHours }: SizeTerms): number => Math.floor(ms / (epochHours * HOUR_MS));
const epochStartMs = (epoch: number, { epochHours }: SizeTerms): number => epoch * epochHours * HOUR_MS;

/** When an audience's next release is due, if no list changes it and its budget is left. */
export function dueMs(
  { releases, config: { sizes } }: Pick<ReleaseRooms, "releases" | "config">,
  { id, learnedAtMs }: Audience,
): number {
  const last = releases.get(id);
  const { closedUntilMs } = releases;
  const afterMs = (ms: number) => epochStartMs(epochOf(ms, sizes) + 1, sizes);
  if (last !== undefined && !last.isUnfunded) return afterMs(Math.max(last.atMs, closedUntilMs));
  const firstMs = learnedAtMs + sizes.firstReleaseMinutes * MINUTE_MS;
  return firstMs > closedUntilMs ? firstMs : afterMs(closedUntilMs);
}

/**
 * Draws every size that is due.
 * @param nowMs the clock; where it is behind what was released last, it is that
 */
export async function releaseDue(rooms: ReleaseRooms, nowMs: number): Promise<ReleaseRun> {
  const { audiences, releases } = rooms;
  const atMs = Math.max(releases.lastAtMs, tickOf(nowMs));
  const unfunded = new Set<string>();
  let released = 0;
  // What is made of others comes when they are released.
  for (const isMade of [false, true]) {
    const due = audiences.list().filter((audience) => {
      const isOne = (audience.expression !== undefined) === isMade && audience.advertiser !== CANARY_ADVERTISER;
      return isOne && isDue(rooms, audience, atMs);
    });
    const isNew = ({ id }: Audience) => (releases.get(id) === undefined ? 0 : 1);
    due.sort((a, b) => isNew(a) - isNew(b));
    for (let first = 0; first < due.length; first += RELEASES_AT_ONCE) {
      released += await releaseSome(rooms, due.slice(first, first + RELEASES_AT_ONCE), atMs, unfunded);
    }
  }
  releases.noteUnfunded(unfunded);
  return { released, unfunded: unfunded.size };
}

/** The tick that an instant is at or after. */
export const tickOf = (ms: number): number => Math.floor(ms / TICK_MS) * TICK_MS;

function isDue(rooms: ReleaseRooms, audience: Audience, atMs: number): boolean {
  if (audience.isDeleted || dueMs(rooms, audience) > atMs) return false;
  const { expression } = audience;
  return expression === undefined || operandsOf(expression).every((id) => rooms.releases.get(id) !== undefined);
}

/** @returns how many were released */
async function releaseSome(
  rooms: ReleaseRooms,
  some: readonly Audience[],
  atMs: number,
  unfunded: Set<string>,
): Promise<number> {
  const { log, audiences, releases } = rooms;
  const counts: Counted[] = [];
  for (const audience of some) {
    // What can't be paid for is not counted either.
    const isPayable = leftFor(rooms, audience, atMs).draws > 0;
    counts.push(isPayable ? await countNodes(rooms, audience, atMs) : uncounted(audience));
  }
  try {
    const { count, done } = await log.writer.exclusiveSettled(() => {
      audiences.prune();
      const planned = new Map<string, number>();
      const plans: Plan[] = [];
      let { position } = log.writer;
      for (const counted of counts) {
        const { audience } = counted;
        // What a list changed while it was counted is for later.
        if (!isDue(rooms, audience, atMs) || audience.position !== counted.position) continue;
        if (counted.members !== undefined) keepServed(rooms, audience, counted.members);
        const plan = planRelease(rooms, counted, { atMs, position, planned });
        if (plan === undefined) {
          if (releases.get(audience.id) === undefined) unfunded.add(audience.id);
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
      return {
        count: plans.length,
        done: entries.length === 0 ? undefined : log.writer.seal({ entries, publish, undo }),
      };
    });
    await done;
    return count;
  } finally {
    for (const { members } of counts) members?.dispose();
  }
}

/** What was counted of an audience, before anything is charged. */
interface Counted {
  readonly audience: Audience;
  /** The audience's, when it was counted. */
  readonly position: number;
  /** None where an operand is below its own floor; undefined where nothing could be paid for. */
  readonly nodes: readonly { readonly node: string; readonly count: number }[] | undefined;
  /** Of an audience that is made of others. */
  readonly members: OrdinalSet | undefined;
}

const uncounted = (audience: Audience): Counted => ({
  ...{ audience, position: audience.position, nodes: undefined, members: undefined },
});

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
): { entity: string; draws: number; variance: Fraction } {
  const { entity } = access.advertiser(advertiser);
  const budget = budgetOf(config.sizes);
  const variance = varianceOf(budget);
  const left = leftOf(releases.spending.spent(entity, atMs, budget, releases.lost), budget);
  return { entity, draws: drawsIn(left, costOf(variance)), variance };
}

interface Plan {
  readonly entries: readonly Append[];
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
  const { entity, draws: left, variance } = leftFor(rooms, audience, atMs);
  const before = planned.get(entity) ?? 0;
  const isUnfunded = nodes === undefined || before + nodes.length > left;
  if (isUnfunded && !(releases.get(audience.id)?.isReady === true && isOutdated(audience))) return undefined;
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
      variance: [String(variance.numerator), String(variance.denominator)],
      draws,
      value: draws[wholeIn(audience)]?.value ?? null,
      isReady: draws.length > 0 && draws.every(({ value }) => value >= config.sizes.floor),
      ...(isUnfunded ? { isUnfunded } : {}),
    },
  });
}

/** Whether members are served that a list took out, or may have taken out of an operand. */
const isOutdated = ({ expression, hasRemovals }: Audience): boolean => expression !== undefined || hasRemovals;

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
    publish: () => {
      membership?.publish();
      releases.apply(row);
    },
    undo: () => membership?.undo(),
  };
}

const stepsOf = (expression: Expression): number =>
  (expression.exclude.length > 0 ? 1 : 0) + expression.with.length + expression.without.length;

/** Place of the whole's draw: what the last step keeps comes before what it takes away. */
const wholeIn = ({ expression }: Audience): number =>
  expression === undefined || stepsOf(expression) === 0
    ? 0
    : (expression.include.length > 1 ? 1 : 0) + 2 * stepsOf(expression) - 2;

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
  if (operandsOf(expression).some((id) => releases.get(id)?.isReady !== true)) {
    return { audience, position, nodes: [], members: undefined };
  }
  const { nodes, members } = await evaluate({ contacts, accountFacts, audiences }, expression, permit);
  const counted = [];
  for (const { node, accounts } of nodes) counted.push(await count(node, accounts));
  // One included audience has a size of its own.
  return { audience, position, nodes: expression.include.length > 1 ? counted : counted.slice(1), members };
}
