/**
 * What really happened in the sample case, by whoever knows which contact matched: what an audit can only bound.
 */
import type { Account, Membership, Point } from "./account.js";
import type { SampleList } from "./lists.js";
import { isForAds } from "./notices.js";

export interface SampleTruth {
  readonly accounts: number;
  readonly seed: number;
  /** The latest instant of the records, RFC 3339: what nothing ended went on until here. */
  readonly until: string;
  readonly people: number;
  readonly contactPoints: number;
  readonly byPurpose: Readonly<Record<string, number>>;
  readonly byKind: Readonly<Record<string, number>>;
  readonly byDay: Readonly<Record<string, number>>;
  readonly byCountry: Readonly<Record<string, number>>;
  /** By the list: people whom it affected. */
  readonly lists: readonly { readonly advertiser: string; readonly list: string; readonly people: number }[];
  /** Accounts that were affected, in the order of the files. */
  readonly affected: readonly string[];
}

export class TruthCounter {
  readonly #untilMs: number;
  readonly #affected: string[] = [];
  #contactPoints = 0;
  readonly #byPurpose = new Map<string, number>();
  readonly #byKind = new Map<string, number>();
  readonly #byDay = new Map<string, number>();
  readonly #byCountry = new Map<string, number>();
  readonly #byList: Map<SampleList, number>;

  constructor(lists: readonly SampleList[], untilMs: number) {
    this.#untilMs = untilMs;
    this.#byList = new Map(lists.map((list) => [list, 0]));
  }

  add(account: Account): void {
    const points = new Map<Point, number[]>();
    const lists = new Set<SampleList>();
    for (const membership of account.memberships) {
      for (const point of membership.points) {
        const wrong = this.#wrongInstants(account, membership, point);
        if (wrong.length === 0) continue;
        points.set(point, [...(points.get(point) ?? []), ...wrong]);
        lists.add(membership.list);
      }
    }
    if (points.size === 0) return;
    this.#affected.push(account.id);
    this.#contactPoints += points.size;
    const purposes = [...points].flatMap(([point, wrong]) => {
      const lastMs = Math.max(...wrong);
      const given = account.contacts.filter(
        (one) => one.point === point && one.atMs <= lastMs && !isForAds(one.notice),
      );
      return given.flatMap(({ notice }) => notice.purposes.filter((purpose) => purpose.startsWith("security.")));
    });
    count(this.#byPurpose, purposes);
    count(
      this.#byKind,
      [...points.keys()].map(({ kind }) => kind),
    );
    const firstMs = Math.min(...[...points.values()].flat());
    count(this.#byDay, [new Date(firstMs).toISOString().slice(0, 10)]);
    count(this.#byCountry, [account.country ?? "unknown"]);
    for (const list of lists) this.#byList.set(list, this.#byList.get(list)! + 1);
  }

  /** Instants at which anything changed and the member was not permitted. */
  #wrongInstants({ contacts, objections }: Account, { list, endMs }: Membership, point: Point): number[] {
    const given = contacts.filter((one) => one.point === point);
    const objected = objections.filter((one) => one.point === undefined || one.point === point);
    const latest = (of: readonly { readonly atMs: number }[], instantMs: number) =>
      of.reduce((last, { atMs }) => (atMs <= instantMs && atMs > last ? atMs : last), Number.NEGATIVE_INFINITY);
    const grants = given.filter(({ notice }) => isForAds(notice));
    const takes = [...given.filter(({ notice }) => notice.exclusive && !isForAds(notice)), ...objected];
    const changes = [...given, ...objected].map(({ atMs }) => atMs);
    const end = Math.min(endMs, this.#untilMs);
    const lasting = [list.atMs, ...changes.filter((atMs) => atMs > list.atMs && atMs < end)];
    return lasting.filter((instantMs) => !(latest(grants, instantMs) > latest(takes, instantMs)));
  }

  told(accounts: number, seed: number): SampleTruth {
    const sorted = (counts: ReadonlyMap<string, number>) =>
      Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
    return {
      ...{ accounts, seed, until: new Date(this.#untilMs).toISOString() },
      ...{ people: this.#affected.length, contactPoints: this.#contactPoints },
      ...{ byPurpose: sorted(this.#byPurpose), byKind: sorted(this.#byKind) },
      ...{ byDay: sorted(this.#byDay), byCountry: sorted(this.#byCountry) },
      lists: [...this.#byList].map(([{ advertiser, list }, people]) => ({ advertiser, list, people })),
      affected: this.#affected,
    };
  }
}

function count(into: Map<string, number>, names: readonly string[]): void {
  for (const name of new Set(names)) into.set(name, (into.get(name) ?? 0) + 1);
}
