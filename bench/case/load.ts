/**
 * `load DATA WORLD`: a store without values in its vault takes the case in, by the ways that a platform has: contacts under
 * their notices, accounts, lists at their times through the one gate, events, showings. In a process of its own, so that its
 * memory is what it is.
 */
import { createReadStream } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ingest, matchList, takeAccounts, takeEvents } from "../../src/index.js";
import { takeShowings } from "../../src/showing/index.js";
import { Bytes, utf8, writeInstant } from "../../src/world/bytes.js";
import { storeWithNotices } from "../store.js";
import { timed, watchMost } from "./measure.js";
import { type CaseWorld, caseClaim, caseNotices, SHOWING_WORDS, writeAccount } from "./world.js";

const ACTOR = "bench";

export interface Loaded {
  readonly contactPoints: number;
  readonly contactSeconds: number;
  readonly rows: number;
  readonly matchSeconds: number;
  readonly listRows: number;
  readonly showingSeconds: number;
  readonly showings: number;
  readonly eventSeconds: number;
  /** With the snapshot. */
  readonly closeSeconds: number;
  readonly peakBytes: number;
}

interface Shown {
  readonly advertiser: string;
  readonly audience: string;
}

/** What was shown, as the NDJSON that a platform sends, with the ids that audiences got. */
async function* showingRows(file: string, audiences: readonly Shown[]): AsyncGenerator<Uint8Array> {
  const names = audiences.map(({ advertiser, audience }) =>
    utf8(`{"advertiser":"${advertiser}","audience":"${audience}","campaign":"`),
  );
  const rowBytes = 4 * SHOWING_WORDS;
  const out = new Bytes();
  for await (const chunk of createReadStream(file, { highWaterMark: rowBytes << 12 }) as AsyncIterable<Buffer>) {
    if (chunk.length % rowBytes !== 0) throw new Error("a row of showings was cut in two");
    for (let at = 0; at < chunk.length; at += rowBytes) {
      out.need(512);
      out.put(names[chunk.readUInt32LE(at)]!);
      out.decimal(chunk.readUInt32LE(at + 4));
      out.ascii('","account":"');
      writeAccount(out, chunk.readUInt32LE(at + 8));
      out.ascii('","at":"');
      writeInstant(out, chunk.readUInt32LE(at + 12) * 1000);
      out.ascii('"}\n');
    }
    yield out.view().slice();
    out.clear();
  }
}

/** Nothing of the world but its description is in memory. */
async function load(data: string, world: string): Promise<Loaded> {
  const most = watchMost();
  const { lists, ...about } = JSON.parse(await readFile(join(world, "case.json"), "utf8")) as CaseWorld;
  const solely = await storeWithNotices(data, caseNotices(), { keepsValues: false });
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const contactSeconds = await timed(async () => {
    await ingest(solely, join(world, "contacts.csv"), { source: "local", actor: ACTOR });
    await takeAccounts(solely, join(world, "accounts.csv"), { actor: ACTOR });
  });
  // At full size it takes 28 GB of the disk.
  await rm(join(world, "contacts.csv"));
  say(`contacts: ${contactSeconds.toFixed(1)} s`);
  /** By place of the list in the world. */
  const audiences: Shown[] = [];
  const matchSeconds = await timed(async () => {
    for (const { file, advertiser, name, operation, at } of lists) {
      const options = { advertiser, name, operation, atMs: at * 1000, actor: ACTOR };
      const { audience } = await matchList(solely, join(world, "lists", file), options);
      audiences[Number(name.slice("list-".length))] = { advertiser, audience };
    }
  });
  say(`lists: ${matchSeconds.toFixed(1)} s`);
  let showings = 0;
  const showingSeconds = await timed(async () => {
    const rows = showingRows(join(world, "showings.bin"), audiences);
    ({ accepted: showings } = await takeShowings(solely, rows, { actor: ACTOR }));
  });
  say(`showings: ${showingSeconds.toFixed(1)} s`);
  const eventSeconds = await timed(() => takeEvents(solely, join(world, "events.ndjson"), { actor: ACTOR }));
  say(`events: ${eventSeconds.toFixed(1)} s`);
  await solely.incidents.open(solely, caseClaim(), ACTOR);
  const contactPoints = solely.contacts.points.numbered;
  const closeSeconds = await timed(() => solely.close());
  say(`closed: ${closeSeconds.toFixed(1)} s`);
  const { grants: rows, listRows } = about;
  return {
    contactPoints,
    contactSeconds,
    rows,
    matchSeconds,
    listRows,
    showingSeconds,
    showings,
    eventSeconds,
    closeSeconds,
    peakBytes: most(),
  };
}

const [, , data, world] = process.argv;
const loaded = await load(data!, world!);
process.stdout.write(`${JSON.stringify(loaded)}\n`);
