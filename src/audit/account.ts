/**
 * One account of an audit, as columns that are used again for the next: its facts, its matches and what it was shown, with
 * values by the labels that are known to be one.
 */
import { ENTRY, entryBits, meantAt } from "../incident/index.js";
import type { AuditNotices } from "./notices.js";
import type { Part } from "./part.js";
import { ANY_KIND, CONTACT, EVENT, KIND_BITS, MATCH } from "./table-rows.js";

const NOTICE_MASK = 0xffff;
/** What has no label: a row without a value. */
export const NO_LABEL = -1;
/** So many labels are looked through one by one. */
const FEW_LABELS = 8;
/** Each takes about a hundred bytes. */
const MAX_CANDIDATES = 2 ** 20;
const MAX_SHOWN = 2 ** 26;

export class Account {
  labels = 0;
  readonly labelKind: number[] = [];
  readonly #labelA: number[] = [];
  readonly #labelB: number[] = [];
  readonly #parent: number[] = [];
  /** Of more than a few labels: the last one with this first word, and by label the one before it. */
  readonly #byWord = new Map<number, number>();
  readonly #next: number[] = [];

  /** Contacts first, then events. */
  facts = 0;
  contacts = 0;
  /** ANY_KIND: an event of the whole account. */
  readonly factKind: number[] = [];
  readonly factLabel: number[] = [];
  readonly factAtMs: number[] = [];
  /** ENTRY bits as they stand, as corrected, and SPAN bits by the claim. */
  readonly factBits: number[] = [];
  readonly factCorrected: number[] = [];
  readonly factClaim: number[] = [];

  #unlabelledMatches = 0;
  /** By list, in ascending order. */
  matches = 0;
  readonly matchList: number[] = [];
  readonly matchKind: number[] = [];
  readonly matchLabel: number[] = [];
  readonly matchAtMs: number[] = [];
  /** UNKNOWN_END, or Infinity while it goes on. */
  readonly matchEndMs: number[] = [];
  readonly matchIsClaimed: boolean[] = [];

  showings = 0;
  readonly showingList: number[] = [];
  readonly showingCampaign: number[] = [];
  readonly showingAtMs: number[] = [];

  readonly #meant: AuditNotices["meant"];
  readonly #hasClaim: boolean;

  constructor({ meant }: AuditNotices, hasClaim: boolean) {
    this.#meant = meant;
    this.#hasClaim = hasClaim;
  }

  /** Takes an account of a part in; the one before is gone. */
  take(part: Part, account: number): void {
    if (this.labels > FEW_LABELS) this.#byWord.clear();
    this.labels = 0;
    this.facts = 0;
    this.matches = 0;
    this.#unlabelledMatches = 0;
    this.showings = 0;
    this.#takeContacts(part.contacts, account);
    this.contacts = this.facts;
    this.#takeEvents(part.events, account);
    this.#takeMatches(part.matches, account);
    this.#takeAliases(part.aliases, account);
    this.#takeShowings(part.showings, account);
  }

  /** How much there is to look at in a history, about: what grows faster than the rows. */
  get steps(): number {
    return this.#candidates + this.matches * this.showings;
  }

  /** Whether that is more than anybody's account should be. */
  get isTooLarge(): boolean {
    return this.#candidates > MAX_CANDIDATES || this.matches * this.showings > MAX_SHOWN;
  }

