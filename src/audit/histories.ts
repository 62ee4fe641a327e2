/**
 * Histories: which contact point each row of an account without a value may have been of. A contact is one of the known values
 * of its kind, or one of its own, alone or with others that have none; an event is of any of these, or of none that is known.
 */
import { type Account, NO_LABEL } from "./account.js";

/** A fact of no contact point that is known, and one of all of them. */
export const NOWHERE = -2;
export const EVERYWHERE = -1;

/** An account with more histories than this is told apart, and not looked at in all of them. */
export const MAX_HISTORIES = 2048;
/** Rows without a value of which as many histories come in any case. */
const MAX_UNLABELLED = 256;

/** One history: points, their kinds, and the point of each fact. */
export class History {
  points = 0;
  readonly pointKind: number[] = [];
  readonly factPoint: number[] = [];
  readonly labelPoint: number[] = [];
  readonly #unlabelled: number[] = [];
  #left = 0;

  /** Whether an account plainly has one history alone. */
  static isOne(account: Account): boolean {
    const { facts, contacts, labels, labelKind, factKind } = account;
    let kinds = 0;
    for (let fact = 0; fact < facts; fact++) {
      if (!account.isUnlabelled(fact)) continue;
      const kind = factKind[fact]!;
      if (fact >= contacts || (kinds & (1 << kind)) !== 0) return false;
      kinds |= 1 << kind;
    }
    for (let label = 0; label < labels; label++) if ((kinds & (1 << labelKind[label]!)) !== 0) return false;
    return true;
  }

  /**
   * Tells each history of an account, up to a limit; it is this object, changed from one to the next.
   * @returns whether those were all
   */
  forEach(account: Account, limit: number, tell: () => void): boolean {
    const { labels, facts } = account;
    this.points = 0;
    for (let label = 0; label < labels; label++) {
      if (account.rootOf(label) !== label) continue;
      this.pointKind[this.points] = account.labelKind[label]!;
      this.labelPoint[label] = this.points++;
    }
    for (let label = 0; label < labels; label++) this.labelPoint[label] = this.labelPoint[account.rootOf(label)]!;
    this.#unlabelled.length = 0;
    for (let fact = 0; fact < facts; fact++) {
      const label = account.factLabel[fact]!;
      if (label !== NO_LABEL) this.factPoint[fact] = this.labelPoint[label]!;
      else if (account.isUnlabelled(fact)) this.#unlabelled.push(fact);
      else this.factPoint[fact] = EVERYWHERE;
    }
    this.#left = this.#unlabelled.length > MAX_UNLABELLED ? -1 : limit;
    this.#assign(account, 0, tell);
    return this.#left >= 0;
  }

  #assign(account: Account, from: number, tell: () => void): void {
    if (this.#left < 0) return;
    if (from === this.#unlabelled.length) {
      if (this.#left-- > 0) tell();
      return;
    }
    const fact = this.#unlabelled[from]!;
    const kind = account.factKind[fact]!;
    const { points } = this;
    for (let point = 0; point < points; point++) {
      if (this.pointKind[point] !== kind) continue;
      this.factPoint[fact] = point;
      this.#assign(account, from + 1, tell);
    }
    if (fact < account.contacts) {
      this.pointKind[points] = kind;
      this.factPoint[fact] = points;
      this.points = points + 1;
      this.#assign(account, from + 1, tell);
      this.points = points;
    } else {
      this.factPoint[fact] = NOWHERE;
      this.#assign(account, from + 1, tell);
    }
  }
}
