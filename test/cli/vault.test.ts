/** The vault from the command line, with and without a server: reveals, a person's data, keys, backups, compaction. */
import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CommandLine, contactsCsv } from "./command-line.js";

let store: CommandLine;
before(async () => {
  store = await CommandLine.withStore();
  await store.adopt([
    { id: "mfa", purposes: ["security.mfa"], exclusive: true },
    { id: "ads", purposes: ["service.account", "ads.match"] },
  ]);
  const rows = [
    "u1,phone,+12025550142,mfa,2024-01-01T00:00:00Z",
    "u1,email,Ann@Example.com,ads,2024-01-01T00:00:00Z",
    "u2,email,ben@example.com,ads,2024-01-01T00:00:00Z",
  ];
  await store.done(["ingest", store.write("contacts.csv", contactsCsv(...rows))]);
  const list = store.write("list.csv", "email\nann@example.com\n");
  await store.done(["match", list, "--advertiser", "acme", "--name", "customers"]);
});
after(() => store.remove());

const reveal = (...over: readonly string[]) => [
  ...["reveal", "--account", "u1", "--kind", "phone", "--purpose", "security.mfa", "--reason", "ticket 12"],
  ...["--as", "alice", ...over],
];

interface Revealed {
  readonly revealed: readonly { readonly contacts: readonly { readonly value: string }[] }[];
}
const valuesIn = ({ revealed }: Revealed): string[] =>
  revealed.flatMap(({ contacts }) => contacts.map((one) => one.value));

test("an operator reveals what was given for the purpose, with a reason; anything else is refused", async () => {
  assert.deepEqual(valuesIn(await store.done<Revealed>(reveal())), ["+12025550142"]);
  assert.match(
    (await store.run(reveal())).stdout,
    /\+12025550142 +2024-01-01T00:00:00\.000Z\nrecorded at position \d+/,
  );
  for (const [over, code] of [
    [["--purpose", "service.account"], "not-given"],
    [["--kind", "handle"], "unknown-contact-point"],
    [["--account", "nobody"], "unknown-account"],
    [["--as", "mallory"], "key-missing"],
  ] as const) {
    assert.equal((await store.refused(reveal(...over))).code, code, over.join(" "));
  }
  for (const over of [
    ["--purpose", "ads.match"],
    ["--purpose", "no.such"],
  ]) {
    assert.equal((await store.run(reveal(...over))).status, 2, over.join(" "));
  }
});

test("past 20 in an hour a reveal waits for another operator, by the commands that any decision takes", async () => {
  for (let i = 0; i < 20; i++) {
    const { status } = await store.run(reveal());
    if (status !== 0) break;
  }
  const waiting = await store.run<{ proposal: string; waiting: boolean }>([...reveal(), "--json"]);
  assert.deepEqual([waiting.status, waiting.json.waiting], [1, true]);
  assert.match(waiting.stderr, /waiting for a second signature: reveal 1 contact for security\.mfa: ticket 12/);
  await store.refused(["approve", waiting.json.proposal, "--as", "alice"]);
  await store.done(["approve", waiting.json.proposal, "--as", "bob"]);
  assert.deepEqual(valuesIn(await store.done<Revealed>(reveal())), ["+12025550142"]);
  assert.equal((await store.run(reveal())).status, 1);
});

interface Person {
  readonly contacts: readonly { kind: string; mask: string; purposes: string[]; values?: Record<string, string> }[];
  readonly notices: readonly { notice: string; text: string }[];
  readonly matches: readonly { advertiser: string; list: string }[];
}

test("a person's own data: masks, notices with their text, the lists that reach them; in the clear by signed reveals", async () => {
  const masked = await store.done<Person>(["person", "export", "--account", "u1"]);
  assert.deepEqual(
    masked.contacts.map(({ kind, mask, purposes }) => [kind, mask, purposes]),
    [
      ["phone", "+1 ••• ••42", ["security.mfa"]],
      ["email", "a••@e••.com", ["service.account", "ads.match"]],
    ],
  );
  assert.doesNotMatch(JSON.stringify(masked), /5550142|ann@/i);
  assert.deepEqual(masked.notices.map(({ notice }) => notice).sort(), ["ads@1", "mfa@1"]);
  assert.match(masked.notices[0]!.text, /We use this/);
  assert.deepEqual(
    masked.matches.map(({ advertiser, list }) => [advertiser, list]),
    [["acme", "customers"]],
  );
  const out = join(store.folder, "u1.json");
  await store.done(["person", "export", "--account", "u1", "--clear", "--as", "bob", "--out", out]);
  assert.equal(statSync(out).mode & 0o777, 0o600);
  const clear: Person = JSON.parse(readFileSync(out, "utf8"));
  assert.deepEqual(
    clear.contacts.map(({ values }) => values),
    [{ "security.mfa": "+12025550142" }, { "service.account": "ann@example.com" }],
  );
  assert.equal((await store.run(["person", "export", "--account", "u1", "--clear"])).status, 2);
});

test("sealing keys are listed and rotated; a server does it too", async () => {
  const server = await store.serve();
  try {
    const rotated = await store.done<{ from: number; to: number; rewritten: number }>([
      "keys",
      "rotate",
      "security.mfa",
    ]);
    assert.deepEqual([rotated.from, rotated.to, rotated.rewritten], [1, 2, 1]);
    const { keys } = await store.done<{ keys: { purpose: string; epoch: number; file: string }[] }>(["keys", "list"]);
    assert.equal(keys.length, 9);
    for (const { file } of keys) assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(keys.find(({ purpose }) => purpose === "security.mfa")!.epoch, 2);
    const bob = reveal().map((word) => (word === "alice" ? "bob" : word));
    assert.deepEqual(valuesIn(await store.done<Revealed>(bob)), ["+12025550142"]);
  } finally {
    await server.stop();
  }
});

test("backup, erasure, compaction, and a restore that says what has to be told again", async () => {
  const file = join(store.folder, "store.backup");
  const made = await store.done<{ position: number }>(["backup", file]);
  await store.done(["erase", "--account", "u2"]);
  const compacted = await store.done<{ upTo: number; isLogClean: boolean }>(["compact"]);
  assert.ok(compacted.upTo > made.position && compacted.isLogClean);
  assert.equal((await store.refused(["explain", "--account", "u2"])).code, "unknown-account");
  const data = join(store.folder, "restored");
  const restored = await store.run(["restore", file, "--data", data, "--json"]);
  assert.equal(restored.status, 0, restored.stderr);
  assert.equal(restored.warnings.length, 2, restored.stderr);
  assert.ok(!existsSync(join(data, "keys")));
  cpSync(join(store.data, "keys"), join(data, "keys"), { recursive: true });
  const explained = await store.done<{ contactPoints: { mask: string }[] }>([
    "explain",
    "--account",
    "u2",
    "--data",
    data,
  ]);
  assert.deepEqual(
    explained.contactPoints.map(({ mask }) => mask),
    ["b••@e••.com"],
  );
});
