/**
 * Whom an incident affected, as the rule is written, plain and slow: facts as objects with the position at which they were
 * learned and the time at which they were so; everything is asked anew of every instant at which anything changes.
 *
 * It knows nothing of the product: what lists and corrections brought into audiences and took out of them it is told.
 */
export interface AffectedNotice {
  readonly id: string;
  readonly purposes: readonly string[];
  readonly exclusive: boolean;
  readonly subject: "self" | "other";
}

interface Fact {
  readonly position: number;
  readonly at: number;
}

export interface GrantFact extends Fact {
  readonly point: number;
  readonly notice: AffectedNotice;
  readonly isOwn: boolean;
  readonly isVerified: boolean;
}

export interface EventFact extends Fact {
  readonly point: number | undefined;
  readonly account: number;
  readonly coversAds: boolean;
}

/** What a list operation or a correction did to an audience. */
export interface ListFact extends Fact {
  readonly audience: string;
  readonly advertiser: string;
  readonly match: string;
  readonly added: readonly number[];
  readonly removed: readonly number[];
}

export interface NoticeClaim {
  readonly notice: string;
  readonly from: number;
  readonly to: number;
  readonly purposes: readonly string[];
  readonly exclusive: boolean;
}

export interface StepFact {
  readonly position: number;
  readonly incident: string;
  readonly type: "contain" | "undo";
  readonly claims: readonly NoticeClaim[];
}

export interface Question {
  readonly incident: string;
  readonly claims: readonly NoticeClaim[];
  readonly matches: readonly string[];
  /** Facts before this position. */
  readonly known: number;
  readonly horizon: number;
}

/** One contact point's affected time in an audience, by one match. */
interface Episode {
  readonly audience: string;
  readonly point: number;
  readonly from: number;
  readonly to: number;
}

export class AffectedModel {
  readonly grants: GrantFact[] = [];
  readonly events: EventFact[] = [];
  readonly lists: ListFact[] = [];
  readonly steps: StepFact[] = [];
  /** By ordinal. */
  readonly pointOf = new Map<number, number>();
  readonly accountOf = new Map<number, number>();
  readonly kindOf = new Map<number, string>();
  readonly countryOf = new Map<number, string>();

