/**
 * Whom a platform's matching affected, by brute force: for each account every history that its records allow is written out,
 * those that leave the fewest matches unexplained are kept, and each number is counted in each of them, by asking at every
 * instant at which anything changes. The least and the most of a number are its bounds.
 *
 * It knows nothing of the product but the forms of a claim and of an answer. A value is a label: which spellings are one
 * contact point is for who writes the files to know (audit-records.ts).
 */
import type { AffectedCounts, Claim } from "../src/incident/index.js";

export interface AuditNotice {
  readonly id: string;
  readonly surface: string;
  readonly version: number;
  readonly language: string;
  readonly text: string;
  readonly purposes: readonly string[];
  readonly exclusive: boolean;
  readonly subject: "self" | "other";
  readonly effective_from: string;
}

export interface AuditContact {
  readonly account: string;
  readonly kind: string;
  /** A label; undefined: not known. */
  readonly value?: string | undefined;
  /** Whether the account itself gave it. */
  readonly isOwn: boolean;
  readonly isVerified: boolean;
  /** `id@version`. */
  readonly notice: string;
  readonly at: number;
}

export interface AuditEvent {
  readonly account: string;
  /** Undefined: of the whole account. */
  readonly kind?: string | undefined;
  /** Undefined where the kind is there: of one of that kind, nobody knows which. */
  readonly value?: string | undefined;
  readonly coversAds: boolean;
  readonly at: number;
}

export interface AuditMatch {
  readonly advertiser: string;
  readonly list: string;
  readonly account: string;
  readonly kind?: string | undefined;
  /** Undefined: nobody knows which contact point it was. With a kind if it is there. */
  readonly value?: string | undefined;
  readonly at: number;
  /** When the membership ended, exclusive; undefined: nobody knows. */
  readonly left?: number | "goes-on" | undefined;
  /** The id by which a claim names it. */
  readonly match?: string | undefined;
}

export interface AuditShowing {
  readonly advertiser: string;
  readonly list: string;
  readonly account: string;
  readonly campaign?: string | undefined;
  readonly at: number;
}

export interface AuditRecords {
  readonly notices: readonly AuditNotice[];
  /** Notices, `id@version`, that name ads in words that don't mention it. */
  readonly confirmed: readonly string[];
  readonly claim?: Claim | undefined;
  readonly contacts: readonly AuditContact[];
  readonly events: readonly AuditEvent[];
  readonly matches: readonly AuditMatch[];
  readonly showings: readonly AuditShowing[];
  readonly countries: Readonly<Record<string, string>>;
  /** Default: the latest instant of all. */
  readonly until?: number | undefined;
}

/** The numbers of one list; those that are 0 are left out of a breakdown. */
export type ModelCounts = Omit<AffectedCounts, "firstAt" | "lastAt">;
export type ModelWhole = ModelCounts & { readonly [Name in "audiences" | "lists" | "advertisers"]: number };

export interface ModelList {
  readonly advertiser: string;
  readonly list: string;
  /** Accounts that were matched with it, explained or not. */
  readonly matched: number;
  readonly atLeast: ModelCounts;
  readonly atMost: ModelCounts;
}

export interface ModelAnswer {
  readonly until: number;
  readonly atLeast: ModelWhole;
  readonly atMost: ModelWhole;
  readonly unexplained: { readonly people: number; readonly matches: number };
  readonly matchedPeople: number;
  /** Every list that matched anybody, by its name. */
  readonly lists: readonly ModelList[];
}

export function auditByModel(records: AuditRecords): ModelAnswer {
  const until = untilOf(records);
  const accounts = [...new Set(records.matches.map(({ account }) => account))];
  const found = accounts.map((account) => {
    const own = consistent(new AccountModel(records, account, until).histories());
    return { account, own };
  });
  const wrongIn = (scope: string | undefined) =>
    found.map(({ account, own }) => own.map(({ members }) => counted(records, account, members, scope)));
  const unexplained = found.map(
    ({ own }) =>
      own[0]!.unexplained.filter((match) => own.every((history) => history.unexplained.includes(match))).length,
  );
  return {
    until,
    ...bounds(wrongIn(undefined)),
    unexplained: {
      people: unexplained.filter((matches) => matches > 0).length,
      matches: unexplained.reduce((sum, matches) => sum + matches, 0),
    },
    matchedPeople: accounts.length,
    lists: [...new Set(records.matches.map(listOf))].sort().map((scope) => {
      const matches = records.matches.filter((match) => listOf(match) === scope);
      const { advertiser, list } = matches[0]!;
      const { atLeast, atMost } = bounds(wrongIn(scope));
      const withoutNames = ({ audiences: _, lists: __, advertisers: ___, ...counts }: ModelWhole): ModelCounts =>
        counts;
      return {
        ...{ advertiser, list, matched: new Set(matches.map(({ account }) => account)).size },
        ...{ atLeast: withoutNames(atLeast), atMost: withoutNames(atMost) },
      };
    }),
  };
}

