/** Our side of each job: real stores on the embedded PostgreSQL, durable, filled by the product itself. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { startServer } from "../src/http/index.js";
import { createKey, ingest, matchList, Solely, takeEvents } from "../src/index.js";
import { releaseDue } from "../src/size/index.js";
import { accountsAnswer, type Setting, type Side, type Taken } from "./job.js";
import { showingsRate } from "./showings.js";
import { storeWithNotices } from "./store.js";

const NAME = "Solely";
const AUDIENCES = 1000;
const AUDIENCE_ROWS = 10_000;
const MINUTE_MS = 60_000;
const WARM_UP = 500;
const QUESTIONS = 5000;
const ACTOR = "bench";
export type ListName = "hashed" | "raw";

/** A store with the world's notices in force, and nothing taken in yet. */
export async function emptyStore({ worldDir, scratchDir }: Setting, name: string): Promise<Solely> {
  const notices = parseAllDocuments(readFileSync(join(worldDir, "notices.yaml"), "utf8"));
  return storeWithNotices(
    join(scratchDir, name),
    notices.map((document) => document.toJS()),
  );
}

/** The world's store, made once for all jobs that match. */
export class OursBench {
  readonly #solely: Promise<Solely>;

  constructor(readonly setting: Setting) {
    this.#solely = this.#fill();
  }

  async #fill(): Promise<Solely> {
    const { worldDir } = this.setting;
    const solely = await emptyStore(this.setting, "matching");
    await ingest(solely, join(worldDir, "contacts.csv"), { source: "local", actor: ACTOR });
    await takeEvents(solely, join(worldDir, "events.ndjson"), { actor: ACTOR });
    return solely;
  }

  /** The match of one list: file in, durable audience out. */
  async side(list: ListName): Promise<Side> {
    const solely = await this.#solely;
    let audience = "";
    return {
      name: NAME,
      run: async () => {
        ({ audience } = await matchList(solely, join(this.setting.worldDir, "lists", `${list}.csv`), {
          ...{ advertiser: "bench", name: list, operation: "replace", actor: ACTOR },
        }));
      },
      answer: async () => {
        const { audiences, gate, contacts } = solely;
        const served = audiences.members(gate.permit("ads.match"), audiences.get(audience));
        const accounts = contacts.accountsOf(served.toArray());
        served.dispose();
        return accountsAnswer(Array.from(accounts, (account) => contacts.accountName(account)));
      },
      close: async () => {},
    };
  }

  /** Showings taken in a second. */
  async showings(): Promise<Taken> {
    const solely = await Solely.open({ data: await this.#closed() });
    const taken = await showingsRate(solely, this.setting);
    await solely.close();
    return taken;
  }

  /** The 99th percentile of `GET /v1/accounts/:account/audiences` with many audiences, in milliseconds. */
  async eligibilityMs(): Promise<number> {
    const solely = await Solely.open({ data: await this.#closed() });
    const list = readFileSync(join(this.setting.worldDir, "lists", "hashed.csv"));
    const rowBytes = list.indexOf("\n") + 1;
    for (let i = 0; i < AUDIENCES; i++) {
      const first = (i * AUDIENCE_ROWS) % (this.setting.listRows - AUDIENCE_ROWS);
      const rows = list.subarray(rowBytes * first, rowBytes * (first + AUDIENCE_ROWS));
      const name = `audience ${i}`;
      await matchList(solely, Readable.from([rows]), { advertiser: "bench", name, operation: "create", actor: ACTOR });
    }
    await releaseDue(solely, Date.now() + solely.config.sizes.firstReleaseMinutes * MINUTE_MS + MINUTE_MS);
    const closed = solely.audiences.list().filter(({ served }) => served === undefined).length;
    if (closed > 0) throw new Error(`${closed} audiences are not served`);
    const { secret } = await createKey(solely, { scopes: ["serve"], actor: ACTOR }, () => {});
    const server = await startServer(solely, { port: 0 });
    const times: number[] = [];
    for (let i = 0; i < WARM_UP + QUESTIONS; i++) {
      const account = encodeURIComponent(solely.contacts.accountName((i * 104_729) % solely.contacts.accounts.count));
      const from = performance.now();
      const answer = await fetch(`${server.url}/v1/accounts/${account}/audiences`, {
        headers: { authorization: `Bearer ${secret}` },
      });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`eligibility was answered with ${answer.status}`);
      if (i >= WARM_UP) times.push(performance.now() - from);
    }
    await server.close();
    await solely.close();
    return times.sort((a, b) => a - b)[Math.floor(0.99 * QUESTIONS)]!;
  }

  /** How long a start takes after the process that had the store was killed, in seconds. */
  async reopenSeconds(): Promise<number> {
    const data = await this.#closed();
    const holding = spawnProbe(["hold", data]);
    await holding.line;
    holding.kill();
    await holding.ended;
    const opening = spawnProbe(["open", data]);
    const { seconds } = JSON.parse(await opening.line) as { seconds: number };
    await opening.ended;
    return seconds;
  }

  /** Memory of a process that has the store open beyond one that has an empty store open, per contact point, in bytes. */
  async bytesPerContact(): Promise<number> {
    const full = await rssOf(await this.#closed());
    const empty = await emptyStore(this.setting, "empty");
    await empty.close();
    return (full - (await rssOf(empty.data))) / this.setting.contacts;
  }

  async #closed(): Promise<string> {
    const solely = await this.#solely;
    await solely.close();
    return solely.data;
  }

  async close(): Promise<void> {
    await this.#closed();
  }
}

/** Durable intake of the world's contacts into an empty store. */
export function intakeSide(setting: Setting): Side {
  let solely: Solely | undefined;
  let rows = 0;
  const discard = async () => {
    await solely?.close();
    solely = undefined;
    for (const name of ["intake", "intake-operators"]) {
      await rm(join(setting.scratchDir, name), { recursive: true, force: true });
    }
  };
  return {
    name: NAME,
    ready: async () => {
      await discard();
      solely = await emptyStore(setting, "intake");
    },
    run: async () => {
      const file = join(setting.worldDir, "contacts.csv");
      const result = await ingest(solely!, file, { source: "local", actor: ACTOR });
      rows = result.accepted + result.duplicates;
    },
    answer: async () => `${rows} rows`,
    close: discard,
  };
}

async function rssOf(data: string): Promise<number> {
  const probe = spawnProbe(["memory", data]);
  const { rss } = JSON.parse(await probe.line) as { rss: number };
  await probe.ended;
  return rss;
}

/** A process of its own; its first line is its answer. */
function spawnProbe(args: readonly string[]) {
  const script = fileURLToPath(new URL("./probe.js", import.meta.url));
  const child = spawn(process.execPath, ["--expose-gc", script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const line = new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (bytes: Buffer) => {
      text += bytes.toString();
      if (text.includes("\n")) resolve(text);
    });
    child.once("exit", () => reject(new Error("the probe ended without an answer")));
  });
  return { line, ended, kill: () => child.kill("SIGKILL") };
}
