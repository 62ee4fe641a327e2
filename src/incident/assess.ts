/**
 * Assess: whom a claim affected, exactly; the difference of two folds of the same facts, with memberships held against it.
 *
 * A contact point is affected in an audience if at any instant between its match and its leaving it was a member as
 * believed, and not permitted as corrected. Nothing changes by being assessed.
 */
import { setImmediate } from "node:timers/promises";
import type { Memberships, PastAudience, PastMembers } from "../audience/index.js";
import type { Canaries } from "../canary/index.js";
import type { Contacts, GrantFold } from "../grant/index.js";
import { decodeLeaf } from "../ledger/index.js";
import { type Log, positionAt } from "../log/index.js";
import type { NoticeBook } from "../purpose/index.js";
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import type { Showings } from "../showing/index.js";
import type { Assessment, AudienceAssessment } from "./assessment.js";
import { correctionsOf, matchesOf } from "./claim.js";
import { splitDerived } from "./derived.js";
import { Difference } from "./difference.js";
import type { Incident, Incidents } from "./incidents.js";
import type { Judge } from "./judging.js";
import type { LastAssessment } from "./last-assessment.js";
import { MAX_SHOWN_ROWS, ShownRows, ShownTally } from "./shown-rows.js";
import { Totals } from "./totals.js";
import { Walk } from "./walk.js";

export interface AssessRooms {
  readonly log: Log;
  readonly grants: GrantFold;
  readonly notices: NoticeBook;
  readonly incidents: Incidents;
  readonly memberships: Memberships;
  readonly lastAssessment: LastAssessment;
  readonly canaries: Canaries;
  readonly showings: Showings;
}

/** Which incident, and by what was known when. */
export interface Asked {
  readonly incident: string;
  /** A ledger position or an instant; default: now. */
  readonly asKnownAt?: string | undefined;
}

export interface AssessOptions extends Asked {
  /** Gets each audience that has affected members, in the order made; their set is its own until this is settled. */
  readonly onAudience?:
    | ((audience: AudienceAssessment, affected: ReadonlyOrdinalSet) => Promise<void> | void)
    | undefined;
  readonly onProgress?: ((what: "leaves" | "audiences", done: number, total: number) => void) | undefined;
  /** For tests: showings that are held at once. */
  readonly shownRows?: number | undefined;
}

/** Others get their turn so often. */
const TURN_MS = 50;

/**
 * Assesses an incident.
 * @throws {IncidentError} codes `unknown-incident`, `malformed-claim`
 * @throws {LogError} codes `malformed-instant`, `not-yet-known`
 */
export async function assess(rooms: AssessRooms, options: AssessOptions): Promise<Assessment> {
  const prepared = await prepare(rooms, options, options.onProgress);
  const { incident, position, judge, past } = prepared;
  const names = { incident: incident.id, asKnownAt: position };
  try {
    const shown = await shownOf(rooms, past, position, options);
    // What is said of an audience by itself, and of claimed matches, is told by a walk; totals need none.
    const isWalk = shown === undefined || options.onAudience !== undefined || judge.matches.size > 0;
    const counted = isWalk ? await walked(rooms, prepared, shown, options) : totalled(rooms, prepared, shown);
    return { ...names, ...counted };
  } finally {
    prepared.dispose();
  }
}

type Counted = Omit<Assessment, "incident" | "asKnownAt">;

/** All showings, if they are few enough to be held at once. */
async function shownOf(
  rooms: AssessRooms,
  past: readonly PastMembers[],
  position: number,
  { shownRows = MAX_SHOWN_ROWS }: AssessOptions,
): Promise<ShownRows | undefined> {
  const { showings, lastAssessment } = rooms;
  const rows = past.reduce((sum, { audience }) => sum + showings.countOf(audience.audience), 0);
  if (rows > shownRows) return undefined;
  return lastAssessment.shown(
    rooms,
    position,
    past.map(({ audience }) => audience),
  );
}

function totalled(rooms: AssessRooms, { judge, position }: Prepared, shown: ShownRows): Counted {
  const { memberships, grants, lastAssessment } = rooms;
  const matched = lastAssessment.matched(memberships, position, grants.contacts);
  const tally = new ShownTally(matched.audiences);
  tally.hold(shown);
  const totals = new Totals(judge, matched, tally);
  return { ...totals.counts(grants.accountFacts.country), ...tally.whole };
}

