/**
 * Who was affected, plain and slow, as the words of docs/incident.md say it: everything is computed anew from objects in
 * arrays, instant by instant, in two times. It knows nothing of the product.
 */
export interface PastNotice {
  readonly name: string;
  readonly purposes: readonly string[];
  readonly exclusive: boolean;
}
export interface PastGrant {
  readonly leaf: number;
  readonly account: string;
  readonly kind: string;
  readonly value: string;
  readonly notice: PastNotice;
  readonly at: number;
}
export interface PastEvent {
  readonly leaf: number;
  readonly account: string;
  readonly value: string | undefined;
  readonly at: number;
}
export interface PastList {
  readonly leaf: number;
  readonly match: string;
  readonly advertiser: string;
  readonly list: string;
  readonly operation: "create" | "append" | "remove" | "replace";
  readonly values: readonly string[];
  readonly at: number;
}
export interface PastClaim {
  readonly notices: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
    readonly purposes: readonly string[];
    readonly exclusive: boolean;
  }[];
  readonly matches: readonly string[];
}

interface Stay {
  readonly key: string;
  readonly list: PastList;
  readonly end: number;
}

const ADS = "ads.match";
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const accountOf = (key: string): string => key.split("|")[0]!;
const kindOf = (key: string): string => key.split("|")[1]!;

export class AffectedModel {
  readonly grants: PastGrant[] = [];
  readonly events: PastEvent[] = [];
  readonly lists: PastList[] = [];
  readonly countries = new Map<string, string>();

