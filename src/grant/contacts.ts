/**
 * The hot state of contact points: a fold of the facts of grants and events, and what is permitted now.
 *
 * The last specific promise wins (`ads-promise.ts`); each spelling has tokens by its own grant (`spellings.ts`).
 *
 * A leaf is applied as a `Change`: rows first, then `settle`, which says which stretches of permission end
 * and begin. Nothing is served by it until `publish`, after the leaf is durable; until then it can be
 * undone, in reverse order.
 */

import { Numbers } from "../column/index.js";
import { bytesOf, columnSections, jsonSection, readJson, type Section } from "../log/index.js";
import { Paging } from "../paging/index.js";
import { type Correction, NOTICE_CLASS, type NoticeBook } from "../purpose/index.js";
import { OrdinalSet, type ReadonlyOrdinalSet, sorted } from "../set/index.js";
import { viewF64, viewU16, viewU32 } from "../store/index.js";
import { AccountTable } from "./account-table.js";
import { AdsPromise } from "./ads-promise.js";
import { Arrivals } from "./arrivals.js";
import { type CorrectionStep, Corrections, isCovered } from "./corrections.js";
import { GrantError } from "./error.js";
import { History, WHAT } from "./history.js";
import { FLAG, NO_GRANT, PointTable } from "./point-table.js";
import { Spellings } from "./spellings.js";
import { Stretches } from "./stretches.js";
import { type TombstoneChange, Tombstones } from "./tombstones.js";

/** What one leaf did to the hot state; made by `begin`. */
export interface Change {
  readonly position: number;
  readonly knownBefore: number;
  readonly firstAccount: number;
  readonly firstPoint: number;
  readonly firstMore: number;
  readonly firstAccountEvent: number;
  readonly firstCorrection: number;
  readonly touched: Numbers;
  /** Ordinals of stretches that begin and end with this leaf. */
  readonly begun: Numbers;
  readonly ended: Numbers;
  /** Contact points permitted before and after. */
  readonly kept: Numbers;
  /** Spellings that lost their tokens though the contact point stays permitted: ordinal, bits of tags. */
  readonly droppedOrdinals: number[];
  readonly droppedTags: number[];
  /** Whether it added contact points or accounts; known once it is settled. */
  hasNewcomers: boolean | undefined;
  /** Contact points known before, newly permitted now, and guarded. */
  freed: number;
  /** Contact points known before that it changed, and the flags of each. */
  readonly changed: Numbers;
  readonly oldFlags: Numbers;
  /** Contact points that began a later stretch, and of each the ordinal + 1 and the leaf of the one before; 0 for none. */
  readonly restarted: Numbers;
  readonly oldOrdinals: Numbers;
  readonly oldLeaves: Numbers;
  /** What was erased: identities, names, and the tombstones that stand for them. */
  readonly forgotten: { number: number; identity: Uint32Array }[];
  readonly unnamed: { account: number; name: Uint8Array }[];
  readonly tombstones: TombstoneChange[];
}

/** A, X and V of one contact point, and what they come to. */
export type Standing = Readonly<Pick<AdsPromise, "grantedMs" | "excludedMs" | "revokedMs" | "isPermitted">>;

export class Contacts {
  readonly accounts: AccountTable;
  readonly points: PointTable;
  /** Per contact point: grants after the first, and events. */
  readonly more = new History();
  /** Per account: events that are about the whole account. */
  readonly accountEvents = new History();
  readonly tombstones = new Tombstones();
  /** What grants are held to mean, where an incident corrected their notices. */
  readonly corrections: Corrections;
  readonly #permitted = OrdinalSet.empty();
  readonly #stretches = new Stretches();
  readonly arrivals = new Arrivals();
  readonly #whenEnded: ((ordinals: Uint32Array, position: number) => void)[] = [];
  readonly #whenChanged: ((numbers: Uint32Array) => void)[] = [];
  readonly #promise: AdsPromise;
  readonly spellings: Spellings;

