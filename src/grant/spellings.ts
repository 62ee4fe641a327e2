/**
 * Spellings of a contact point: each grant of the current stretch of permission has a tag, under which its tokens are in the
 * index. A spelling has tokens only while its own grant is later than X and V (`ads-promise.ts`); once they have left, they
 * stay out for the rest of the stretch.
 */
import { NOTICE_CLASS } from "../purpose/index.js";
import type { AdsPromise } from "./ads-promise.js";
import type { Corrections } from "./corrections.js";
import { type History, WHAT } from "./history.js";
import { NO_GRANT, type PointTable } from "./point-table.js";
import type { Stretches } from "./stretches.js";

/** Spellings of one contact point that can have tokens in one stretch of permission. */
const MAX_SPELLINGS = 15;

/** What spellings are told from. */
interface Told {
  readonly points: PointTable;
  readonly more: History;
  readonly corrections: Corrections;
  /** The ordinal of the current stretch. */
  ordinalOf(number: number): number;
}

export class Spellings {
  readonly #told: Told;
  readonly #stretches: Stretches;
  readonly #promise: AdsPromise;
  /** By ordinal: bits of the tags whose tokens have left the index for good. */
  readonly #buried = new Map<number, number>();

  constructor(told: Told, stretches: Stretches, promise: AdsPromise) {
    this.#told = told;
    this.#stretches = stretches;
    this.#promise = promise;
  }

  /** A tag that no spelling of the current stretch has, or `WHAT.noTag` when all are taken. */
  freeTag(number: number): number {
    const used = this.#used(number);
    for (let tag = 0; tag < MAX_SPELLINGS; tag++) if ((used & (1 << tag)) === 0) return tag;
    return WHAT.noTag;
  }

  /** Bits of the tags whose own grant is later than X and V, and whose tokens have not left. */
  standing(number: number): number {
    const bound = this.#promise.weigh(number).boundMs;
    const { corrections } = this.#told;
    let standing = 0;
    this.#forEach(number, (notice, what, givenAtMs) => {
      const namesAds = (corrections.classOf(notice, givenAtMs) & NOTICE_CLASS.namesAds) !== 0;
      if (namesAds && (what & WHAT.verified) !== 0 && givenAtMs > bound) standing |= 1 << (what & WHAT.tagMask);
    });
    return standing & ~(1 << WHAT.noTag) & ~this.#buriedOf(number);
  }

  /** Buries the spellings that stand no more. @returns bits of their tags */
  bury(number: number): number {
    const buried = this.#buriedOf(number);
    const dead = this.#used(number) & ~this.standing(number) & ~buried;
    if (dead !== 0) this.#buried.set(this.#told.ordinalOf(number), buried | dead);
    return dead;
  }

  /** Takes back what `bury` did. */
  exhume(ordinal: number, tags: number): void {
    const left = this.#buried.get(ordinal)! & ~tags;
    if (left === 0) this.#buried.delete(ordinal);
    else this.#buried.set(ordinal, left);
  }

  /** Bits of the tags given in the current stretch. */
  #used(number: number): number {
    let used = 0;
    this.#forEach(number, (_, what) => (used |= 1 << (what & WHAT.tagMask)));
    return used & ~(1 << WHAT.noTag);
  }

  /** The grants of the current stretch. */
  #forEach(number: number, tell: (notice: number, what: number, givenAtMs: number) => void): void {
    const { points, more } = this.#told;
    const since = this.#stretches.leafOf(number);
    if (this.#stretches.ordinalOf(number) < 0 && points.notice[number] !== NO_GRANT)
      tell(points.notice[number]!, points.what[number]!, points.givenAtMs(number));
    for (let entry = more.newest(number); entry >= 0; entry = more.older(entry)) {
      const isOfStretch = more.leaf[entry]! >= since;
      if (isOfStretch && (more.what[entry]! & WHAT.event) === 0)
        tell(more.notice[entry]!, more.what[entry]!, more.atMs[entry]!);
    }
  }

  #buriedOf(number: number): number {
    return this.#buried.get(this.#told.ordinalOf(number)) ?? 0;
  }

  /** Numbers of a snapshot. */
  save(): Uint32Array {
    return Uint32Array.from([...this.#buried].flat());
  }

  restore(numbers: Uint32Array): void {
    for (let i = 0; i < numbers.length; i += 2) this.#buried.set(numbers[i]!, numbers[i + 1]!);
  }
}
