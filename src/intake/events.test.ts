import assert from "node:assert/strict";
import { test } from "node:test";
import { ALL_PROMOTIONAL } from "../grant/index.js";
import { purposeCode } from "../purpose/index.js";
import { type EventBatch, readEvents } from "./events.js";
import { intakeRefusals, REFUSAL_COLUMNS } from "./refusal.js";
import { ContactRows } from "./rows.js";

const nowMs = Date.parse("2025-01-01T00:00:00Z");
const identityKey = new Uint8Array(32).fill(7);

async function read(lines: readonly (object | string)[]): Promise<EventBatch> {
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
  const input = (async function* () {
    yield new Uint8Array(Buffer.from(text));
  })();
  for await (const batch of readEvents(input, {
    format: "ndjson",
    identityKey,
    nowMs,
  }))
    return batch;
  throw new Error("no batch");
}

test("an event is about a whole account, or about the contact point that a row of the account gave", async () => {
  const batch = await read([
    { type: "withdraw", account: "u1", at: "2024-05-01T12:00:00Z" },
    { type: "erase", account: "u1", kind: "email", value: " Mary+x@example.com" },
    { type: "withdraw", account: "u2", purpose: "ads.match", kind: null, value: "" },
    { type: "disown", account: "u2", kind: "phone", value: "+49 151 23456789" },
  ]);
  assert.equal(batch.rows, 4);
  assert.equal(batch.refusals.count, 0);
  assert.deepEqual([...batch.type], [0, 1, 0, 2]);
  assert.deepEqual([...batch.hasContact], [0, 1, 0, 1]);
  assert.deepEqual([...batch.at], [Date.parse("2024-05-01T12:00:00Z"), nowMs, nowMs, nowMs]);
  assert.deepEqual([...batch.purpose], [ALL_PROMOTIONAL, ALL_PROMOTIONAL, purposeCode("ads.match"), ALL_PROMOTIONAL]);
  assert.ok(batch.identity.subarray(0, 16).every((byte) => byte === 0));

  const notices = {
    references: [{ ref: "n", byId: true, versions: [{ version: 0, fromMs: 0, toMs: nowMs, sources: ["local"] }] }],
    mayMatch: Uint8Array.of(0),
  };
  const rows = new ContactRows({ identityKey, source: "local", vouches: true, notices, nowMs, keepsValues: false });
  const row = Buffer.from("u1|email|mary@example.com|n|2024-05-01T12:00:00Z");
  const starts = new Int32Array(7).fill(-1);
  const ends = new Int32Array(7);
  for (let column = 0, at = 0; column < 5; column++, at = ends[column - 1]! + 1) {
    starts[column] = at;
    ends[column] = column === 4 ? row.length : row.indexOf("|", at);
  }
  rows.row(row, starts, ends, 1);
  assert.deepEqual(rows.take(new Uint8Array(32))!.identity, batch.identity.slice(16, 32));
});

test("faults are refused with line and column", async () => {
  const { refusals, rows } = await read([
    { account: "u" },
    { type: "forget", account: "u" },
    { type: "erase" },
    { type: "erase", account: "u", kind: "email" },
    { type: "erase", account: "u", value: "a@example.com" },
    { type: "erase", account: "u", purpose: "ads.match" },
    { type: "withdraw", account: "u", purpose: "ads" },
    { type: "withdraw", account: "u", at: "2025-01-01T00:06:00Z" },
    { type: "withdraw", account: "u", kind: "email", value: "a@" },
    { type: "withdraw", account: "u", kind: "fax", value: "1" },
    "{",
    { type: "withdraw", account: "u" },
  ]);
  assert.deepEqual(
    Array.from({ length: refusals.count }, (_, i) => [
      refusals.line[i],
      REFUSAL_COLUMNS[refusals.column[i]!],
      intakeRefusals.refusal(refusals.code[i]!).name,
    ]),
    [
      [1, "type", "missing-field"],
      [2, "type", "unknown-type"],
      [3, "account", "missing-field"],
      [4, "value", "value-without-kind"],
      [5, "kind", "value-without-kind"],
      [6, "purpose", "unknown-purpose"],
      [7, "purpose", "unknown-purpose"],
      [8, "at", "time-in-future"],
      [9, "value", "not-an-email"],
      [10, "kind", "unknown-kind"],
      [11, "", "malformed-record"],
    ],
  );
  assert.equal(rows, 1);
});
