/**
 * How many contact points may be used for each purpose now: the same answer as `standingGrants` of each, counted once and
 * kept up.
 *
 * Two bytes a contact point, from the first asking on: a bit for each purpose that stands. Whoever asks weighs what is new
 * or has changed since the last time, in short sections of the writer's, and without an object for any; so the first asking
 * is one walk over the columns, every other one costs what was committed in between, and intake pays nothing but a note of
 * which of the known contact points it changed.
 */
import { setImmediate as turn } from "node:timers/promises";
import { grown } from "../column/index.js";
import { isPromotional, NOTICE_CLASS, type Purpose, purposeCode, purposeNames } from "../purpose/index.js";
import { OrdinalSet } from "../set/index.js";
import type { Contacts } from "./contacts.js";
import { covers } from "./events.js";
import { WHAT } from "./history.js";
import { FLAG, NO_GRANT } from "./point-table.js";

export interface PurposeCount {
  readonly purpose: Purpose;
  readonly contacts: number;
}

export interface CountedPurposes {
  /** Ledger position (number of leaves) that was counted at. */
  readonly asOf: number;
  /** Contact points in all, but for those that were erased. */
  readonly contacts: number;
  readonly purposes: readonly PurposeCount[];
}

/** Who lets a section run alone, after everything before it counts. */
interface Sections {
  readonly position: number;
  exclusiveSettled<T>(section: () => T): Promise<T>;
}

/** Contact points that are weighed in one section: some hundredths of a second. */
const AT_ONCE = 1 << 18;
const PURPOSES = purposeNames.length;
/** Bits of a mask beside the purposes'. */
const EXISTS = 1 << 15;
/** Bits of what a notice means beside the purposes'. */
const [IS_KNOWN, IS_SELF, IS_EXCLUSIVE] = [1 << 15, 1 << 14, 1 << 13];
const PROMOTIONAL = bitsOf(purposeNames.filter(isPromotional));

export class PurposeCounts {
  readonly #contacts: Contacts;
  #masks: Uint16Array = new Uint16Array(0);
  /** By code of purpose. */
  readonly #counts = new Array<number>(PURPOSES).fill(0);
  #existing = 0;
  /** Ids below this were weighed. */
  #weighed = 0;
  /** Of these, those that changed since. */
  readonly #changed = OrdinalSet.empty();
  /** By notice version: what it means, where no correction is about it. */
  readonly #meanings = new Uint16Array(2 ** 16);
  readonly #grantedMs = new Float64Array(PURPOSES);
  readonly #boundMs = new Float64Array(PURPOSES);

