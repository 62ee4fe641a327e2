import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import type { GrantRows } from "../grant/index.js";
import { LeafKind } from "../ledger/index.js";
import { NoticeBook, parseNotice } from "../purpose/index.js";
import type { SealedChunks, SealedRow } from "../store/index.js";
import { createKeys, firstKeyNames, KeyFolder, KeyHistory } from "../token/index.js";
import { openChunk, valueIn } from "./chunk.js";
import { COMPARTMENTS, type Compartment, compartmentCode, keyFamily } from "./compartment.js";
import { sealingOrder, sealRows } from "./seal.js";
import { SealingKeys } from "./sealing-keys.js";

const folder = mkdtempSync(join(tmpdir(), "solely-seal-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const keyFolder = new KeyFolder(join(folder, "keys"));
const setup = createKeys(keyFolder, firstKeyNames(COMPARTMENTS.map(keyFamily)), "test");
const history = new KeyHistory();
const body = Buffer.concat([new Uint8Array(16), setup]);
history.apply({ position: 1, part: 0, kind: LeafKind.setup, timeMs: 0, body, keys: new Uint8Array(0) });
const keys = await SealingKeys.open(keyFolder, history, undefined);

const PURPOSES: readonly Compartment[] = ["security.mfa", "service.message"];
const book = new NoticeBook();
for (const purpose of PURPOSES) {
  const notice = { id: purpose, surface: purpose, version: 1, language: "en", text: "n", purposes: [purpose] };
  book.adopt(parseNotice({ ...notice, effective_from: "2020-01-01T00:00:00Z" }), [], 0, 0);
}

interface Row {
  readonly number: number;
  readonly notice: number;
  readonly atMs: number;
  readonly value: string;
}

function grantRows(rows: readonly Row[], batchRows: readonly number[]): GrantRows {
  return {
    count: rows.length,
    number: Uint32Array.from(rows, ({ number }) => number),
    what: new Uint8Array(rows.length),
    notice: Uint16Array.from(rows, ({ notice }) => notice),
    givenAtMs: Float64Array.from(rows, ({ atMs }) => atMs),
    verifiedAtMs: new Float64Array(rows.length),
    giver: new Uint32Array(rows.length),
    batchRow: Uint32Array.from(batchRows),
  };
}

function column(texts: readonly string[]): { bytes: Uint8Array; ends: Uint32Array } {
  const all = texts.map((text) => Buffer.from(text));
  let end = 0;
  return { bytes: new Uint8Array(Buffer.concat(all)), ends: Uint32Array.from(all, ({ length }) => (end += length)) };
}

/** What a compartment's chunks hold, in their order. */
function opened(chunks: SealedChunks, position: number, compartment: Compartment): [number, string][] {
  const { ends, bodies, wrapped, first, epoch } = chunks;
  const found: [number, string][] = [];
  for (let i = 0; i < ends.length; i++) {
    if (chunks.compartment[i] !== compartmentCode(compartment)) continue;
    const row: SealedRow = {
      ...{ position, compartment: chunks.compartment[i]!, first: first[i]!, epoch: epoch[i]!, dataEpoch: epoch[i]! },
      wrapped: wrapped.subarray((i * wrapped.length) / ends.length, ((i + 1) * wrapped.length) / ends.length),
      body: bodies.subarray(i === 0 ? 0 : ends[i - 1]!, ends[i]!),
    };
    const values = openChunk(keys, compartment, row);
    assert.ok(values.numbers.length <= 256 && values.numbers[0] === row.first);
    for (const number of values.numbers) found.push([number, valueIn(values, number)!]);
  }
  return found;
}

/** Of each number the value given last, of those given at once the last that came; by number. */
function lastGiven(rows: readonly Row[]): [number, string][] {
  const last = new Map<number, Row>();
  for (const row of rows) if (row.atMs >= (last.get(row.number)?.atMs ?? -1)) last.set(row.number, row);
  return [...last].map(([number, { value }]): [number, string] => [number, value]).sort(([a], [b]) => a - b);
}

const anyRow: fc.Arbitrary<Row> = fc.record({
  // Many of few numbers, so that they come again and out of order, among newcomers that come in order.
  number: fc.oneof(fc.nat(12), fc.nat(2 ** 32 - 1)),
  notice: fc.nat(PURPOSES.length - 1),
  atMs: fc.nat(5),
  value: fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
});

test("each compartment holds of each contact point what was given last, however the rows come", () => {
  fc.assert(
    fc.property(fc.array(anyRow, { minLength: 1, maxLength: 700, size: "max" }), fc.boolean(), (rows, isSorted) => {
      const chosen = isSorted ? rows.toSorted((a, b) => a.number - b.number) : rows;
      // Every other row of the batch is none that is kept.
      const texts = chosen.flatMap(({ value }) => [value, "another's"]);
      const values = column(texts);
      const masks = column(texts.map((text) => `m ${text}`));
      const kept = grantRows(
        chosen,
        [...chosen.keys()].map((row) => 2 * row),
      );
      const order = sealingOrder(keys, book, kept);
      const columns = {
        valueBytes: values.bytes,
        valueEnds: values.ends,
        maskBytes: masks.bytes,
        maskEnds: masks.ends,
      };
      const chunks = sealRows(order, 7, kept, columns);
      assert.deepEqual(
        opened(chunks, 7, "mask"),
        lastGiven(chosen).map(([number, value]) => [number, `m ${value}`]),
      );
      for (const [notice, purpose] of PURPOSES.entries()) {
        assert.deepEqual(opened(chunks, 7, purpose), lastGiven(chosen.filter((row) => row.notice === notice)), purpose);
      }
      for (const plain of [values.bytes, masks.bytes, order.mask.key, ...order.purposes.map(({ key }) => key.key)]) {
        assert.ok(plain.every((byte) => byte === 0));
      }
      assert.equal(order.purposes.length, new Set(chosen.map(({ notice }) => notice)).size);
    }),
    { numRuns: 60 },
  );
  assert.notEqual(
    keys.inForce("mask").key.every((byte) => byte === 0),
    true,
    "the vault's own keys stay",
  );
});
