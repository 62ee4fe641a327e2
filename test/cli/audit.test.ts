/** The audit and proofs of facts from the command line; also of a store that was altered, and so does not open. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import pg from "pg";
import type { Audit, VerifiedFacts } from "../../src/evidence/index.js";
import { startPostgres } from "../../src/store/postgres.js";
import { CommandLine, contactsCsv } from "./command-line.js";

let store: CommandLine;
before(async () => {
  store = await CommandLine.withStore();
  await store.adopt([{ id: "ads", purposes: ["service.account", "ads.match"] }]);
  const rows = [
    "u1,email,ann@example.com,ads,2024-01-01T00:00:00Z",
    "u2,email,ben@example.com,ads,2024-01-01T00:00:00Z",
  ];
  await store.done(["ingest", store.write("contacts.csv", contactsCsv(...rows))]);
});
after(() => store.remove());

let position: number;

test("a fact's proof is written, and checked without the store; a changed one is refused", async () => {
  const { contactPoints } = await store.done<{ contactPoints: { history: { position: number }[] }[] }>([
    ...["explain", "--account", "u1"],
  ]);
  position = contactPoints[0]!.history[0]!.position;
  const out = join(store.folder, "proof.json");
  await store.done(["ledger", "fact-proof", "--position", String(position), "--account", "u1", "--out", out]);
  const { verifier } = await store.done<{ verifier: string }>(["ledger", "head"]);
  const verified = await store.done<VerifiedFacts>(["ledger", "verify", out, "--key", verifier]);
  assert.deepEqual([verified.isWhole, verified.kind, verified.facts.length], [true, "contacts", 1]);
  const proof = JSON.parse(readFileSync(out, "utf8"));
  const changed = store.write("changed.json", `${JSON.stringify({ ...proof, position: position - 1 }, null, 2)}\n`);
  const { status, stdout } = await store.run(["ledger", "verify", changed, "--key", verifier]);
  assert.equal(status, 1);
  assert.match(stdout, /NOT proved/);
  const none = ["ledger", "fact-proof", "--position", "0", "--account", "u1"];
  assert.equal((await store.refused(none)).code, "no-such-fact");
});

test("an audit finds a store whole, and one that does not open any more by what was altered in it", async () => {
  const whole = await store.done<Audit>(["ledger", "audit"]);
  assert.deepEqual([whole.isWhole, whole.findings, whole.signed], [true, [], whole.leaves]);
  const postgres = await startPostgres(store.data);
  const client = new pg.Client(postgres.connection);
  await client.connect();
  await client.query(
    `UPDATE solely.fact SET body = set_bit(body, 200, 1 - get_bit(body, 200)) WHERE position = ${position}`,
  );
  await client.query(`UPDATE solely.fact SET body = set_bit(body, 200, 1 - get_bit(body, 200)) WHERE position = 2`);
  await client.end();
  await postgres.stop();
  assert.equal((await store.refused(["doctor"])).code, "altered");
  const { status, stdout, stderr } = await store.run(["ledger", "audit"]);
  assert.equal(status, 1);
  assert.match(stderr, /does not open/);
  assert.match(stdout, /leaf 2 \(proposal\): fact or fact_key or leaf altered/);
  assert.match(stdout, new RegExp(`leaf ${position} \\(contacts\\): fact altered`));
  assert.match(stdout, /NOT whole/);
});