  constructor(contacts: Contacts) {
    this.#contacts = contacts;
    contacts.whenChanged((numbers) => {
      if (this.#weighed > 0) this.#changed.addAll(numbers);
    });
  }

  /**
   * Counts all that is durable.
   * @param onProgress hears how many contact points were weighed, of how many
   */
  async count(sections: Sections, onProgress?: (done: number, total: number) => void): Promise<CountedPurposes> {
    for (;;) {
      const counted = await sections.exclusiveSettled(() =>
        this.#weighSome() ? this.#counted(sections.position) : undefined,
      );
      if (counted !== undefined) return counted;
      onProgress?.(this.#weighed, this.#contacts.points.count);
      await turn();
    }
  }

  #counted(asOf: number): CountedPurposes {
    const purposes = purposeNames.map((purpose, code) => ({ purpose, contacts: this.#counts[code]! }));
    return { asOf, contacts: this.#existing, purposes };
  }

  /** Only in a section. @returns whether nothing is left to be weighed */
  #weighSome(): boolean {
    const { points } = this.#contacts;
    // Where most has changed it is all weighed again, in order.
    if (this.#changed.size > this.#weighed / 2) this.#forget();
    if (this.#masks.length < points.count) this.#masks = grown(this.#masks, points.count);
    let left = AT_ONCE;
    for (; left > 0 && this.#weighed < points.count; left--) this.#note(this.#weighed++);
    if (left === 0) return this.#weighed === points.count && this.#changed.size === 0;
    const changed = this.#changed.toArray().subarray(0, left);
    for (const number of changed) this.#note(number);
    this.#changed.removeAll(changed);
    return this.#changed.size === 0;
  }

  #forget(): void {
    this.#changed.clear();
    this.#masks.fill(0);
    this.#counts.fill(0);
    this.#existing = 0;
    this.#weighed = 0;
  }

  #note(number: number): void {
    const before = this.#masks[number]!;
    const after = this.#weigh(number);
    if (before === after) return;
    this.#masks[number] = after;
    for (let code = 0; code < PURPOSES; code++) {
      this.#counts[code]! += ((after >> code) & 1) - ((before >> code) & 1);
    }
    this.#existing += (after & EXISTS) / EXISTS - (before & EXISTS) / EXISTS;
  }

  /** Bits of the purposes that stand. */
  #weigh(number: number): number {
    const { points, more, accountEvents } = this.#contacts;
    if (points.isLaterOrdinal(number) || points.isForgotten(number)) return 0;
    this.#grantedMs.fill(-1);
    this.#boundMs.fill(-1);
    const notice = points.notice[number]!;
    if (notice !== NO_GRANT) this.#weighGrant(notice, points.what[number]!, points.givenAtMs(number));
    const newest = (points.flags[number]! & FLAG.more) === 0 ? -1 : more.newest(number);
    for (let entry = newest; entry >= 0; entry = more.older(entry)) {
      const [what, atMs] = [more.what[entry]!, more.atMs[entry]!];
      if ((what & WHAT.event) === 0) this.#weighGrant(more.notice[entry]!, what, atMs);
      else this.#weighEvent(more.notice[entry]!, atMs);
    }
    const account = points.account[number]!;
    for (let entry = accountEvents.newest(account); entry >= 0; entry = accountEvents.older(entry)) {
      this.#weighEvent(accountEvents.notice[entry]!, accountEvents.atMs[entry]!);
    }
    let mask = EXISTS;
    for (let code = 0; code < PURPOSES; code++) {
      if (this.#grantedMs[code]! > this.#boundMs[code]!) mask |= 1 << code;
    }
    return mask;
  }

  #weighGrant(notice: number, what: number, atMs: number): void {
    if ((what & WHAT.byOther) !== 0) return;
    const meaning = this.#meaningOf(notice, atMs);
    if ((meaning & IS_SELF) === 0) return;
    for (let code = 0; code < PURPOSES; code++) {
      const takenAway = (PROMOTIONAL >> code) & 1;
      if (((meaning >> code) & 1) === 1) {
        const counts = takenAway === 0 || (what & WHAT.verified) !== 0;
        if (counts && atMs > this.#grantedMs[code]!) this.#grantedMs[code] = atMs;
      } else if (takenAway === 1 && (meaning & IS_EXCLUSIVE) !== 0 && atMs > this.#boundMs[code]!) {
        this.#boundMs[code] = atMs;
      }
    }
  }

  #weighEvent(typeAndPurpose: number, atMs: number): void {
    for (let code = 0; code < PURPOSES; code++) {
      if (atMs <= this.#boundMs[code]!) continue;
      if (covers(typeAndPurpose & 0xff, typeAndPurpose >> 8, purposeNames[code]!)) this.#boundMs[code] = atMs;
    }
  }

  #meaningOf(notice: number, atMs: number): number {
    const { meanings } = this.#contacts.corrections;
    const isCorrected = meanings.isCorrected(notice);
    if (!isCorrected && this.#meanings[notice] !== 0) return this.#meanings[notice]!;
    const isSelf = (meanings.classOf(notice, atMs) & NOTICE_CLASS.self) !== 0;
    const meaning =
      bitsOf(meanings.purposesOf(notice, atMs)) |
      (isSelf ? IS_SELF : 0) |
      (meanings.isExclusive(notice, atMs) ? IS_EXCLUSIVE : 0) |
      IS_KNOWN;
    if (!isCorrected) this.#meanings[notice] = meaning;
    return meaning;
  }
}

function bitsOf(purposes: readonly Purpose[]): number {
  return purposes.reduce((bits, purpose) => bits | (1 << purposeCode(purpose)), 0);
}
