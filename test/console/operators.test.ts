/**
 * Operators in their browsers: what one proposes with a passkey, another approves with theirs in a browser of their own; it
 * is in force then, and still is when the store is folded anew from its facts.
 */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { runCommand } from "../../src/command/index.js";
import { readOperatorKey, signSignIn } from "../../src/operator/index.js";
import { makePasskey } from "../authenticator.js";
import { ServedStore } from "../http/served-store.js";
import { openBrowser, withoutBrowser } from "../opened-page.js";
import { withPasskey, withUnknownPasskey } from "./passkey.js";
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

const visitOf = (name: string, screen?: (typeof SCREENS)[number]) =>
  Visit.open(browser!, served, { is: "operator", name }, screen);

test("operators decide by their passkeys, each in a browser of their own", { skip: withoutBrowser }, async () => {
  const { decisions } = served.solely;
  const [alice, bob] = [await visitOf("alice"), await visitOf("bob")];
  await withPasskey(alice, served.store, "alice");
  await withPasskey(bob, served.store, "bob");
  const { credential, publicKey, host } = makePasskey("EdDSA");

  const page = await alice.go("/operators");
  await page.getByRole("button", { name: "Add a passkey…" }).click();
  await page.getByLabel("Code of the passkey").fill('{"operator":"bob"}');
  await page.getByText("This is not a passkey's code.").waitFor();
  assert.ok(await page.getByRole("button", { name: "Sign and propose" }).isDisabled());
  const code = { operator: "bob", credential, publicKey, host };
  await page.getByLabel("Code of the passkey").fill(JSON.stringify(code, null, 2));
  await page
    .getByRole("definition")
    .filter({ hasText: /^([0-9a-f]{4} ?){16}$/ })
    .waitFor();
  await alice.look("operators-add");
  await page.getByRole("button", { name: "Sign and propose" }).click();
  await page.getByText(/^Proposed, at ledger position \d+/).waitFor();
  // Focus is on what is so.
  await page.locator("[role=status]:focus").waitFor();
  await page.getByText("Add a passkey for bob").waitFor();
  assert.equal(await page.getByRole("button", { name: "Read and sign…" }).count(), 0, "nobody approves their own");
  assert.equal(decisions.operators.passkey(credential), undefined, "nothing has changed yet");
  await alice.look("operators-proposed");
  await page.getByRole("link", { name: "Make a passkey of your own" }).click();
  await page.getByRole("heading", { name: "passkey" }).waitFor();

  await bob.go("/operators");
  await bob.page.getByRole("button", { name: "Read and sign…" }).click();
  await bob.look("operators-approve");
  await bob.page.getByRole("button", { name: "Sign and approve" }).click();
  await bob.page.getByText(/^In force, at ledger position \d+/).waitFor();
  await bob.page.getByRole("region", { name: "bob" }).getByText("Passkey for localhost").nth(1).waitFor();
  assert.equal(decisions.operators.passkey(credential)?.name, "bob");

  const [proposal] = decisions.operators.proposals("approved").slice(-1);
  assert.deepEqual([proposal?.signed.scheme, proposal?.by], ["webauthn", "alice"]);
  const told = await served.solely.log.store.leaf(decisions.operators.passkey(credential)!.fromPosition);
  assert.ok(told !== undefined, "the approval is an entry of the ledger");
  await Promise.all([alice.close(), bob.close()]);
});

test("who has no passkey in force is told how else; keys are passed on, removed and rotated", {
  skip: withoutBrowser,
}, async () => {
  const visit = await visitOf("alice");
  await withUnknownPasskey(visit, "alice");
  const page = await visit.go("/operators");
  await page.getByRole("button", { name: "Remove bob…" }).click();
  await page.getByRole("button", { name: "Sign and propose" }).click();
  // Of this browser; the one in force is in another.
  await page.getByRole("alert").getByText("Nothing was signed").waitFor();
  await page.keyboard.press("Escape");
  // Focus is where it was.
  await page.locator("button:focus", { hasText: "Remove bob…" }).waitFor();
  await visit.close();

  const without = await visitOf("carol");
  await withUnknownPasskey(without, "carol");
  await without.go("/operators");
  await without.page.getByRole("button", { name: "Add an operator…" }).click();
  await without.page.getByLabel("Name").fill("dave");
  const pem = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString();
  await without.page.getByLabel("Public key").fill(pem);
  await without.page.getByRole("button", { name: "Sign and propose" }).click();
  const alert = without.page.getByRole("alert");
  await alert.getByText("carol has no passkey that is in force for localhost.").waitFor();
  await alert.getByText("solely operator add dave --key FILE.pub --as carol").waitFor();
  await without.page.getByRole("button", { name: "Cancel" }).click();
  await without.page.getByLabel("Make a new key for").selectOption("security.mfa");
  await without.page.getByRole("button", { name: "Make a new key…" }).click();
  await without.page.getByRole("button", { name: "Make the new key" }).click();
  await without.page.getByText(/^Key 2 of security.mfa is in use/).waitFor();
  assert.equal(served.solely.keyHistory.epochOf("seal.security.mfa"), 2);
  await without.close();
});

test("a key file's owner is let in by a link, once, until that key ends", { skip: withoutBrowser }, async () => {
  const { solely, store } = served;
  const { privateKey: key } = await readOperatorKey(store.operators, "bob");
  const signed = signSignIn({ key, name: "bob", storeId: solely.config.root, atMs: Date.now() });
  const signIn = () => runCommand(solely, "operatorSignIn", { signed }, { actor: "test" });
  const { url } = (await signIn()) as { url: string };
  await assert.rejects(signIn(), { code: "repeated" });
  const visit = await Visit.open(browser!, served);
  await visit.page.goto(url);
  await visit.page.getByText("bob", { exact: true }).waitFor();
  assert.equal(visit.page.url(), `${served.server.origin}/`, "the token is out of the address");
  const token = url.split("=")[1]!;
  assert.ok(!visit.asked.some((address) => address.includes(token)));

  const late = await Visit.open(browser!, served);
  await late.page.goto(url);
  await late.page.getByRole("alert").getByText("this link was used before").waitFor();
  await late.look("operators-link-over");
  // The browser itself says that it was refused.
  assert.match(late.complaints.splice(0).join(), /^[^,]*410[^,]*$/);
  await late.close();

  const publicKey = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "der" }).toString("base64");
  await store.decide({ type: "operator.replace", name: "bob", publicKey });
  await visit.page.goto("/operators");
  await visit.page.getByRole("heading", { name: "Sign in" }).waitFor();
  await visit.close();
});

test("the page fits each screen, and what was decided stands when everything is folded anew", {
  skip: withoutBrowser,
}, async () => {
  for (const screen of SCREENS) {
    const visit = await visitOf("alice", screen);
    await visit.go("/operators");
    await visit.page.getByRole("region", { name: "Keys of purposes" }).waitFor();
    await visit.look(`operators-${screen.name}`);
    await visit.close();
  }
  const before = served.solely.decisions.operators.terms();
  await served.server.close();
  await served.solely.log.snapshot();
  const { decisions } = await served.store.reopen("facts");
  assert.deepEqual(decisions.operators.terms(), before);
  assert.equal(decisions.operators.passkeys().length, 1, "bob's ended with his key file");
  assert.equal(decisions.operators.rejectedCount, 0);
});
