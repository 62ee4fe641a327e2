/**
 * A fresh store of some thousand accounts, on the default terms of sizes unless others are given, with a clock of its own
 * for what is released.
 */
import {
  combineAudiences,
  eligibility,
  ingest,
  matchList,
  type Solely,
  takeEvents,
  viewAudience,
  viewBudget,
} from "../src/index.js";
import { type AudienceView, type BudgetView, releaseDue } from "../src/size/index.js";
import { FreshStore, ndjson, streamOf } from "./fresh-store.js";

export const HOUR_MS = 3_600_000;
export const EPOCH_MS = 168 * HOUR_MS;

export class SizedStore {
  /** As of which sizes are released next. */
  nowMs = Date.now();

  private constructor(readonly store: FreshStore) {}

  /** Accounts `u0`, `u1`, … with an address each that was given for ads. */
  static async make(accounts: number, sizes: Readonly<Record<string, unknown>> = {}): Promise<SizedStore> {
    const sized = new SizedStore(await FreshStore.make(sizes));
    await sized.store.adopt({ id: "ads", purposes: ["ads.match"] });
    const grants = Array.from({ length: accounts }, (_, i) => ({
      ...{ account: `u${i}`, kind: "email", value: emailOf(i), notice: "ads", given_at: "2024-01-01T00:00:00Z" },
    }));
    await ingest(sized.solely, ndjson(grants), { source: "local", actor: "test", format: "ndjson" });
    return sized;
  }

  get solely(): Solely {
    return this.store.solely;
  }

  /** A list of the accounts from `first` up to `end`. */
  async list(
    name: string,
    [first, end]: readonly [number, number],
    {
      advertiser = "acme",
      operation = "create",
    }: { advertiser?: string; operation?: "create" | "append" | "remove" | "replace" } = {},
  ): Promise<string> {
    const rows = Array.from({ length: end - first }, (_, i) => emailOf(first + i));
    const list = streamOf(["email", ...rows, ""].join("\n"));
    return (await matchList(this.solely, list, { advertiser, name, operation, actor: "test" })).audience;
  }

  async combine(
    name: string,
    expression: Partial<Record<"include" | "exclude" | "with" | "without", readonly string[]>>,
  ): Promise<string> {
    const all = { include: [], exclude: [], with: [], without: [], ...expression };
    return (await combineAudiences(this.solely, { ...all, advertiser: "acme", name, actor: "test" })).id;
  }

  /** Lets time pass, releases what is due then, and lets it show. */
  async pass(ms: number): Promise<number> {
    this.nowMs += ms;
    const { released } = await releaseDue(this.solely, this.nowMs);
    this.solely.releases.show();
    return released;
  }

  /** To the beginning of the next epoch. */
  async nextEpoch(): Promise<number> {
    return this.pass(EPOCH_MS - (this.nowMs % EPOCH_MS));
  }

  view(audience: string): AudienceView {
    return viewAudience(this.solely, this.solely.audiences.get(audience));
  }

  budget(advertiser = "acme"): BudgetView {
    return viewBudget(this.solely, advertiser, this.nowMs);
  }

  isServed(account: number, audience: string): boolean {
    return eligibility(this.solely, `u${account}`).audiences.includes(audience);
  }

  async withdraw(account: number): Promise<void> {
    const event = { type: "withdraw", account: `u${account}`, at: new Date().toISOString() };
    await takeEvents(this.solely, ndjson([event]), { actor: "test" });
  }

  remove(): Promise<void> {
    return this.store.remove();
  }
}

const emailOf = (i: number): string => `person${i}@example.com`;
