/**
 * Corrections: what a notice version is held to have said, for what was given under it in some span of time.
 *
 * A correction can only narrow. What it leaves out of marketing, ads and sharing is taken away, and a promise of
 * exclusivity that it adds counts; it never permits what the notice itself did not, whatever it claims. Several that
 * cover one grant all hold.
 */
import { classOf, NOTICE_CLASS, type NoticeBook } from "./notice.js";
import { isPromotional, type Purpose } from "./purposes.js";

export interface Correction {
  /** Index of the notice version in the book. */
  readonly notice: number;
  /** Of grants given from here (inclusive) to there (exclusive), milliseconds since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly purposes: readonly Purpose[];
  readonly exclusive: boolean;
}

interface Narrowing {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bits: number;
  readonly purposes: ReadonlySet<Purpose>;
}

/** What grants mean, by their notice and when they were given. */
export class Meanings {
  readonly #book: NoticeBook;
  /** By index of notice version. */
  readonly #narrowings = new Map<number, Narrowing[]>();

  constructor(book: NoticeBook, corrections: Iterable<Correction> = []) {
    this.#book = book;
    for (const { notice, fromMs, toMs, purposes, exclusive } of corrections) {
      const bits = classOf({ ...book.version(notice).notice, purposes: [...purposes], exclusive });
      const narrowing = { fromMs, toMs, bits, purposes: new Set(purposes) };
      const known = this.#narrowings.get(notice);
      if (known === undefined) this.#narrowings.set(notice, [narrowing]);
      else known.push(narrowing);
    }
  }

  /** Whether any grant under a notice version means something else than its text says. */
  isCorrected(notice: number): boolean {
    return this.#narrowings.has(notice);
  }

  /** NOTICE_CLASS bits of what was given under a notice version at an instant. */
  classOf(notice: number, givenAtMs: number): number {
    let bits = this.#book.classes[notice]!;
    const narrowings = this.#narrowings.get(notice);
    if (narrowings === undefined) return bits;
    for (const narrowing of narrowings) {
      if (givenAtMs < narrowing.fromMs || givenAtMs >= narrowing.toMs) continue;
      bits = (bits & (narrowing.bits | ~NOTICE_CLASS.namesAds)) | (narrowing.bits & ADDED);
    }
    return bits;
  }

  /** Purposes of what was given under a notice version at an instant. */
  purposesOf(notice: number, givenAtMs: number): readonly Purpose[] {
    const { purposes } = this.#book.version(notice).notice;
    const holding = (this.#narrowings.get(notice) ?? []).filter(
      ({ fromMs, toMs }) => givenAtMs >= fromMs && givenAtMs < toMs,
    );
    return purposes.filter((purpose) => !isPromotional(purpose) || holding.every((one) => one.purposes.has(purpose)));
  }
}

/** What a correction can add. */
const ADDED = NOTICE_CLASS.excludesAds | NOTICE_CLASS.guarded;
