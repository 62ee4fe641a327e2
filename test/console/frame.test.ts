/** The frame of the console: who is signed in sees their pages, and nothing of it comes from elsewhere or from within the page. */
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { assertProblem, ServedStore } from "../http/served-store.js";
import { openBrowser, withoutBrowser } from "../opened-page.js";
import { SCREENS, Visit } from "./visit.js";

let served: ServedStore;
let browser: Browser | undefined;
before(async () => {
  served = await ServedStore.make();
  if (withoutBrowser === false) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await served.remove();
});

const WEB = fileURLToPath(new URL("../../src/web/", import.meta.url));
/** Of all that one person's pages load. */
const MOST_SCRIPT_BYTES = 150_000;

const operator = { is: "operator", name: "alice" } as const;

test("each screen shows the first page, and signing out leads to the door", { skip: withoutBrowser }, async () => {
  for (const screen of SCREENS) {
    const visit = await Visit.open(browser!, served, operator, screen);
    await visit.go("/");
    await visit.look(`frame-${screen.name}`);
    await visit.page.getByRole("button", { name: "Sign out" }).click();
    await visit.page.getByRole("heading", { name: "Sign in" }).waitFor();
    await visit.close();
  }
});

test("a request with a session's cookie counts only from the console's own pages", async () => {
  const cookie = `solely=${served.solely.sessions.open(operator)}`;
  const asked = (headers: Record<string, string>) =>
    served.ask("POST /v1/console/notices", { body: "{}\n", headers: { cookie, ...headers } });
  const own = { origin: served.server.origin };
  assert.equal((await asked(own)).status, 200);
  assertProblem(await asked({}), 403, "foreign-origin");
  assertProblem(await asked({ origin: "https://evil.example" }), 403, "foreign-origin");
  assertProblem(await asked({ ...own, "sec-fetch-site": "cross-site" }), 403, "foreign-origin");
});

test("nothing runs in a page but the console's own files, and no other site can frame it", async () => {
  const { headers, text } = await served.ask("GET /", { headers: { accept: "text/html" } });
  const policy = headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|\*|https?:/);
  assert.doesNotMatch(text, /<script(?![^>]* src="\/)|<style| on\w+=| style=/);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.equal(headers.get("cache-control"), "no-cache");
});

test("files that are named by what is in them are kept for good, compressed; no other file of the machine is served", async () => {
  const script = readdirSync(WEB).find((file) => /^console-[0-9A-Z]{8}\.js$/.test(file))!;
  const found = await served.ask(`GET /${script}`, { headers: { "accept-encoding": "br" } });
  assert.equal(found.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.equal(found.headers.get("content-encoding"), "br");
  for (const path of ["..%2fkernel%2fkernel.wasm", "%2e%2e/index.js", "console.tsx", `${script}.map`, ".env"]) {
    const answer = await served.ask(`GET /${path}`);
    assertProblem(answer, 404, "unknown-route");
  }
});

test("the scripts of each person's pages are under 150 kB compressed", { skip: withoutBrowser }, async () => {
  const account = { is: "person", account: 0 } as const;
  const advertiser = { is: "advertiser", advertiser: "acme", login: "mary" } as const;
  const worker = readdirSync(WEB).find((file) => /^list-worker-.*\.js\.gz$/.test(file))!;
  for (const visitor of [operator, advertiser, account]) {
    const visit = await Visit.open(browser!, served, visitor);
    await visit.page.goto("/");
    await visit.page.getByRole("button", { name: "Sign out" }).waitFor();
    const loaded: number[] = await visit.page.evaluate(
      "performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js')).map(({ encodedBodySize }) => encodedBodySize)",
    );
    assert.ok(loaded.length > 3);
    const reading = visitor.is === "advertiser" ? statSync(WEB + worker).size : 0;
    const bytes = loaded.reduce((sum, size) => sum + size, reading);
    assert.ok(bytes < MOST_SCRIPT_BYTES, `${visitor.is}: ${bytes} bytes`);
    visit.complaints.length = 0; // There is no such account.
    await visit.close();
  }
});
