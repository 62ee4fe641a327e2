/**
 * What one account gave, when and under which notice, and what it took back: made anew from (seed, account)
 * whenever it is wanted, so that nothing of a world is kept.
 *
 * About 40 contact points of 100 are given for security alone; one in twenty-five has the value that a
 * neighbour's account has in the same place, given there for something else.
 */
import { cumulative, Draw, weighted } from "./draw.js";
import { noticeIndex, PROFILE_ADS_FROM_MS, versionShown } from "./notices.js";
import { SECURITY_STORY, SERVICE_STORY, type Step, stories } from "./stories.js";
import { COUNTRY_DE, EMAIL, type People, PHONE, SPELLING } from "./values.js";

export const MAX_POINTS = 5;
const MAX_GRANTS = 32;
const MAX_EVENTS = 16;
const FIRST_MS = Date.UTC(2014, 0, 1);
const LAST_FIRST_GIVEN_MS = Date.UTC(2022, 5, 1);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const WITHDRAW = 0;
export const ERASE = 1;
export const DISOWN = 2;
/** Purposes that events of the world name; none means all of advertising, marketing and sharing. */
export const eventPurposes = ["", "ads.match", "marketing.message", "share.partner", "security.mfa"] as const;
const NO_PURPOSE = 0;
const ADS_MATCH = 1;

const ads = noticeIndex("signup-ads");
const adsGerman = noticeIndex("signup-ads-de");
const plain = noticeIndex("signup-plain");
const friendBook = noticeIndex("friend-book");
const friendAds = noticeIndex("friend-invite");
const profile = noticeIndex("profile", 1);
const profileAds = noticeIndex("profile", 2);
const securityNotices = (["two-factor", "recovery", "unlock", "login-alert"] as const).map((id) => noticeIndex(id));
const phoneSecurity = cumulative([45, 25, 20, 10]);
const emailSecurity = cumulative([5, 45, 25, 25]);

const storySums = cumulative(stories.map(({ weight }) => weight));

export class History {
  account = 0;
  country = 0;
  createdMs = 0;

  points = 0;
  readonly kind = new Uint8Array(MAX_POINTS);
  /** Whose value it is: the account's own person, or a neighbour's. */
  readonly person = new Uint32Array(MAX_POINTS);

  grants = 0;
  readonly grantPoint = new Uint8Array(MAX_GRANTS);
  readonly grantNotice = new Uint8Array(MAX_GRANTS);
  /** 1 when the row names the notice without a version. */
  readonly grantByBareId = new Uint8Array(MAX_GRANTS);
  readonly grantAtMs = new Float64Array(MAX_GRANTS);
  /** Minutes until verified; 0 = the row does not say. */
  readonly grantVerifiedAfterMinutes = new Uint16Array(MAX_GRANTS);
  /** Account that gave it; -1 = not said, the account itself. */
  readonly grantGiver = new Int32Array(MAX_GRANTS);
  readonly grantSpelling = new Uint8Array(MAX_GRANTS);

  events = 0;
  /** -1 = the whole account. */
  readonly eventPoint = new Int8Array(MAX_EVENTS);
  readonly eventType = new Uint8Array(MAX_EVENTS);
  readonly eventPurpose = new Uint8Array(MAX_EVENTS);
  readonly eventAtMs = new Float64Array(MAX_EVENTS);
  readonly eventSpelling = new Uint8Array(MAX_EVENTS);

  /** Whether the grants are written last first. */
  isBackwards = false;
  readonly #draw = new Draw();

  constructor(
    readonly people: People,
    /** How many accounts the world has; friends and neighbours are among them. */
    readonly accounts: number,
    /** Whether notices were labelled wrongly for a while. */
    readonly hasMistakes = false,
  ) {}

