/**
 * Assess: whom a claim affected, exactly; the difference of two folds of the same facts, with memberships held against it.
 *
 * A contact point is affected in an audience if at any instant between its match and its leaving it was a member as
 * believed, and not permitted as corrected. Nothing changes by being assessed.
 */
import { setImmediate } from "node:timers/promises";
import type { GrantFold } from "../grant/index.js";
import { decodeLeaf } from "../ledger/index.js";
import { type Log, positionAt } from "../log/index.js";
import type { NoticeBook } from "../purpose/index.js";
import type { Assessment, AudienceAssessment } from "./assessment.js";
import { correctionsOf, matchesOf } from "./claim.js";
import { Difference, type LastDifference } from "./difference.js";
import type { Incident, Incidents } from "./incidents.js";
import type { Judge } from "./judging.js";
import type { Memberships } from "./memberships.js";
import { Walk } from "./walk.js";

export interface AssessRooms {
  readonly log: Log;
  readonly grants: GrantFold;
  readonly notices: NoticeBook;
  readonly incidents: Incidents;
  readonly memberships: Memberships;
  readonly lastDifference: LastDifference;
}

export interface AssessOptions {
  readonly incident: string;
  /** A ledger position or an instant; default: now. */
  readonly asKnownAt?: string | undefined;
  /** Gets each audience that has affected members, in the order made. */
  readonly onAudience?: ((audience: AudienceAssessment) => Promise<void> | void) | undefined;
  readonly onProgress?: ((what: "leaves" | "audiences", done: number, total: number) => void) | undefined;
}

/** Others get their turn so often. */
const TURN_MS = 50;

/**
 * Assesses an incident.
 * @throws {IncidentError} codes `unknown-incident`, `malformed-claim`
 * @throws {LogError} codes `malformed-instant`, `not-yet-known`
 */
export async function assess(rooms: AssessRooms, options: AssessOptions): Promise<Assessment> {
  const { onAudience, onProgress } = options;
  const { position, judge, incident } = await prepare(rooms, options);
  try {
    const walk = new Walk(judge, rooms.grants.accountFacts.country);
    const audiences = rooms.memberships.before(position);
    let turnAt = performance.now();
    for (const [i, { audience, memberships }] of audiences.entries()) {
      const row = walk.audience(audience, memberships, onAudience !== undefined);
      if (row !== undefined) await onAudience?.(row);
      if (performance.now() - turnAt < TURN_MS) continue;
      onProgress?.("audiences", i + 1, audiences.length);
      await setImmediate();
      turnAt = performance.now();
    }
    const { audiences: count, lists, advertisers, ...counts } = walk.counts();
    walk.dispose();
    return { incident: incident.id, asKnownAt: position, ...counts, audiences: count, lists, advertisers };
  } finally {
    judge.difference.dispose();
  }
}

interface Prepared {
  readonly incident: Incident;
  readonly position: number;
  readonly judge: Judge;
}

async function prepare(
  { log, grants, notices, incidents, memberships, lastDifference }: AssessRooms,
  { incident: id, asKnownAt, onProgress }: AssessOptions,
): Promise<Prepared> {
  const incident = incidents.get(id);
  const { contacts } = grants;
  const known = asKnownAt === undefined ? undefined : await positionAt(log, asKnownAt);
  await memberships.read(log, contacts, (done, total) => onProgress?.("leaves", done, total));
  // Alone, so that nothing counts that is planned and not durable yet.
  return log.writer.exclusiveSettled(async () => {
    await memberships.read(log, contacts);
    const position = known ?? log.position;
    const { corrections } = contacts;
    const steps = corrections.steps.filter((step) => step.position < position);
    const difference = lastDifference.of(`${incident.id} ${position}`, () => {
      const held = corrections.inForce(steps.length, (other) => other === incident.id);
      return new Difference(contacts, notices, { position, held, claimed: correctionsOf(incident.claim, notices) });
    });
    const last = steps.findLast((step) => step.incident === incident.id);
    const until = last?.type === "contain" ? last.position : known === undefined ? undefined : known - 1;
    const horizonMs = until === undefined ? log.writer.nowMs() : await timeOf(log, until);
    return {
      incident,
      position,
      judge: { contacts, difference, matches: new Set(matchesOf(incident.claim)), horizonMs },
    };
  });
}

/** When a leaf was learned. */
async function timeOf(log: Log, position: number): Promise<number> {
  const leaf = position < 0 ? undefined : await log.store.leaf(position);
  return leaf === undefined ? 0 : decodeLeaf(leaf).timeMs;
}
