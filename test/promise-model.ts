/**
 * The rule as it is written, plain and slow: what was given and taken back, in the order learned; what is permitted
 * then; stretches of permission; which spellings have tokens; audiences as sets of stretches; and incidents that correct
 * what notices meant, or what matches brought in.
 *
 * It knows nothing of the product: facts are objects in arrays, and everything is computed anew after each leaf.
 */
export interface ModelNotice {
  readonly id: string;
  readonly purposes: readonly string[];
  readonly exclusive: boolean;
  readonly subject: "self" | "other";
}

export interface ModelGrant {
  readonly account: string;
  /** The mailbox: every spelling of one contact point has the same. */
  readonly point: string;
  readonly spelling: string;
  readonly notice: ModelNotice;
  readonly at: number;
  readonly by: string;
  readonly verifiedAt: number | undefined;
}

export interface ModelEvent {
  readonly type: "withdraw" | "erase" | "disown";
  readonly account: string;
  /** Undefined for the whole account. */
  readonly point: string | undefined;
  readonly purpose: string | undefined;
  readonly at: number;
}

/** What an incident says of grants under a notice that were given from one instant to before another. */
export interface ModelCorrection {
  readonly notice: string;
  readonly from: number;
  readonly to: number;
  readonly purposes: readonly string[];
  readonly exclusive: boolean;
}

type Stretch = string;

export class PromiseModel {
  readonly #grants: ModelGrant[] = [];
  readonly #events: ModelEvent[] = [];
  readonly #stretches = new Map<string, { number: number; isOpen: boolean }>();
  readonly #audiences = new Map<string, Set<Stretch>>();
  /** Of each audience, the match that each brought in last, whether or not it is a member still. */
  readonly #broughtBy = new Map<string, Map<Stretch, string>>();
  /** Who was in each audience when its size was released, without those who were taken out at once since. */
  readonly #released = new Map<string, Set<Stretch>>();
  readonly #incidents = new Map<string, readonly ModelCorrection[]>();
  /** By contact point and spelling, the grants of the spelling that came while they stood, in the stretch that goes on. */
  readonly #tokens = new Map<string, Map<string, ModelGrant[]>>();

  /** Learns a leaf as a whole. */
  learn(grants: readonly ModelGrant[], events: readonly ModelEvent[]): void {
    this.#grants.push(...grants);
    this.#events.push(...events);
    for (const key of new Set(this.#grants.map(keyOf))) {
      const is = this.isPermitted(key);
      const stretch = this.#stretches.get(key);
      if (is && stretch?.isOpen !== true) {
        this.#stretches.set(key, { number: (stretch?.number ?? 0) + 1, isOpen: true });
      }
      if (!is && stretch !== undefined) stretch.isOpen = false;
      this.#settleTokens(key, grants);
    }
  }

  /** A token comes with a grant that stands, and leaves for good when no grant that came with it stands. */
  #settleTokens(key: string, come: readonly ModelGrant[]): void {
    const tokens = this.isPermitted(key) ? (this.#tokens.get(key) ?? new Map<string, ModelGrant[]>()) : new Map();
    const { x, v } = this.#weigh(key);
    const stands = (grant: ModelGrant) => this.#mayMatch(grant) && grant.at > x && grant.at > v;
    if (this.isPermitted(key)) {
      for (const grant of come) {
        if (keyOf(grant) !== key || !stands(grant)) continue;
        const spelling = grant.spelling.toLowerCase();
        tokens.set(spelling, [...(tokens.get(spelling) ?? []), grant]);
      }
    }
    for (const [spelling, grants] of tokens) if (!grants.some(stands)) tokens.delete(spelling);
    this.#tokens.set(key, tokens);
  }

  /** Corrects what was given, and takes out what matches brought in. */
  contain(incident: string, corrections: readonly ModelCorrection[], matches: readonly string[]): void {
    this.#incidents.set(incident, corrections);
    for (const [audience, broughtBy] of this.#broughtBy) {
      for (const [stretch, match] of broughtBy) {
        if (!matches.includes(match)) continue;
        this.#audiences.get(audience)?.delete(stretch);
        this.#released.get(audience)?.delete(stretch);
      }
    }
    this.learn([], []);
  }

  undo(incident: string): void {
    this.#incidents.delete(incident);
    this.learn([], []);
  }

  /** What a grant is held to mean. */
  #meaning({ notice, at }: ModelGrant): { readonly namesAds: boolean; readonly exclusive: boolean } {
    const holding = [...this.#incidents.values()]
      .flat()
      .filter((one) => one.notice === notice.id && one.from <= at && at < one.to);
    return {
      namesAds: [notice, ...holding].every(({ purposes }) => purposes.includes("ads.match")),
      exclusive: [notice, ...holding].some(({ exclusive }) => exclusive),
    };
  }

  #mayMatch(grant: ModelGrant): boolean {
    return isSelf(grant) && grant.verifiedAt !== undefined && this.#meaning(grant).namesAds;
  }

