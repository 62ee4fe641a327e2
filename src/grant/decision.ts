/**
 * What decides about one contact point and `ads.match` now: the rule, and the grant that it rests on.
 *
 * A, X and V are weighed by `AdsPromise` alone; here the grant or event is looked for that stands at the one with the last
 * word. A grant for ads that nobody verified is no A: it decides where it is all that is lacking. Of several grants at one
 * instant, the one that was learned last is named. For one contact point after the other, without an object for each.
 */
import { NOTICE_CLASS } from "../purpose/index.js";
import { AdsPromise, verdictOf } from "./ads-promise.js";
import type { Contacts } from "./contacts.js";
import { coversAds } from "./events.js";
import { type History, WHAT } from "./history.js";
import { FLAG, NO_GRANT } from "./point-table.js";

export const DECIDING_RULES = [
  /** A is later than X and V; its grant decides. */
  "permitted",
  /** Its own account gave it, and never for ads; the latest of these grants decides. */
  "never-for-ads",
  /** X is not before A; the exclusive grant decides. */
  "promised-otherwise",
  /** V is not before A, nor before X; the grant for ads that it took away decides. */
  "withdrawn",
  "erased",
  "disowned",
  /** The latest grant for ads is later than X and V, and not verified; it decides. */
  "unverified",
  /** Another account gave it, or it was given under a notice that asks for others' contacts; the latest such grant decides. */
  "given-by-another",
  /** Nobody gave it: at most events tell of it. */
  "never-given",
] as const;
export type DecidingRule = (typeof DECIDING_RULES)[number];

/** Rules of what V was, by the event's type. */
const REVOKED: readonly DecidingRule[] = ["withdrawn", "erased", "disowned"];

/** Grants that may decide, the latest of each sort: for ads and verified; for ads; exclusive; own; another's. */
const [STANDING, ADS, EXCLUSIVE, OWN, OTHER] = [0, 1, 2, 3, 4] as const;
const SORTS = 5;

export class Decision {
  rule: DecidingRule = "never-given";
  /** Notice version of the grant; NO_GRANT where nobody gave it. */
  notice: number = NO_GRANT;
  /** -1 where nobody gave it. */
  givenAtMs = -1;
  readonly #contacts: Contacts;
  readonly #promise: AdsPromise;
  readonly #latestMs = new Float64Array(SORTS);
  readonly #latestNotice = new Uint16Array(SORTS);

  constructor(contacts: Contacts) {
    this.#contacts = contacts;
    this.#promise = new AdsPromise(contacts);
  }

  get isPermitted(): boolean {
    return this.rule === "permitted";
  }

  /** Decides about a contact point; what was decided before is gone. */
  of(number: number): this {
    this.#find(number);
    const { excludedMs, revokedMs, isPermitted } = this.#promise.weigh(number);
    const latestMs = this.#latestMs;
    if (isPermitted) return this.#set("permitted", STANDING);
    if (latestMs[ADS]! < 0) {
      if (latestMs[OWN]! >= 0) return this.#set("never-for-ads", OWN);
      return this.#set(latestMs[OTHER]! >= 0 ? "given-by-another" : "never-given", OTHER);
    }
    switch (verdictOf(latestMs[ADS]!, excludedMs, revokedMs)) {
      case "revoked":
        return this.#set(this.#revokedBy(number, revokedMs), ADS);
      case "excluded":
        return this.#set("promised-otherwise", EXCLUSIVE);
      default:
        return this.#set("unverified", ADS);
    }
  }

  #set(rule: DecidingRule, sort: number): this {
    this.rule = rule;
    this.givenAtMs = this.#latestMs[sort]!;
    this.notice = this.givenAtMs < 0 ? NO_GRANT : this.#latestNotice[sort]!;
    return this;
  }

  /** The latest grant of each sort. */
  #find(number: number): void {
    this.#latestMs.fill(-1);
    const { points, more } = this.#contacts;
    if ((points.flags[number]! & FLAG.more) !== 0) {
      for (let entry = more.newest(number); entry >= 0; entry = more.older(entry)) {
        if ((more.what[entry]! & WHAT.event) === 0)
          this.#take(more.notice[entry]!, more.what[entry]!, more.atMs[entry]!);
      }
    }
    // It was learned first.
    if (points.notice[number] !== NO_GRANT)
      this.#take(points.notice[number]!, points.what[number]!, points.givenAtMs(number));
  }

  #take(notice: number, what: number, givenAtMs: number): void {
    const bits = this.#contacts.corrections.classOf(notice, givenAtMs);
    const isOwn = (bits & NOTICE_CLASS.self) !== 0 && (what & WHAT.byOther) === 0;
    this.#note(isOwn ? OWN : OTHER, notice, givenAtMs);
    if (!isOwn) return;
    if ((bits & NOTICE_CLASS.excludesAds) !== 0) this.#note(EXCLUSIVE, notice, givenAtMs);
    if ((bits & NOTICE_CLASS.namesAds) === 0) return;
    this.#note(ADS, notice, givenAtMs);
    if ((what & WHAT.verified) !== 0) this.#note(STANDING, notice, givenAtMs);
  }

  #note(sort: number, notice: number, givenAtMs: number): void {
    if (givenAtMs <= this.#latestMs[sort]!) return;
    this.#latestMs[sort] = givenAtMs;
    this.#latestNotice[sort] = notice;
  }

  /** What V was. */
  #revokedBy(number: number, revokedMs: number): DecidingRule {
    const { points, more, accountEvents } = this.#contacts;
    const type = Math.max(eventAt(more, number, revokedMs), eventAt(accountEvents, points.account[number]!, revokedMs));
    return REVOKED[type]!;
  }
}

/** Type of the event that takes ads away at an instant; of several, the one with the highest code; -1 for none. */
function eventAt(history: History, key: number, atMs: number): number {
  let found = -1;
  for (let entry = history.newest(key); entry >= 0; entry = history.older(entry)) {
    if ((history.what[entry]! & WHAT.event) === 0 || history.atMs[entry] !== atMs) continue;
    const type = history.notice[entry]! & 0xff;
    if (coversAds(type, history.notice[entry]! >> 8)) found = Math.max(found, type);
  }
  return found;
}