/** How many histories an account's records allow; at most `limit` are counted. */
export function countHistories(records: AuditRecords, account: string, limit: number): number {
  let count = 0;
  for (const _ of new AccountModel(records, account, untilOf(records)).histories()) if (++count >= limit) break;
  return count;
}

export function untilOf({ until, contacts, events, matches, showings }: AuditRecords): number {
  const left = matches.flatMap((match) => (typeof match.left === "number" ? [match.left] : []));
  return until ?? Math.max(0, ...[...contacts, ...events, ...matches, ...showings].map(({ at }) => at), ...left);
}

const listOf = ({ advertiser, list }: { readonly advertiser: string; readonly list: string }): string =>
  JSON.stringify([advertiser, list]);

/** One contact point in a list by one match, in one history. */
interface Member {
  readonly list: string;
  readonly advertiser: string;
  readonly point: string;
  readonly kind: string;
  /** Whether it was permitted, as the notices stand, when it was matched; without a claim always. */
  readonly isMember: boolean;
  /** Instants at which it was affected. */
  readonly wrong: readonly number[];
  /** Whether it was ever given under a claimed notice. */
  readonly isClaimed: boolean;
  /** Security purposes that it had been given for by an affected instant. */
  readonly purposes: readonly string[];
}

interface History {
  readonly members: readonly Member[];
  readonly unexplained: readonly AuditMatch[];
}

function consistent(all: Iterable<History>): History[] {
  let fewest = Number.POSITIVE_INFINITY;
  let kept: History[] = [];
  for (const history of all) {
    if (history.unexplained.length < fewest) kept = [];
    fewest = Math.min(fewest, history.unexplained.length);
    if (history.unexplained.length === fewest) kept.push(history);
  }
  return kept;
}

/** A contact row that has found its contact point. */
type Placed = AuditContact & { readonly point: string };
/** An event and the point that it is of; undefined: of none; "every": of the whole account. */
type PlacedEvent = AuditEvent & { readonly point: string | "every" | undefined };

/** One account's records, and all that may have been. */
class AccountModel {
  readonly #records: AuditRecords;
  readonly #contacts: readonly AuditContact[];
  readonly #events: readonly AuditEvent[];
  readonly #matches: readonly AuditMatch[];
  readonly #showings: readonly AuditShowing[];
  /** Points of known values, by any of the tables. */
  readonly #known: readonly string[];
  readonly #instants: readonly number[];
  readonly #until: number;