  /** Whether a grant is refused: its account, its contact point or its giver was erased after it was given. */
  isErased({ account, point, by, at }: ModelGrant): boolean {
    return this.#events.some(
      (event) =>
        event.type === "erase" &&
        event.at >= at &&
        (event.point === undefined
          ? event.account === account || event.account === by
          : event.account === account && event.point === point),
    );
  }

  isPermitted(key: string): boolean {
    const { a, x, v } = this.#weigh(key);
    return a > x && a > v;
  }

  /** How many contact points of an account are permitted. */
  permitted(account: string): number {
    const keys = new Set(this.#grants.filter((grant) => grant.account === account).map(keyOf));
    return [...keys].filter((key) => this.isPermitted(key)).length;
  }

  /** Contact points that are reached by a spelling: those that have a token of it. */
  #reached(isNamed: (grant: ModelGrant) => boolean): string[] {
    return [...this.#tokens].filter(([, tokens]) => [...tokens.values()].flat().some(isNamed)).map(([key]) => key);
  }

  match(
    match: string,
    audience: string,
    operation: "append" | "remove" | "replace",
    isNamed: (grant: ModelGrant) => boolean,
  ): void {
    const reached = this.#reached(isNamed);
    const members = this.#audiences.get(audience) ?? new Set<Stretch>();
    this.#audiences.set(audience, members);
    const broughtBy = this.#broughtBy.get(audience) ?? new Map<Stretch, string>();
    this.#broughtBy.set(audience, broughtBy);
    if (operation === "remove") {
      const accounts = new Set(reached.map(accountOf));
      for (const stretch of members) if (accounts.has(accountOf(stretch))) members.delete(stretch);
      return;
    }
    const stretches = new Set(reached.map((key) => `${key}|${this.#stretches.get(key)!.number}`));
    if (operation === "replace") for (const stretch of members) if (!stretches.has(stretch)) members.delete(stretch);
    for (const stretch of stretches) {
      if (members.has(stretch)) continue;
      members.add(stretch);
      broughtBy.set(stretch, match);
    }
  }

  /** An epoch passes: what is in each audience by now is what is served, if that is anybody. */
  release(): void {
    for (const [audience, members] of this.#audiences) this.#released.set(audience, new Set(members));
  }

  /** Accounts that are in an audience and may be used for ads now, sorted. */
  members(audience: string): string[] {
    return this.#permittedOf(this.#audiences.get(audience));
  }

  /** Accounts that may be served in an audience now, sorted. */
  served(audience: string): string[] {
    return this.#permittedOf(this.#released.get(audience));
  }

  #permittedOf(members: ReadonlySet<Stretch> = new Set()): string[] {
    const live = [...members].filter((stretch) => {
      const at = stretch.lastIndexOf("|");
      const current = this.#stretches.get(stretch.slice(0, at));
      return current?.isOpen === true && String(current.number) === stretch.slice(at + 1);
    });
    return [...new Set(live.map(accountOf))].sort();
  }

  #weigh(key: string): { a: number; x: number; v: number } {
    const own = this.#grants.filter((g) => keyOf(g) === key);
    const events = this.#events.filter(
      (e) => e.account === accountOf(key) && (e.point === undefined || `${e.account}|${e.point}` === key),
    );
    const latest = (times: number[]) => Math.max(-1, ...times);
    return {
      a: latest(own.filter((g) => this.#mayMatch(g)).map((g) => g.at)),
      x: latest(own.filter((g) => isSelf(g) && excludesAds(this.#meaning(g))).map((g) => g.at)),
      v: latest(events.filter(coversAds).map((e) => e.at)),
    };
  }
}

const keyOf = ({ account, point }: ModelGrant): string => `${account}|${point}`;
const accountOf = (key: string): string => key.slice(0, key.indexOf("|"));
const isSelf = (grant: ModelGrant): boolean => grant.by === grant.account && grant.notice.subject === "self";
const excludesAds = ({ namesAds, exclusive }: { namesAds: boolean; exclusive: boolean }): boolean =>
  exclusive && !namesAds;

function coversAds({ type, purpose }: ModelEvent): boolean {
  return type !== "withdraw" || purpose === undefined || purpose === "ads.match";
}
