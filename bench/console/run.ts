/**
 * The console: a raw list is dropped in real Chromium, read, hashed in the page and sent as digests; the audience is that of
 * the same file sent to the server, or it exits 1.
 *
 *     npm run bench:console                1 M rows, e-mail and phone each
 *     npm run bench:console -- --short     50,000 rows
 *     npm run bench:console -- --json      one JSON object on stdout
 */
import { createReadStream } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { contact, lines, ServedStore } from "../../test/http/served-store.js";
import { openBrowser, withoutBrowser } from "../../test/opened-page.js";
import { count, machine, median, say } from "../figures.js";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    rounds: { type: "string" },
  },
});
const rows = flags.short ? 50_000 : 1_000_000;
const rounds = Math.max(1, Number(flags.rounds ?? (flags.short ? 1 : 3)) || 1);
const TARGET_SECONDS = 5;
const WRITTEN_AT_ONCE = 10_000;
const WAIT_MS = 120_000;

/** As people keep them: capitals, blanks, numbers with and without signs; every hundredth row is no contact. */
function row(i: number): string {
  if (i % 100 === 99) return "not known,none";
  const email = i % 10 === 3 ? ` Person.${i}@Example.com` : `person.${i}@example.com`;
  const digits = String(1_000_000 + i);
  return `${email},${i % 4 === 1 ? `+49 30 ${digits}` : `+4930${digits}`}`;
}

async function writeList(file: string): Promise<void> {
  const out = await open(file, "w");
  await out.write("email,phone\n");
  for (let from = 0; from < rows; from += WRITTEN_AT_ONCE) {
    await out.write(`${Array.from({ length: WRITTEN_AT_ONCE }, (_, i) => row(from + i)).join("\n")}\n`);
  }
  await out.close();
}

/** Every tenth row's person has an account here. */
async function giveContacts(served: ServedStore): Promise<void> {
  const key = await served.key("contacts", { source: "local" });
  for (let from = 0; from < rows; from += rows / 10) {
    const people = Array.from({ length: rows / 100 }, (_, i) => from + 10 * i);
    const body = lines(people.map((i) => contact(`u${i}`, `person.${i}@example.com`)));
    await served.ask("POST /v1/contacts", { key, body });
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

const OBSERVE =
  "globalThis.longestMs = 0; new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) longestMs = Math.max(longestMs, duration); }).observe({ type: 'longtask' });";

interface Round {
  readonly look: number;
  readonly send: number;
  readonly longestMs: number;
}

async function dropped(page: Page, file: string, name: string): Promise<Round> {
  await page.goto("/upload");
  await page.locator("h1").waitFor();
  await page.evaluate(OBSERVE);
  const look = await seconds(async () => {
    await page.locator("#file").setInputFiles(file);
    await page.getByRole("heading", { name: "What is in it" }).waitFor({ timeout: WAIT_MS });
  });
  await page.getByLabel("Name").fill(name);
  const send = await seconds(async () => {
    await page.getByRole("button", { name: /^Send the digests of/ }).click();
    await page.getByText(/^The digests of/).waitFor({ timeout: WAIT_MS });
  });
  return { look, send, longestMs: Number(await page.evaluate("longestMs")) };
}

if (withoutBrowser !== false) {
  say(`bench console: ${withoutBrowser}`);
  process.exit(0);
}
const before = machine();
const folder = await mkdtemp(join(tmpdir(), "solely-bench-console-"));
const served = await ServedStore.make();
const browser = await openBrowser();
try {
  const file = join(folder, "customers.csv");
  await writeList(file);
  await giveContacts(served);
  const key = await served.advertiser("acme");
  const url = `${served.server.url}/v1/advertisers/acme/lists?name=raw`;
  const raw = await seconds(async () => {
    const body = Readable.toWeb(createReadStream(file)) as ReadableStream;
    const answer = await fetch(url, {
      ...{ method: "POST", body, duplex: "half" },
      headers: { authorization: `Bearer ${key}`, "content-type": "text/csv" },
    });
    if (!answer.ok) throw new Error(await answer.text());
  });
  const context = await browser.newContext({ baseURL: served.server.origin });
  const visitor = { is: "advertiser", advertiser: "acme", login: "mary" } as const;
  const value = served.solely.sessions.open(visitor);
  await context.addCookies([{ name: "solely", value, url: served.server.origin, httpOnly: true, sameSite: "Strict" }]);
  const page = await context.newPage();
  const all: Round[] = [];
  const membersOf = (name: string) => served.members(served.solely.audiences.find("acme", name)!.id).join();
  let isEqual = true;
  for (let round = 1; round <= rounds; round++) {
    all.push(await dropped(page, file, `dropped ${round}`));
    isEqual &&= membersOf(`dropped ${round}`) === membersOf("raw");
  }
  const of = (which: keyof Round) => median(all.map((one) => one[which]));
  const total = median(all.map(({ look, send }) => look + send));
  const result = { rows, rounds, look: of("look"), send: of("send"), total, raw, longestMs: of("longestMs"), isEqual };
  // Browsers tell of blocks from 50 ms on.
  const longest = result.longestMs === 0 ? "under 50 ms" : `${Math.round(result.longestMs)} ms`;
  if (flags.json) console.log(JSON.stringify({ ...result, machine: before }));
  else {
    console.log(`console: a raw list of ${count(rows)} rows dropped in Chromium, median of ${rounds}`);
    console.log(`  read, hashed and shown        ${result.look.toFixed(2)} s`);
    console.log(`  hashed, sent and matched      ${result.send.toFixed(2)} s`);
    console.log(`  together                      ${total.toFixed(2)} s (target ${TARGET_SECONDS} s at 1,000,000 rows)`);
    console.log(`  the raw file to the server    ${raw.toFixed(2)} s`);
    console.log(`  main thread blocked, longest  ${longest}`);
    console.log(`  audience equal to the file's  ${isEqual ? "yes" : "NO"}`);
    console.log(`  ${before}`);
  }
  if (!isEqual) process.exitCode = 1;
} finally {
  await browser.close();
  await served.remove();
  await rm(folder, { recursive: true });
}
