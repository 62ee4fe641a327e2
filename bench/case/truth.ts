/**
 * The truth of the case: what an assessment of it must say, counted while the lists are made. It knows the people as
 * they were made, and nothing of how Solely or a peer finds them.
 */
import { isDeepStrictEqual } from "node:util";
import type { Assessment } from "../../src/incident/index.js";
import { Person, SECURITY, SLOTS } from "./person.js";

/** A membership of one audience: its contact points in order, when it began, and when those not kept left. */
export interface ListTruth {
  readonly members: Uint32Array;
  readonly at: number;
  readonly leaving: (contactPoint: number) => number;
}

/** What one audience comes to. */
export interface AudienceTruth {
  people: number;
  contactPoints: number;
  showings: number;
}

export interface CaseTruth {
  readonly people: number;
  readonly contactPoints: number;
  readonly byPurpose: Record<string, number>;
  readonly byKind: Record<string, number>;
  readonly byDay: Record<string, number>;
  readonly byCountry: Record<string, number>;
  readonly audiences: number;
  readonly advertisers: number;
  readonly campaigns: number;
  readonly showings: number;
  readonly firstAt: string;
  readonly alsoMatchedRightly: number;
  readonly permittedOtherwise: number;
  readonly lateFacts: { readonly people: number; readonly contactPoints: number };
  readonly perAudience: readonly AudienceTruth[];
}

const DAY = 86_400;