  answer(question: Question) {
    const { known, horizon, claims, matches } = question;
    const before = <F extends { readonly position: number }>(facts: readonly F[]) =>
      facts.filter(({ position }) => position < known);
    const [grants, events, lists] = [before(this.grants), before(this.events), before(this.lists)];
    const held = this.#held(question);
    const instants = [...new Set([...grants, ...events, ...lists].map(({ at }) => at)), horizon].sort((a, b) => a - b);

    const isPermitted = (point: number, at: number, corrections: readonly NoticeClaim[]): boolean => {
      const latest = (times: readonly number[]) => Math.max(-1, ...times.filter((time) => time <= at));
      const own = grants.filter((grant) => grant.point === point && grant.isOwn && grant.notice.subject === "self");
      const meant = own.map((grant) => ({ ...grant, ...meaning(grant, corrections) }));
      const a = latest(meant.filter(({ namesAds, isVerified }) => namesAds && isVerified).map((grant) => grant.at));
      const x = latest(meant.filter(({ namesAds, exclusive }) => exclusive && !namesAds).map((grant) => grant.at));
      const about = events.filter((event) =>
        event.point === undefined ? event.account === this.accountOf.get(point) : event.point === point,
      );
      const v = latest(about.filter(({ coversAds }) => coversAds).map((event) => event.at));
      return a > x && a > v;
    };
    const isBelieved = (point: number, at: number) => isPermitted(point, at, held);
    const isRight = (point: number, at: number) => isPermitted(point, at, [...held, ...claims]);

    const episodes: Episode[] = [];
    const members: { audience: string; point: number }[] = [];
    const late: { audience: string; point: number }[] = [];
    const inOrder = lists.toSorted((one, other) => one.at - other.at || one.position - other.position);
    for (const [i, { audience, match, at, added }] of inOrder.entries()) {
      for (const ordinal of added) {
        const point = this.pointOf.get(ordinal)!;
        const out = inOrder
          .slice(i + 1)
          .find((later) => later.audience === audience && later.removed.includes(ordinal));
        const to = Math.min(out?.at ?? horizon, horizon);
        if (at >= to) continue;
        if (!isBelieved(point, at)) {
          late.push({ audience, point });
          continue;
        }
        members.push({ audience, point });
        const lasting = instants.filter((instant) => instant >= at && instant < to);
        const end = lasting.find((instant) => !isBelieved(point, instant)) ?? to;
        const wrong = lasting.filter(
          (instant) => instant < end && (matches.includes(match) || !isRight(point, instant)),
        );
        if (wrong.length === 0) continue;
        const next = instants.find((instant) => instant > wrong.at(-1)!)!;
        episodes.push({ audience, point, from: wrong[0]!, to: Math.min(next, end) });
      }
    }

    const claimed = (point: number, until: number): NoticeClaim[] =>
      grants
        .filter((grant) => grant.point === point && grant.isOwn && grant.at < until)
        .flatMap((grant) => claims.filter((claim) => covers(claim, grant)));
    const counts = (audiences: ReadonlySet<string>) => {
      const of = <T extends { readonly audience: string }>(all: readonly T[]) =>
        all.filter(({ audience }) => audiences.has(audience));
      const [own, all, lateOnes] = [of(episodes), of(members), of(late)];
      const accountOf = ({ point }: { point: number }): number => this.accountOf.get(point)!;
      const people = [...new Set(own.map(accountOf))];
      const points = new Set(own.map(({ point }) => point));
      const isAffectedIn = (audience: string, point: number) =>
        own.some((episode) => episode.audience === audience && episode.point === point);
      const byPurpose: [string, number][] = own.flatMap((episode) =>
        claimed(episode.point, episode.to)
          .flatMap(({ purposes }) => purposes)
          .filter((purpose) => purpose.startsWith("security."))
          .map((purpose): [string, number] => [purpose, accountOf(episode)]),
      );
      const dayOf = (person: number): string => {
        const first = Math.min(...own.filter((episode) => accountOf(episode) === person).map(({ from }) => from));
        return new Date(first).toISOString().slice(0, 10);
      };
      const also = own.filter((episode) =>
        all.some(
          (member) =>
            member.audience === episode.audience &&
            accountOf(member) === accountOf(episode) &&
            !isAffectedIn(member.audience, member.point),
        ),
      );
      const otherwise = all.filter(
        ({ point }) => !points.has(point) && claimed(point, Number.POSITIVE_INFINITY).length > 0,
      );
      const time = (ms: number) => (own.length === 0 ? null : new Date(ms).toISOString());
      return {
        people: people.length,
        contactPoints: points.size,
        byPurpose: distinct(byPurpose),
        byKind: distinct(own.map((episode) => [this.kindOf.get(episode.point)!, accountOf(episode)])),
        byDay: distinct(people.map((person) => [dayOf(person), person])),
        byCountry: distinct(people.map((person) => [this.countryOf.get(person) ?? "unknown", person])),
        firstAt: time(Math.min(...own.map(({ from }) => from))),
        lastAt: time(Math.max(...own.map(({ to }) => to))),
        alsoMatchedRightly: new Set(also.map(accountOf)).size,
        campaigns: 0,
        showings: 0,
        permittedOtherwise: new Set(otherwise.map(({ point }) => point)).size,
        lateFacts: {
          people: new Set(lateOnes.map(accountOf)).size,
          contactPoints: new Set(lateOnes.map(({ point }) => point)).size,
        },
      };
    };
    const names = new Set(lists.map(({ audience }) => audience));
    const affected = [...names].filter((name) => episodes.some(({ audience }) => audience === name));
    const advertisers = lists.filter(({ audience }) => affected.includes(audience)).map((list) => list.advertiser);
    return {
      episodes,
      whole: {
        incident: question.incident,
        asKnownAt: known,
        ...counts(names),
        audiences: affected.length,
        lists: affected.length,
        advertisers: new Set(advertisers).size,
      },
      audiences: affected.map((audience) => ({ audience, ...counts(new Set([audience])) })),
    };
  }

  /** Corrections of other incidents that were in force: of a contained one, those that were contained before it. */
  #held({ known, incident }: Question): NoticeClaim[] {
    const last = new Map<string, StepFact>();
    for (const step of this.steps) if (step.position < known) last.set(step.incident, step);
    const inForce = [...last.values()].filter(({ type }) => type === "contain");
    const own = inForce.find((step) => step.incident === incident);
    const before = own === undefined ? inForce : inForce.filter(({ position }) => position < own.position);
    return before.flatMap(({ claims }) => claims);
  }
}

const covers = (claim: NoticeClaim, { notice, at }: GrantFact): boolean =>
  claim.notice === notice.id && claim.from <= at && at < claim.to;

/** What a grant is held to mean. */
function meaning(grant: GrantFact, corrections: readonly NoticeClaim[]) {
  const all = [grant.notice, ...corrections.filter((one) => covers(one, grant))];
  return {
    namesAds: all.every(({ purposes }) => purposes.includes("ads.match")),
    exclusive: all.some(({ exclusive }) => exclusive),
  };
}

/** Distinct people by name. */
function distinct(pairs: readonly (readonly [string, number])[]): Record<string, number> {
  const names = [...new Set(pairs.map(([name]) => name))];
  return Object.fromEntries(
    names.map((name) => [name, new Set(pairs.filter(([own]) => own === name).map(([, person]) => person)).size]),
  );
}
