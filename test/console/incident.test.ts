/**
 * An incident in an operator's browser, from its form to the second signature: the numbers that are shown are the very numbers
 * of the command line, and what is proposed is what was claimed.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { runCommand } from "../../src/command/index.js";
import { assess } from "../../src/incident/index.js";
import { ingest, matchList } from "../../src/index.js";
import { emails, lines, ServedStore } from "../http/served-store.js";
import { openBrowser, withoutBrowser } from "../opened-page.js";
import { withPasskey } from "./passkey.js";
import { Visit } from "./visit.js";

const PEOPLE = 60;
let served: ServedStore;
let browser: Browser | undefined;

/** A form for unlocking an account whose notice was labelled as permitting ads, and lists that it was matched to. */
before(async () => {
  served = await ServedStore.make();
  const { solely } = served;
  await served.store.adopt({ id: "unlock", purposes: ["security.unlock", "ads.match"], surface: "unlock form" });
  const rows = Array.from({ length: PEOPLE }, (_, i) => ({
    ...{ account: `u${i}`, kind: "email", value: `p${i}@example.com`, notice: "unlock@1" },
    given_at: new Date(Date.UTC(2024, 0, 1 + (i % 28))).toISOString(),
  }));
  const bytes = (text: string) => Readable.from([Buffer.from(text)]);
  await ingest(solely, bytes(lines(rows)), { source: "local", actor: "test", format: "ndjson" });
  for (const [i, name] of ["spring", "summer"].entries()) {
    const list = emails(rows.slice(i === 0 ? 30 : 0).map(({ value }) => value));
    const atMs = Date.UTC(2024, 2 + 3 * i, 1);
    await matchList(solely, bytes(list), { advertiser: "acme", name, actor: "test", atMs });
  }
  if (withoutBrowser === false) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await served.remove();
});

test("an incident is opened, assessed, contained by two and proved clean", { skip: withoutBrowser }, async () => {
  const { solely } = served;
  const visit = await Visit.open(browser!, served, { is: "operator", name: "alice" });
  await withPasskey(visit, served.store, "alice");
  const page = await visit.go("/incidents");
  await page.getByText("No incident so far").waitFor();
  await visit.lookEverywhere("incidents-none");
  await page.getByRole("button", { name: "Open an incident" }).click();
  await page.getByLabel("Name of the incident").fill("unlock-2024");
  await page.getByLabel("What happened, in a line").fill("Numbers for unlocking were labelled as given for ads");
  await page.locator("#claim-named").selectOption("unlock@1");
  await page.getByLabel("Given from this day on").fill("2024-01-01");
  await page.getByLabel("Given before this day").fill("2024-01-15");
  assert.ok(await page.getByRole("button", { name: "Open it" }).isDisabled(), "what it was for is not said yet");
  await page.getByLabel("security.unlock").check();
  await page.getByText("were given for security.unlock alone").waitFor();
  await visit.lookEverywhere("incident-form");
  assert.equal(solely.incidents.list().length, 0, "nothing is opened by looking");
  await page.getByRole("button", { name: "Open it" }).click();

  await page.getByRole("heading", { name: "Numbers for unlocking were labelled as given for ads" }).waitFor();
  const assessment = await assess(solely, { incident: "unlock-2024" });
  assert.ok(assessment.people > 0 && assessment.people < PEOPLE);
  const figures = page.locator(".figures");
  await figures.waitFor();
  assert.equal(await figures.locator("li").first().textContent(), `${assessment.people}people`);
  await page.getByRole("img", { name: /People affected by the end of each day/ }).waitFor();
  await page.getByText("The same as a table, day by day").click();
  const days = page.getByRole("region", { name: /People affected by the end of each day/ }).locator("tbody tr");
  assert.equal(await days.count(), Object.keys(assessment.byDay).length);
  await visit.lookEverywhere("incident");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Report as data (JSON)" }).click(),
  ]);
  const report = JSON.parse(readFileSync(await download.path(), "utf8"));
  // What goes on is affected up to the instant that is looked at.
  assert.deepEqual({ ...report.assessment, lastAt: null }, JSON.parse(JSON.stringify({ ...assessment, lastAt: null })));

  await page.getByRole("button", { name: "Propose to contain it" }).click();
  await page.getByText(/^Proposed, at ledger position/).waitFor();
  const [proposal] = solely.decisions.operators.proposals();
  assert.deepEqual(proposal!.action, {
    ...{ type: "incident.contain", incident: "unlock-2024" },
    claim: solely.incidents.get("unlock-2024").digest,
  });
  assert.equal(proposal!.signed.scheme, "webauthn");
  await visit.go("/decisions");
  const waiting = page.getByRole("region", { name: "Contain incident unlock-2024" });
  await waiting.getByText("were given for security.unlock alone").waitFor();
  await waiting.getByText("What was believed: unlock@1 was taken as naming").waitFor();
  await served.store.approve(proposal!.id);
  const rescanned = await runCommand(solely, "rescanIncident", { incident: "unlock-2024" }, { actor: "test" });
  assert.equal((rescanned as { isClean: boolean }).isClean, true);
  await visit.go("/incidents/unlock-2024");
  await page.getByText("Nothing of it is left in use.").waitFor();
  await visit.look("incident-contained");
  await visit.go("/");
  await visit.search("labelled as given");
  await page.getByRole("heading", { name: "Numbers for unlocking were labelled as given for ads" }).waitFor();
  await visit.close();
});
