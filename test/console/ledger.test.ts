/**
 * The ledger page believes the server nothing: what is right is shown as right, step by step, and an answer that was changed
 * on its way, in one bit of a proof, an entry, the checkpoint or the past, is said to be wrong.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page, Route } from "playwright-core";
import { addAdvertiser } from "../../src/index.js";
import { formatNote, formatVerifier, parseNote, SIGNATURE_TYPE, signerOf, signNote } from "../../src/ledger/index.js";
import { ServedStore } from "../http/served-store.js";
import { openBrowser, withoutBrowser } from "../opened-page.js";
import { SCREENS, Visit } from "./visit.js";

/** More than a bundle holds. */
const LEAVES = 270;
const witness = signerOf("witness.example.org", SIGNATURE_TYPE.cosignature, Buffer.alloc(32, 5));
const operator = { is: "operator", name: "alice" } as const;

let served: ServedStore;
let browser: Browser | undefined;
before(async () => {
  served = await ServedStore.make();
  const names = Array.from({ length: LEAVES }, (_, i) => `Advertiser ${i}`);
  for (const name of names) await addAdvertiser(served.solely, { name, actor: "test" });
  await sign();
  if (withoutBrowser === false) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await served.remove();
});

/** A checkpoint over everything, with a witness's signature. */
async function sign(): Promise<void> {
  const { checkpoints } = served.solely;
  await checkpoints.signNow();
  const { text, signatures } = parseNote(checkpoints.newest.note);
  const cosigned = formatNote({ text, signatures: [...signatures, signNote(text, witness, Date.now())] });
  checkpoints.addCosignature(cosigned, formatVerifier(witness.verifier));
}

const size = () => served.solely.checkpoints.size;
const said = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();

async function changed(page: Page, path: string, change: (text: string) => string): Promise<() => Promise<void>> {
  const handler = async (route: Route) => {
    const answer = await route.fetch();
    // One letter for one byte: entries are no text.
    const body = Buffer.from(change((await answer.body()).toString("latin1")), "latin1");
    await route.fulfill({ response: answer, body });
  };
  await page.route(path, handler);
  return () => page.unroute(path, handler);
}

/** The path of a proof with one bit of one of its hashes changed. */
const bent = (text: string): string => {
  const answer = JSON.parse(text);
  const hash = Buffer.from(answer.path[1], "base64");
  hash[7]! ^= 1;
  return JSON.stringify({ ...answer, path: answer.path.with(1, hash.toString("base64")) });
};

test("on every screen an entry is shown to be in the log, and each step of its proof", {
  skip: withoutBrowser,
}, async () => {
  for (const screen of SCREENS) {
    const visit = await Visit.open(browser!, served, operator, screen);
    const page = await visit.go("/ledger");
    await said(page, "Signed with this key.");
    await said(page, "This browser sees the log for the first time");
    await page.getByRole("rowheader", { name: "witness.example.org" }).waitFor();
    await page.getByRole("link", { name: `Entry at position ${size() - 50}` }).waitFor();
    assert.equal(await page.getByRole("link", { name: /^Entry at position/ }).count(), 50);
    await visit.look(`ledger-${screen.name}`);
    await page.getByLabel("Go to position").fill("256");
    await page.getByRole("button", { name: "Go", exact: true }).click();
    await said(page, `It holds: these 42 bytes are the entry at position 256 of the ${size()} that were signed.`);
    assert.match((await page.locator(":focus").textContent()) ?? "", /Entry at position 256/);
    await page.getByLabel("Entries then").fill("200");
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await said(page, `It holds: the log of 200 entries is the beginning of the log of ${size()}.`);
    await visit.look(`ledger-proofs-${screen.name}`);
    await visit.close();
  }
});

test("entries are paged over bundles, down to the first", { skip: withoutBrowser }, async () => {
  const visit = await Visit.open(browser!, served, operator);
  const page = await visit.go("/ledger?position=0");
  await said(page, "It holds: these 42 bytes are the entry at position 0");
  await page.getByRole("link", { name: "Entry at position 0", exact: true }).waitFor();
  assert.ok(await page.getByRole("button", { name: "Older" }).isDisabled());
  await page.getByRole("button", { name: "Newer" }).click();
  await page.getByRole("link", { name: "Entry at position 60", exact: true }).waitFor();
  await page.goto(`/ledger?position=${size()}`);
  await said(page, `There is no entry at position ${size()} in this checkpoint`);
  await visit.close();
});

