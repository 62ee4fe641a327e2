/**
 * Corrections: what a notice version is held to have said, for what was given under it in some span of time.
 *
 * A correction can only narrow. What it leaves out of marketing, ads and sharing is taken away, and a promise of
 * exclusivity that it adds counts; it never permits what the notice itself did not, whatever it claims. Several that
 * cover one grant all hold.
 */
import { classOf, NOTICE_CLASS, type Notice, type NoticeBook } from "./notice.js";
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

/** What a notice version means for grants of one span of time, with every correction that covers it. */
interface Meaning {
  /** Exclusive; the next one begins here. */
  readonly toMs: number;
  readonly bits: number;
  readonly purposes: readonly Purpose[];
  readonly isExclusive: boolean;
}

/** What grants mean, by their notice and when they were given. */
export class Meanings {
  readonly #book: NoticeBook;
  /** By index of notice version: spans in order, from the first instant to the last. */
  readonly #meanings = new Map<number, readonly Meaning[]>();

  constructor(book: NoticeBook, corrections: Iterable<Correction> = []) {
    this.#book = book;
    const all = [...corrections];
    for (const notice of new Set(all.map((correction) => correction.notice))) {
      const own = all.filter((correction) => correction.notice === notice);
      this.#meanings.set(notice, spans(book.version(notice).notice, own));
    }
  }

  /** Whether any grant under a notice version means something else than its text says. */
  isCorrected(notice: number): boolean {
    return this.#meanings.has(notice);
  }

  /** NOTICE_CLASS bits of what was given under a notice version at an instant. */
  classOf(notice: number, givenAtMs: number): number {
    return this.#meaning(notice, givenAtMs)?.bits ?? this.#book.classes[notice]!;
  }

  /** Purposes of what was given under a notice version at an instant. */
  purposesOf(notice: number, givenAtMs: number): readonly Purpose[] {
    return this.#meaning(notice, givenAtMs)?.purposes ?? this.#book.version(notice).notice.purposes;
  }

  /** Whether what was given under a notice version at an instant was promised to be for nothing else. */
  isExclusive(notice: number, givenAtMs: number): boolean {
    return this.#meaning(notice, givenAtMs)?.isExclusive ?? this.#book.version(notice).notice.exclusive;
  }

  #meaning(notice: number, givenAtMs: number): Meaning | undefined {
    const meanings = this.#meanings.get(notice);
    if (meanings === undefined) return undefined;
    let [low, high] = [0, meanings.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (givenAtMs < meanings[middle]!.toMs) high = middle;
      else low = middle + 1;
    }
    return meanings[low];
  }
}

function spans(notice: Notice, corrections: readonly Correction[]): Meaning[] {
  const ends = new Set([...corrections.flatMap(({ fromMs, toMs }) => [fromMs, toMs]), Number.POSITIVE_INFINITY]);
  return [...ends]
    .sort((a, b) => a - b)
    .map((toMs) => {
      // No correction begins or ends inside a span: one that covers its last instant covers it all.
      const holding = corrections.filter((one) => one.fromMs < toMs && toMs <= one.toMs);
      const purposes = notice.purposes.filter(
        (purpose) => !isPromotional(purpose) || holding.every((one) => one.purposes.includes(purpose)),
      );
      const exclusive = notice.exclusive || holding.some((one) => one.exclusive);
      const own = classOf({ subject: notice.subject, purposes, exclusive });
      const bits = holding.reduce((all, one) => all | (guardOf(notice, one) & NOTICE_CLASS.guarded), own);
      return { toMs, bits, purposes, isExclusive: exclusive };
    });
}

/** Bits of what a correction says by itself. */
const guardOf = ({ subject }: Notice, { purposes, exclusive }: Correction): number =>
  classOf({ subject, purposes: [...purposes], exclusive });
