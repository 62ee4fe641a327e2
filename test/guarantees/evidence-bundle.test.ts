/**
 * The evidence of an incident, as a stranger checks it: whole as it was made; whatever is changed in it is found, also when
 * the manifest is made anew; and it holds nobody's contact or account.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Bundle, verifyEvidence, writeEvidence } from "../../src/evidence/index.js";
import { ingest, matchList, takeEvents } from "../../src/index.js";
import { formatVerifier, SIGNATURE_TYPE, signerOf } from "../../src/ledger/index.js";
import { OrdinalSet } from "../../src/set/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

const ACCOUNTS = 40;
const account = (i: number): string => `person-${i}`;
const mail = (i: number): string => `inbox.${i}@example.com`;
const at = "2019-01-01T00:00:00.000Z";

let store: FreshStore;
let bundle: Bundle;
let key: string;

before(async () => {
  store = await FreshStore.make();
  const { solely } = store;
  await store.adopt({ id: "unlock", purposes: ["security.unlock", "ads.match"] });
  await store.adopt({ id: "signup", purposes: ["ads.match"] });
  const give = (first: number, end: number, notice: string, given_at = at) =>
    ingest(
      solely,
      ndjson(
        Array.from({ length: end - first }, (_, i) => ({
          ...{ account: account(first + i), kind: "email", value: mail(first + i), notice, given_at },
        })),
      ),
      { source: "local", actor: "t", format: "ndjson" },
    );
  const list = (name: string, first: number, end: number) =>
    matchList(
      solely,
      streamOf(`email\n${Array.from({ length: end - first }, (_, i) => `${mail(first + i)}\n`).join("")}`),
      { advertiser: "acme", name, actor: "t" },
    );
  await give(0, 30, "unlock@1");
  await give(30, ACCOUNTS, "signup@1");
  await list("spring", 0, 35);
  await takeEvents(solely, ndjson([{ type: "withdraw", account: account(3), at: "2020-01-01T00:00:00Z" }]), {
    actor: "t",
  });
  // Given again: a later stretch of the same contact point, which only a later list finds.
  await give(3, 4, "unlock@1", "2020-06-01T00:00:00Z");
  await list("autumn", 2, 6);
  await list("rightly", 30, ACCOUNTS);
  const corrected = { purposes: ["security.unlock"], exclusive: true };
  const claims = [{ notice: "unlock@1", given_from: at, given_to: "2021-01-01T00:00:00Z", corrected }];
  const claim = { id: "unlock-2019", title: "Unlock contacts were matched", purpose: "ads.match", claims };
  const { digest } = await solely.incidents.open(solely, claim, "operator:alice");
  await store.decide({ type: "incident.contain", incident: "unlock-2019", claim: digest });
  bundle = await writeEvidence(solely, { incident: "unlock-2019", out: join(store.folder, "evidence"), actor: "t" });
  key = formatVerifier(solely.checkpoints.verifier);
});
after(() => store.remove());

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test("a bundle is whole for who has the key, with the program and with its own verifier", () => {
  assert.equal(bundle.people, 30);
  const { findings, leaves, ...verified } = verifyEvidence(bundle.out, key);
  assert.deepEqual(findings, []);
  const { size } = store.solely.checkpoints;
  assert.deepEqual(verified, {
    ...{ isWhole: true, incident: "unlock-2019", people: 30, contactPoints: 30, audiences: 2, size },
    isKeyOfBundle: false,
  });
  // Incident, proposal and approval of the notice and of the containment, its correction, two lists, contacts twice, an event.
  assert.equal(leaves, 11);
  const alone = spawnSync(process.execPath, [join(bundle.out, "verify.mjs"), key], { cwd: "/", encoding: "utf8" });
  assert.equal(alone.status, 0, alone.stdout + alone.stderr);
  assert.equal(JSON.parse(alone.stdout).people, 30);
});

test("a bundle is of its own log's key alone", () => {
  const { name } = store.solely.checkpoints.verifier;
  const other = formatVerifier(signerOf(name, SIGNATURE_TYPE.ed25519, Buffer.alloc(32, 9)).verifier);
  const found = verifyEvidence(bundle.out, other).findings.map(({ where, what }) => `${where} ${what}`);
  assert.deepEqual(found.slice(0, 2), [
    "checkpoint is not signed by the key",
    "verifier is not the key that was given",
  ]);
});

test("a bundle holds no contact and no account's name", () => {
  for (const file of filesOf(bundle.out)) {
    const text = readFileSync(file, "latin1");
    const decoded = [...text.matchAll(/[A-Za-z0-9+/]{24,}={0,2}/g)].map(([word]) =>
      Buffer.from(word, "base64").toString("latin1"),
    );
    for (const part of [text, ...decoded]) assert.ok(!/person-\d|inbox\.|example\.com/.test(part), file);
  }
});

test("any flipped bit of any file is found", () => {
  let flips = 0;
  for (const file of filesOf(bundle.out)) {
    const bytes = readFileSync(file);
    try {
      for (let i = 0; i < 12; i++, flips++) {
        const bit = Math.floor(Math.random() * bytes.length * 8);
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        writeFileSync(file, flipped);
        assert.equal(verifyEvidence(bundle.out, key).isWhole, false, `${file}: bit ${bit}`);
      }
    } finally {
      writeFileSync(file, bytes);
    }
  }
  assert.ok(flips >= 150);
  assert.equal(verifyEvidence(bundle.out, key).isWhole, true);
});

test("a manifest of another shape is a finding", () => {
  const file = join(bundle.out, "manifest.json");
  const bytes = readFileSync(file);
  const { files, ...rest } = JSON.parse(bytes.toString());
  const one = Object.keys(files)[0]!;
  const shapes = [null, [], "a", rest, { ...rest, files: null }, { ...rest, files: { ...files, [one]: null } }];
  try {
    for (const shape of shapes) {
      writeFileSync(file, `${JSON.stringify(shape, null, 2)}\n`);
      const [first] = verifyEvidence(bundle.out, key).findings;
      assert.equal(first?.where, "manifest.json", JSON.stringify(shape));
    }
  } finally {
    writeFileSync(file, bytes);
  }
});

test("what is forged with a manifest made anew is found by the ledger and by the sets", () => {
  const forged = join(store.folder, "forged");
  const [list] = leavesOfKind(67);
  const [affected] = readdirSync(join(bundle.out, "sets")).filter((name) => name.startsWith("affected-"));
  const json = (text: string, change: (value: { assessment: Record<string, unknown> }) => void): string => {
    const value = JSON.parse(text);
    change(value);
    return `${JSON.stringify(value)}\n`;
  };
  const forgeries: readonly (readonly [string, (bytes: Buffer) => string | Uint8Array, RegExp])[] = [
    [`sets/leaf-${list}-0.roaring`, (bytes) => without(bytes, 7), /not the set that the leaf commits to/],
    [`sets/${affected}`, (bytes) => without(bytes, 4), /not the size that is claimed/],
    [`sets/${affected}`, (bytes) => instead(bytes, 4, 39), /whom no list added/],
    ["sets/people.roaring", (bytes) => without(bytes, 2), /set of people/],
    [
      "assessment.json",
      (bytes) => json(bytes.toString(), ({ assessment }) => (assessment.people = 29)),
      /set of people/,
    ],
    [
      "assessment.json",
      (bytes) => json(bytes.toString(), ({ assessment }) => (assessment.incident = "x")),
      /another incident/,
    ],
    ["leaves.ndjson", (bytes) => withoutKind(bytes.toString(), 67), /no leaf of a list made it/],
    ["leaves.ndjson", (bytes) => withoutKind(bytes.toString(), 16), /no leaf opens this incident/],
    [
      "leaves.ndjson",
      (bytes) => bytes.toString().replace(/"position":\d+/, '"position":0'),
      /lead to the checkpoint|no leaf/,
    ],
    ["checkpoint", (bytes) => bytes.toString().replace(/\n(\d+)\n/, "\n1$1\n"), /not signed/],
  ];
  for (const [path, change, what] of forgeries) {
    cpSync(bundle.out, forged, { recursive: true });
    const file = join(forged, path);
    const content = Buffer.from(change(readFileSync(file)));
    writeFileSync(file, content);
    const manifest = JSON.parse(readFileSync(join(forged, "manifest.json"), "utf8"));
    manifest.files[path] = { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
    writeFileSync(join(forged, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    const { isWhole, findings } = verifyEvidence(forged, key);
    assert.equal(isWhole, false, path);
    assert.match(findings.map((finding) => finding.what).join("\n"), what);
    rmSync(forged, { recursive: true });
  }
});

const kindOf = (line: string): number => Buffer.from(JSON.parse(line).leaf, "base64")[1]!;
const linesOf = (text: string): string[] => text.trimEnd().split("\n");
const withoutKind = (text: string, kind: number): string =>
  linesOf(text)
    .filter((line) => kindOf(line) !== kind)
    .map((line) => `${line}\n`)
    .join("");

/** Positions of the bundle's leaves of a kind. */
const leavesOfKind = (kind: number): number[] =>
  linesOf(readFileSync(join(bundle.out, "leaves.ndjson"), "utf8"))
    .filter((line) => kindOf(line) === kind)
    .map((line) => JSON.parse(line).position);

