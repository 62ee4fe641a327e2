/**
 * The last specific promise for `ads.match` through time, in two readings of the same facts: as it was believed, and as a
 * correction of its notices says. From the grants and events of one contact point to the spans between the instants at
 * which anything changes.
 */
import { grown } from "../column/index.js";
import {
  type Correction,
  isSecurity,
  Meanings,
  NOTICE_CLASS,
  type NoticeBook,
  type Purpose,
  purposeCode,
} from "../purpose/index.js";

/** Bits of what holds of a contact point in a span of time; above them a bit for each security purpose, by its code. */
export const SPAN = {
  /** Permitted as believed. */
  believed: 1,
  /** Permitted as believed, and not as corrected. */
  wrong: 2,
  /** Was given under a claimed notice. */
  claimed: 4,
  purposes: 3,
} as const;

/** What grants under a notice version come to, of one span of time; of another what the next says. */
export interface Meant {
  /** Exclusive. */
  readonly toMs: number;
  /** NOTICE_CLASS bits, in both folds. */
  readonly believed: number;
  readonly corrected: number;
  /** SPAN bits by the claim. */
  readonly claim: number;
}

/** What one entry says for `ads.match`. */
export const ENTRY = { grants: 1, excludes: 2, revokes: 4 } as const;

export function entryBits(bits: number, isVerified: boolean): number {
  if ((bits & NOTICE_CLASS.self) === 0) return 0;
  if ((bits & NOTICE_CLASS.namesAds) !== 0) return isVerified ? ENTRY.grants : 0;
  return (bits & NOTICE_CLASS.excludesAds) !== 0 ? ENTRY.excludes : 0;
}

export const purposeBits = (purposes: readonly Purpose[]): number =>
  purposes.reduce((bits, purpose) => bits | (isSecurity(purpose) ? 1 << (SPAN.purposes + purposeCode(purpose)) : 0), 0);

/** What grants mean, by notice version: of those that anything is said of, span by span to the last instant. */
export function meanings(book: NoticeBook, held: readonly Correction[], claimed: readonly Correction[]): Meant[][] {
  const [believed, corrected] = [new Meanings(book, held), new Meanings(book, [...held, ...claimed])];
  const all = [...held, ...claimed];
  const meant: Meant[][] = [];
  for (const notice of new Set(all.map((one) => one.notice))) {
    const own = all.filter((one) => one.notice === notice);
    const ends = [...new Set([...own.flatMap(({ fromMs, toMs }) => [fromMs, toMs]), Number.POSITIVE_INFINITY])];
    meant[notice] = ends
      .sort((a, b) => a - b)
      .map((toMs, i) => {
        const atMs = i === 0 ? Number.NEGATIVE_INFINITY : ends[i - 1]!;
        const holding = claimed.filter((one) => one.notice === notice && one.fromMs <= atMs && atMs < one.toMs);
        const claim = holding.reduce((bits, { purposes }) => bits | SPAN.claimed | purposeBits(purposes), 0);
        return { toMs, believed: believed.classOf(notice, atMs), corrected: corrected.classOf(notice, atMs), claim };
      });
  }
  return meant;
}

export function meantAt(meant: readonly Meant[], givenAtMs: number): Meant {
  let i = 0;
  while (givenAtMs >= meant[i]!.toMs) i++;
  return meant[i]!;
}

const ENTRIES_AT_FIRST = 64;

/** Grants and events of one contact point, in the order of their times. */
export class PromiseEntries {
  #atMs: Float64Array = new Float64Array(ENTRIES_AT_FIRST);
  #bits: Uint8Array = new Uint8Array(ENTRIES_AT_FIRST);
  #correctedBits: Uint8Array = new Uint8Array(ENTRIES_AT_FIRST);
  #claimBits: Uint8Array = new Uint8Array(ENTRIES_AT_FIRST);
  #count = 0;

  clear(): void {
    this.#count = 0;
  }

  /**
   * Puts an entry in its place by time.
   * @param bits ENTRY bits as believed; `corrected` as corrected, where what revokes is in `bits` alone
   * @param claim SPAN bits by the claim
   */
  add(atMs: number, bits: number, corrected: number, claim: number): void {
    if (this.#count === this.#atMs.length) {
      const length = this.#count + 1;
      this.#atMs = grown(this.#atMs, length);
      this.#bits = grown(this.#bits, length);
      this.#correctedBits = grown(this.#correctedBits, length);
      this.#claimBits = grown(this.#claimBits, length);
    }
    let at = this.#count++;
    for (; at > 0 && this.#atMs[at - 1]! > atMs; at--) {
      this.#atMs[at] = this.#atMs[at - 1]!;
      this.#bits[at] = this.#bits[at - 1]!;
      this.#correctedBits[at] = this.#correctedBits[at - 1]!;
      this.#claimBits[at] = this.#claimBits[at - 1]!;
    }
    this.#atMs[at] = atMs;
    this.#bits[at] = bits;
    this.#correctedBits[at] = corrected;
    this.#claimBits[at] = claim;
  }

  /** Tells each span of equal state: from when, and its SPAN bits. Before the first nothing holds. */
  fold(tell: (fromMs: number, state: number) => void): void {
    let granted = -1;
    let excluded = -1;
    let correctedGranted = -1;
    let correctedExcluded = -1;
    let revoked = -1;
    let claim = 0;
    let before = -1;
    for (let i = 0; i < this.#count; i++) {
      const atMs = this.#atMs[i]!;
      const bits = this.#bits[i]!;
      const corrected = this.#correctedBits[i]!;
      if ((bits & ENTRY.grants) !== 0) granted = atMs;
      if ((bits & ENTRY.excludes) !== 0) excluded = atMs;
      if ((corrected & ENTRY.grants) !== 0) correctedGranted = atMs;
      if ((corrected & ENTRY.excludes) !== 0) correctedExcluded = atMs;
      if ((bits & ENTRY.revokes) !== 0) revoked = atMs;
      claim |= this.#claimBits[i]!;
      if (i + 1 < this.#count && this.#atMs[i + 1] === atMs) continue;
      const isBelieved = granted > excluded && granted > revoked;
      const isRight = correctedGranted > correctedExcluded && correctedGranted > revoked;
      const state = claim | (isBelieved ? SPAN.believed | (isRight ? 0 : SPAN.wrong) : 0);
      if (state === before) continue;
      tell(atMs, state);
      before = state;
    }
  }
}
