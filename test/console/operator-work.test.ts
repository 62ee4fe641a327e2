/**
 * An operator's daily work in the browser: a file is tried and fed with its refused rows told, a run that would free too much
 * waits for two, and an account is looked up and one of its contacts shown for a signed reason.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { ingest, matchList } from "../../src/index.js";
import { LeafKind } from "../../src/ledger/index.js";
import { contact, emails, lines, ServedStore } from "../http/served-store.js";
import { openBrowser, withoutBrowser } from "../opened-page.js";
import { withPasskey } from "./passkey.js";
import { Visit } from "./visit.js";

const PHONE = "+12025550142";
const EMAIL = "ann@example.com";
/** An account's name that no address may hold. */
const ACCOUNT = "member-4711";

const SHEET_BYTES = 16_000_000;

let served: ServedStore;
let browser: Browser | undefined;
before(async () => {
  served = await ServedStore.make();
  await served.store.decide({ type: "source.set", name: "shop", vouches: true, freedLimit: 0 });
  await served.store.adopt({ id: "shop-ads", purposes: ["ads.match"], sources: ["shop"] });
  const rows = [
    contact(ACCOUNT, EMAIL),
    contact(ACCOUNT, PHONE, { kind: "phone", notice: "mfa" }),
    contact("other", "+12025550143", { kind: "phone", notice: "mfa" }),
  ];
  const bytes = Readable.from([Buffer.from(lines(rows))]);
  await ingest(served.solely, bytes, { source: "local", actor: "test", format: "ndjson" });
  const list = Readable.from([Buffer.from(emails(EMAIL))]);
  await matchList(served.solely, list, { advertiser: "acme", name: "spring", actor: "test" });
  if (withoutBrowser === false) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await served.remove();
});

const alice = { is: "operator", name: "alice" } as const;

const choose = (page: Page, name: string, bytes: string | Buffer) =>
  page
    .getByLabel("The file", { exact: true })
    .setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(bytes) });

test("a file is tried, fed, and its refused rows are told", { skip: withoutBrowser }, async () => {
  const { solely } = served;
  const visit = await Visit.open(browser!, served, alice);
  const page = await visit.go("/intake");
  const header = "account,kind,value,notice,given_at,colour";
  const bad = "no-address-at-all";
  const rows = [
    `a1,email,a1@example.com,ads,2024-01-01T00:00:00Z,red`,
    `a2,email,${bad},ads,2024-01-01T00:00:00Z,blue`,
  ];
  await choose(page, "contacts.csv", [header, ...rows, ""].join("\n"));
  await page.getByLabel("Which source it comes from").selectOption("local");
  const before = solely.log.position;
  await page.getByRole("button", { name: "Try it first" }).click();
  await page.getByText("Nothing was kept.").waitFor();
  assert.equal(solely.log.position, before, "a try leaves nothing");
  assert.equal(solely.contacts.findAccount("a1"), undefined);
  await page.getByRole("button", { name: "Take it in" }).click();
  await page.getByText("It is taken in").waitFor();
  await page.getByText("ignored columns: colour").waitFor();
  assert.notEqual(solely.contacts.findAccount("a1"), undefined);
  const figures = page.locator(".figures li");
  assert.deepEqual(await figures.allTextContents(), ["2rows", "1accepted", "0known already", "1refused"]);
  const refused = page.getByRole("region", { name: "Refused rows" }).locator("tbody tr");
  assert.match((await refused.allTextContents()).join(), /^3value.*e-mail address/);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as CSV" }).click(),
  ]);
  const saved = readFileSync(await download.path(), "utf8");
  assert.match(saved, /^line,column,code,reason,fix\n3,value,not-an-email,/);
  assert.ok(!saved.includes(bad) && !(await page.content()).includes(bad), "no value is told");
  await page.getByRole("row", { name: /local .*operator:alice/ }).waitFor();
  const reasons = page.getByRole("region", { name: "Why rows were refused" }).locator("tbody tr");
  assert.match((await reasons.allTextContents()).join(), /^.*e-mail address.*contacts1/);
  await visit.lookEverywhere("intake");
  // More than is ever on its way: what is refused at its first bytes is told all the same.
  await choose(page, "sheet.xlsx", Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(SHEET_BYTES, 7)]));
  await page.getByRole("button", { name: "Take it in" }).click();
  await page.getByText("a zip or spreadsheet file can't be read").waitFor();
  await visit.close();
});

