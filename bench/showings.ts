/**
 * Showings a second: a platform's file of what it showed, in order of time, to people who were eligible; durable, each row a
 * fact of the ledger. Then the same file once more, of which nothing is new.
 */
import { createWriteStream, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { matchList, type Solely } from "../src/index.js";
import { type ShowingsResult, takeShowings } from "../src/showing/index.js";
import type { Setting, Taken } from "./job.js";

const ACTOR = "bench";
const ADVERTISER = "bench";
const AUDIENCES = 20;
const CAMPAIGNS = 5;
const ROWS = 2_000_000;
const PIECE_ROWS = 10_000;
const DAY_MS = 86_400_000;
/** Ends yesterday. */
const DAYS = 3;

interface Shown {
  readonly audience: string;
  /** Names of people who are in it since before the first showing. */
  readonly people: readonly string[];
}

/** Rows a second of a file that is new. */
export async function showingsRate(solely: Solely, setting: Setting): Promise<Taken> {
  const firstMs = (Math.floor(Date.now() / DAY_MS) - DAYS) * DAY_MS;
  const shown = await audiencesOf(solely, setting, firstMs);
  const file = join(setting.scratchDir, "showings.ndjson");
  await pipeline(Readable.from(pieces(shown, firstMs)), createWriteStream(file));
  const take = async (): Promise<{ seconds: number; cpu: string; taken: ShowingsResult }> => {
    const [from, cpuFrom] = [performance.now(), process.cpuUsage()];
    const taken = await takeShowings(solely, file, { actor: ACTOR });
    const { user, system } = process.cpuUsage(cpuFrom);
    return {
      seconds: (performance.now() - from) / 1000,
      cpu: `${((user + system) / ROWS).toFixed(2)} µs a row`,
      taken,
    };
  };
  const first = await take();
  const again = await take();
  await rm(file);
  if (first.taken.accepted !== ROWS || first.taken.ineligible > 0 || again.taken.duplicates !== ROWS) {
    throw new Error(`not what was shown: ${JSON.stringify([first.taken, again.taken])}`);
  }
  const repeated = Math.round(ROWS / again.seconds);
  const processorTime = { "processor time": first.cpu, "processor time of rows again": again.cpu };
  return {
    value: ROWS / first.seconds,
    details: { rows: ROWS, audiences: AUDIENCES, repeated: `${repeated}/s`, ...processorTime },
  };
}

async function audiencesOf(solely: Solely, { worldDir, listRows }: Setting, firstMs: number): Promise<Shown[]> {
  const list = readFileSync(join(worldDir, "lists", "hashed.csv"));
  const bytes = (list.indexOf("\n") + 1) * Math.floor(listRows / AUDIENCES);
  const shown: Shown[] = [];
  for (let i = 0; i < AUDIENCES; i++) {
    const rows = list.subarray(bytes * i, bytes * (i + 1));
    const { audience } = await matchList(solely, Readable.from([rows]), {
      ...{ advertiser: ADVERTISER, name: `shown ${i}`, operation: "create", actor: ACTOR, atMs: firstMs },
    });
    shown.push({ audience, people: peopleOf(solely, audience, firstMs) });
  }
  return shown;
}

function peopleOf({ audiences, gate, contacts }: Solely, audience: string, firstMs: number): string[] {
  const served = audiences.members(gate.permit("ads.match"), audiences.get(audience));
  const numbers = served.toArray().map((ordinal) => contacts.points.numberOf(ordinal));
  served.dispose();
  return Array.from(
    numbers.filter((number) => contacts.points.givenAtMs(number) <= firstMs),
    (number) => contacts.accountName(contacts.points.account[number]!),
  );
}

/** Rows as NDJSON, some thousand at a time, spread evenly over the days. */
function* pieces(shown: readonly Shown[], firstMs: number): Generator<string> {
  for (let from = 0; from < ROWS; from += PIECE_ROWS) {
    let piece = "";
    for (let row = from; row < from + PIECE_ROWS; row++) {
      const { audience, people } = shown[(row * 7) % shown.length]!;
      const campaign = `campaign ${(row * 13) % CAMPAIGNS}`;
      const account = people[(row * 104_729) % people.length];
      const at = new Date(firstMs + Math.floor((row / ROWS) * DAYS * DAY_MS)).toISOString();
      piece += `${JSON.stringify({ advertiser: ADVERTISER, audience, campaign, account, at })}\n`;
    }
    yield piece;
  }
}