test("what was changed on its way is said not to hold", { skip: withoutBrowser }, async () => {
  const visit = await Visit.open(browser!, served, operator);
  const page = await visit.go("/ledger");
  await said(page, "Signed with this key.");
  const wrong = (text: string) => page.getByRole("alert").filter({ hasText: text }).waitFor();

  let mend = await changed(page, "**/v1/ledger/inclusion?*", bent);
  await page.goto("/ledger?position=17");
  await wrong("It does not hold: this is not shown to be the entry at position 17.");
  await visit.look("ledger-wrong");
  await mend();

  // One bit of the root of entry 17, in a bundle of 44 bytes an entry.
  const at = 17 * 44 + 30;
  mend = await changed(page, "**/tlog/tile/entries/000", (text) => {
    const bytes = Buffer.from(text, "latin1");
    bytes[at]! ^= 1;
    return bytes.toString("latin1");
  });
  await page.goto("/ledger?position=17");
  await wrong("The steps lead to another root than the one that was signed");
  await mend();

  mend = await changed(page, "**/v1/ledger/consistency?*", bent);
  await page.goto("/ledger");
  await page.getByLabel("Entries then").fill("77");
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await wrong(`the log of 77 entries is not shown to be the beginning of the log of ${size()}`);
  await mend();

  mend = await changed(page, "**/tlog/checkpoint", (text) => text.replace(`\n${size()}\n`, `\n${size() - 1}\n`));
  await page.goto("/ledger");
  await wrong("The signature does not hold");
  await wrong("The log has become shorter");
  await mend();
  await visit.close();
});

test("a browser remembers what it saw, and keys and checkpoints from elsewhere are held against it", {
  skip: withoutBrowser,
}, async () => {
  const visit = await Visit.open(browser!, served, operator);
  const page = await visit.go("/ledger");
  await said(page, "This browser sees the log for the first time");
  const [before, note] = [size(), served.solely.checkpoints.newest.note];
  await addAdvertiser(served.solely, { name: "Another", actor: "test" });
  await sign();
  await page.getByRole("button", { name: "Look again" }).click();
  await said(page, `The log continues what this browser saw last (${before} entries, same beginning)`);

  const compare = async (key: string, told: string) => {
    await page.getByLabel("A key that you have from elsewhere").fill(key);
    await page.getByRole("button", { name: "Compare" }).click();
    await said(page, told);
  };
  const { verifier } = served.solely.checkpoints;
  const stranger = (type: 1 | 4) => formatVerifier(signerOf(verifier.name, type, Buffer.alloc(32, 9)).verifier);
  await compare(formatVerifier(verifier), "This is the log's key, to the last letter.");
  await compare(stranger(SIGNATURE_TYPE.ed25519), "This is not the key that the server shows.");
  await compare(formatVerifier(witness.verifier), "witness.example.org has signed this checkpoint.");
  await compare(stranger(SIGNATURE_TYPE.cosignature), "has not signed this checkpoint with this key");
  await compare("a+b", "This is not a key");

  await page.getByText("A checkpoint that you kept from then").first().click();
  const kept = page.getByRole("textbox", { name: "A checkpoint that you kept from then" });
  await kept.fill(note);
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await said(page, `It holds: the log of ${before} entries is the beginning of the log of ${size()}.`);
  await said(page, "from the checkpoint that you kept");
  await kept.fill(note.replace(`\n${before}\n`, `\n${before - 3}\n`));
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await said(page, "The checkpoint that you kept is not signed with this log's key.");

  // Another past of the same length, remembered as if it had been seen.
  await page.evaluate(`(() => {
    const seen = JSON.parse(localStorage.getItem("solely-ledger-seen"));
    const lines = seen.note.split("\\n");
    lines[2] = btoa("another past, of thirty-two byte");
    localStorage.setItem("solely-ledger-seen", JSON.stringify({ ...seen, note: lines.join("\\n") }));
  })()`);
  await page.reload();
  await page.getByRole("alert").filter({ hasText: "The log has another past" }).waitFor();
  await page.reload();
  await page.getByRole("alert").filter({ hasText: "The log has another past" }).waitFor();
  await page.getByRole("button", { name: "Remember the new one instead" }).click();
  await said(page, "This browser sees the log for the first time");
  await visit.close();
});