function changed(bytes: Uint8Array, change: (set: OrdinalSet) => void): Uint8Array {
  const set = OrdinalSet.fromBytes(bytes);
  change(set);
  return set.toBytes();
}
const without = (bytes: Uint8Array, number: number): Uint8Array =>
  changed(bytes, (set) => set.removeAll(Uint32Array.of(number)));
const instead = (bytes: Uint8Array, number: number, other: number): Uint8Array =>
  changed(bytes, (set) => {
    set.removeAll(Uint32Array.of(number));
    set.addAll(Uint32Array.of(other));
  });

test("evidence as it was known before is of that time alone", async () => {
  const [, second] = leavesOfKind(67);
  const out = join(store.folder, "before");
  const before = await writeEvidence(store.solely, {
    incident: "unlock-2019",
    out,
    actor: "t",
    asKnownAt: String(second),
  });
  assert.equal(before.asKnownAt, second);
  assert.deepEqual(verifyEvidence(out, key).findings, []);
  assert.equal(verifyEvidence(out, key).audiences, 1);
});

test("a folder that holds something is left alone", async () => {
  const made = writeEvidence(store.solely, { incident: "unlock-2019", out: bundle.out, actor: "t" });
  await assert.rejects(made, { code: "unwritable-file" });
  assert.equal(verifyEvidence(bundle.out, key).isWhole, true);
});

test("evidence stays whole when affected people are erased, and shows nothing of the erasure", async () => {
  const erase = (i: number) => ({ type: "erase", account: account(i), at: new Date().toISOString() });
  await takeEvents(store.solely, ndjson([erase(1)]), { actor: "t" });
  await takeEvents(store.solely, ndjson([erase(2), { ...erase(4), kind: "email", value: mail(4) }]), { actor: "t" });
  const out = join(store.folder, "erased");
  const { people } = await writeEvidence(store.solely, { incident: "unlock-2019", out, actor: "t" });
  assert.equal(people, 30);
  assert.deepEqual(verifyEvidence(out, key).findings, []);
  const erasures = linesOf(readFileSync(join(out, "leaves.ndjson"), "utf8")).filter((line) => kindOf(line) === 80);
  assert.equal(erasures.length, 2);
  for (const line of erasures) assert.deepEqual(Object.keys(JSON.parse(line)), ["position", "leaf", "path"]);
});
