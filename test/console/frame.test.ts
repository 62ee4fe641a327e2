/** The frame of the console: who is signed in sees their pages, and nothing of it comes from elsewhere or from within the page. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
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
