/**
 * The last specific promise of one contact point for `ads.match`, weighed from its grants and events: A is the latest grant that
 * names it (self notice, given by the account itself, verified), X the latest grant under an exclusive notice that does not
 * name it (self notice, given by the account itself), V the latest event that covers it, of the contact point or of its account.
 * Weighed for one contact point after the other, without an object for each.
 */
import { NOTICE_CLASS } from "../purpose/index.js";
import type { Corrections } from "./corrections.js";
import { coversAds } from "./events.js";
import { type History, WHAT } from "./history.js";
import { FLAG, NO_GRANT, type PointTable } from "./point-table.js";

/** What a promise is weighed from. */
interface Told {
  readonly points: PointTable;
  readonly more: History;
  readonly accountEvents: History;
  readonly corrections: Corrections;
}

/** Which of A, X and V has the last word. */
export type Verdict = "permitted" | "never-given" | "excluded" | "revoked";

/** A, X and V in milliseconds, -1 for none; of X and V at one instant, V is named. */
export function verdictOf(grantedMs: number, excludedMs: number, revokedMs: number): Verdict {
  if (grantedMs < 0) return "never-given";
  if (grantedMs > Math.max(excludedMs, revokedMs)) return "permitted";
  return revokedMs >= excludedMs ? "revoked" : "excluded";
}

export class AdsPromise {
  /** A, X and V in milliseconds; -1 for none. */
  grantedMs = -1;
  excludedMs = -1;
  revokedMs = -1;
  readonly #told: Told;

  constructor(told: Told) {
    this.#told = told;
  }

  /** Permitted exactly when A exists and is later than X and than V; at one instant the restrictive wins. */
  get isPermitted(): boolean {
    return this.grantedMs > this.boundMs;
  }

  /** The later one of X and V. */
  get boundMs(): number {
    return Math.max(this.excludedMs, this.revokedMs);
  }

  /** Weighs a contact point; what was weighed before is gone. */
  weigh(number: number): this {
    this.grantedMs = -1;
    this.excludedMs = -1;
    this.revokedMs = -1;
    const { points, more, accountEvents } = this.#told;
    if (points.notice[number] !== NO_GRANT)
      this.#weighGrant(points.notice[number]!, points.what[number]!, points.givenAtMs(number));
    if ((points.flags[number]! & FLAG.more) !== 0) {
      for (let entry = more.newest(number); entry >= 0; entry = more.older(entry)) {
        if ((more.what[entry]! & WHAT.event) === 0)
          this.#weighGrant(more.notice[entry]!, more.what[entry]!, more.atMs[entry]!);
        else this.#weighEvent(more.notice[entry]!, more.atMs[entry]!);
      }
    }
    const account = points.account[number]!;
    for (let entry = accountEvents.newest(account); entry >= 0; entry = accountEvents.older(entry)) {
      this.#weighEvent(accountEvents.notice[entry]!, accountEvents.atMs[entry]!);
    }
    return this;
  }

  #weighGrant(notice: number, what: number, givenAtMs: number): void {
    const bits = this.#told.corrections.classOf(notice, givenAtMs);
    if ((bits & NOTICE_CLASS.self) === 0 || (what & WHAT.byOther) !== 0) return;
    if ((bits & NOTICE_CLASS.namesAds) !== 0) {
      if ((what & WHAT.verified) !== 0 && givenAtMs > this.grantedMs) this.grantedMs = givenAtMs;
    } else if ((bits & NOTICE_CLASS.excludesAds) !== 0 && givenAtMs > this.excludedMs) this.excludedMs = givenAtMs;
  }

  #weighEvent(typeAndPurpose: number, atMs: number): void {
    if (coversAds(typeAndPurpose & 0xff, typeAndPurpose >> 8) && atMs > this.revokedMs) this.revokedMs = atMs;
  }
}
