/**
 * What an advertiser may know of an audience and of its budget: made of what is stored, so that asking costs nothing and
 * tells nothing.
 */
import type { Access } from "../access/index.js";
import type { Audience } from "../audience/index.js";
import { epsilonOf, guessedRight } from "./accounting.js";
import { type Fraction, toNumber } from "./fraction.js";
import { dueMs, type ReleaseRooms, TICK_MS } from "./release-due.js";
import { type Bounds, boundsOf, type SizeRange, shownSize, sizeRange } from "./shown.js";
import { leftOf, nextMonthMs } from "./spending.js";
import { budgetOf, costOf, drawsIn, varianceOf } from "./terms.js";

/** `pending`: not released yet. `unfunded`: its first release waits for the budget. `too-small`: below the floor. */
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
  /** When the next size shows, if no list changes the audience before its first one and the budget is left. */
  readonly nextReleaseAt: string;
}

type ViewRooms = Pick<ReleaseRooms, "releases" | "config">;

export function audienceStatus({ releases }: Pick<ViewRooms, "releases">, { id }: Audience): AudienceStatus {
  const released = releases.shown(id);
  if (releases.isUnfunded(id)) return "unfunded";
  if (released === undefined) return "pending";
  return released.isReady ? "ready" : "too-small";
}

export function viewAudience(rooms: ViewRooms, audience: Audience): AudienceView {
  const status = audienceStatus(rooms, audience);
  const released = rooms.releases.shown(audience.id);
  const due = status === "unfunded" ? nextMonthMs(rooms.releases.lastAtMs) : dueMs(rooms, audience);
  return {
    audience: audience.id,
    list: audience.expression === undefined ? audience.list : null,
    name: audience.name,
    advertiser: audience.advertiser,
    status,
    createdAt: wholeSecond(audience.createdAtMs),
    updatedAt: wholeSecond(audience.updatedAtMs),
    size:
      status !== "ready" || released?.value == null
        ? null
        : {
            value: shownSize(released.value),
            ...boundsOf(released.value, released.variance),
            range: sizeRange(released.value),
            releasedAt: new Date(released.atMs).toISOString(),
          },
    // Drawn at the first tick from then on, it shows at the one after that.
    nextReleaseAt: new Date((Math.ceil(due / TICK_MS) + 1) * TICK_MS).toISOString(),
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
  /** When the month's budget is whole again; RFC 3339. */
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
  const entities = [...rooms.access.advertisers().map(({ entity }) => entity), ...rooms.releases.spending.entities()];
  return [...new Set(entities)].map((entity) => odometer(rooms, entity, nowMs));
}

function odometer({ releases, config }: ViewRooms, entity: string, nowMs: number): BudgetView {
  const budget = budgetOf(config.sizes);
  const atMs = Math.max(nowMs, releases.lastAtMs);
  const spent = releases.spending.spent(entity, atMs, budget, releases.lost);
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