  /** Makes the history of one account, in place of the one before. */
  fill(account: number): this {
    const { people } = this;
    const draw = this.#draw.from(people.seed, account, 0);
    this.account = account;
    this.country = people.country(account);
    this.grants = 0;
    this.events = 0;
    this.isBackwards = draw.chance(50);
    this.createdMs = this.#instant(FIRST_MS, LAST_FIRST_GIVEN_MS);
    this.points = people.points(account);
    for (let slot = 0; slot < this.points; slot++) this.#point(slot);
    if (draw.chance(4)) this.#event(-1, this.createdMs, LAST_FIRST_GIVEN_MS + 400 * DAY_MS);
    return this;
  }

  #point(slot: number): void {
    const draw = this.#draw;
    const { people, account } = this;
    const neighbour = account ^ 1;
    const isShared = draw.chance(40) && neighbour < this.accounts && slot < people.points(neighbour);
    const person = isShared ? neighbour : account;
    this.person[slot] = person;
    const kind = people.kind(person, slot);
    this.kind[slot] = kind;
    const first = slot === 0 ? this.createdMs : this.#instant(this.createdMs, LAST_FIRST_GIVEN_MS);
    const firstGrant = this.grants;
    this.#live(slot, kind, first);
    if (draw.chance(11)) {
      const last = this.grantAtMs[this.grants - 1]!;
      const isExact = draw.chance(150);
      this.#event(
        slot,
        isExact ? last : this.grantAtMs[firstGrant]! - 90 * DAY_MS,
        isExact ? last : last + 300 * DAY_MS,
      );
    }
  }

  #live(slot: number, kind: number, first: number): void {
    const draw = this.#draw;
    const canPromise = kind === EMAIL || kind === PHONE;
    const drawn = weighted(draw, storySums);
    const story = stories[drawn === SECURITY_STORY && !canPromise ? SERVICE_STORY : drawn]!;
    const second = this.#instant(first + HOUR_MS, first + 400 * DAY_MS);
    const spelling = this.#spelling(kind, slot);
    const friend = (this.account + 1 + draw.below(Math.min(1000, this.accounts - 1))) % this.accounts;
    for (const step of story.steps) {
      const atMs =
        step.at === "first"
          ? first
          : step.at === "second"
            ? second
            : step.at === "third"
              ? second + 40 * DAY_MS
              : first + 1 + draw.below(900);
      const isByFriend = step.by === "friend" || (step.by === "mostly-friend" && draw.chance(800));
      const spelled = step.spelled === "otherwise" ? this.#otherSpelling(kind, slot, spelling) : spelling;
      this.#grant(slot, this.#notice(step.gives, kind, atMs), atMs, spelled, isByFriend ? friend : -1);
    }
    if (story.isWithdrawnBetween) this.#event(slot, first, second - 1000);
    if (story.isRepeated) this.#repeat();
  }

  #notice(gives: Step["gives"], kind: number, atMs: number): number {
    const draw = this.#draw;
    switch (gives) {
      case "ads":
        return this.country === COUNTRY_DE && draw.chance(800) ? adsGerman : ads;
      case "promise": {
        const notice = securityNotices[weighted(draw, kind === PHONE ? phoneSecurity : emailSecurity)]!;
        return this.hasMistakes ? versionShown(notice, atMs) : notice;
      }
      case "plain":
        return plain;
      case "friends":
        return draw.chance(500) ? friendBook : friendAds;
      case "profile":
        return atMs >= PROFILE_ADS_FROM_MS && draw.chance(700) ? profileAds : profile;
    }
  }

  #grant(point: number, notice: number, atMs: number, spelling: number, giver = -1): void {
    const draw = this.#draw;
    const at = this.grants++;
    this.grantPoint[at] = point;
    this.grantNotice[at] = notice;
    this.grantByBareId[at] =
      isInForce(notice, atMs) && draw.chance(notice === profile || notice === profileAds ? 700 : 60) ? 1 : 0;
    this.grantAtMs[at] = atMs;
    this.grantVerifiedAfterMinutes[at] = draw.chance(850) ? 1 + draw.below(600) : 0;
    this.grantGiver[at] = giver === -1 && draw.chance(10) ? this.account : giver;
    this.grantSpelling[at] = spelling;
  }

  /** The same row once more. */
  #repeat(): void {
    const [from, to] = [this.grants - 1, this.grants++];
    this.grantPoint[to] = this.grantPoint[from]!;
    this.grantNotice[to] = this.grantNotice[from]!;
    this.grantByBareId[to] = this.grantByBareId[from]!;
    this.grantAtMs[to] = this.grantAtMs[from]!;
    this.grantVerifiedAfterMinutes[to] = this.grantVerifiedAfterMinutes[from]!;
    this.grantGiver[to] = this.grantGiver[from]!;
    this.grantSpelling[to] = this.grantSpelling[from]!;
  }

  /** An event on a contact point (or, with -1, the account) within the given time. */
  #event(point: number, fromMs: number, toMs: number): void {
    const draw = this.#draw;
    const at = this.events++;
    const which = draw.below(100);
    this.eventPoint[at] = point;
    this.eventType[at] = which < 76 ? WITHDRAW : which < 88 ? ERASE : DISOWN;
    this.eventPurpose[at] =
      which < 45 ? NO_PURPOSE : which < 62 ? ADS_MATCH : which < 76 ? 2 + draw.below(3) : NO_PURPOSE;
    this.eventAtMs[at] = this.#instant(fromMs, toMs);
    this.eventSpelling[at] = point >= 0 ? this.#spelling(this.kind[point]!, point) : 0;
  }

  /** How it is typed: most people type it as it is. */
  #spelling(kind: number, slot: number): number {
    const at = this.#draw.below(1000);
    if (kind === PHONE) return at < 20 ? SPELLING.spaced : at < 40 ? SPELLING.dashed : SPELLING.asIs;
    if (kind !== EMAIL) return at < 30 ? SPELLING.upper : at < 60 ? SPELLING.tag : SPELLING.asIs;
    if (at < 40) return SPELLING.title;
    if (at < 60) return SPELLING.upper;
    if (at < 85) return SPELLING.tag;
    if (at < 90) return SPELLING.blanks;
    if (at < 95) return SPELLING.blanks + SPELLING.title;
    if (at < 130 && this.people.isGmail(this.person[slot]!, slot)) return at < 110 ? SPELLING.dot : SPELLING.twin;
    return SPELLING.asIs;
  }

  /** A spelling of the same contact point in another plain form, where there is one. */
  #otherSpelling(kind: number, slot: number, spelling: number): number {
    if (kind === PHONE) return spelling === SPELLING.asIs ? SPELLING.spaced : SPELLING.asIs;
    if (kind !== EMAIL) return spelling ^ SPELLING.upper;
    if (!this.people.isGmail(this.person[slot]!, slot)) return spelling ^ SPELLING.tag;
    return spelling ^ [SPELLING.dot, SPELLING.tag, SPELLING.twin][this.#draw.below(3)]!;
  }

  /** An instant in a stretch of time; one in sixteen has milliseconds. */
  #instant(fromMs: number, toMs: number): number {
    const draw = this.#draw;
    const seconds = fromMs + draw.below((toMs - fromMs) / 1000) * 1000;
    return (draw.next() & 15) === 0 ? Math.min(toMs, seconds + draw.below(1000)) : seconds;
  }
}

/** Whether a row that names the bare id of this notice at that time means this version. */
function isInForce(notice: number, atMs: number): boolean {
  return notice !== profile || atMs < PROFILE_ADS_FROM_MS;
}

/** Whether an event takes away what was given for matching. */
export function coversAds(type: number, purpose: number): boolean {
  return type !== WITHDRAW || purpose === NO_PURPOSE || purpose === ADS_MATCH;
}
