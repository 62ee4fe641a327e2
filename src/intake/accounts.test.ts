import assert from "node:assert/strict";
import { test } from "node:test";
import { ATTRIBUTE } from "../grant/index.js";
import { InputError } from "../input/index.js";
import { type AccountBatch, readAccounts } from "./accounts.js";
import { intakeRefusals, REFUSAL_COLUMNS } from "./refusal.js";

const nowMs = Date.parse("2025-01-01T00:00:00Z");

async function read(text: string, warnings: string[] = [], batchBytes?: number): Promise<AccountBatch[]> {
  const batches: AccountBatch[] = [];
  const input = (async function* () {
    yield new Uint8Array(Buffer.from(text));
  })();
  for await (const batch of readAccounts(input, { nowMs, onWarning: (message) => warnings.push(message), batchBytes }))
    batches.push(batch);
  return batches;
}

const refused = ({ refusals }: AccountBatch) =>
  Array.from({ length: refusals.count }, (_, i) => [
    refusals.line[i],
    REFUSAL_COLUMNS[refusals.column[i]!],
    intakeRefusals.refusal(refusals.code[i]!).name,
  ]);

test("known columns, cohorts and attributes are read; absent ones are told from given ones", async () => {
  const warnings: string[] = [];
  const [batch] = await read(
    "account,country,Adult,cohort,created_at,note\nu1,de,YES,spring,2024-01-01T00:00:00Z,hello\nu2,,0,,,\nu3,FR,,spring,,1\nu4,,true,autumn,,\n",
    warnings,
  );
  assert.ok(batch);
  assert.equal(batch.rows, 4);
  assert.equal(Buffer.from(batch.accountBytes).toString(), "u1u2u3u4");
  assert.equal(Buffer.from(batch.country).toString("latin1"), "DE\0\0FR\0\0");
  assert.deepEqual([...batch.createdAt], [Date.parse("2024-01-01T00:00:00Z"), Number.NaN, Number.NaN, Number.NaN]);
  assert.ok(batch.lastActiveAt.every(Number.isNaN));
  assert.deepEqual(
    [[...batch.cohort], batch.cohorts],
    [
      [1, 0, 1, 2],
      ["spring", "autumn"],
    ],
  );
  assert.deepEqual([...batch.attributes.keys()], ["adult"]);
  assert.deepEqual([...batch.attributes.get("adult")!], [ATTRIBUTE.yes, ATTRIBUTE.no, ATTRIBUTE.absent, ATTRIBUTE.yes]);
  assert.deepEqual(warnings, ["ignored cells that are not yes/no in: note"]);
});

test("NDJSON accounts may each name other attributes", async () => {
  const [batch] = await read('{"account":"a","adult":true}\n{"account":7,"employee":0}\n{"adult":false}\n');
  assert.ok(batch);
  assert.deepEqual(refused(batch), [[3, "account", "missing-field"]]);
  assert.deepEqual([...batch.attributes.get("adult")!], [ATTRIBUTE.yes, ATTRIBUTE.absent]);
  assert.deepEqual([...batch.attributes.get("employee")!], [ATTRIBUTE.absent, ATTRIBUTE.no]);
});

test("faults are refused with line and column", async () => {
  const rows = [
    ",DE,,,",
    "u,DEU,,,",
    "u,4X,,,",
    "u,,2024,,",
    "u,,,2025-01-01T00:06:00Z,",
    `u,,,,${"c".repeat(257)}`,
    `u,de,,2025-01-01T00:05:00Z,${"c".repeat(256)}`,
  ];
  const [batch] = await read(["account,country,created_at,last_active_at,cohort", ...rows].join("\n"));
  assert.deepEqual(refused(batch!), [
    [2, "account", "missing-field"],
    [3, "country", "bad-country"],
    [4, "country", "bad-country"],
    [5, "created_at", "bad-time"],
    [6, "last_active_at", "time-in-future"],
    [7, "cohort", "bad-cohort"],
  ]);
  assert.equal(batch!.rows, 1);
  await assert.rejects(read("country\nDE\n"), (error) => error instanceof InputError && error.field === "account");
});

test("a column that was yes/no in the first batch stays an attribute, another one never becomes one", async () => {
  const rows = Array.from(
    { length: 40_000 },
    (_, i) => `account-${i},${i === 39_999 ? "maybe" : "1"},${i === 0 ? "x" : "1"}`,
  );
  const warnings: string[] = [];
  const batches = await read(["account,adult,note", ...rows].join("\n"), warnings, 1);
  assert.ok(batches.length > 1);
  for (const batch of batches) assert.deepEqual([...batch.attributes.keys()], ["adult"]);
  assert.equal(batches.at(-1)!.attributes.get("adult")!.at(-1), ATTRIBUTE.absent);
  assert.equal(
    batches.reduce((sum, { rows }) => sum + rows, 0),
    40_000,
  );
  assert.equal(warnings.length, 1);
});