class Bits {
  readonly #words: Uint32Array;
  constructor(size: number) {
    this.#words = new Uint32Array(Math.ceil(size / 32));
  }
  add(bit: number): void {
    this.#words[bit >>> 5]! |= 1 << (bit & 31);
  }
  has(bit: number): boolean {
    return ((this.#words[bit >>> 5]! >>> (bit & 31)) & 1) === 1;
  }
  get size(): number {
    let size = 0;
    for (let word of this.#words) for (; word !== 0; word &= word - 1) size++;
    return size;
  }
  /** How many of these are not in the other. */
  sizeWithout(other: Bits): number {
    let size = 0;
    for (let i = 0; i < this.#words.length; i++)
      for (let word = this.#words[i]! & ~other.#words[i]!; word !== 0; word &= word - 1) size++;
    return size;
  }
}

export class Truth {
  readonly #person: Person;
  readonly #people: Bits;
  readonly #points: Bits;
  readonly #claimedPoints: Bits;
  readonly #byPurpose: readonly Bits[];
  readonly #byKind: readonly [Bits, Bits];
  readonly #alsoRightly: Bits;
  readonly #latePeople: Bits;
  readonly #latePoints: Bits;
  /** By person: day first affected, 0 for never. */
  readonly #firstDay: Uint16Array;
  readonly #countries = new Map<string, number>();
  readonly #audiences: AudienceTruth[] = [];
  readonly #campaigns = new Set<string>();
  readonly #advertisers = new Set<string>();
  #firstAt = Number.POSITIVE_INFINITY;
  /** Slots of the person who is looked at. */
  readonly #isMember = new Uint8Array(SLOTS);

  constructor(seed: number, accounts: number) {
    this.#person = new Person(seed);
    const people = () => new Bits(accounts);
    const points = () => new Bits(accounts * SLOTS);
    this.#people = people();
    this.#points = points();
    this.#claimedPoints = points();
    this.#byPurpose = SECURITY.map(people);
    this.#byKind = [people(), people()];
    this.#alsoRightly = people();
    this.#latePeople = people();
    this.#latePoints = points();
    this.#firstDay = new Uint16Array(accounts);
  }

  /** Counts one audience. `showing` tells when an ad was shown to a member through it, and in which campaign. */
  add(advertiser: string, list: ListTruth, showing: (account: number) => { at: number; campaign: string } | undefined) {
    const audience: AudienceTruth = { people: 0, contactPoints: 0, showings: 0 };
    this.#audiences.push(audience);
    const { members } = list;
    for (let i = 0; i < members.length; ) {
      const account = Math.floor(members[i]! / SLOTS);
      this.#isMember.fill(0);
      for (; i < members.length && Math.floor(members[i]! / SLOTS) === account; i++) {
        this.#isMember[members[i]! % SLOTS] = 1;
      }
      this.#addPerson(account, list, audience, showing(account));
    }
    if (audience.people > 0) this.#advertisers.add(advertiser);
  }

  #addPerson(
    account: number,
    { at, leaving }: ListTruth,
    audience: AudienceTruth,
    shown: { at: number; campaign: string } | undefined,
  ): void {
    const person = this.#person.become(account);
    let [affected, rightly, wasShown, firstAt] = [0, 0, false, Number.POSITIVE_INFINITY];
    for (let slot = 0; slot < SLOTS; slot++) {
      if (this.#isMember[slot] === 0) continue;
      const point = account * SLOTS + slot;
      const to = leaving(point);
      if (person.withdrawnAt[slot]! <= at) {
        // Matched all the same, since the withdrawal was learned later: as it was so, never a member.
        this.#latePoints.add(point);
        this.#latePeople.add(account);
        continue;
      }
      if (person.hasSecurity(slot)) this.#claimedPoints.add(point);
      let [from, until] = [Number.POSITIVE_INFINITY, 0];
      for (let span = slot * 4; span < slot * 4 + 4; span += 2) {
        const start = Math.max(at, person.wrong[span]!);
        const end = Math.min(to, person.wrong[span + 1]!);
        if (start >= end) continue;
        from = Math.min(from, start);
        until = Math.max(until, end);
        if (shown !== undefined && shown.at >= start && shown.at < end) wasShown = true;
      }
      if (from === Number.POSITIVE_INFINITY) {
        rightly++;
        continue;
      }
      affected++;
      audience.contactPoints++;
      this.#points.add(point);
      this.#byKind[person.isPhone[slot] === 1 ? 1 : 0].add(account);
      for (const [i, { slot: use }] of SECURITY.entries()) {
        if (person.securityAt[slot * SLOTS + use]! < until) this.#byPurpose[i]!.add(account);
      }
      firstAt = Math.min(firstAt, from);
    }
    if (affected === 0) return;
    audience.people++;
    if (!this.#people.has(account)) {
      this.#people.add(account);
      this.#countries.set(person.country, (this.#countries.get(person.country) ?? 0) + 1);
    }
    if (rightly > 0) this.#alsoRightly.add(account);
    const day = Math.floor(firstAt / DAY);
    if (this.#firstDay[account] === 0 || day < this.#firstDay[account]!) this.#firstDay[account] = day;
    this.#firstAt = Math.min(this.#firstAt, firstAt);
    if (!wasShown) return;
    audience.showings++;
    this.#campaigns.add(shown!.campaign);
  }

  result(): CaseTruth {
    const byDay = new Map<number, number>();
    for (const day of this.#firstDay) if (day > 0) byDay.set(day, (byDay.get(day) ?? 0) + 1);
    const text = (day: number) => new Date(day * DAY * 1000).toISOString().slice(0, 10);
    const touched = this.#audiences.filter(({ people }) => people > 0);
    return {
      people: this.#people.size,
      contactPoints: this.#points.size,
      byPurpose: Object.fromEntries(SECURITY.map(({ purpose }, i) => [purpose, this.#byPurpose[i]!.size])),
      byKind: { email: this.#byKind[0].size, phone: this.#byKind[1].size },
      byDay: Object.fromEntries([...byDay].sort(([a], [b]) => a - b).map(([day, people]) => [text(day), people])),
      byCountry: Object.fromEntries([...this.#countries].sort()),
      audiences: touched.length,
      advertisers: this.#advertisers.size,
      campaigns: this.#campaigns.size,
      showings: this.#audiences.reduce((sum, { showings }) => sum + showings, 0),
      firstAt: new Date(this.#firstAt * 1000).toISOString(),
      alsoMatchedRightly: this.#alsoRightly.size,
      permittedOtherwise: this.#claimedPoints.sizeWithout(this.#points),
      lateFacts: { people: this.#latePeople.size, contactPoints: this.#latePoints.size },
      perAudience: this.#audiences,
    };
  }
}

/** Where an assessment is not the truth: names of its numbers, and both values. Of showings it does not tell yet. */
export function differencesFromTruth(
  assessment: Assessment,
  audiences: readonly (Pick<AudienceTruth, "people" | "contactPoints"> | null)[],
  truth: CaseTruth,
): string[] {
  const { perAudience, campaigns: _, showings: __, ...totals } = truth;
  const expected = { ...totals, lists: truth.audiences };
  const answer: Readonly<Record<string, unknown>> = { ...assessment };
  const wrong = Object.entries(expected).flatMap(([name, value]) => {
    if (isDeepStrictEqual(sorted(answer[name]), sorted(value))) return [];
    return [`${name}: ${short(answer[name])} and not ${short(value)}`];
  });
  const rows = perAudience.filter(({ people, contactPoints }, i) => {
    const row = audiences[i] ?? NOBODY;
    return row.people !== people || row.contactPoints !== contactPoints;
  });
  return rows.length === 0 ? wrong : [...wrong, `${rows.length} of ${perAudience.length} audiences`];
}

const NOBODY = { people: 0, contactPoints: 0 };
const short = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 200);
const sorted = (value: unknown): unknown =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).sort()) : value;
