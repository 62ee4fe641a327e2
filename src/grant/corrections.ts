/**
 * Corrections in force, by the leaves that brought them: an incident that was contained holds grants to what its claim
 * says of their notices, until that is undone.
 *
 * A notice that no correction is about costs one look into a table of bytes; what is said here of the others can only
 * narrow.
 */
import { type Correction, Meanings, type NoticeBook } from "../purpose/index.js";

/** What one leaf says of corrections. */
export interface CorrectionStep {
  /** Ledger position of the leaf. */
  readonly position: number;
  readonly incident: string;
  readonly type: "contain" | "undo";
  /** What is held from now on; of an undo, what is held no more. */
  readonly corrections: readonly Correction[];
}

/** Whether a grant under a notice, given at an instant, is one that some corrections are about. */
export const isCovered = (corrections: readonly Correction[], notice: number, givenAtMs: number): boolean =>
  corrections.some((one) => one.notice === notice && one.fromMs <= givenAtMs && givenAtMs < one.toMs);

/** Notice versions are numbered in two bytes. */
const NOTICES = 2 ** 16;

export class Corrections {
  readonly #book: NoticeBook;
  #steps: CorrectionStep[] = [];
  /** Made when it is asked for: a snapshot is read before the notices are. */
  #meanings: Meanings | undefined;
  /** 1 where `meanings` says of a notice version something else than the book. */
  readonly #isCorrected = new Uint8Array(NOTICES);

  constructor(book: NoticeBook) {
    this.#book = book;
  }

  /** All of them, in the order of their leaves. */
  get steps(): readonly CorrectionStep[] {
    return this.#steps;
  }

  /** What grants mean now. */
  get meanings(): Meanings {
    this.#meanings ??= new Meanings(this.#book, this.inForce());
    return this.#meanings;
  }

  /** NOTICE_CLASS bits of what was given under a notice version at an instant. */
  classOf(notice: number, givenAtMs: number): number {
    return this.#isCorrected[notice] === 1 ? this.meanings.classOf(notice, givenAtMs) : this.#book.classes[notice]!;
  }

  /** Whether an incident is contained now. */
  isContained(incident: string): boolean {
    return this.#steps.findLast((step) => step.incident === incident)?.type === "contain";
  }

  /** What is held by the first `count` steps, of all incidents but those left out. */
  inForce(count = this.#steps.length, isLeftOut: (incident: string) => boolean = () => false): Correction[] {
    const held = new Map<string, readonly Correction[]>();
    for (const { incident, type, corrections } of this.#steps.slice(0, count)) {
      if (type === "contain") held.set(incident, corrections);
      else held.delete(incident);
    }
    return [...held].flatMap(([incident, corrections]) => (isLeftOut(incident) ? [] : corrections));
  }

  take(step: CorrectionStep): void {
    this.#steps.push(step);
    this.#settle();
  }

  /** Takes the last steps back. */
  truncate(count: number): void {
    if (count === this.#steps.length) return;
    this.#steps.length = count;
    this.#settle();
  }

  #settle(): void {
    this.#meanings = undefined;
    this.#isCorrected.fill(0);
    for (const { notice } of this.inForce()) this.#isCorrected[notice] = 1;
  }
}
