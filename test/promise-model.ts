/**
 * The rule as it is written, plain and slow: what was given and taken back, in the order learned; what is permitted
 * then; stretches of permission; and audiences as sets of stretches.
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

type Stretch = string;

export class PromiseModel {
  readonly #grants: ModelGrant[] = [];
  readonly #events: ModelEvent[] = [];
  readonly #stretches = new Map<string, { number: number; isOpen: boolean }>();
  readonly #audiences = new Map<string, Set<Stretch>>();

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
    }
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

  /** Contact points that are reached by a spelling: those of one of whose own grants for ads it is, and that stands. */
  #reached(isNamed: (grant: ModelGrant) => boolean): string[] {
    return [...new Set(this.#grants.map(keyOf))].filter((key) => {
      const { x, v } = this.#weigh(key);
      return (
        this.isPermitted(key) &&
        this.#grants.some((g) => keyOf(g) === key && isNamed(g) && mayMatch(g) && g.at > x && g.at > v)
      );
    });
  }

  match(audience: string, operation: "append" | "remove" | "replace", isNamed: (grant: ModelGrant) => boolean): void {
    const reached = this.#reached(isNamed);
    const members = this.#audiences.get(audience) ?? new Set();
    this.#audiences.set(audience, members);
    if (operation === "remove") {
      const accounts = new Set(reached.map(accountOf));
      for (const stretch of members) if (accounts.has(accountOf(stretch))) members.delete(stretch);
      return;
    }
    if (operation === "replace") members.clear();
    for (const key of reached) members.add(`${key}|${this.#stretches.get(key)!.number}`);
  }

  /** Accounts that may be served in an audience now, sorted. */
  served(audience: string): string[] {
    const members = this.#audiences.get(audience) ?? new Set();
    const live = [...members].filter((stretch) => {
      const at = stretch.lastIndexOf("|");
      const current = this.#stretches.get(stretch.slice(0, at));
      return current?.isOpen === true && String(current.number) === stretch.slice(at + 1);
    });
    return [...new Set(live.map(accountOf))].sort();
  }

  #weigh(key: string): { a: number; x: number; v: number } {
    const own = this.#grants.filter((g) => keyOf(g) === key);
    const isSelf = (g: ModelGrant) => g.by === g.account && g.notice.subject === "self";
    const events = this.#events.filter(
      (e) => e.account === accountOf(key) && (e.point === undefined || `${e.account}|${e.point}` === key),
    );
    const latest = (times: number[]) => Math.max(-1, ...times);
    return {
      a: latest(own.filter(mayMatch).map((g) => g.at)),
      x: latest(own.filter((g) => isSelf(g) && g.notice.exclusive && !namesAds(g)).map((g) => g.at)),
      v: latest(events.filter(coversAds).map((e) => e.at)),
    };
  }
}

const keyOf = ({ account, point }: ModelGrant): string => `${account}|${point}`;
const accountOf = (key: string): string => key.slice(0, key.indexOf("|"));
const namesAds = ({ notice }: ModelGrant): boolean => notice.purposes.includes("ads.match");

function mayMatch(grant: ModelGrant): boolean {
  return (
    namesAds(grant) && grant.by === grant.account && grant.notice.subject === "self" && grant.verifiedAt !== undefined
  );
}

function coversAds({ type, purpose }: ModelEvent): boolean {
  return type !== "withdraw" || purpose === undefined || purpose === "ads.match";
}
