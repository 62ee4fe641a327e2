/**
 * What an advertiser may know of an audience and of its budget: made of what is stored, so that asking costs nothing and
 * tells nothing.
 */
import type { Access } from "../access/index.js";
import type { Audience } from "../audience/index.js";
import { epsilonOf, guessedRight } from "./accounting.js";
import type { Released } from "./book.js";
import { dueMs, RELEASE_TICK_MS } from "./due.js";
import { type Fraction, toNumber } from "./fraction.js";
import type { ReleaseRooms } from "./release-due.js";
import { type Bounds, boundsOf, type SizeRange, shownSize, sizeRange } from "./shown.js";
import { leftOf, nextMonthMs } from "./spending.js";
import { budgetOf, costOf, drawsIn, varianceOf } from "./terms.js";

/** `pending`: not released yet. `unfunded`: its release waits for the budget. `too-small`: below the floor. */
export type AudienceStatus = "pending" | "unfunded" | "too-small" | "ready";

/** A released size; every figure is made of the same stored value. */
export interface SizeView extends Bounds {
  /** Accounts, rounded for reading. */
  readonly value: number;
  readonly range: SizeRange;
  /** RFC 3339. */
  readonly releasedAt: string;
}

export interface AudienceView {
  readonly audience: string;
  /** Null for an audience that is made of others. */
  readonly list: string | null;
  readonly name: string;
  readonly advertiser: string;
  /** Only what is `ready` is served. */
  readonly status: AudienceStatus;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly size: SizeView | null;
  /** When the next size shows, if the list stays as it is and the budget has something left; null while it has not. */
  readonly nextReleaseAt: string | null;
}

type ViewRooms = Pick<ReleaseRooms, "releases" | "config">;

export function audienceStatus({ releases }: Pick<ViewRooms, "releases">, { id }: Audience): AudienceStatus {
  const released = releases.shown.get(id);
  if (releases.isUnfunded(id)) return "unfunded";
  if (released === undefined) return "pending";
  return released.isReady ? "ready" : "too-small";
}

/**
 * An audience as it shows.
 * @param seenAtMs until the tick on which its last list is answered its advertiser sees it as it was before; without, all of it
 */
export function viewAudience(rooms: ViewRooms, audience: Audience, seenAtMs = Number.POSITIVE_INFINITY): AudienceView {
  const seen = seenAtMs < audience.shownFromMs ? (audience.before ?? audience) : audience;
  const { releases, config } = rooms;
  const { id, list, name, advertiser, expression, createdAtMs } = audience;
  const status = audienceStatus(rooms, audience);
  const released = releases.shown.get(id);
  const due = dueMs(releases.shown, { id, receivedAtMs: seen.receivedAtMs }, releases, config.sizes);
  return {
    audience: id,
    list: expression === undefined ? list : null,
    ...{ name, advertiser, status },
    createdAt: wholeSecond(createdAtMs),
    updatedAt: wholeSecond(expression === undefined ? seen.updatedAtMs : (released?.atMs ?? createdAtMs)),
    size: status === "ready" ? viewSize(released!) : null,
    // Drawn at the first tick from then on, it shows at the one after that.
    nextReleaseAt:
      status === "unfunded" ? null : new Date((Math.ceil(due / RELEASE_TICK_MS) + 1) * RELEASE_TICK_MS).toISOString(),
  };
}

/** One release of an audience, as it showed from then on. */
export interface ReleaseView {
  readonly at: string;
  readonly status: Exclude<AudienceStatus, "pending">;
  readonly size: SizeView | null;
}

/** The releases of an audience that show, in order. */
export function viewReleases({ releases }: Pick<ViewRooms, "releases">, { id }: Audience): ReleaseView[] {
  return releases.shown.history(id).map((released) => ({
    at: new Date(released.atMs).toISOString(),
    status: released.isReady ? "ready" : released.isUnfunded ? "unfunded" : "too-small",
    size: released.isReady ? viewSize(released) : null,
  }));
}

function viewSize({ atMs, value, variance }: Released): SizeView {
  const noisy = value!;
  return {
    value: shownSize(noisy),
    ...boundsOf(noisy, variance),
    range: sizeRange(noisy),
    releasedAt: new Date(atMs).toISOString(),
  };
}

/** The end of the second: when an answer is ready to the millisecond would tell how long the work took. */
const wholeSecond = (ms: number): string => new Date(Math.ceil(ms / 1000) * 1000).toISOString();

/** How much of its budget a legal entity has spent: the odometer. */
export interface BudgetView {
  readonly entity: string;
  /** rho of zero-concentrated differential privacy. */
  readonly month: {
    readonly spent: number;
    readonly cap: number;
    readonly epsilon: number;
    readonly guessedRight: number;
  };
  readonly year: { readonly spent: number; readonly cap: number };
  /** What one draw costs now, and how many are left before either cap. */
  readonly draw: { readonly cost: number; readonly standardDeviation: number; readonly left: number };
  /** When the next month's budget begins; RFC 3339. */
  readonly renewsAt: string;
}

/** Of the epsilon that the odometer tells. */
const DELTA = 1e-6;

/** @throws {AccessError} code `unknown-advertiser` */
export function viewBudget(
  rooms: ViewRooms & { readonly access: Access },
  advertiser: string,
  nowMs: number,
): BudgetView {
  const { access, releases, config } = rooms;
  return odometer({ releases, config }, access.advertiser(advertiser).entity, nowMs);
}

/** Of every entity that has spent anything, or has an advertiser. */
export function viewBudgets(rooms: ViewRooms & { readonly access: Access }, nowMs: number): BudgetView[] {
  const entities = [
    ...rooms.access.advertisers().map(({ entity }) => entity),
    ...rooms.releases.shown.spending.entities(),
  ];
  return [...new Set(entities)].map((entity) => odometer(rooms, entity, nowMs));
}

function odometer({ releases, config }: ViewRooms, entity: string, nowMs: number): BudgetView {
  const budget = budgetOf(config.sizes);
  const atMs = Math.max(nowMs, releases.shown.lastAtMs);
  const spent = releases.spent(releases.shown, entity, atMs, budget);
  const variance = varianceOf(budget);
  const month = toNumber(spent.month);
  return {
    entity,
    month: {
      spent: shown(spent.month),
      cap: shown(budget.month),
      epsilon: Number(epsilonOf(month, DELTA).toPrecision(3)),
      guessedRight: Number(guessedRight(month).toPrecision(3)),
    },
    year: { spent: shown(spent.year), cap: shown(budget.year) },
    draw: {
      cost: shown(costOf(variance)),
      standardDeviation: Number(Math.sqrt(toNumber(variance)).toPrecision(3)),
      left: drawsIn(leftOf(spent, budget), costOf(variance)),
    },
    renewsAt: new Date(nextMonthMs(atMs)).toISOString(),
  };
}

const shown = (rho: Fraction): number => Number(toNumber(rho).toPrecision(6));
