/**
 * An operator's first pages: today tells true numbers; what one operator proposes in the browser another one reads beside
 * what was before, names what it allows, and signs in a browser of their own; it is in force then.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { createKey, matchList } from "../../src/index.js";
import { ingest } from "../../src/intake/index.js";
import { takeShowings } from "../../src/showing/index.js";
import { ndjson, streamOf } from "../fresh-store.js";
import { contact, ServedStore } from "../http/served-store.js";
import { openBrowser, withoutBrowser } from "../opened-page.js";
import { withPasskey } from "./passkey.js";
import { SCREENS, Visit } from "./visit.js";

const ACTOR = "test";
const LIST = { advertiser: "acme", name: "customers", actor: ACTOR };
let served: ServedStore;
let browser: Browser | undefined;
before(async () => {
  served = await ServedStore.make();
  const { solely, store } = served;
  const phone = { kind: "phone", value: "+12025550111", notice: "mfa" };
  const rows = [
    ...Array.from({ length: 12 }, (_, i) => contact(`u${i}`, `u${i}@example.com`)),
    contact("staff", "staff@example.com"),
    contact("staff", phone.value, phone),
    contact("u1", "+12025550112", { ...phone, value: "+12025550112" }),
    contact("u99", "no address"),
  ];
  await ingest(solely, ndjson(rows), { source: "local", format: "ndjson", actor: "operator:bob" });
  const list = [
    "email",
    ...Array.from({ length: 9 }, (_, i) => `u${i}@example.com`),
    "stranger@example.com",
    "nobody",
    "",
  ];
  await matchList(solely, streamOf(list.join("\n")), LIST);
  await store.release();
  await matchList(solely, streamOf("email\nu9@example.com\nu10@example.com\n"), { ...LIST, operation: "append" });
  await store.release();
  const audience = solely.audiences.find("acme", "customers")!.id;
  const at = "2024-02-01T00:00:00Z";
  await takeShowings(solely, ndjson([{ advertiser: "acme", campaign: "c", audience, account: "u2", at }]), {
    actor: ACTOR,
  });
  await createKey(solely, { scopes: ["lists"], advertiser: "acme", actor: ACTOR }, () => {});
  if (withoutBrowser === false) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await served.remove();
});

const visitOf = (name: string, screen?: (typeof SCREENS)[number]) =>
  Visit.open(browser!, served, { is: "operator", name }, screen);

test("today tells true numbers, and the keyboard finds another page", { skip: withoutBrowser }, async () => {
  const visit = await visitOf("alice");
  const page = await visit.go("/");
  const row = (name: string) => page.getByRole("row").filter({ has: page.getByText(name, { exact: true }) });
  await row("ads.match").waitFor();
  assert.equal(await row("ads.match").getByRole("cell").textContent(), String(served.solely.contacts.permitted.size));
  assert.equal(await row("security.mfa").getByRole("cell").textContent(), "2");
  assert.equal(await page.getByText("contacts in all").textContent(), "15 contacts in all");
  await visit.search("customers");
  await page.getByRole("heading", { name: "customers", level: 1 }).waitFor();
  await visit.search("mfa@1");
  await page.getByRole("heading", { name: "Notices", level: 1 }).waitFor();
  await page.waitForFunction("document.activeElement.matches('section[id^=notice-]')");
  await visit.search("alar");
  await page.getByRole("heading", { name: "Alarms", level: 1 }).waitFor();
  await page.getByRole("button", { name: /^I know of the alarm/ }).click();
  await page.getByRole("status").getByText("that you know of the alarm").waitFor();
  assert.deepEqual(
    served.solely.alarms.list().map(({ seenBy }) => seenBy),
    ["alice"],
  );
  await page.getByRole("button", { name: "Register a canary…" }).click();
  await page.getByLabel("Account").fill("staff");
  await page.getByLabel("Contact", { exact: true }).fill("+12025550111");
  await page.getByRole("button", { name: "Register it" }).click();
  await page.getByText("The canary watches").waitFor();
  await page.getByRole("button", { name: "Check now" }).click();
  await page.getByText("all is as it should be").waitFor();
  await visit.close();
});

test("a notice that alice proposes is in force when bob has read, named and signed it", {
  skip: withoutBrowser,
}, async () => {
  const { store, solely } = served;
  const [alice, bob] = [await visitOf("alice"), await visitOf("bob")];
  await withPasskey(alice, store, "alice");
  await withPasskey(bob, store, "bob");
  const page = await alice.go("/notices");
  await page.getByRole("button", { name: "New version of mfa…" }).click();
  await page.getByLabel("Text", { exact: true }).fill("");
  await page.getByRole("button", { name: "Sign and propose" }).waitFor();
  await page.locator("#notice-text[aria-invalid=true]").waitFor();
  assert.ok(await page.getByRole("button", { name: "Sign and propose" }).isDisabled(), "an empty text is none");
  await page
    .getByLabel("Text", { exact: true })
    .fill("We use this to protect your login, and to show you ads, as you asked.");
  await page.getByLabel("ads.match").check();
  await page.getByLabel("Promise of exclusivity").uncheck();
  await page.getByRole("heading", { name: "Proposed: mfa@2" }).waitFor();
  await alice.look("notices-form");
  await page.getByRole("button", { name: "Sign and propose" }).click();
  await page.getByText(/^Proposed, at ledger position \d+/).waitFor();
  await alice.go("/decisions");
  await page.getByText("You proposed this").waitFor();
  assert.equal(await page.getByRole("button", { name: "Sign and approve" }).count(), 0, "nobody approves their own");

  await bob.go("/decisions");
  const card = bob.page.getByRole("region", { name: "Notice mfa@2" });
  await card.locator("ins", { hasText: "protect" }).waitFor();
  assert.equal(await card.locator("ins code, code ins").textContent(), "ads.match");
  const sign = card.getByRole("button", { name: "Sign and approve" });
  assert.ok(await sign.isDisabled());
  await card.getByLabel("Type ads.match").fill("ads.matc");
  assert.ok(await sign.isDisabled(), "the name is typed whole");
  await card.getByLabel("Type ads.match").fill("ads.match");
  await bob.look("decisions-approve");
  await sign.click();
  await bob.page.getByText(/^In force, at ledger position \d+/).waitFor();
  const { notice } = solely.notices.find("mfa@2");
  assert.deepEqual([notice.purposes, notice.exclusive], [["security.mfa", "ads.match"], false]);
  const [latest] = solely.decisions.operators.decided().slice(-1);
  assert.deepEqual(
    [latest!.proposal.by, latest!.approval?.by, latest!.approval?.confirm],
    ["alice", "bob", ["ads.match"]],
  );
  await bob.page
    .getByRole("row", { name: /Notice mfa@2/ })
    .getByText("bob")
    .waitFor();
  await Promise.all([alice.close(), bob.close()]);
});

test("an audience shows what became of its list, and is deleted by its name; a key is shown once, and revoked", {
  skip: withoutBrowser,
}, async () => {
  const visit = await visitOf("bob");
  const page = await visit.go("/advertisers");
  await page.getByRole("button", { name: "Make a key…" }).click();
  await page.getByLabel("serve").check();
  await page.getByRole("button", { name: "Make the key" }).click();
  const secret = (await page.locator("pre").textContent())!;
  assert.deepEqual(served.solely.access.authenticate(secret)?.scopes, ["serve"]);
  const { id } = served.solely.access.authenticate(secret)!;
  await page.getByRole("button", { name: `Revoke key ${id}` }).click();
  await page.getByRole("button", { name: "Revoke it" }).click();
  await page.getByText(`Key ${id} is revoked.`).waitFor();
  assert.equal(served.solely.access.authenticate(secret), undefined);
  await page.getByRole("button", { name: "Invite somebody…" }).click();
  await page.getByLabel("Login").fill("dana");
  await page.getByRole("button", { name: "Make the link" }).click();
  await page.locator("pre", { hasText: "/#invite=" }).waitFor();
  await page.getByRole("button", { name: "End login dana" }).click();
  await page.getByRole("button", { name: "End it" }).click();
  await page.getByText("Login dana is ended").waitFor();
  for (const screen of SCREENS) await everyPage(screen);
  await visit.go("/audiences");
  await page.getByRole("link", { name: "customers" }).click();
  await page.getByRole("heading", { name: "customers", level: 1 }).waitFor();
  const usable = page.getByRole("row").filter({ hasText: "Rows usable" });
  assert.equal(await usable.getByRole("cell").textContent(), "12");
  await page.getByRole("button", { name: "Delete this audience…" }).click();
  await page.getByLabel("Type its name: customers").fill("customers");
  await page.getByRole("button", { name: "Delete it" }).click();
  await page.getByText("The audience is deleted").waitFor();
  assert.equal(served.solely.audiences.find("acme", "customers"), undefined);
  await visit.close();
});

async function everyPage(screen: (typeof SCREENS)[number]): Promise<void> {
  const visit = await visitOf("carol", screen);
  const audience = served.solely.audiences.find("acme", "customers")!.id;
  const pages = ["/", "/decisions", "/notices", "/audiences", `/audiences/${audience}`, "/advertisers", "/alarms"];
  for (const path of pages) {
    await visit.go(path);
    await visit.page.locator("table, blockquote").first().waitFor();
    const name = path === "/" ? "today" : path.startsWith("/audiences/") ? "audience" : path.slice(1);
    await visit.look(`${name}-${screen.name}`);
  }
  await visit.close();
}
