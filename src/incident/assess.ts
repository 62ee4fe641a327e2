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
import { AffectedSpans } from "./affected-spans.js";
import type { Assessment, AudienceAssessment } from "./assessment.js";
import { AudienceTable } from "./audience-table.js";
import { correctionsOf, matchesOf } from "./claim.js";
import { splitDerived } from "./derived.js";
import { Difference } from "./difference.js";
import type { Incident, Incidents } from "./incidents.js";
import { Judged, JudgedPeople } from "./judged.js";
import type { LastAssessment } from "./last-assessment.js";
import { Matched } from "./matched.js";
import { MAX_SHOWN_ROWS, ShownRows, ShownTally } from "./shown-rows.js";
import { Totals } from "./totals.js";

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

/** Others get their turn so often; people between two looks at the clock. */
const TURN_MS = 50;
const PEOPLE_AT_ONCE = 1 << 12;

/**
 * Assesses an incident.
 * @throws {IncidentError} codes `unknown-incident`, `malformed-claim`
 * @throws {LogError} codes `malformed-instant`, `not-yet-known`
 */
export async function assess(rooms: AssessRooms, options: AssessOptions): Promise<Assessment> {
  return assessPrepared(rooms, await prepareAssessment(rooms, options, options.onProgress), options);
}

/** Assesses what is prepared: whatever else is made of the same goes on to the same instant. */
export async function assessPrepared(
  rooms: AssessRooms,
  { incident, position, audiences, people }: PreparedAssessment,
  options: Omit<AssessOptions, keyof Asked>,
): Promise<Assessment> {
  const { onAudience, onProgress } = options;
  const table = onAudience === undefined ? undefined : new AudienceTable(audiences.length);
  const spans = new AffectedSpans(audiences.length);
  const shown = new ShownTally(audiences.length);
  const held = await heldRows(rooms, position, audiences, options);
  if (held !== undefined) shown.hold(held);
  const { country } = rooms.grants.accountFacts;
  const totals = new Totals(people(spans), country, spans, { shown: held && shown, table });
  let turnAt = performance.now();
  while (totals.countSome(PEOPLE_AT_ONCE)) {
    if (performance.now() - turnAt < TURN_MS) continue;
    await setImmediate();
    turnAt = performance.now();
  }
  if (held === undefined) await readInParts(rooms, position, audiences, options, spans, shown);
  else shown.release();
  for (const { place, affected, ...counts } of table?.rows() ?? []) {
    const { audience, list, advertiser, name } = audiences[place]!;
    await onAudience!({ audience, list, advertiser, name, ...counts, ...shown.of(place) }, affected);
    onProgress?.("audiences", place + 1, audiences.length);
    if (performance.now() - turnAt < TURN_MS) continue;
    await setImmediate();
    turnAt = performance.now();
  }
  return { incident: incident.id, asKnownAt: position, ...totals.counts(audiences), ...shown.whole };
}

/** All showings, if they are few enough to be held at once. */
async function heldRows(
  { log, showings, lastAssessment }: AssessRooms,
  position: number,
  audiences: readonly PastAudience[],
  { shownRows = MAX_SHOWN_ROWS }: Pick<AssessOptions, "shownRows">,
): Promise<ShownRows | undefined> {
  const rows = audiences.reduce((sum, { audience }) => sum + showings.countOf(audience), 0);
  return rows > shownRows ? undefined : lastAssessment.shown({ log, showings }, position, audiences);
}

/** Holds showings against all spans, some audiences at a time. */
async function readInParts(
  { log, showings }: AssessRooms,
  position: number,
  audiences: readonly PastAudience[],
  { shownRows = MAX_SHOWN_ROWS }: Pick<AssessOptions, "shownRows">,
  spans: AffectedSpans,
  shown: ShownTally,
): Promise<void> {
  for (let from = 0, to = 0; from < audiences.length; from = to) {
    to = endOfSome(showings, audiences, from, shownRows);
    shown.hold(await ShownRows.read(log, showings, position, audiences, from, to));
    shown.take(spans);
    shown.release();
  }
}

/** Where the audiences from a place on end whose showings can be held at once; at least one. */
function endOfSome(showings: Showings, audiences: readonly PastAudience[], from: number, limit: number): number {
  let to = from;
  for (let rows = 0; to < audiences.length; to++) {
    rows += showings.countOf(audiences[to]!.audience);
    if (rows > limit && to > from) break;
  }
  return to;
}

/** What an assessment is made by. */
export interface PreparedAssessment {
  readonly incident: Incident;
  readonly position: number;
  /** Every audience that there was. */
  readonly audiences: readonly PastAudience[];
  /** Begins to go through people; told are the spans, if they are given. */
  readonly people: (spans?: AffectedSpans) => JudgedPeople;
}

/**
 * Readies an assessment: what is known, and how it is judged.
 * @param account of this one alone: then its history is all that is read
 */
export async function prepareAssessment(
  { log, grants, notices, incidents, memberships, lastAssessment, canaries }: AssessRooms,
  { incident: id, asKnownAt }: Asked,
  onProgress: AssessOptions["onProgress"] = () => {},
  account?: number,
): Promise<PreparedAssessment> {
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
    const lastOf = (id: string) => steps.findLast((step) => step.incident === id);
    const last = lastOf(incident.id);
    const contained = last?.type === "contain" ? last.position : undefined;
    const matches = new Set(matchesOf(incident.claim));
    const judge = (): Judged => {
      // Who is affected by what two incidents claim counts in the one that was contained first.
      const isLater = (other: string) => lastOf(other)!.position >= (contained ?? Number.POSITIVE_INFINITY);
      const held = corrections.inForce(steps.length, isLater);
      const claimed = correctionsOf(incident.claim, notices);
      const difference = new Difference(contacts, notices, { position, held, claimed });
      return new Judged(contacts, matchedOf(), difference, matches);
    };
    const matchedOf = (): Matched => {
      if (account === undefined && matches.size === 0) return lastAssessment.matched(memberships, position, contacts);
      const { past, dispose } = splitDerived(memberships.before(position), matches);
      const matched = account === undefined ? Matched.all(contacts, past) : matchedOfAccount(contacts, past, account);
      dispose();
      return matched;
    };
    const judged = account === undefined ? lastAssessment.judged(`${incident.id} ${position}`, judge) : judge();
    const until = contained ?? (known === undefined || known === log.position ? undefined : known - 1);
    const horizonMs = until === undefined ? log.writer.nowMs() : await timeOf(log, until);
    const nobody = Uint32Array.from(canaries.accounts).sort();
    const people = (spans?: AffectedSpans) => new JudgedPeople(judged, horizonMs, nobody, spans);
    return { incident, position, audiences: judged.matched.audiences, people };
  });
}

function matchedOfAccount(contacts: Contacts, past: readonly PastMembers[], account: number): Matched {
  const ordinals = contacts.pointsOf(account).flatMap((point) => contacts.ordinalsOf(point));
  const own = OrdinalSet.from(Uint32Array.from(ordinals));
  const matched = Matched.of(contacts, past, own);
  own.dispose();
  return matched;
}

/** When a leaf was learned. */
async function timeOf(log: Log, position: number): Promise<number> {
  const leaf = position < 0 ? undefined : await log.store.leaf(position);
  return leaf === undefined ? 0 : decodeLeaf(leaf).timeMs;
}
