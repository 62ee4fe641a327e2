/**
 * One person of the case of 2019, made anew from a seed whenever they are needed: their contacts, what each was given
 * for and when, and what they withdrew. The n-th person is always the same, so nothing of them is kept.
 *
 * Everybody has a sign-up e-mail, given under a notice that names ads. Of 330 M people about 2 M gave a phone for
 * two-factor login, 37 M a contact for recovery, 104 M one for unlocking: the numbers of the complaint (N.D. Cal.
 * 3:22-cv-3070, 25 May 2022). Some of these are one contact; some were given under a notice of ads as well, before or
 * after; some were withdrawn. Times are seconds since 1970.
 */
import { Draw } from "../../src/world/draw.js";

/** A contact point of a person: their number times SLOTS, plus its slot. */
export const SLOTS = 4;
export const SIGN_UP = 0;
/** What contacts were given for besides; the contact in the slot of the same number is of its own. */
export const SECURITY = [
  { slot: 1, notice: "two-factor", purpose: "security.mfa" },
  { slot: 2, notice: "recovery", purpose: "security.recovery" },
  { slot: 3, notice: "unlock", purpose: "security.unlock" },
] as const;
/** Index of notices in the peers' tables: sign-up, the three of security, then the profile page. */
export const PROFILE = 4;

export const FIRST_SIGN_UP = Date.UTC(2006, 6, 1) / 1000;
export const END = Date.UTC(2019, 8, 17) / 1000;
export const NEVER = Number.POSITIVE_INFINITY;

const PEOPLE = 330;
const IN_ALL = 0x1_0000_0000;
const shareOf = (millions: number): number => Math.floor((millions / PEOPLE) * IN_ALL);
const HAS = [0, shareOf(2), shareOf(37), shareOf(104)] as const;
/** Where the country was fed: one person in eight. */
const COUNTRIES = ["US", "DE", "BR", "IN", "JP"] as const;
const COUNTRY_OF = 8;

export class Person {
  readonly #draw = new Draw();
  readonly #seed: number;
  account = 0;
  country = "unknown";
  /** By slot: 1 for a phone. */
  readonly isPhone = new Uint8Array(SLOTS);
  /** By slot: when it was first given at all; NEVER for a contact that there is not. */
  readonly firstAt = new Float64Array(SLOTS);
  /** By slot: when it was given under a notice that names ads and is not claimed to be wrong. */
  readonly adsAt = new Float64Array(SLOTS);
  /** By slot, then by use (slot of SECURITY): when it was given for security. */
  readonly securityAt = new Float64Array(SLOTS * SLOTS);
  readonly withdrawnAt = new Float64Array(SLOTS);
  /** Spans in which it was used as believed and not permitted as corrected: at most two a slot, from and to. */
  readonly wrong = new Float64Array(SLOTS * 4);

  constructor(seed: number) {
    this.#seed = seed;
  }

  become(account: number): this {
    const draw = this.#draw.from(this.#seed, account, 1);
    this.account = account;
    for (const times of [this.adsAt, this.securityAt, this.withdrawnAt]) times.fill(NEVER);
    const fed = draw.below(COUNTRY_OF * COUNTRIES.length);
    this.country = fed < COUNTRIES.length ? COUNTRIES[fed]! : "unknown";
    const signUp = FIRST_SIGN_UP + draw.below(END - FIRST_SIGN_UP);
    this.adsAt[SIGN_UP] = signUp;
    this.isPhone[SIGN_UP] = 0;
    const later = () => signUp + 1 + draw.below(END - signUp);
    for (let use = 1; use < SLOTS; use++) {
      const has = draw.next() < HAS[use]!;
      const at = later();
      const which = draw.below(100);
      this.isPhone[use] = use === 1 || draw.chance(420) ? 1 : 0;
      const besides = draw.chance(60) ? later() : NEVER;
      if (!has) continue;
      const slot = this.#slotOf(use, which);
      this.securityAt[slot * SLOTS + use] = at;
      if (slot === use) this.adsAt[slot] = besides;
    }
    for (let slot = 0; slot < SLOTS; slot++) this.#settle(slot, draw.chance(15), draw.next());
    return this;
  }

  /** Some recovery and unlock contacts are one that the person gave already. */
  #slotOf(use: number, which: number): number {
    if (use === 2) return which < 10 ? SIGN_UP : 2;
    if (use === 3 && which < 5) return SIGN_UP;
    if (use === 3 && which < 25 && this.securityAt[2 * SLOTS + 2]! < NEVER) return 2;
    if (use === 3 && which < 60 && this.securityAt[1 * SLOTS + 1]! < NEVER) return 1;
    return use;
  }

  /** When it was first given, when it was withdrawn, and when it was used wrongly in between. */
  #settle(slot: number, withdraws: boolean, when: number): void {
    const { securityAt, wrong } = this;
    const ads = this.adsAt[slot]!;
    let [first, last, afterAds] = [NEVER, -1, NEVER];
    for (let use = 1; use < SLOTS; use++) {
      const at = securityAt[slot * SLOTS + use]!;
      if (at === NEVER) continue;
      first = Math.min(first, at);
      last = Math.max(last, at);
      // At one instant the promise that restricts wins.
      if (at >= ads) afterAds = Math.min(afterAds, at);
    }
    this.firstAt[slot] = Math.min(first, ads);
    const newest = Math.max(last, ads === NEVER ? -1 : ads);
    const withdrawn = withdraws && newest >= 0 && newest + 1 < END ? newest + 1 + (when % (END - newest)) : NEVER;
    this.withdrawnAt[slot] = withdrawn;
    const at = slot * 4;
    wrong[at] = first;
    wrong[at + 1] = Math.max(first, Math.min(ads, withdrawn));
    wrong[at + 2] = ads === NEVER ? NEVER : Math.max(first, afterAds);
    wrong[at + 3] = withdrawn;
    if (ads < first) wrong[at] = wrong[at + 1] = NEVER;
  }

  hasSecurity(slot: number): boolean {
    const at = slot * SLOTS;
    return Math.min(this.securityAt[at + 1]!, this.securityAt[at + 2]!, this.securityAt[at + 3]!) < NEVER;
  }
}