  constructor(records: AuditRecords, account: string, until: number) {
    const ofAccount = <Row extends { readonly account: string }>(rows: readonly Row[]) =>
      rows.filter((row) => row.account === account);
    this.#records = records;
    this.#contacts = ofAccount(records.contacts);
    this.#events = ofAccount(records.events);
    this.#matches = ofAccount(records.matches);
    this.#showings = ofAccount(records.showings);
    const rows = [...this.#contacts, ...this.#events, ...this.#matches];
    this.#known = [...new Set(rows.flatMap(({ kind, value }) => (value === undefined ? [] : [pointOf(kind!, value)])))];
    const left = this.#matches.flatMap((match) => (typeof match.left === "number" ? [match.left] : []));
    const times = [...rows, ...this.#showings].map(({ at }) => at);
    this.#instants = [...new Set([...times, ...left, until])].sort((a, b) => a - b);
    this.#until = until;
  }

  *histories(): Generator<History> {
    for (const contacts of this.#placings([])) {
      for (const events of product(this.#events.map((event) => this.#placesOf(event, contacts)))) {
        const choices = this.#matches.map((match) => this.#choicesOf(match, contacts, events));
        const unexplained = this.#matches.filter((match) => !this.#isExplained(match, contacts));
        for (const chosen of product(choices)) yield { members: chosen.flat(), unexplained };
      }
    }
  }

  /** Every way to say which rows without a value are one contact point. */
  *#placings(placed: readonly Placed[]): Generator<readonly Placed[]> {
    const row = this.#contacts[placed.length];
    if (row === undefined) {
      yield placed;
      return;
    }
    const { kind, value } = row;
    const known = this.#known.filter((point) => kindOf(point) === kind);
    const met = placed.filter((one) => one.kind === kind).map(({ point }) => point);
    const own = `${kind} ?${placed.length}`;
    const points = value === undefined ? new Set([...known, ...met, own]) : [pointOf(kind, value)];
    for (const point of points) yield* this.#placings([...placed, { ...row, point }]);
  }

  #placesOf(event: AuditEvent, contacts: readonly Placed[]): PlacedEvent[] {
    const { kind, value } = event;
    if (kind === undefined) return [{ ...event, point: "every" }];
    if (value !== undefined) return [{ ...event, point: pointOf(kind, value) }];
    const points = new Set(contacts.filter((row) => row.kind === kind).map(({ point }) => point));
    return [undefined, ...points].map((point) => ({ ...event, point }));
  }

  /** Points that a match may have been of. */
  #candidates({ kind, value, at }: AuditMatch, contacts: readonly Placed[]): string[] {
    const rows =
      value === undefined
        ? contacts.filter((row) => row.at <= at && (kind === undefined || row.kind === kind))
        : contacts.filter((row) => row.point === pointOf(kind!, value));
    return [...new Set(rows.map(({ point }) => point))];
  }

  #isExplained = (match: AuditMatch, contacts: readonly Placed[]): boolean =>
    this.#candidates(match, contacts).length > 0;