async function walked(
  rooms: AssessRooms,
  { judge, position, past }: Prepared,
  shown: ShownRows | undefined,
  { onAudience, onProgress, shownRows = MAX_SHOWN_ROWS }: AssessOptions,
): Promise<Counted> {
  const { log, showings } = rooms;
  const audiences = past.map(({ audience }) => audience);
  const tally = new ShownTally(audiences);
  let heldTo = 0;
  if (shown !== undefined) {
    tally.hold(shown);
    heldTo = audiences.length;
  }
  const walk = new Walk(judge, rooms.grants.accountFacts.country, tally);
  try {
    let turnAt = performance.now();
    for (const [i, members] of past.entries()) {
      if (i === heldTo) {
        heldTo = endOfSome(showings, audiences, i, shownRows);
        tally.hold(await ShownRows.read(log, showings, position, audiences.slice(i, heldTo)));
      }
      const row = walk.audience(members, i, onAudience !== undefined);
      if (row !== undefined) await onAudience?.({ ...row, ...tally.of(i) }, walk.ownPoints);
      if (performance.now() - turnAt < TURN_MS) continue;
      onProgress?.("audiences", i + 1, audiences.length);
      await setImmediate();
      turnAt = performance.now();
    }
    return { ...walk.counts(), ...tally.whole };
  } finally {
    walk.dispose();
  }
}

/** Where the audiences from a place on end whose showings can be held at once; at least one. */
function endOfSome(showings: Showings, audiences: readonly PastAudience[], from: number, shownRows: number): number {
  let to = from;
  for (let rows = 0; to < audiences.length; to++) {
    rows += showings.countOf(audiences[to]!.audience);
    if (rows > shownRows && to > from) break;
  }
  return to;
}

/** What an assessment is made by; to be disposed of. */
export interface Prepared {
  readonly incident: Incident;
  readonly position: number;
  readonly judge: Judge;
  /** Every audience that there was, with its memberships. */
  readonly past: readonly PastMembers[];
  dispose(): void;
}

/**
 * Readies an assessment: what is known, and how it is judged.
 * @param only of these contact points alone: then their histories are all that is read
 */
export async function prepare(
  { log, grants, notices, incidents, memberships, lastAssessment, canaries }: AssessRooms,
  { incident: id, asKnownAt }: Asked,
  onProgress: AssessOptions["onProgress"] = () => {},
  only?: readonly number[],
): Promise<Prepared> {
  const incident = incidents.get(id);
  const { contacts } = grants;
  const known = asKnownAt === undefined ? undefined : await positionAt(log, asKnownAt);
  await memberships.read(log, contacts, (done, total) => onProgress("leaves", done, total));
  // Alone, so that nothing counts that is planned and not durable yet.
  return log.writer.exclusiveSettled(async () => {
    await memberships.read(log, contacts);
    const position = known ?? log.position;
    const { corrections } = contacts;
    const steps = corrections.steps.filter((step) => step.position < position);
    const makeDifference = () => {
      const held = corrections.inForce(steps.length, (other) => other === incident.id);
      const claimed = correctionsOf(incident.claim, notices);
      return new Difference(contacts, notices, { position, held, claimed, only });
    };
    const difference =
      only === undefined ? lastAssessment.difference(`${incident.id} ${position}`, makeDifference) : makeDifference();
    const last = steps.findLast((step) => step.incident === incident.id);
    const until =
      last?.type === "contain" ? last.position : known === undefined || known === log.position ? undefined : known - 1;
    const horizonMs = until === undefined ? log.writer.nowMs() : await timeOf(log, until);
    const nobody = ordinalsOf(contacts, canaries.accounts);
    const matches = new Set(matchesOf(incident.claim));
    const { past, dispose: disposeOfPast } = splitDerived(memberships.before(position), matches);
    const dispose = () => {
      disposeOfPast();
      difference.dispose();
      nobody.dispose();
    };
    return { incident, position, judge: { contacts, difference, matches, horizonMs, nobody }, past, dispose };
  });
}

/** Every ordinal of some accounts. */
function ordinalsOf(contacts: Contacts, accounts: ReadonlySet<number>): OrdinalSet {
  const points = [...accounts].flatMap((account) => contacts.pointsOf(account));
  return OrdinalSet.from(Uint32Array.from(points.flatMap((point) => contacts.ordinalsOf(point))));
}

/** When a leaf was learned. */
async function timeOf(log: Log, position: number): Promise<number> {
  const leaf = position < 0 ? undefined : await log.store.leaf(position);
  return leaf === undefined ? 0 : decodeLeaf(leaf).timeMs;
}
