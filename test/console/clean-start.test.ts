/**
 * A sample says on every page that it is one; an operator, and nobody else, leaves it there for a store of their own, which
 * answers at the same address. That nothing is deleted is whoever started the server's to keep; here it is asked to end.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { type Server, startServer } from "../../src/http/index.js";
import type { Visitor } from "../../src/signin/index.js";
import { FreshStore } from "../fresh-store.js";
import { openBrowser, withoutBrowser } from "../opened-page.js";
import { SCREENS, Visit } from "./visit.js";

const alice: Visitor = { is: "operator", name: "alice" };
const others: readonly Visitor[] = [
  { is: "person", account: 0 },
  { is: "advertiser", advertiser: "acme", login: "mary" },
];
let sample: FreshStore;
let own: FreshStore;
let server: Server;
let browser: Browser | undefined;
let ends = 0;

before(async () => {
  sample = await FreshStore.make();
  sample.configure({ sample: true });
  await sample.reopen("newest");
  own = await FreshStore.make();
  server = await startServer(sample.solely, { port: 0, onSampleEnd: () => void moveIn() });
  if (withoutBrowser === false) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await server.close();
  await sample.remove();
  await own.remove();
});

/** What whoever started the server does when it ends. */
async function moveIn(): Promise<void> {
  ends++;
  const { port } = new URL(server.url);
  await server.close();
  server = await startServer(own.solely, { port: Number(port) });
}

async function end(at: Server, visitor: Visitor | undefined, from = at.origin): Promise<number> {
  const cookie = visitor === undefined ? {} : { cookie: `solely=${sample.solely.sessions.open(visitor)}` };
  const headers = { origin: from, ...cookie };
  return (await fetch(`${at.url}/v1/sample/end`, { method: "POST", headers })).status;
}

test("nobody but an operator, from the console's own pages, ends a sample; and only where somebody takes over", async () => {
  for (const other of others) assert.equal(await end(server, other), 403, other.is);
  assert.equal(await end(server, undefined), 401);
  assert.equal(await end(server, alice, "https://evil.example"), 403);
  const alone = await startServer(sample.solely, { port: 0 });
  assert.equal(await end(alone, alice), 404, "nobody would make a store");
  await alone.close();
  assert.equal(ends, 0);
});

test("an operator is asked once, waits, and comes to the door of their own store", {
  skip: withoutBrowser,
}, async () => {
  for (const screen of SCREENS) {
    const look = await Visit.open(browser!, { solely: sample.solely, server }, alice, screen);
    const page = await look.go("/");
    await page.getByRole("note").getByText("made up").waitFor();
    await page.getByRole("button", { name: "Make a clean start" }).click();
    await page.getByRole("dialog").waitFor();
    await look.look(`clean-start-${screen.name}`);
    await page.getByRole("button", { name: "Cancel" }).click();
    await look.close();
  }
  assert.equal(ends, 0, "who thought better of it changes nothing");
  const visit = await Visit.open(browser!, { solely: sample.solely, server }, alice);
  const page = await visit.go("/");
  await page.getByRole("button", { name: "Make a clean start" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make a clean start" }).click();
  await page.getByText("Your own store is ready").waitFor({ timeout: 20_000 });
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.equal(await page.getByRole("note").count(), 0, "it is no sample");
  assert.equal(ends, 1);
  await visit.look("clean-start-door");
  // Between the two servers nobody answers, and the browser says so.
  visit.complaints.splice(0, Number.POSITIVE_INFINITY, ...visit.complaints.filter((text) => !text.includes("ERR_")));
  await visit.close();
});