  constructor(book: NoticeBook, paging = Paging.none) {
    this.accounts = new AccountTable(paging);
    this.points = new PointTable(paging);
    this.corrections = new Corrections(book);
    this.#promise = new AdsPromise(this);
    this.spellings = new Spellings(this, this.#stretches, this.#promise);
  }

  /** Ordinals that may be used for `ads.match`, by what is durable. */
  get permitted(): ReadonlyOrdinalSet {
    return this.#permitted;
  }

  /**
   * @param position ledger position of the leaf
   * @param knownBefore contact points below this number were known before the run that the leaf is part of
   */
  begin(position: number, knownBefore = this.points.count): Change {
    return {
      position,
      knownBefore,
      firstAccount: this.accounts.count,
      firstPoint: this.points.count,
      firstMore: this.more.count,
      firstAccountEvent: this.accountEvents.count,
      firstCorrection: this.corrections.steps.length,
      touched: new Numbers(),
      begun: new Numbers(),
      ended: new Numbers(),
      kept: new Numbers(),
      droppedOrdinals: [],
      droppedTags: [],
      hasNewcomers: undefined,
      freed: 0,
      changed: new Numbers(),
      oldFlags: new Numbers(),
      restarted: new Numbers(),
      oldOrdinals: new Numbers(),
      oldLeaves: new Numbers(),
      forgotten: [],
      unnamed: [],
      tombstones: [],
    };
  }

  /** Adds a contact point without a grant, at the head of its account's chain. */
  addPoint(identities: Uint32Array, row: number, account: number, kind: number): number {
    const number = this.points.add(identities, row, account, kind);
    this.points.next[number] = this.accounts.firstPoint[account]!;
    this.accounts.firstPoint[account] = number + 1;
    return number;
  }

  /**
   * Adds a grant to a contact point of this or an earlier leaf.
   * @returns the entry in `more`, or -1 if it became the first grant
   */
  addGrant(change: Change, number: number, notice: number, what: number, givenAtMs: number, giver: number): number {
    const isOwnFirst =
      number >= change.firstPoint && this.points.notice[number] === NO_GRANT && (what & WHAT.byOther) === 0;
    const isUntouched = (this.points.flags[number]! & FLAG.more) === 0;
    let entry = -1;
    if (isOwnFirst && isUntouched) this.points.setFirstGrant(number, notice, what, givenAtMs);
    else entry = this.more.add(number, what, notice, givenAtMs, giver, change.position);
    const guarded = (this.corrections.classOf(notice, givenAtMs) & NOTICE_CLASS.guarded) !== 0 ? FLAG.guarded : 0;
    this.#touch(change, number, guarded | (entry < 0 ? 0 : FLAG.more));
    return entry;
  }

  /** Adds an event of one contact point. */
  addPointEvent(change: Change, number: number, type: number, purpose: number, atMs: number): void {
    this.more.add(number, WHAT.event, type | (purpose << 8), atMs, 0, change.position);
    this.#touch(change, number, FLAG.more);
  }

  /** Adds an event of a whole account. */
  addAccountEvent(change: Change, account: number, type: number, purpose: number, atMs: number): void {
    this.accountEvents.add(account, WHAT.event, type | (purpose << 8), atMs, 0, change.position);
    for (let point = this.accounts.firstPoint[account]! - 1; point >= 0; point = this.points.next[point]! - 1) {
      this.#touch(change, point, 0);
    }
  }

  /** Holds grants to what is said from now on: those that may mean something else than before are weighed anew. */
  correct(change: Change, step: CorrectionStep): void {
    this.corrections.take(step);
    // In ascending order, in which stretches begin wherever facts are folded.
    for (const number of sorted(this.#numbersGivenUnder(step.corrections))) {
      const guarded = this.#isGuarded(number) ? FLAG.guarded : 0;
      this.#touch(change, number, guarded);
      this.points.flags[number]! &= guarded | ~FLAG.guarded;
    }
  }

  /** Numbers of contact points of which a grant is covered by one of some corrections. */
  givenUnder(corrections: readonly Correction[]): OrdinalSet {
    return OrdinalSet.from(this.#numbersGivenUnder(corrections));
  }

  /** As `givenUnder`, in any order and some of them several times. */
  #numbersGivenUnder(corrections: readonly Correction[]): Uint32Array {
    const { points, more } = this;
    const found = new Numbers();
    // Of all that there are, few are looked at closely.
    const isNamed = new Uint8Array(NO_GRANT + 1);
    for (const { notice } of corrections) isNamed[notice] = 1;
    for (let number = 0; number < points.count; number++) {
      // The row of a later ordinal holds no grant.
      const notice = points.notice[number]!;
      if (isNamed[notice] === 0 || points.isLaterOrdinal(number)) continue;
      if (isCovered(corrections, notice, points.givenAtMs(number))) found.push(number);
    }
    for (let entry = 0; entry < more.count; entry++) {
      const notice = more.notice[entry]!;
      if (isNamed[notice] === 0 || (more.what[entry]! & WHAT.event) !== 0) continue;
      if (isCovered(corrections, notice, more.atMs[entry]!)) found.push(more.key(entry));
    }
    return found.values;
  }

  #isGuarded(number: number): boolean {
    const { points, more, corrections } = this;
    const guards = (notice: number, givenAtMs: number) =>
      (corrections.classOf(notice, givenAtMs) & NOTICE_CLASS.guarded) !== 0;
    if (points.notice[number] !== NO_GRANT && guards(points.notice[number]!, points.givenAtMs(number))) return true;
    if ((points.flags[number]! & FLAG.more) === 0) return false;
    for (let entry = more.newest(number); entry >= 0; entry = more.older(entry)) {
      if ((more.what[entry]! & WHAT.event) === 0 && guards(more.notice[entry]!, more.atMs[entry]!)) return true;
    }
    return false;
  }

  /** Ordinals of the stretches that a step would end, and contact points that it would permit; nothing is changed. */
  wouldChange(step: CorrectionStep): { readonly ended: Uint32Array; readonly begun: Uint32Array } {
    const [ended, begun] = [new Numbers(), new Numbers()];
    const before = this.corrections.steps.length;
    this.corrections.take(step);
    const given = this.givenUnder(step.corrections);
    try {
      for (const number of given.toArray()) {
        const { isPermitted } = this.standing(number);
        if (isPermitted === this.isPermitted(number)) continue;
        if (isPermitted) begun.push(number);
        else ended.push(this.ordinalOf(number));
      }
    } finally {
      given.dispose();
      this.corrections.truncate(before);
    }
    return { ended: ended.values, begun: begun.values };
  }

  /** Takes note of an erasure up to an instant; `digests` are 4 words each. */
  addTombstone(change: Change, digests: Uint32Array, row: number, atMs: number): void {
    change.tombstones.push(this.tombstones.add(digests, row, atMs));
  }

  /** Destroys the identity of a contact point. */
  forgetPoint(change: Change, number: number): void {
    change.forgotten.push({ number, identity: this.points.forget(number) });
  }

  /** Destroys the name of an account. */
  forgetAccount(change: Change, account: number): void {
    change.unnamed.push({ account, name: this.accounts.forget(account) });
  }

  /** Decides, for every touched contact point, whether its stretch ends, begins or goes on. */
  settle(change: Change): void {
    const { points, accounts } = this;
    change.hasNewcomers ??= points.count > change.firstPoint || accounts.count > change.firstAccount;
    for (const number of change.touched.values) {
      // Not kept over the loop: a stretch that begins may make the columns longer, and others.
      const { flags } = points;
      flags[number]! &= ~FLAG.touched;
      const was = (flags[number]! & FLAG.permitted) !== 0;
      const is = this.#promise.weigh(number).isPermitted;
      if (was && is) change.kept.push(number);
      else if (was) {
        flags[number]! &= ~FLAG.permitted;
        change.ended.push(this.ordinalOf(number));
      } else if (is) {
        change.begun.push(this.#beginStretch(change, number));
        if (number < change.knownBefore && (flags[number]! & FLAG.guarded) !== 0) change.freed++;
      }
    }
    change.touched.clear();
  }

  /** After tags are assigned: which spellings of contact points that stay permitted have lost their tokens. */
  dropDeadSpellings(change: Change): void {
    for (const number of change.kept.values) {
      if ((this.points.flags[number]! & FLAG.more) === 0) continue;
      const dead = this.spellings.bury(number);
      if (dead === 0) continue;
      change.droppedOrdinals.push(this.ordinalOf(number));
      change.droppedTags.push(dead);
    }
  }

  /** Makes a durable change count. */
  publish(change: Change): void {
    this.#permitted.removeAll(change.ended.values);
    this.#permitted.addAll(change.begun.values);
    const { position, firstPoint: first, firstAccount } = change;
    if (change.hasNewcomers) this.arrivals.add({ position, first, firstAccount });
    if (change.ended.count > 0) for (const tell of this.#whenEnded) tell(change.ended.values, change.position);
    if (change.changed.count > 0) for (const tell of this.#whenChanged) tell(change.changed.values);
  }

  /** Tells of stretches that have ended for good, when that counts. */
  whenEnded(tell: (ordinals: Uint32Array, position: number) => void): void {
    this.#whenEnded.push(tell);
  }

  /** Tells of contact points that were known before a leaf and that it changed, when that counts. */
  whenChanged(tell: (numbers: Uint32Array) => void): void {
    this.#whenChanged.push(tell);
  }

  /** Contact points and later ordinals below this number came with leaves before a position. */
  firstPointSince(position: number): number {
    return this.arrivals.since(position)?.first ?? this.points.count;
  }

  /** Takes back a change that did not become durable; the last one first. */
  undo(change: Change): void {
    for (const tombstone of change.tombstones.reverse()) this.tombstones.undo(tombstone);
    for (const { account, name } of change.unnamed.reverse()) this.accounts.recall(account, name);
    for (const { number, identity } of change.forgotten.reverse()) this.points.recall(number, identity);
    const [restarted, oldOrdinals] = [change.restarted.values, change.oldOrdinals.values];
    for (let i = restarted.length - 1; i >= 0; i--) {
      if (oldOrdinals[i] === 0) this.#stretches.delete(restarted[i]!);
      else this.#stretches.set(restarted[i]!, oldOrdinals[i]! - 1, change.oldLeaves.values[i]!);
    }
    const [changed, oldFlags] = [change.changed.values, change.oldFlags.values];
    for (let i = changed.length - 1; i >= 0; i--) this.points.flags[changed[i]!] = oldFlags[i]!;
    for (const [i, ordinal] of change.droppedOrdinals.entries()) {
      this.spellings.exhume(ordinal, change.droppedTags[i]!);
    }
    this.corrections.truncate(change.firstCorrection);
    this.more.truncate(change.firstMore);
    this.accountEvents.truncate(change.firstAccountEvent);
    for (let id = this.points.count - 1; id >= change.firstPoint; id--) {
      if (!this.points.isLaterOrdinal(id)) this.accounts.firstPoint[this.points.account[id]!] = this.points.next[id]!;
    }
    this.points.truncate(change.firstPoint);
    this.accounts.truncate(change.firstAccount);
  }

  /** The ordinal of the current, or last, stretch. */
  ordinalOf(number: number): number {
    const ordinal = this.#stretches.ordinalOf(number);
    return ordinal < 0 ? number : ordinal;
  }

  /** The ordinals of all stretches, the last one first. */
  ordinalsOf(number: number): number[] {
    const ordinals: number[] = [];
    let ordinal = this.ordinalOf(number);
    for (; ordinal !== number; ordinal = this.points.ordinalBefore(ordinal)) ordinals.push(ordinal);
    ordinals.push(number);
    return ordinals;
  }

  /** Position of the leaf at which the current, or last, stretch began; 0 for the first one. */
  stretchLeaf(number: number): number {
    return this.#stretches.leafOf(number);
  }

  isPermitted(number: number): boolean {
    return (this.points.flags[number]! & FLAG.permitted) !== 0;
  }

  /** A grant at `givenAtMs` would stand: later than X and V. Only after `settle`. */
  isLaterThanPromises(number: number, givenAtMs: number): boolean {
    return givenAtMs > this.#promise.weigh(number).boundMs;
  }

  standing(number: number): Standing {
    const { grantedMs, excludedMs, revokedMs, isPermitted } = this.#promise.weigh(number);
    return { grantedMs, excludedMs, revokedMs, isPermitted };
  }

  /** Whether tokens learned at `leaf` under `tag` belong in the index now. */
  tagStands(number: number, tag: number, leaf: number): boolean {
    if (!this.isPermitted(number)) return false;
    const stretchLeaf = this.stretchLeaf(number);
    if (stretchLeaf === 0 && (this.points.flags[number]! & FLAG.more) === 0) return tag === 0;
    return leaf >= stretchLeaf && (this.spellings.standing(number) & (1 << tag)) !== 0;
  }

  /**
   * Number of the account with this name.
   * @throws {GrantError} code `unknown-account`
   */
  account(name: string): number {
    const number = this.findAccount(name);
    if (number !== undefined) return number;
    throw unknownAccount();
  }

  /** Number of the account with this name, if it is known. */
  findAccount(name: string): number | undefined {
    const bytes = Buffer.from(name);
    const number = this.accounts.find(bytes, 0, bytes.length);
    return number < 0 ? undefined : number;
  }

  accountName(account: number): string {
    return Buffer.from(this.accounts.name(account)).toString();
  }

  /** The distinct accounts of ordinals, in the order of their names' bytes. */
  accountsOf(ordinals: Uint32Array): Uint32Array {
    const accounts = OrdinalSet.from(ordinals.map((ordinal) => this.points.account[ordinal]!));
    const sorted = accounts.toArray().sort((a, b) => this.accounts.compare(a, b));
    accounts.dispose();
    return sorted;
  }

  /** Contact points of an account, newest first. */
  pointsOf(account: number): number[] {
    const points: number[] = [];
    for (let point = this.accounts.firstPoint[account]! - 1; point >= 0; point = this.points.next[point]! - 1)
      points.push(point);
    return points;
  }

  /**
   * Numbers of the contact points that were given under these notices and no other, by whomever.
   * @param isOne by version index
   */
  givenOnlyUnder(isOne: readonly boolean[]): Uint32Array {
    const { points } = this;
    const found = new Numbers();
    for (let number = 0; number < points.count; number++) {
      if (!points.isLaterOrdinal(number) && this.#isGivenOnlyUnder(number, isOne)) found.push(number);
    }
    return found.values;
  }

  #isGivenOnlyUnder(number: number, isOne: readonly boolean[]): boolean {
    const { points, more } = this;
    const first = points.notice[number]!;
    if (first !== NO_GRANT && !isOne[first]!) return false;
    let isGiven = first !== NO_GRANT;
    if ((points.flags[number]! & FLAG.more) === 0) return isGiven;
    for (let entry = more.newest(number); entry >= 0; entry = more.older(entry)) {
      if ((more.what[entry]! & WHAT.event) !== 0) continue;
      if (!isOne[more.notice[entry]!]!) return false;
      isGiven = true;
    }
    return isGiven;
  }

  /** Makes what a snapshot held such that it can be looked up; otherwise the first look does, and takes long. */
  prepare(): void {
    this.accounts.prepare();
    this.points.prepare();
  }

  /** Sections of a snapshot. */
  save(): Section[] {
    const { names, ends, firstPoint } = this.accounts.sections();
    return [
      ...columnSections("accounts", [names, ends, firstPoint]),
      ...columnSections("identities", partsOf(this.points.identities)),
      ...columnSections("points", this.points.sections()),
      ...columnSections("more", this.more.sections()),
      ...columnSections("events", this.accountEvents.sections()),
      ...columnSections("tombstones", this.tombstones.sections()),
      ...columnSections("stretches", this.#stretches.sections()),
      { name: "arrivals", bytes: bytesOf(this.arrivals.save()) },
      { name: "permitted", bytes: this.#permitted.toBytes() },
      { name: "buried", bytes: bytesOf(this.spellings.save()) },
      jsonSection("corrections", this.corrections.steps),
    ];
  }

  restore(sections: ReadonlyMap<string, Uint8Array>): void {
    const u8 = (name: string): Uint8Array => {
      const bytes = sections.get(name);
      if (bytes === undefined) throw new GrantError("malformed-facts", `a snapshot lacks ${name}`);
      return bytes;
    };
    const u16 = (name: string): Uint16Array => viewU16(u8(name));
    const u32 = (name: string): Uint32Array => viewU32(u8(name));
    this.accounts.restore(u8("accounts.0"), u32("accounts.1"), u32("accounts.2"));
    const identities: Uint32Array[] = [];
    while (sections.has(`identities.${identities.length}`)) identities.push(u32(`identities.${identities.length}`));
    const [account, next, flags, notice] = [u32("points.0"), u32("points.1"), u8("points.2"), u16("points.3")];
    const [what, givenLow, givenHigh] = [u8("points.4"), u32("points.5"), u16("points.6")];
    this.points.restore(identities, account, next, flags, notice, what, givenLow, givenHigh);
    for (const [name, history] of [
      ["more", this.more],
      ["events", this.accountEvents],
    ] as const) {
      const [keys, atMs] = [u32(`${name}.0`), viewF64(u8(`${name}.3`))];
      history.restore(keys, u8(`${name}.1`), u16(`${name}.2`), atMs, u32(`${name}.4`), u32(`${name}.5`));
    }
    this.#stretches.restore(u32("stretches.0"), u32("stretches.1"), u32("stretches.2"));
    this.arrivals.restore(viewF64(u8("arrivals")));
    this.tombstones.restore(u32("tombstones.0"), viewF64(u8("tombstones.1")));
    for (const step of readJson(sections, "corrections") as CorrectionStep[]) this.corrections.take(step);
    this.spellings.restore(u32("buried"));
    this.#permitted.clear();
    this.#permitted.addSet(OrdinalSet.fromBytes(u8("permitted")));
  }

  #touch(change: Change, number: number, flags: number): void {
    const old = this.points.flags[number]!;
    if ((old & FLAG.touched) === 0) {
      change.touched.push(number);
      if (number < change.firstPoint) {
        change.changed.push(number);
        change.oldFlags.push(old);
      }
    }
    this.points.flags[number] = old | flags | FLAG.touched;
  }

  #beginStretch(change: Change, number: number): number {
    const { flags } = this.points;
    const isFirst = (flags[number]! & FLAG.begun) === 0;
    flags[number]! |= FLAG.permitted | FLAG.begun;
    if (isFirst) return number;
    change.restarted.push(number);
    const before = this.#stretches.ordinalOf(number);
    change.oldOrdinals.push(before + 1);
    change.oldLeaves.push(this.#stretches.leafOf(number));
    const ordinal = this.points.addOrdinal(number, before < 0 ? number : before);
    this.#stretches.set(number, ordinal, change.position);
    return ordinal;
  }
}

/** Of sections: identities, chains and instants of contact points, names of accounts and what is told of them but countries. */
export const isSeldomLookedAt = (section: string): boolean =>
  /^(identities\.\d+|points\.[156]|accounts\.[01]|fields\.[123])$/.test(section);

/** A section has less than 4 GiB. */
const PART_WORDS = 2 ** 28;

function partsOf(words: Uint32Array): Uint32Array[] {
  const parts = Math.max(1, Math.ceil(words.length / PART_WORDS));
  return Array.from({ length: parts }, (_, part) => words.subarray(PART_WORDS * part, PART_WORDS * (part + 1)));
}

export const unknownAccount = (): GrantError =>
  new GrantError("unknown-account", "no such account", {
    fix: "accounts are known from contacts, events and account files",
  });
