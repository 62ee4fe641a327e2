/**
 * An advertiser in their browser: what is in a list shows before it is sent, addresses never leave the page, a lost connection
 * costs nothing, and the audience is the very one that the raw file makes.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { DIGEST_FORM_TYPE, encodeDigests, ListReader } from "../../src/list/index.js";
import { assertProblem, contact, lines, ServedStore } from "../http/served-store.js";
import { openBrowser, withoutBrowser } from "../opened-page.js";
import { Visit } from "./visit.js";

const PEOPLE = 300;
/** More than the parts that are on their way at once. */
const LARGE_ROWS = 1_300_000;
/** The page sends 250,000 rows at a time. */
const THREE_PARTS = 600_000;
/** So that each of the parts has some. */
const PEOPLE_APART = 1900;
const visitor = { is: "advertiser", advertiser: "acme", login: "mary" } as const;
let served: ServedStore;
let key: string;
let browser: Browser | undefined;
/** Of the list: addresses and numbers, in several spellings, some twice, some no contact. */
const rows = Array.from({ length: PEOPLE }, (_, i) => {
  const email = i % 7 === 0 ? ` P${i}@Example.com ` : `p${i}@example.com`;
  return i % 50 === 49 ? "no address,none" : `${email},+49301${String(100_000 + i)}`;
});
const csv = ["E-mail,Phone", ...rows, rows[0], rows[1], ""].join("\n");

before(async () => {
  served = await ServedStore.make();
  key = await served.advertiser("acme");
  const contacts = await served.key("contacts", { source: "local" });
  const people = Array.from({ length: PEOPLE }, (_, i) => contact(`u${i}`, `p${i}@example.com`));
  await served.ask("POST /v1/contacts", { key: contacts, body: lines(people) });
  if (withoutBrowser === false) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await served.remove();
});

const send = (name: string, body: string | Buffer, type = "text/csv", query = "") =>
  served.ask(`POST /v1/advertisers/acme/lists?name=${name}${query}`, { key, body, headers: { "content-type": type } });

function digestsOf(text: string): Buffer {
  const reader = new ListReader({ scheme: "plain" });
  const batches = [...reader.push(Buffer.from(text)), ...reader.end().batches];
  return Buffer.from(encodeDigests(batches));
}