  /** Matches of an identifier that is not known may each be of each contact. */
  get #candidates(): number {
    return this.#unlabelledMatches * this.contacts;
  }

  /** The label that stands for all that are one with it. */
  rootOf(label: number): number {
    const parent = this.#parent;
    let root = label;
    while (parent[root] !== root) {
      parent[root] = parent[parent[root]!]!;
      root = parent[root]!;
    }
    return root;
  }

  #takeContacts({ words, floats, places, first }: Part["contacts"], account: number): void {
    for (let i = first[account]!; i < first[account + 1]!; i++) {
      const at = places[i]!;
      const word = words[at + 3]!;
      const givenAtMs = floats[at / 2 + 2]!;
      const kind = (word >>> CONTACT.kindShift) & KIND_BITS;
      const label = (word & CONTACT.hasValue) === 0 ? NO_LABEL : this.#label(kind, words[at + 6]!, words[at + 7]!);
      if ((word & CONTACT.byOther) !== 0) {
        this.#addFact(kind, label, givenAtMs, 0, 0, 0);
        continue;
      }
      const isVerified = (word & CONTACT.verified) !== 0;
      const { believed, corrected, claim } = meantAt(this.#meant[word & NOTICE_MASK]!, givenAtMs);
      const bits = entryBits(corrected, isVerified);
      // Without a claim there is one reading only: the rule.
      this.#addFact(kind, label, givenAtMs, this.#hasClaim ? entryBits(believed, isVerified) : bits, bits, claim);
    }
  }

  #takeEvents({ words, floats, places, first }: Part["events"], account: number): void {
    for (let i = first[account]!; i < first[account + 1]!; i++) {
      const at = places[i]!;
      const word = words[at + 3]!;
      const kind = word & KIND_BITS;
      const label = (word & EVENT.hasValue) === 0 ? NO_LABEL : this.#label(kind, words[at + 6]!, words[at + 7]!);
      this.#addFact(kind, label, floats[at / 2 + 2]!, ENTRY.revokes, 0, 0);
    }
  }

  #addFact(kind: number, label: number, atMs: number, bits: number, corrected: number, claim: number): void {
    const i = this.facts++;
    this.factKind[i] = kind;
    this.factLabel[i] = label;
    this.factAtMs[i] = atMs;
    this.factBits[i] = bits;
    this.factCorrected[i] = corrected;
    this.factClaim[i] = claim;
  }

  #takeMatches({ words, floats, places, first }: Part["matches"], account: number): void {
    const [from, to] = [first[account]!, first[account + 1]!];
    const listAt = (at: number): number => words[at + 3]! & MATCH.listMask;
    let isInOrder = true;
    for (let i = from + 1; i < to; i++) isInOrder &&= listAt(places[i - 1]!) <= listAt(places[i]!);
    if (!isInOrder) places.subarray(from, to).sort((a, b) => listAt(a) - listAt(b));
    for (let i = from; i < to; i++) {
      const at = places[i]!;
      const word = words[at + 3]!;
      const kind = (word >>> MATCH.kindShift) & KIND_BITS;
      const match = this.matches++;
      this.matchList[match] = word & MATCH.listMask;
      this.matchKind[match] = kind;
      this.matchLabel[match] =
        (word & MATCH.hasValue) === 0 ? NO_LABEL : this.#label(kind, words[at + 8]!, words[at + 9]!);
      this.matchAtMs[match] = floats[at / 2 + 2]!;
      this.matchEndMs[match] = floats[at / 2 + 3]!;
      this.matchIsClaimed[match] = (word & MATCH.claimed) !== 0;
      if (this.matchLabel[match] === NO_LABEL) this.#unlabelledMatches++;
    }
  }

  #takeAliases({ words, places, first }: Part["aliases"], account: number): void {
    for (let i = first[account]!; i < first[account + 1]!; i++) {
      const at = places[i]!;
      const kind = words[at + 3]!;
      const one = this.rootOf(this.#label(kind, words[at + 4]!, words[at + 5]!));
      const other = this.#find(kind, words[at + 6]!, words[at + 7]!);
      if (other >= 0) this.#parent[this.rootOf(other)] = one;
      else this.#parent[this.#label(kind, words[at + 6]!, words[at + 7]!)] = one;
    }
  }

  #takeShowings({ words, floats, places, first }: Part["showings"], account: number): void {
    for (let i = first[account]!; i < first[account + 1]!; i++) {
      const at = places[i]!;
      const showing = this.showings++;
      this.showingList[showing] = words[at + 3]!;
      this.showingAtMs[showing] = floats[at / 2 + 2]!;
      this.showingCampaign[showing] = words[at + 6]!;
    }
  }

  #label(kind: number, a: number, b: number): number {
    const known = this.#find(kind, a, b);
    if (known >= 0) return known;
    const label = this.labels++;
    this.labelKind[label] = kind;
    this.#labelA[label] = a;
    this.#labelB[label] = b;
    this.#parent[label] = label;
    if (label === FEW_LABELS) for (let one = 0; one < label; one++) this.#chain(one);
    if (label >= FEW_LABELS) this.#chain(label);
    return label;
  }

  #find(kind: number, a: number, b: number): number {
    const isFew = this.labels <= FEW_LABELS;
    let label = isFew ? this.labels - 1 : (this.#byWord.get(a) ?? -1);
    while (label >= 0) {
      if (this.#labelA[label] === a && this.#labelB[label] === b && this.labelKind[label] === kind) break;
      label = isFew ? label - 1 : this.#next[label]!;
    }
    return label;
  }

  #chain(label: number): void {
    const a = this.#labelA[label]!;
    this.#next[label] = this.#byWord.get(a) ?? -1;
    this.#byWord.set(a, label);
  }

  /** Whether a fact is of a contact point that is not known: without a value, and not of the whole account. */
  isUnlabelled(fact: number): boolean {
    return this.factLabel[fact] === NO_LABEL && this.factKind[fact] !== ANY_KIND;
  }
}
