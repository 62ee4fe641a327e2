/**
 * When sizes are due: by times alone, never by what is in an audience.
 */
import { type Audience, drawsOf, operandsOf } from "../audience/index.js";
import type { Book } from "./book.js";
import type { Releases } from "./releases.js";
import type { SizeTerms } from "./terms.js";

/** What an advertiser sees of sizes changes at multiples of this. */
export const RELEASE_TICK_MS = 60_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** An audience whose size is older than this, since no newer one could be paid for, is served no more. */
const STALE_AFTER_MS = 35 * DAY_MS;

/** The tick that an instant is at or after. */
export const tickOf = (ms: number): number => Math.floor(ms / RELEASE_TICK_MS) * RELEASE_TICK_MS;

/** When the epoch after an instant's begins; epochs count from 1970. */
function epochAfterMs(ms: number, { epochHours }: SizeTerms): number {
  const epochMs = epochHours * HOUR_MS;
  return (Math.floor(ms / epochMs) + 1) * epochMs;
}

/**
 * When an audience's next release is due, by the releases of a book.
 *
 * The first one some time after the last part of its list. Later ones when an epoch begins, or if parts of a list come just
 * then, after the last of them, a day later at most. None in an epoch that a lost release may have been for.
 */
export function dueMs(
  book: Book,
  { id, receivedAtMs }: Pick<Audience, "id" | "receivedAtMs">,
  { closedUntilMs }: Pick<Releases, "closedUntilMs">,
  terms: SizeTerms,
): number {
  const last = book.get(id);
  const settledMs = receivedAtMs + terms.firstReleaseMinutes * MINUTE_MS;
  if (last === undefined || last.isUnfunded) {
    return settledMs > closedUntilMs ? settledMs : epochAfterMs(closedUntilMs, terms);
  }
  const epochMs = epochAfterMs(Math.max(last.atMs, closedUntilMs), terms);
  return Math.max(epochMs, Math.min(settledMs, epochMs + DAY_MS));
}

/** Whether a size is to be released at a tick; of what is made of others only once these have one. */
export function isDue(
  { durable, closedUntilMs }: Releases,
  audience: Audience,
  terms: SizeTerms,
  atMs: number,
): boolean {
  if (audience.isDeleted || dueMs(durable, audience, { closedUntilMs }, terms) > atMs) return false;
  const { expression } = audience;
  return expression === undefined || operandsOf(expression).every((id) => durable.get(id) !== undefined);
}

/** How many draws a release takes. */
export const drawsFor = ({ expression }: Audience): number => (expression === undefined ? 1 : drawsOf(expression));

/**
 * Whether what is served may not go on when a new size is due and can't be paid for: a list took members out, of it or perhaps of
 * what it is made of; or its size is old.
 */
export const isOutdated = ({ durable }: Releases, { id, expression, hasRemovals }: Audience, atMs: number): boolean =>
  expression !== undefined || hasRemovals || atMs - (durable.get(id)?.atMs ?? 0) > STALE_AFTER_MS;