test("a run that would free too much waits for two operators", { skip: withoutBrowser }, async () => {
  const { solely } = served;
  const visit = await Visit.open(browser!, served, alice);
  await withPasskey(visit, served.store, "alice");
  const page = await visit.go("/intake");
  const row = contact("other", "+12025550143", { kind: "phone", notice: "shop-ads", given_at: "2024-02-01T00:00:00Z" });
  await choose(page, "shop.ndjson", lines([row]));
  await page.getByLabel("Which source it comes from").selectOption("shop");
  await page.getByRole("button", { name: "Take it in" }).click();
  await page.getByRole("alert").waitFor();
  assert.match((await page.getByRole("alert").textContent()) ?? "", /would newly permit 1 contact point given/);
  await page.getByRole("heading", { name: "Held back" }).waitFor();
  await visit.lookEverywhere("intake-held");
  await page.getByRole("row", { name: /shop/ }).getByRole("button", { name: "Propose to let it go" }).click();
  await page.getByText(/^Proposed, at ledger position/).waitFor();
  await page.getByRole("row", { name: /shop/ }).getByText("waits for a second signature").waitFor();
  const [proposal] = solely.decisions.operators.proposals();
  assert.equal(proposal!.signed.scheme, "webauthn");
  const { action } = proposal!;
  assert.ok(action.type === "run.free" && action.source === "shop" && action.freed === 1);
  await served.store.approve(proposal!.id);
  await page.getByRole("button", { name: "Take it in" }).click();
  await page.getByText("It is taken in").waitFor();
  await page.getByText("let go: feed the same file again, unless that was done").waitFor();
  await visit.close();
});

test("an account is looked up, and a contact is shown for a signed reason", { skip: withoutBrowser }, async () => {
  const { solely } = served;
  const visit = await Visit.open(browser!, served, alice);
  await withPasskey(visit, served.store, "alice");
  const page = await visit.go("/accounts");
  await page.getByLabel("Name of the account").fill("nobody");
  await page.getByRole("button", { name: "Look it up" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Name of the account").fill(ACCOUNT);
  await page.getByRole("button", { name: "Look it up" }).click();
  await page.getByRole("heading", { name: `${ACCOUNT}: 2 contacts` }).waitFor();
  await page.getByRole("link", { name: "spring" }).waitFor();
  const email = page.getByRole("region", { name: /^email / });
  await email.getByText("may be used for ads", { exact: true }).waitFor();
  const phone = page.locator("section.card", { hasText: "security.mfa" });
  await phone.getByText("not for ads", { exact: true }).waitFor();
  await visit.go("/decisions");
  await visit.search(`account ${ACCOUNT}`);
  await page.getByRole("heading", { name: `${ACCOUNT}: 2 contacts` }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/accounts");
  await visit.search("account other");
  await page.getByRole("heading", { name: "other: 1 contact" }).waitFor();
  assert.ok(!visit.asked.some((what) => what.includes(ACCOUNT)), "no address holds its name");
  await visit.search(`account ${ACCOUNT}`);
  await page.getByRole("heading", { name: `${ACCOUNT}: 2 contacts` }).waitFor();
  assert.equal(await email.getByRole("button", { name: "Show it in full" }).count(), 0, "nothing is sealed for ads");
  await page.getByText("The text of mfa@1").click();
  await visit.lookEverywhere("account");
  const before = solely.log.position;
  await phone.getByRole("button", { name: "Show it in full" }).click();
  const dialog = page.getByRole("dialog");
  assert.ok(await dialog.getByRole("button", { name: "Sign and show" }).isDisabled(), "no reason is said yet");
  await dialog.getByLabel("Why; it stays in the ledger").fill("ticket 12");
  await visit.lookEverywhere("account-reveal");
  await dialog.getByRole("button", { name: "Sign and show" }).click();
  await dialog.getByText(PHONE, { exact: true }).waitFor();
  await dialog.getByText(/stands in the ledger at position/).waitFor();
  await visit.lookEverywhere("account-shown");
  assert.equal(solely.log.position, before + 1);
  const leaf = await solely.log.store.leaf(before);
  assert.equal(leaf?.[1], LeafKind.reveal);
  await page.keyboard.press("Escape");
  await page.getByText(PHONE, { exact: true }).waitFor({ state: "detached" });
  assert.ok(!(await page.content()).includes(PHONE), "it is gone with its dialog");
  assert.ok(!visit.asked.some((asked) => asked.includes(ACCOUNT)), "no address holds an account's name");
  await visit.close();
});