  /** What a notice means for a grant, narrowed by what a claim says of it. */
  #meaning({ notice, at }: PastGrant, claim: PastClaim | undefined): { ads: boolean; excludes: boolean } {
    let ads = notice.purposes.includes(ADS);
    let excludes = notice.exclusive && !ads;
    for (const said of claim?.notices ?? []) {
      if (said.name !== notice.name || at < said.from || at >= said.to) continue;
      if (!said.purposes.includes(ADS)) {
        ads = false;
        if (said.exclusive) excludes = true;
      }
    }
    return { ads, excludes };
  }

  /** Permission of a contact point by facts of leaves before `known`, that were so up to an instant. */
  #permitted(key: string, known: number, atMs: number, claim?: PastClaim): boolean {
    let [granted, taken] = [-1, -1];
    for (const grant of this.grants) {
      if (keyOf(grant) !== key || grant.leaf >= known || grant.at > atMs) continue;
      const { ads, excludes } = this.#meaning(grant, claim);
      if (ads) granted = Math.max(granted, grant.at);
      if (excludes) taken = Math.max(taken, grant.at);
    }
    for (const event of this.events) {
      if (event.leaf >= known || event.at > atMs || event.account !== accountOf(key)) continue;
      if (event.value === undefined || event.value === key.split("|")[2]) taken = Math.max(taken, event.at);
    }
    return granted > taken;
  }

  /** Who was in which audience, in the order learned: members are stretches of permission. */
  #stays(known: number): Stay[] {
    const keys = [...new Set(this.grants.map(keyOf))];
    const stretch = new Map<string, number>();
    const isOpen = new Map<string, boolean>();
    const members = new Map<string, Map<string, { key: string; stay: { key: string; list: PastList; end: number } }>>();
    const stays: { key: string; list: PastList; end: number }[] = [];
    const learned = [...this.grants, ...this.events, ...this.lists].map(({ leaf }) => leaf);
    for (const leaf of [...new Set(learned)].sort((a, b) => a - b)) {
      if (leaf >= known) break;
      const list = this.lists.find((one) => one.leaf === leaf);
      if (list === undefined) {
        for (const key of keys) {
          const is = this.#permitted(key, leaf + 1, Number.POSITIVE_INFINITY);
          if (is && isOpen.get(key) !== true) stretch.set(key, (stretch.get(key) ?? 0) + 1);
          isOpen.set(key, is);
        }
        for (const own of members.values()) {
          for (const [id, { key }] of own)
            if (isOpen.get(key) !== true || id !== `${key} ${stretch.get(key)}`) own.delete(id);
        }
        continue;
      }
      const own = members.get(list.list) ?? new Map();
      members.set(list.list, own);
      const reached = keys.filter((key) => isOpen.get(key) === true && list.values.includes(key.split("|")[2]!));
      const ids = reached.map((key) => `${key} ${stretch.get(key)}`);
      if (list.operation === "remove") {
        const accounts = new Set(reached.map(accountOf));
        for (const [id, { key, stay }] of own) {
          if (!accounts.has(accountOf(key))) continue;
          stay.end = list.at;
          own.delete(id);
        }
        continue;
      }
      if (list.operation === "replace") {
        for (const [id, { stay }] of own) {
          if (ids.includes(id)) continue;
          stay.end = list.at;
          own.delete(id);
        }
      }
      for (const [i, key] of reached.entries()) {
        if (own.has(ids[i]!)) continue;
        const stay = { key, list, end: Number.POSITIVE_INFINITY };
        stays.push(stay);
        own.set(ids[i]!, { key, stay });
      }
    }
    return stays;
  }

  assess(claim: PastClaim, known: number, horizon: number) {
    const instants = [...new Set([...this.grants, ...this.events, ...this.lists].map(({ at }) => at))].sort(
      (a, b) => a - b,
    );
    const late = new Set<string>();
    const matched = new Set<string>();
    const affected: { key: string; list: PastList; from: number; to: number; isCorrected: boolean }[] = [];
    const rightly: { key: string; list: PastList }[] = [];
    for (const { key, list, end } of this.#stays(known)) {
      const stop = Math.min(end, horizon);
      if (list.at >= stop) continue;
      const believed = (atMs: number) => this.#permitted(key, known, atMs);
      if (!believed(list.at)) late.add(key);
      let isIn = believed(list.at);
      const wrong: number[] = [];
      let [wasIn, isCorrected, until] = [false, false, stop];
      const steps = [list.at, ...instants.filter((at) => at > list.at && at < stop)];
      for (const [i, at] of steps.entries()) {
        isIn &&= believed(at);
        if (!isIn) continue;
        wasIn = true;
        const isWrong = !this.#permitted(key, known, at, claim);
        isCorrected ||= isWrong;
        if (!isWrong && !claim.matches.includes(list.match)) continue;
        wrong.push(at);
        until = steps[i + 1] ?? stop;
      }
      if (wasIn) matched.add(key);
      if (wrong.length > 0) affected.push({ key, list, from: wrong[0]!, to: until, isCorrected });
      else if (wasIn) rightly.push({ key, list });
    }
    const claimedGrants = this.grants.filter(
      (grant) =>
        grant.leaf < known &&
        claim.notices.some(({ name, from, to }) => name === grant.notice.name && grant.at >= from && grant.at < to),
    );
    const affectedKeys = new Set(affected.map(({ key }) => key));
    const otherwise = new Set(claimedGrants.map(keyOf).filter((key) => matched.has(key) && !affectedKeys.has(key)));
    const tally = (some: typeof affected, right: typeof rightly) => {
      const people = [...new Set(some.map(({ key }) => accountOf(key)))];
      const count = (of: (account: string) => readonly string[]) => {
        const counts: Record<string, number> = {};
        for (const account of people) for (const name of new Set(of(account))) counts[name] = (counts[name] ?? 0) + 1;
        return counts;
      };
      const ofAccount = (account: string) => some.filter(({ key }) => accountOf(key) === account);
      const also = people.filter((account) =>
        right.some(
          ({ key, list }) =>
            accountOf(key) === account &&
            ofAccount(account).some((one) => one.list.list === list.list) &&
            !some.some((one) => one.key === key && one.list.list === list.list),
        ),
      );
      return {
        people: people.length,
        contactPoints: new Set(some.map(({ key }) => key)).size,
        byPurpose: count((account) =>
          ofAccount(account).flatMap(({ key, to }) =>
            claimedGrants
              .filter((grant) => keyOf(grant) === key && grant.at < to)
              .flatMap((grant) =>
                claim.notices
                  .filter(
                    ({ name, from, to: before }) => name === grant.notice.name && grant.at >= from && grant.at < before,
                  )
                  .flatMap(({ purposes }) => purposes.filter((purpose) => purpose.startsWith("security."))),
              ),
          ),
        ),
        byKind: count((account) => ofAccount(account).map(({ key }) => kindOf(key))),
        byDay: count((account) => [day(Math.min(...ofAccount(account).map(({ from }) => from)))]),
        byCountry: count((account) => [this.countries.get(account) ?? "unknown"]),
        firstAt: some.length === 0 ? null : new Date(Math.min(...some.map(({ from }) => from))).toISOString(),
        lastAt: some.length === 0 ? null : new Date(Math.max(...some.map(({ to }) => to))).toISOString(),
        alsoMatchedRightly: also.length,
      };
    };
    const lists = [...new Set(affected.map(({ list }) => list.list))];
    return {
      whole: {
        ...tally(affected, rightly),
        audiences: lists.length,
        lists: lists.length,
        advertisers: new Set(affected.map(({ list }) => list.advertiser)).size,
        permittedOtherwise: otherwise.size,
        lateFacts: { people: new Set([...late].map(accountOf)).size, contactPoints: late.size },
      },
      audiences: Object.fromEntries(
        lists.map((name) => [
          name,
          tally(
            affected.filter(({ list }) => list.list === name),
            rightly.filter(({ list }) => list.list === name),
          ),
        ]),
      ),
    };
  }
}

export const keyOf = ({ account, kind, value }: Pick<PastGrant, "account" | "kind" | "value">): string =>
  `${account}|${kind}|${value}`;
