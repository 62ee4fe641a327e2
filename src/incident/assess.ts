/**
 * Assess: whom a claim affected, exactly; the difference of two folds of the same facts, with memberships held against it.
 *
 * A contact point is affected in an audience if at any instant between its match and its leaving it was a member as
 * believed, and not permitted as corrected. Nothing changes by being assessed.
 */
import type { Memberships, PastMembers } from "../audience/index.js";
import type { Canaries } from "../canary/index.js";
import type { Contacts, GrantFold } from "../grant/index.js";
import { decodeLeaf } from "../ledger/index.js";
import { type Log, positionAt } from "../log/index.js";
import type { NoticeBook } from "../purpose/index.js";
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import type { Showings } from "../showing/index.js";
import type { Assessment, AudienceAssessment } from "./assessment.js";
import { AudienceTable } from "./audience-table.js";
import { correctionsOf, matchesOf } from "./claim.js";
import { splitDerived } from "./derived.js";
import { Difference } from "./difference.js";
import type { Incident, Incidents } from "./incidents.js";
import { Judged } from "./judged.js";
import { JudgedPeople } from "./judged-people.js";
import { KnownFacts, type LastAssessment } from "./last-assessment.js";
import { Matched } from "./matched.js";
import { ShownTally } from "./shown-rows.js";
import { Totals } from "./totals.js";
import { Turns } from "./turns.js";

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
}

/** People, and showings, between two looks at the clock. */
const AT_ONCE = 1 << 12;

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
  { incident, facts, horizonMs, nobody }: PreparedAssessment,
  { onAudience, onProgress }: Omit<AssessOptions, keyof Asked>,
): Promise<Assessment> {
  const { audiences } = facts.judged.matched;
  const table = onAudience === undefined ? undefined : new AudienceTable(audiences.length);
  const shownRows = await facts.shown(rooms.log, rooms.showings);
  const turns = new Turns();
  const people = new JudgedPeople(facts.judged, horizonMs, nobody);
  const totals = new Totals(people, rooms.grants.accountFacts.country, table);
  while (totals.countSome(AT_ONCE)) await turns.giveWay();
  const shown = new ShownTally(facts.judged, shownRows, horizonMs, nobody);
  while (shown.countSome(AT_ONCE)) await turns.giveWay();
  const shownThrough = shown.byAudience(audiences.length);
  for (const { place, affected, ...counts } of table?.rows() ?? []) {
    const { audience, list, advertiser, name } = audiences[place]!;
    await onAudience!({ audience, list, advertiser, name, ...counts, ...shownThrough[place]! }, affected);
    onProgress?.("audiences", place + 1, audiences.length);
    await turns.giveWay();
  }
  return { incident: incident.id, asKnownAt: facts.position, ...totals.counts(audiences), ...shown.whole };
}

/** What an assessment is made by. */
export interface PreparedAssessment {
  readonly incident: Incident;
  readonly facts: KnownFacts;
  /** Memberships that nothing ended go on until here; what comes later does not count. */
  readonly horizonMs: number;
  /** Accounts that are nobody's, ascending. */
  readonly nobody: Uint32Array;
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
    const judge = async (): Promise<Judged> => {
      // Who is affected by what two incidents claim counts in the one that was contained first.
      const isLater = (other: string) => lastOf(other)!.position >= (contained ?? Number.POSITIVE_INFINITY);
      const held = corrections.inForce(steps.length, isLater);
      const claimed = correctionsOf(incident.claim, notices);
      const difference = new Difference(contacts, notices, { position, held, claimed });
      const matches = new Set(matchesOf(incident.claim));
      const { past, dispose } = splitDerived(memberships.before(position), matches);
      const turns = new Turns();
      const matched =
        account === undefined
          ? await Matched.told(contacts, past, difference, matches, turns)
          : matchedOfAccount(contacts, past, account);
      dispose();
      return Judged.of(contacts, matched, difference, matches, turns);
    };
    const facts =
      account === undefined
        ? await lastAssessment.facts(incident.id, position, judge)
        : new KnownFacts(position, await judge());
    const until = contained ?? (known === undefined || known === log.position ? undefined : known - 1);
    const horizonMs = until === undefined ? log.writer.nowMs() : await timeOf(log, until);
    return { incident, facts, horizonMs, nobody: Uint32Array.from(canaries.accounts).sort() };
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
