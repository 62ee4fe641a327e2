/** One gate: every use of a contact takes a permit that the gate made for that purpose, and the matcher has one key. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ingest, matchList } from "../../src/index.js";
import type { Matcher, OrderedBatch } from "../../src/match/index.js";
import { type Permit, PurposeGate } from "../../src/purpose/index.js";
import { eligibility, exportAudience } from "../../src/serve/index.js";
import { OrdinalSet } from "../../src/set/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

let store: FreshStore;
let audience: string;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match"] });
  const grant = {
    account: "u1",
    kind: "email",
    value: "a@example.com",
    notice: "ads",
    given_at: "2024-01-01T00:00:00Z",
  };
  await ingest(store.solely, ndjson([grant]), { source: "local", actor: "test", format: "ndjson" });
  ({ audience } = await matchList(store.solely, streamOf("email\na@example.com\n"), {
    ...{ advertiser: "acme", name: "list", actor: "test" },
  }));
  await store.release();
});
after(() => store.remove());

const coded = (code: string) => (error: unknown) => error instanceof Error && "code" in error && error.code === code;

/** Something that has all that a permit has, and was not made by the gate. */
function forged(): Permit<"ads.match"> {
  return { purpose: "ads.match", ordinals: OrdinalSet.from(Uint32Array.of(0)), asOf: 0 };
}

/** A batch of one digest, ready to be looked up. */
function ordered(matcher: Matcher): Promise<OrderedBatch> {
  const batch = matcher.newBatch();
  batch.add(new Uint8Array(16), Uint8Array.of(255), 0);
  return matcher.order(batch);
}

test("what only looks like a permit opens nothing: not the matcher, not an audience", async () => {
  const { matcher, audiences } = store.solely;
  const batches = [await ordered(matcher)];
  await assert.rejects(matcher.match(forged(), batches, 15), coded("forged-permit"));
  assert.throws(() => audiences.served(forged(), audiences.get(audience)), coded("forged-permit"));
  assert.throws(() => audiences.members(forged(), audiences.get(audience)), coded("forged-permit"));
  assert.throws(() => audiences.eligible(forged(), [0]), coded("forged-permit"));
  const real = store.solely.gate.permit("ads.match");
  await assert.rejects(matcher.match({ ...real }, batches, 15), coded("forged-permit"), "nor does a copy of one");
});

test("a permit for another purpose opens nothing", async () => {
  const gate = new PurposeGate(new Map([["service.account", OrdinalSet.from(Uint32Array.of(0))]]), () => 0);
  const other = gate.permit("service.account") as unknown as Permit<"ads.match">;
  const { matcher, audiences } = store.solely;
  const batches = [await ordered(matcher)];
  await assert.rejects(matcher.match(other, batches, 15), coded("wrong-purpose"));
  assert.throws(() => audiences.served(other, audiences.get(audience)), coded("wrong-purpose"));
  assert.throws(() => audiences.members(other, audiences.get(audience)), coded("wrong-purpose"));
  assert.throws(() => store.solely.gate.permit("security.mfa"), coded("unknown-purpose"));
});

test("a gate that permits nothing lets nothing out, by any way", async () => {
  const gate = new PurposeGate(new Map([["ads.match", OrdinalSet.empty()]]), () => 0);
  const { log, contacts, audiences, releases, matcher, access, gateResults, refusals } = store.solely;
  const rooms = { log, gate, contacts, audiences, releases };
  assert.deepEqual(eligibility(rooms, "u1").audiences, []);
  for (const isUnreleased of [false, true]) {
    const options = { audience, actor: "test", expiryHours: 1, isUnreleased };
    assert.equal((await exportAudience(rooms, options)).accounts.length, 0);
  }
  const list = { advertiser: "acme", name: "closed", actor: "test" };
  const closed = await matchList(
    { ...rooms, matcher, access, gateResults, refusals },
    streamOf("email\na@example.com\n"),
    list,
  );
  assert.equal(audiences.get(closed.audience).matched.size, 0);
  assert.deepEqual(eligibility(store.solely, "u1").audiences, [audience], "the real one does");
});

test("only the matcher's worker can make a token: the order of the rooms says so, and is held", () => {
  const folder = mkdtempSync(join(tmpdir(), "solely-rooms-"));
  const check = () => {
    const args = ["src", "--config", ".dependency-cruiser.cjs"];
    return spawnSync(join(ROOT, "node_modules/.bin/depcruise"), args, { cwd: folder }).stdout.toString();
  };
  try {
    for (const name of ["src", "package.json", "tsconfig.json", ".dependency-cruiser.cjs"]) {
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    assert.match(check(), /no dependency violations found \(\d\d\d modules/);
    const file = join(folder, "src/intake/ingest.ts");
    const line = 'import { Tokeniser } from "../token/tokeniser.js";\nexport const forbidden = Tokeniser;\n';
    writeFileSync(file, line + readFileSync(file, "utf8"));
    assert.match(check(), /error only-the-matcher-makes-tokens: src\/intake\/ingest.ts/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the matcher's threads start with the ads key's file, an empty environment and no other key, its keeper with none", () => {
  const thread = readFileSync(join(ROOT, "src/match/thread.ts"), "utf8");
  assert.match(thread, /startThread\(module, \{ workerData: start, name \}\)/);
  const started = readFileSync(join(ROOT, "src/thread/start.ts"), "utf8");
  assert.match(started, /new Worker\(module, \{ \.\.\.options, env: \{\}, execArgv: \[\] \}\)/);
  const fieldsOf = (file: string, name: string) => {
    const source = readFileSync(join(ROOT, file), "utf8");
    const [, fields] = new RegExp(`export interface ${name} \\{([^}]*)\\}`).exec(source) ?? [];
    return fields?.match(/readonly \w+/g);
  };
  const protocol = "src/match/protocol.ts";
  assert.deepEqual(fieldsOf(protocol, "ThreadStart extends KeyFile"), ["readonly previous", "readonly thread"]);
  assert.deepEqual(fieldsOf(protocol, "KeeperStart"), ["readonly threads", "readonly paging"]);
  assert.deepEqual(fieldsOf("src/paging/paging.ts", "PagingOptions"), ["readonly folder", "readonly fromBytes"]);
});