  /** What a match may have brought about: for each set of points and each end, its members. */
  #choicesOf(match: AuditMatch, contacts: readonly Placed[], events: readonly PlacedEvent[]): (readonly Member[])[] {
    const candidates = this.#candidates(match, contacts);
    if (candidates.length === 0) return [[]];
    return this.#lastings(match).flatMap((lasting) => {
      const members = candidates.map((point) => this.#member(match, point, lasting, contacts, events));
      return subsets(members).filter((chosen) => chosen.length > 0);
    });
  }

  /** Instants at which a membership lasted; several where nobody knows its end. */
  #lastings({ at, left, advertiser, list }: AuditMatch): (readonly number[])[] {
    const before = (end: number) =>
      this.#instants.filter((instant) => instant === at || (instant > at && instant < end));
    if (left !== undefined) return [before(left === "goes-on" ? this.#until : left)];
    // A showing that no other match accounts for proves that the membership went on through its instant.
    const others = this.#matches.filter((one) => listOf(one) === listOf({ advertiser, list }));
    const shown = this.#showings
      .filter((one) => listOf(one) === listOf({ advertiser, list }))
      .map((one) => one.at)
      .filter((instant) => others.filter((one) => one.at <= instant).length < 2);
    const least = this.#instants.filter((instant) => instant >= at && instant <= Math.max(at, ...shown));
    return [least, [...new Set([...least, ...before(this.#until)])].sort((a, b) => a - b)];
  }

  #member(
    match: AuditMatch,
    point: string,
    lasting: readonly number[],
    contacts: readonly Placed[],
    events: readonly PlacedEvent[],
  ): Member {
    const { claim } = this.#records;
    const rows = contacts.filter((row) => row.point === point && row.isOwn);
    const revoked = events.filter((event) => event.coversAds && (event.point === point || event.point === "every"));
    const latest = (times: readonly { readonly at: number }[], instant: number) =>
      Math.max(Number.NEGATIVE_INFINITY, ...times.map(({ at }) => at).filter((at) => at <= instant));
    const isPermitted = (instant: number, isCorrected: boolean): boolean => {
      const meant = rows.map((row) => ({ ...row, ...this.#meaning(row, isCorrected) })).filter(({ isSelf }) => isSelf);
      const grants = meant.filter(({ namesAds, isVerified }) => namesAds && isVerified);
      const excludes = meant.filter(({ namesAds, isExclusive }) => isExclusive && !namesAds);
      const granted = latest(grants, instant);
      return granted > latest(excludes, instant) && granted > latest(revoked, instant);
    };
    const isMember = claim === undefined || isPermitted(match.at, false);
    const end = claim === undefined ? undefined : lasting.find((instant) => !isPermitted(instant, false));
    const isMatchClaimed = claim?.claims.some((one) => "matches" in one && one.matches.includes(match.match ?? ""));
    const wrong = lasting.filter(
      (instant) =>
        isMember && instant < (end ?? Number.POSITIVE_INFINITY) && (isMatchClaimed || !isPermitted(instant, true)),
    );
    const claimed = rows.map((row) => ({ at: row.at, purposes: this.#claimedPurposes(row) }));
    const byThen = claimed.filter(({ at }) => wrong.some((instant) => at <= instant));
    return {
      ...{ list: listOf(match), advertiser: match.advertiser, point, kind: kindOf(point), isMember, wrong },
      isClaimed: claimed.some(({ purposes }) => purposes !== undefined),
      purposes: byThen.flatMap(({ purposes }) => purposes ?? []).filter((purpose) => purpose.startsWith("security.")),
    };
  }

  #noticeOf({ notice }: AuditContact): AuditNotice {
    return this.#records.notices.find(({ id, version }) => `${id}@${version}` === notice)!;
  }

  /** What a row comes to: as the notices stand, or as corrected, which without a claim is by what their texts say. */
  #meaning(row: AuditContact, isCorrected: boolean) {
    const notice = this.#noticeOf(row);
    const { claim, confirmed } = this.#records;
    const isMentioned = claim !== undefined || confirmed.includes(row.notice) || /advertis|\bads\b/i.test(notice.text);
    const held = isCorrected ? this.#claimsOn(row) : [];
    return {
      isSelf: notice.subject === "self",
      namesAds: isMentioned && [notice, ...held].every(({ purposes }) => purposes.includes("ads.match" as never)),
      isExclusive: [notice, ...held].some(({ exclusive }) => exclusive),
    };
  }

  #claimsOn(row: AuditContact) {
    const { id, surface } = this.#noticeOf(row);
    return (this.#records.claim?.claims ?? []).flatMap((claim) => {
      if ("matches" in claim) return [];
      const isNamed =
        claim.notice === undefined ? claim.surface === surface : claim.notice === id || claim.notice === row.notice;
      const isThen = Date.parse(claim.given_from) <= row.at && row.at < Date.parse(claim.given_to);
      return isNamed && isThen ? [claim.corrected] : [];
    });
  }

  /** Purposes of a row under a claimed notice; undefined where its notice is not claimed. */
  #claimedPurposes(row: AuditContact): readonly string[] | undefined {
    if (this.#records.claim === undefined) {
      return this.#meaning(row, true).namesAds ? undefined : this.#noticeOf(row).purposes;
    }
    const held = this.#claimsOn(row);
    return held.length === 0 ? undefined : held.flatMap(({ purposes }) => purposes);
  }
}

const pointOf = (kind: string, value: string): string => `${kind} ${value}`;
const kindOf = (point: string): string => point.split(" ")[0]!;

/** One of each, in every way. */
function* product<T>(choices: readonly (readonly T[])[], chosen: readonly T[] = []): Generator<readonly T[]> {
  const next = choices[chosen.length];
  if (next === undefined) yield chosen;
  else for (const one of next) yield* product(choices, [...chosen, one]);
}

function subsets<T>(all: readonly T[]): T[][] {
  const found: T[][] = [[]];
  for (const one of all) found.push(...found.map((set) => [...set, one]));
  return found;
}

/** What one history of one account comes to: numbers by name, and names of which distinct ones are counted. */
interface Counted {
  readonly numbers: ReadonlyMap<string, number>;
  readonly names: Readonly<Record<(typeof NAMES)[number], ReadonlySet<string>>>;
}

const NAMES = ["campaigns", "lists", "advertisers"] as const;
const BREAKDOWNS = ["byPurpose", "byKind", "byDay", "byCountry"] as const;

/** @param scope a list; undefined: all */
function counted(
  { showings, countries }: AuditRecords,
  account: string,
  all: readonly Member[],
  scope: string | undefined,
): Counted {
  const members = all.filter(({ list }) => scope === undefined || list === scope);
  const affected = members.filter(({ wrong }) => wrong.length > 0);
  const late = members.filter(({ isMember }) => !isMember);
  const points = (of: readonly Member[]) => new Set(of.map(({ point }) => point));
  const one = (is: boolean) => (is ? 1 : 0);
  const isAffectedIn = ({ list, point }: Member) =>
    affected.some((other) => other.list === list && other.point === point);
  const hasRight = ({ list }: Member) => members.some((own) => own.list === list && own.isMember && !isAffectedIn(own));
  const otherwise = members.filter((own) => own.isMember && own.isClaimed && !points(affected).has(own.point));
  const shown = showings.filter(
    (showing) =>
      showing.account === account &&
      affected.some(({ list, wrong }) => list === listOf(showing) && wrong.includes(showing.at)),
  );
  const first = Math.min(...affected.flatMap(({ wrong }) => wrong));
  const day = affected.length === 0 ? [] : [new Date(first).toISOString().slice(0, 10)];
  const named = (breakdown: (typeof BREAKDOWNS)[number], names: readonly string[]) =>
    names.map((name): [string, number] => [`${breakdown} ${name}`, 1]);
  return {
    numbers: new Map([
      ["people", one(affected.length > 0)],
      ["contactPoints", points(affected).size],
      ["alsoMatchedRightly", one(affected.some(hasRight))],
      ["permittedOtherwise", points(otherwise).size],
      ["latePeople", one(late.length > 0)],
      ["latePoints", points(late).size],
      ["showings", shown.length],
      ...named(
        "byPurpose",
        affected.flatMap(({ purposes }) => purposes),
      ),
      ...named(
        "byKind",
        affected.map(({ kind }) => kind),
      ),
      ...named("byDay", day),
      ...named(
        "byCountry",
        affected.map(() => countries[account] ?? "unknown"),
      ),
    ]),
    names: {
      campaigns: new Set(
        shown.flatMap(({ advertiser, campaign }) => (campaign ? [JSON.stringify([advertiser, campaign])] : [])),
      ),
      lists: new Set(affected.map(({ list }) => list)),
      advertisers: new Set(affected.map(({ advertiser }) => advertiser)),
    },
  };
}

/** The least and the most of each number. @param accounts for each account, what each of its histories comes to */
function bounds(accounts: readonly (readonly Counted[])[]): {
  readonly atLeast: ModelWhole;
  readonly atMost: ModelWhole;
} {
  const keys = [...new Set(accounts.flat().flatMap(({ numbers }) => [...numbers.keys()]))].sort();
  const bound = (best: (...all: number[]) => number): ModelWhole => {
    const sums = new Map(keys.map((key) => [key, 0]));
    for (const histories of accounts) {
      for (const key of keys) {
        sums.set(key, sums.get(key)! + best(...histories.map(({ numbers }) => numbers.get(key) ?? 0)));
      }
    }
    const of = (key: string) => sums.get(key) ?? 0;
    const breakdown = (name: string) =>
      Object.fromEntries(
        keys.flatMap((key) =>
          key.startsWith(`${name} `) && of(key) > 0 ? [[key.slice(name.length + 1), of(key)]] : [],
        ),
      );
    const [campaigns, lists, advertisers] = NAMES.map((name) => {
      const sets = accounts.map((histories) => histories.map(({ names }) => names[name]));
      return best(...unions(sets).map(({ size }) => size));
    });
    return {
      people: of("people"),
      contactPoints: of("contactPoints"),
      byPurpose: breakdown("byPurpose"),
      byKind: breakdown("byKind"),
      byDay: breakdown("byDay"),
      byCountry: breakdown("byCountry"),
      alsoMatchedRightly: of("alsoMatchedRightly"),
      campaigns: campaigns!,
      showings: of("showings"),
      permittedOtherwise: of("permittedOtherwise"),
      lateFacts: { people: of("latePeople"), contactPoints: of("latePoints") },
      audiences: lists!,
      lists: lists!,
      advertisers: advertisers!,
    };
  };
  return { atLeast: bound(Math.min), atMost: bound(Math.max) };
}

/** Every set that one set of each account come to together. Of few names: there may be two to the power of these. */
function unions(accounts: readonly (readonly ReadonlySet<string>[])[]): ReadonlySet<string>[] {
  let reached: ReadonlySet<string>[] = [new Set()];
  for (const sets of accounts) {
    const distinct = new Map<string, ReadonlySet<string>>();
    for (const one of reached) {
      for (const other of new Map(sets.map((set) => [[...set].sort().join("\n"), set])).values()) {
        const union = new Set([...one, ...other]);
        distinct.set([...union].sort().join("\n"), union);
      }
    }
    reached = [...distinct.values()];
  }
  return reached;
}
