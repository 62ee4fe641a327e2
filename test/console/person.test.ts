/**
 * A person's whole way: they see what is kept and what went wrong, turn a switch off and keep the receipt, which is checked
 * here as a stranger would, allow a contact anew under the text that is shown, and take everything along.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { verifyReceipt } from "../../src/evidence/index.js";
import { formatVerifier } from "../../src/ledger/index.js";
import { contact, emails, lines, ServedStore } from "../http/served-store.js";
import { openBrowser, withoutBrowser } from "../opened-page.js";
import { SCREENS, Visit } from "./visit.js";

let served: ServedStore;
let browser: Browser | undefined;
before(async () => {
  served = await ServedStore.make();
  await fill();
  if (withoutBrowser === false) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await served.remove();
});

const MFA = "Only to send you a code when you log in, and for nothing else.";
const AGAIN =
  "I agree that this contact is compared with lists that advertisers upload, so that their ads are shown to me.";

async function fill(): Promise<void> {
  const { store, solely } = served;
  await store.decide({ type: "source.set", name: "person", vouches: false, freedLimit: 0 });
  await store.adopt({
    ...{ id: "sign-up", surface: "Sign-up", purposes: ["service.account", "service.message", "ads.match"] },
    text: "We use your address for your account, and to show you ads of companies that have it already.",
  });
  await store.adopt({
    ...{ id: "unlock", surface: "Unlock your account", purposes: ["security.unlock", "ads.match"] },
    text: "Give us a number to prove that this account is yours. It may be used for ads.",
  });
  await store.adopt({ id: "login", surface: "Log in twice", purposes: ["security.mfa"], exclusive: true, text: MFA });
  await store.adopt({
    ...{ id: "ads-mine", surface: "Your contacts", purposes: ["ads.match"], sources: ["person"], text: AGAIN },
  });
  await store.adopt({
    ...{ id: "offers", surface: "Account: messages", purposes: ["marketing.message"], text: "Send me your offers." },
  });
  const contacts = await served.key("contacts", { source: "local" });
  const rows = [
    contact("ann", "ann.larsen@example.com", { notice: "sign-up", given_at: "2023-03-04T10:00:00Z" }),
    contact("ann", "ann.larsen@example.com", { notice: "offers", given_at: "2023-04-04T10:00:00Z" }),
    contact("ann", "+493012345678", { kind: "phone", notice: "unlock", given_at: "2023-06-01T08:30:00Z" }),
    contact("ann", "+4915112345678", { kind: "phone", notice: "login", given_at: "2024-02-03T18:15:00Z" }),
  ];
  const fed = await served.ask("POST /v1/contacts", { key: contacts, body: lines(rows) });
  assert.equal(fed.json.accepted, 4, fed.text);
  const [acme, globex] = [await served.advertiser("Acme Shoes"), await served.advertiser("Globex Travel")];
  const [shoes] = await Promise.all([
    served.ask("POST /v1/advertisers/Acme%20Shoes/lists?name=customers", {
      key: acme,
      body: emails(["ann.larsen@example.com"]),
    }),
    served.ask("POST /v1/advertisers/Globex%20Travel/lists?name=travellers&region=DE", {
      key: globex,
      body: "phone\n+493012345678\n",
    }),
  ]);
  await store.release();
  const showings = await served.key("showings");
  const audience = String(shoes.json.audience);
  const shown = [0, 1, 2].map((minutes) => ({
    ...{ advertiser: "Acme Shoes", campaign: "Winter boots", audience, account: "ann" },
    at: new Date(Date.now() - minutes * 1000).toISOString(),
  }));
  const taken = await served.ask("POST /v1/showings", { key: showings, body: lines(shown) });
  assert.equal(taken.json.accepted, 3, taken.text);
  const { digest } = await solely.incidents.open(
    solely,
    {
      ...{ id: "2026-unlock", title: "The unlock form never spoke of ads", purpose: "ads.match" },
      claims: [
        {
          ...{ notice: "unlock", given_from: "2020-01-01T00:00:00Z", given_to: "2025-01-01T00:00:00Z" },
          corrected: { purposes: ["security.unlock"], exclusive: false },
        },
      ],
    },
    "operator:alice",
  );
  await store.decide({ type: "incident.contain", incident: "2026-unlock", claim: digest });
}

const ann = () => ({ is: "person", account: served.solely.contacts.account("ann") }) as const;
const card = (page: Page, name: string) => page.locator(".card").filter({ has: page.getByText(name, { exact: true }) });

async function downloaded(page: Page, press: () => Promise<void>): Promise<{ name: string; text: string }> {
  const [file] = await Promise.all([page.waitForEvent("download"), press()]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
}

test("on every screen a person sees what is kept, what it is for, who used it, and what went wrong", {
  skip: withoutBrowser,
}, async () => {
  for (const screen of SCREENS) {
    const visit = await Visit.open(browser!, served, ann(), screen);
    const page = await visit.go("/");
    await page.getByRole("heading", { name: "What went wrong, and what was done" }).waitFor();
    await visit.look(`person-${screen.name}`);
    if (screen.name === "light") {
      await page.emulateMedia({ media: "print" });
      await visit.look("person-print");
      await page.emulateMedia({ media: "screen" });
    }
    const text = (await page.locator("main").textContent()) ?? "";
    for (const said of [
      MFA,
      "E-mail address a••@e••.com",
      "Acme Shoes",
      "Globex Travel",
      "Winter boots",
      "2026-unlock",
    ])
      assert.ok(text.includes(said), said);
    assert.doesNotMatch(await page.content(), /larsen|12345678/);
    const mfa = (await page.locator(".contact", { hasText: MFA }).textContent()) ?? "";
    assert.match(mfa, /It may be used to check that it is you when you log in\./);
    assert.match(mfa, /You were promised that it is used for nothing else/);
    await visit.close();
  }
});

test("by a link, then the keyboard alone: off with a receipt that a stranger can check, on again under a text, and everything along", {
  skip: withoutBrowser,
}, async () => {
  const visit = await Visit.open(browser!, served);
  const token = served.solely.links.make(ann(), 10);
  const page = await visit.go(`/#person=${token}`);
  await page.getByRole("heading", { name: "Your contacts" }).waitFor();
  assert.equal(page.url(), `${served.server.origin}/`);
  const key = formatVerifier(served.solely.checkpoints.verifier);
  const ads = page.getByRole("switch", { name: "Ads by advertisers' lists" });
  await ads.focus();
  await page.keyboard.press("Space");
  const done = page.getByRole("status");
  await done.getByText(/is off, everywhere/).waitFor();
  assert.equal(await ads.isChecked(), false);
  await page.locator("[role=status]:focus").waitFor();
  await page.keyboard.press("Tab");
  const receipt = await downloaded(page, () => page.keyboard.press("Enter"));
  assert.match(receipt.name, /^solely-receipt-\d+\.txt$/);
  assert.ok(verifyReceipt(receipt.text, { key }).isWhole);
  assert.equal(served.solely.contacts.isPermitted(served.solely.contacts.pointsOf(ann().account).at(-1)!), false);
  await visit.look("person-switched-off");

  await page.getByRole("button", { name: "Allow a contact…" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByText(AGAIN).waitFor();
  await visit.look("person-allow");
  await dialog.getByLabel("Type this contact in full").fill("somebody.else@example.com");
  await page.keyboard.press("Enter");
  await dialog.getByText("That is another contact than the one you chose.").waitFor();
  await dialog.getByLabel("Type this contact in full").fill("Ann.Larsen@example.com");
  await page.keyboard.press("Enter");
  await done.getByText(/is allowed for this contact/).waitFor();
  assert.equal(await ads.isChecked(), true);

  const before = card(page, "Offers from the platform");
  await before.getByRole("switch").click();
  await before.getByText(/is off, everywhere/).waitFor();
  await before.getByText(/go to the platform's own page: “Account: messages”/).waitFor();
  assert.equal(await before.getByRole("switch").isDisabled(), true);
  const again = await downloaded(page, () =>
    page
      .getByRole("button", { name: /^Save the receipt of position/ })
      .last()
      .click(),
  );
  assert.ok(verifyReceipt(again.text, { key }).isWhole);
  await visit.look("person-done");

  const whole = await downloaded(page, () => page.getByRole("button", { name: "Download everything" }).click());
  const everything = JSON.parse(whole.text);
  assert.equal(everything.account, "ann");
  assert.equal(everything.incidents[0].incident, "2026-unlock");
  assert.deepEqual(
    visit.asked.filter((asked) => /ann|example/.test(asked) || asked.includes(token)),
    [],
  );
  visit.complaints.splice(0, visit.complaints.length, ...visit.complaints.filter((text) => !/409/.test(text)));
  await visit.close();
});

test("of an account that was erased the page says so", { skip: withoutBrowser }, async () => {
  const contacts = await served.key("contacts", { source: "local" });
  await served.ask("POST /v1/contacts", { key: contacts, body: lines([contact("bea", "bea@example.com")]) });
  const visit = await Visit.open(browser!, served, { is: "person", account: served.solely.contacts.account("bea") });
  const events = await served.key("events");
  await served.ask("POST /v1/events", { key: events, body: lines([{ type: "erase", account: "bea" }]) });
  const page = await visit.go("/");
  await page.getByText("What was kept about this account was erased.").waitFor();
  await visit.look("person-erased");
  visit.complaints.splice(0, visit.complaints.length, ...visit.complaints.filter((text) => !/410/.test(text)));
  await visit.close();
});
