import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parquetWriteFile } from "hyparquet-writer";
import { BlockReader, INPUT_LIMITS } from "../input/index.js";
import { readShowings } from "./read.js";
import { type ShowingBatch, ShowingRows } from "./rows.js";

const rows = Array.from({ length: 150_000 }, (_, i) => ({
  advertiser: `adv ${i % 3}`,
  campaign: i % 101 === 0 ? "" : `Frühling ${i % 7}`,
  audience: `a${(i % 13).toString(16).padStart(16, "0")}`,
  account: `u${i}`,
  at: i % 97 === 0 ? "yesterday" : new Date(1_700_000_000_000 + i * 1000).toISOString(),
}));
const ndjson = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

/** Rows as they were, and refusals, whatever the batches. */
function plain(batches: readonly ShowingBatch[]): { rows: unknown[]; refused: unknown[] } {
  const found: unknown[] = [];
  const refused: unknown[] = [];
  for (const batch of batches) {
    for (let row = 0; row < batch.rows; row++) {
      const account = batch.accountBytes.subarray(row === 0 ? 0 : batch.accountEnds[row - 1]!, batch.accountEnds[row]!);
      found.push([
        batch.advertisers[batch.advertiser[row]!],
        batch.campaigns[batch.campaign[row]!],
        batch.audiences[batch.audience[row]!],
        ...[Buffer.from(account).toString(), batch.atMs[row], batch.line[row]],
      ]);
    }
    const { count, line, column, code } = batch.refusals;
    for (let i = 0; i < count; i++) refused.push([line[i], column[i], code[i]]);
  }
  return { rows: found, refused };
}

async function all(batches: AsyncIterable<ShowingBatch>): Promise<ShowingBatch[]> {
  const found: ShowingBatch[] = [];
  for await (const batch of batches) found.push(batch);
  return found;
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 65_521) yield bytes.slice(from, from + 65_521);
}

test("a large input, read in a thread, gives what a small one gives here", async () => {
  assert.ok(ndjson.length > 2 * INPUT_LIMITS.smallInputBytes);
  // Names that all have one hash, here alone.
  const here = new BlockReader("ndjson", new ShowingRows(() => 0), {});
  const batches = [...here.push(ndjson), ...here.end()];
  assert.ok(batches.length > 1);
  const expected = plain(batches);
  assert.equal(expected.rows.length + expected.refused.length, rows.length);
  assert.ok(expected.refused.length > 700);
  assert.deepEqual(plain(await all(readShowings(chunks(ndjson), { format: "ndjson" }))), expected);

  const folder = mkdtempSync(join(tmpdir(), "solely-showings-"));
  try {
    const names = ["advertiser", "campaign", "audience", "account", "at"] as const;
    const csv = join(folder, "showings.csv");
    writeFileSync(csv, [names.join(), ...rows.map((row) => names.map((name) => row[name]).join())].join("\n"));
    const fromCsv = plain(await all(readShowings(csv, {})));
    const parquet = join(folder, "showings.parquet");
    const columnData = names.map((name) => ({ name, data: rows.map((row) => row[name]), type: "STRING" as const }));
    parquetWriteFile({ filename: parquet, columnData });
    const fromParquet = plain(await all(readShowings(parquet, {})));
    const withoutLine = ({ rows: found, refused }: typeof expected) => [
      found.map((row) => (row as unknown[]).slice(0, 5)),
      refused.map((row) => (row as unknown[]).slice(1)),
    ];
    assert.deepEqual(withoutLine(fromCsv), withoutLine(expected));
    assert.deepEqual(withoutLine(fromParquet), withoutLine(expected));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
