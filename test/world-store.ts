/** A fresh store that holds a sample world: notices in force, contacts, accounts and events taken in. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { ingest, matchList, takeAccounts, takeEvents } from "../src/index.js";
import { type ListFacts, type WorldSummary, writeWorld } from "../src/world/index.js";
import { FreshStore } from "./fresh-store.js";

export class WorldStore {
  readonly store: FreshStore;
  readonly folder: string;
  readonly summary: WorldSummary;
  readonly lists: readonly ListFacts[];

  private constructor(store: FreshStore, folder: string, summary: WorldSummary) {
    this.store = store;
    this.folder = folder;
    this.summary = summary;
    this.lists = (JSON.parse(readFileSync(join(folder, "lists.json"), "utf8")) as { lists: ListFacts[] }).lists;
  }

  static async make(options: {
    readonly accounts: number;
    readonly seed: number;
    readonly incidents?: boolean;
  }): Promise<WorldStore> {
    const store = await FreshStore.make();
    const folder = join(store.folder, "world");
    const world = new WorldStore(store, folder, await writeWorld({ ...options, out: folder }));
    await world.#fill();
    return world;
  }

  async #fill(): Promise<void> {
    const { store, folder } = this;
    const { solely } = store;
    for (const document of parseAllDocuments(readFileSync(join(folder, "notices.yaml"), "utf8"))) {
      // The texts of mistakes never mention ads: somebody said that people understood them so.
      await store.decide({ type: "notice.adopt", notice: document.toJS() }, ["ads.match"]);
    }
    await ingest(solely, join(folder, "contacts.csv"), { source: "local", actor: "test" });
    await takeAccounts(solely, join(folder, "accounts.csv"), { actor: "test" });
    await takeEvents(solely, join(folder, "events.ndjson"), { actor: "test" });
  }

  /** Matches one of the world's lists, as an audience of its name. */
  async match(list: ListFacts, rooms: Parameters<typeof matchList>[0] = this.store.solely): Promise<string> {
    const { name, file, scheme, region } = list;
    const result = await matchList(rooms, join(this.folder, "lists", file), {
      ...{ advertiser: "acme", name, scheme, region, actor: "test", operation: "replace" },
    });
    return result.audience;
  }

  /** Names of the accounts that a list reaches, by the world's own truth; sorted. */
  truth(list: string): string[] {
    return readFileSync(join(this.folder, "truth", `${list}.csv`), "utf8")
      .trimEnd()
      .split("\n")
      .slice(1);
  }

  /** Names of the accounts that are in an audience and may be used for ads now; sorted. */
  members(audience: string, gate = this.store.solely.gate): string[] {
    const { audiences, contacts } = this.store.solely;
    const served = audiences.members(gate.permit("ads.match"), audiences.get(audience));
    const accounts = contacts.accountsOf(served.toArray());
    served.dispose();
    return Array.from(accounts, (account) => contacts.accountName(account));
  }

  remove(): Promise<void> {
    return this.store.remove();
  }
}
