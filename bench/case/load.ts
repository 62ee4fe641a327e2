/**
 * `load DATA WORLD`: a store without values in its vault takes the case in, by the ways that a platform has: contacts under
 * their notices, accounts, lists at their times through the one gate, events, showings. In a process of its own, so that its
 * memory is what it is.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ingest, matchList, takeAccounts, takeEvents } from "../../src/index.js";
import { storeWithNotices } from "../store.js";
import { peakBytes, timed } from "./measure.js";
import { type CaseWorld, caseClaim, caseNotices } from "./world.js";

const ACTOR = "bench";

export interface Loaded {
  readonly contactPoints: number;
  readonly contactSeconds: number;
  readonly rows: number;
  readonly matchSeconds: number;
  readonly listRows: number;
  readonly eventSeconds: number;
  readonly peakBytes: number;
}

/** Nothing of the world but its description is in memory. */
async function load(data: string, world: string): Promise<Loaded> {
  const { lists, ...about } = JSON.parse(await readFile(join(world, "case.json"), "utf8")) as CaseWorld;
  const solely = await storeWithNotices(data, caseNotices(), { keepsValues: false });
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const contactSeconds = await timed(async () => {
    await ingest(solely, join(world, "contacts.csv"), { source: "local", actor: ACTOR });
    await takeAccounts(solely, join(world, "accounts.csv"), { actor: ACTOR });
  });
  say(`contacts: ${contactSeconds.toFixed(1)} s`);
  const matchSeconds = await timed(async () => {
    for (const { file, advertiser, name, operation, at } of lists) {
      const options = { advertiser, name, operation, atMs: at * 1000, actor: ACTOR };
      await matchList(solely, join(world, "lists", file), options);
    }
  });
  say(`lists: ${matchSeconds.toFixed(1)} s`);
  const eventSeconds = await timed(() => takeEvents(solely, join(world, "events.ndjson"), { actor: ACTOR }));
  say(`events: ${eventSeconds.toFixed(1)} s`);
  await solely.incidents.open(solely, caseClaim(), ACTOR);
  const contactPoints = solely.contacts.points.numbered;
  await solely.close();
  const { grants: rows, listRows } = about;
  return { contactPoints, contactSeconds, rows, matchSeconds, listRows, eventSeconds, peakBytes: peakBytes() };
}

const [, , data, world] = process.argv;
const loaded = await load(data!, world!);
process.stdout.write(`${JSON.stringify(loaded)}\n`);