/** That a snippet as the page shows it sends the file that lies beside it; the name of the list alone is another. */
async function runsAs(
  name: string,
  script: string,
  snippet: string,
  [command, ...args]: [string, ...string[]],
  key: string,
) {
  const cwd = mkdtempSync(join(tmpdir(), "solely-snippet-"));
  writeFileSync(join(cwd, "customers.csv"), csv);
  writeFileSync(join(cwd, script), snippet.replace(/(name(?:=|: "))customers/, `$1${name}`));
  const env = { PATH: process.env.PATH, SOLELY_KEY: key };
  await promisify(execFile)(command, [...args, script], { cwd, env }).finally(() => rmSync(cwd, { recursive: true }));
  const raw = served.solely.audiences.find("acme", "raw")!;
  assert.deepEqual(served.members(served.solely.audiences.find("acme", name)!.id), served.members(raw.id), name);
}

test("a list as digests is matched as its rows are; what is not of the form is refused, and nothing of it counts", async () => {
  const [raw, hashed] = [await send("raw", csv), await send("hashed", digestsOf(csv), DIGEST_FORM_TYPE)];
  assert.deepEqual([raw.status, hashed.status], [200, 200], hashed.text);
  for (const field of ["rows", "usable", "refused"]) assert.equal(hashed.json[field], raw.json[field], field);
  assert.ok(served.members(raw.json.audience).length > PEOPLE / 2);
  assert.deepEqual(served.members(hashed.json.audience), served.members(raw.json.audience));
  assertProblem(await send("broken", digestsOf(csv).subarray(0, -5), DIGEST_FORM_TYPE), 400, "malformed-digests");
  assertProblem(await send("broken", Buffer.from(csv), DIGEST_FORM_TYPE), 400, "malformed-digests");
  assert.equal(served.solely.audiences.find("acme", "broken"), undefined);
});

test("parts that were taken are told to their own advertiser alone, and its history", async () => {
  const part = (n: number) =>
    send("parted", digestsOf(`email\np${n}@example.com\n`), DIGEST_FORM_TYPE, `&session=s1&part=${n}`);
  const [first] = [await part(1), await part(3)];
  const asked = await served.ask("GET /v1/advertisers/acme/lists/parts?name=parted&session=s1", { key });
  assert.deepEqual(asked.json, { parts: [1, 3] });
  const history = await served.ask(`GET /v1/advertisers/acme/audiences/${first!.json.audience}/history`, { key });
  const [step] = history.json.history as { operation: string; rows: number }[];
  assert.deepEqual([step!.operation, step!.rows], ["create", 2]);
  const other = await served.advertiser("other");
  const foreign = await served.ask("GET /v1/advertisers/acme/lists/parts?name=parted&session=s1", { key: other });
  assertProblem(foreign, 404, "unknown-advertiser");
});

test("an advertiser's keys are made and revoked by who is signed in for it, never by a key", async () => {
  const headers = { cookie: `solely=${served.solely.sessions.open(visitor)}`, origin: served.server.origin };
  assertProblem(await served.ask("POST /v1/advertisers/acme/keys", { key }), 403, "forbidden");
  assertProblem(await served.ask("POST /v1/advertisers/other/keys", { headers }), 404, "unknown-advertiser");
  const made = await served.ask("POST /v1/advertisers/acme/keys", { headers });
  const secret = String(made.json.secret);
  assert.equal((await served.ask("GET /v1/advertisers/acme/budget", { key: secret })).status, 200);
  const { status } = await served.ask(`DELETE /v1/advertisers/acme/keys/${made.json.id}`, { headers });
  assert.equal(status, 200);
  assertProblem(await served.ask("GET /v1/advertisers/acme/budget", { key: secret }), 401, "unauthorized");
});

test("a list is looked into, hashed in the page, cut off, and sent to its end", { skip: withoutBrowser }, async () => {
  const visit = await Visit.open(browser!, served, visitor);
  const bodies: Buffer[] = [];
  const network = await visit.context.newCDPSession(visit.page);
  await network.send("Network.enable");
  network.on("Network.requestWillBeSent", async ({ requestId, request: { url, method } }) => {
    bodies.push(Buffer.from(url));
    if (method !== "POST") return;
    const sent = await network.send("Network.getRequestPostData", { requestId });
    bodies.push(Buffer.from(sent.postData, "base64Encoded" in sent && sent.base64Encoded ? "base64" : "latin1"));
  });
  const page = await visit.go("/upload");
  await visit.look("upload-empty");
  const file = { name: "customers.csv", mimeType: "text/csv", buffer: Buffer.from(csv) };
  await page.locator("#file").setInputFiles(file);
  await page.getByRole("heading", { name: "What is in it" }).waitFor();
  const reader = new ListReader({ scheme: "plain" });
  reader.push(Buffer.from(csv));
  const { rows: read, usable, refused } = reader.end().summary;
  const figures = page.locator(".figures li b");
  const distinct = 2 * (PEOPLE - PEOPLE / 50);
  assert.deepEqual(await figures.allTextContents(), [read, usable, refused, 2 * usable - distinct].map(String));
  await page.locator("summary", { hasText: "Rows that are no contact" }).click();
  await page.getByRole("rowheader", { name: "51", exact: true }).waitFor();
  assert.ok(!visit.asked.some((what) => what.startsWith("POST")), "nothing is sent by looking");
  await visit.lookEverywhere("upload");

  // The server has taken the part, but the connection is lost before its answer comes.
  await network.send("Fetch.enable", { patterns: [{ urlPattern: "*/lists\\?*", requestStage: "Response" }] });
  network.once("Fetch.requestPaused", async ({ requestId }) => {
    await visit.context.setOffline(true);
    await network.send("Fetch.failRequest", { requestId, errorReason: "InternetDisconnected" });
    await network.send("Fetch.disable");
  });
  await page.getByRole("button", { name: /^Send the digests of/ }).click();
  await page.getByText("The connection is lost.").waitFor();
  await visit.look("upload-lost");
  assert.equal(served.solely.audiences.find("acme", "customers")?.rows, read, "it was taken");
  await visit.context.setOffline(false);
  await page.getByText(/^The digests of/).waitFor();
  visit.complaints.length = 0; // What a browser says of a connection that is lost.

  const sent = served.solely.audiences.find("acme", "customers")!;
  const raw = served.solely.audiences.find("acme", "raw")!;
  assert.deepEqual(served.members(sent.id), served.members(raw.id));
  assert.deepEqual([sent.rows, sent.usable, sent.refused], [raw.rows, raw.usable, raw.refused]);
  const all = Buffer.concat(bodies).toString("latin1").toLowerCase();
  assert.ok(
    bodies.some((body) => body.includes("solely-digests/1\n")),
    "the digests were seen",
  );
  for (const cell of ["p1@example.com", "@example", "p7%40", "49301100", "301100001"])
    assert.ok(!all.includes(cell), cell);

  await served.store.release();
  await page.getByRole("link", { name: "To the audience" }).click();
  await page.getByRole("heading", { name: "customers" }).waitFor();
  await page.getByText("It is served now.").waitFor();
  await visit.lookEverywhere("advertiser-audience");
  await visit.go("/");
  await visit.lookEverywhere("advertiser-audiences");
  await visit.search("custom");
  await page.getByRole("heading", { name: "customers" }).waitFor();
  await visit.go("/keys");
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByText("This is the only time that the key is shown.").waitFor();
  await visit.lookEverywhere("advertiser-keys");
  const [secret, curl, typeScript] = (await page.locator("pre").allTextContents()) as [string, string, string];
  if (existsSync("/usr/bin/curl")) await runsAs("by-curl", "snippet.sh", curl, ["sh"], secret);
  await runsAs("by-typescript", "snippet.mjs", typeScript, [process.execPath], secret);
  await visit.close();
});

test("nothing else is chosen while a list is read or sent; what was sent before it was stopped stays", {
  skip: withoutBrowser,
}, async () => {
  const name = "n".repeat(250);
  const list = Array.from({ length: LARGE_ROWS }, (_, i) => `l${i}@x.co`).join("\n");
  const visit = await Visit.open(browser!, served, visitor);
  const page = await visit.go("/upload");
  await page.locator("summary", { hasText: "How the values are written" }).click();
  const fields = ["#file", "#scheme", "#region", "#name", "#operation"].map((field) => page.locator(field));
  const areDisabled = (of: typeof fields) => Promise.all(of.map((field) => field.isDisabled()));
  await page.locator("#file").setInputFiles({ name: `${name}.csv`, mimeType: "text/csv", buffer: Buffer.from(list) });
  await page.getByText("Looking into the list").waitFor();
  assert.deepEqual(await areDisabled(fields.slice(0, 3)), [true, true, true], "while it is looked into");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Look into it again" }).click();
  await page.getByRole("heading", { name: "What is in it" }).waitFor();
  assert.equal(await page.locator("#name").inputValue(), name.slice(0, 200), "no longer than a name may be");
  assert.deepEqual(await areDisabled(fields), Array(5).fill(false));
  await page.locator("#name").fill("large");

  let goOn = () => {};
  const isStopped = new Promise<void>((resolve) => (goOn = resolve));
  await page.route(/\/lists\?/, (route) => isStopped.then(() => route.continue()));
  await page.getByRole("button", { name: /^Send the digests of/ }).click();
  await page.getByText("Sending the digests").waitFor();
  assert.deepEqual(await areDisabled(fields), Array(5).fill(true), "while it is sent");
  await page.getByRole("button", { name: "Cancel" }).click();
  goOn();
  const told = await page.getByText(/^Stopped: /).textContent();
  const large = () => served.solely.audiences.find("acme", "large")?.rows;
  assert.ok(large()! < LARGE_ROWS, "not all of it was sent");
  assert.ok(
    told!.startsWith(`Stopped: ${large()!.toLocaleString("en")} of ${LARGE_ROWS.toLocaleString("en")} rows`),
    told!,
  );
  await visit.look("upload-stopped");
  await page.getByRole("button", { name: /^Send the digests of/ }).click();
  await page.getByText(/^The digests of/).waitFor();
  assert.equal(large(), LARGE_ROWS, "the rest, and nothing twice");
  await visit.close();
});

test("a connection that drops amid many parts costs one of them, and it goes on by itself", {
  skip: withoutBrowser,
}, async () => {
  const list = Array.from({ length: THREE_PARTS }, (_, i) =>
    i % PEOPLE_APART === 0 && i / PEOPLE_APART < PEOPLE ? `p${i / PEOPLE_APART}@example.com` : `l${i}@x.co`,
  ).join("\n");
  const visit = await Visit.open(browser!, served, visitor);
  const page = await visit.go("/upload");
  await page.locator("#file").setInputFiles({ name: "dropped.csv", mimeType: "text/csv", buffer: Buffer.from(list) });
  await page.getByRole("heading", { name: "What is in it" }).waitFor();
  const network = await visit.context.newCDPSession(page);
  await network.send("Fetch.enable", { patterns: [{ urlPattern: "*/lists\\?*&part=2", requestStage: "Request" }] });
  network.once("Fetch.requestPaused", async ({ requestId }) => {
    await network.send("Fetch.failRequest", { requestId, errorReason: "ConnectionReset" });
    await network.send("Fetch.disable");
  });
  await page.getByRole("button", { name: /^Send the digests of/ }).click();
  await page.getByText("The connection is lost.").waitFor();
  const dropped = () => served.solely.audiences.find("acme", "dropped")!;
  assert.ok(dropped().rows < THREE_PARTS, "the second part was never taken");
  await page.getByText(/^The digests of/).waitFor();
  visit.complaints.length = 0; // What a browser says of a connection that is lost.
  const parts = visit.asked.flatMap((what) => /^POST .*\/lists\?.*&part=(\d)$/.exec(what)?.[1] ?? []);
  assert.deepEqual(parts.toSorted(), ["1", "2", "2", "3"], "no other part was sent again");
  assert.equal(dropped().rows, THREE_PARTS);
  assert.equal(new Set(served.members(dropped().id)).size, PEOPLE);
  await visit.close();
});
