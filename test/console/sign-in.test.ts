/**
 * Getting into the console, in a browser: an invitation, a password, a passkey, a link that is good once, an operator's new
 * passkey; and what each page looks like.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { runCommand } from "../../src/command/index.js";
import { type Enrolment, enrolmentSchema } from "../../src/operator/index.js";
import { ServedStore } from "../http/served-store.js";
import { openBrowser, withoutBrowser } from "../opened-page.js";
import { SCREENS, Visit } from "./visit.js";

const PASSWORD = "correct horse battery";

let served: ServedStore;
let browser: Browser | undefined;
before(async () => {
  served = await ServedStore.make();
  await served.advertiser("acme");
  if (withoutBrowser === false) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await served.remove();
});

async function invite(login: string): Promise<string> {
  const made = await runCommand(
    served.solely,
    "loginInvite",
    { advertiser: "acme", login },
    { actor: "operator:alice" },
  );
  return (made as { url: string }).url;
}

/** An authenticator in a visit's page, whose user is there and verified. */
async function withAuthenticator({ context, page }: Visit): Promise<void> {
  const debugged = await context.newCDPSession(page);
  await debugged.send("WebAuthn.enable");
  await debugged.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      ...{ protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal" },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
}

test("an invitation is accepted with a password, which signs in from then on; the link serves once", {
  skip: withoutBrowser,
}, async () => {
  const url = await invite("jane");
  const visit = await Visit.open(browser!, served);
  const { page } = visit;
  await page.goto(url);
  await page.getByText("as jane").waitFor();
  assert.equal(page.url(), `${served.server.origin}/`, "the token is out of the address at once");
  await visit.look("sign-in-invited");
  await page.getByLabel("New password").fill(PASSWORD);
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByText("acme · jane").waitFor();

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
  await page.getByLabel("Advertiser", { exact: true }).fill("acme");
  await page.getByLabel("Login", { exact: true }).fill("jane");
  await page.getByLabel("Password", { exact: true }).fill("not the right one");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("do not go together").waitFor();
  await visit.look("sign-in-refused");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByText("acme · jane").waitFor();

  const late = await Visit.open(browser!, served);
  await late.page.goto(url);
  await late.page.getByText("ask an operator for another.", { exact: false }).first().waitFor();
  await late.look("sign-in-invitation-over");
  // The browsers themselves say what was refused.
  assert.match(late.complaints.splice(0).join(), /^[^,]*410[^,]*$/);
  assert.match(visit.complaints.splice(0).join(), /^[^,]*403[^,]*$/);
  const token = url.split("=")[1]!;
  assert.ok(![...visit.asked, ...late.asked].some((address) => address.includes(token)), "no address has the token");
  await Promise.all([visit.close(), late.close()]);
});

test("a login gets a passkey, signs in with it, and sets a password beside it", { skip: withoutBrowser }, async () => {
  const visit = await Visit.open(browser!, served);
  const { page } = visit;
  await withAuthenticator(visit);
  await page.goto(await invite("kim"));
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.getByText("acme · kim").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.getByText("acme · kim").waitFor();

  await visit.go("/sign-in");
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alert").getByText("only way in").waitFor();
  assert.match(visit.complaints.splice(0).join(), /^[^,]*409[^,]*$/);
  await page.getByLabel("New password").fill(PASSWORD);
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByText("The new password is in force").waitFor();
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByText("The passkey opens nothing any more.").waitFor();
  const [login] = served.solely.access.logins.list("acme").filter(({ login }) => login === "kim");
  assert.deepEqual([login?.passkeys.length, typeof login?.password], [0, "string"]);
  await visit.look("sign-in-own");
  await visit.close();
});

test("an operator's passkey is saved as a file, and signs in once two operators have put it in force", {
  skip: withoutBrowser,
}, async () => {
  const visit = await Visit.open(browser!, served);
  const { page } = visit;
  await withAuthenticator(visit);
  await visit.go("/");
  await page.getByRole("link", { name: "Make an operator's passkey" }).click();
  await page.getByLabel("Your name as an operator").fill("bob");
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.getByRole("heading", { name: "Your passkey is made" }).waitFor();
  await visit.look("sign-in-enrolled");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save bob.passkey" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "bob.passkey");
  // Chromium's advice: operators' passkeys are of fewer kinds.
  assert.match(visit.complaints.splice(0).join(), /^publicKey\.pubKeyCredParams is missing/);
  const enrolment: Enrolment = enrolmentSchema.parse(JSON.parse(readFileSync(await download.path(), "utf8")));
  const { operator: name, ...passkey } = enrolment;
  await served.store.decide({ type: "operator.passkey", name, ...passkey });
  await visit.go("/");
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.getByText("bob", { exact: true }).waitFor();
  await visit.close();
});

test("who is signed in already is asked before a link lets somebody else in", { skip: withoutBrowser }, async () => {
  const visit = await Visit.open(browser!, served, { is: "operator", name: "alice" });
  const token = served.solely.links.make({ is: "operator", name: "bob" }, 5);
  await visit.page.goto(`/#enter=${token}`);
  await visit.page.getByText("Somebody is signed in here already.").waitFor();
  await visit.page.getByRole("button", { name: "Stay as I am" }).click();
  await visit.page.getByText("alice", { exact: true }).waitFor();
  await visit.close();
});

test("the door fits each screen", { skip: withoutBrowser }, async () => {
  for (const screen of SCREENS) {
    const visit = await Visit.open(browser!, served, undefined, screen);
    await visit.go("/");
    await visit.look(`sign-in-${screen.name}`);
    await visit.go("/passkey");
    await visit.look(`sign-in-passkey-${screen.name}`);
    await visit.close();
  }
});
