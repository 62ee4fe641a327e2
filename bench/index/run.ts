/**
 * The token index by itself: how fast runs are made, how many bytes a token takes, how fast they are kept and taken back.
 *
 *     npm run bench:index                          10 M tokens
 *     npm run bench:index -- --tokens 1e8,3e8      which sizes, with commas
 *     npm run bench:index -- --json                one JSON object on stdout
 *     npm run bench:index -- --short               1 M tokens
 *
 * Tokens are random, as the cipher's are, and get into the index as intake brings them, 100,000 at a time, and as a start does,
 * a million at a time. Building them counts until all are one run. Kept means written with its seal and flushed; taken back,
 * read, its seal checked, and in memory that threads share. Before anything is told, the index is asked for some of them.
 */
import { randomFillSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readSnapshot, writeSnapshot } from "../../src/store/index.js";
import {
  decodeRuns,
  type EntryColumns,
  encodeRuns,
  IndexKeeper,
  orderTokens,
  type Run,
  TOKEN_BYTES,
  TokenIndex,
  Workbench,
} from "../../src/token/index.js";
import { aligned, count, machine, say } from "../figures.js";

interface IndexResult {
  readonly tokens: number;
  /** Tokens that came at once. */
  readonly batch: number;
  readonly buildSeconds: number;
  readonly tokensPerSecond: number;
  readonly bytesPerToken: number;
  readonly comparedBits: number;
  readonly saveSeconds: number;
  readonly loadSeconds: number;
  readonly bytesPerSecond: { readonly saved: number; readonly loaded: number };
}

const { values: flags } = parseArgs({
  options: {
    tokens: { type: "string" },
    json: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
  },
});
const sizes = (flags.tokens ?? (flags.short ? "1e6" : "1e7")).split(",").map(Number);
const BATCHES = [100_000, 1_000_000];
const MANY_RUNS = 16;
const PROBED = 1000;
const KEY = new Uint8Array(32).fill(1);
const secondsSince = (from: number): number => (performance.now() - from) / 1000;

function newBatch(first: number, size: number): EntryColumns {
  const tokens = new Uint8Array(TOKEN_BYTES * size);
  randomFillSync(tokens);
  const ordinals = Uint32Array.from({ length: size }, (_, i) => first + i);
  return { tokens, ordinals, marks: new Uint8Array(size).fill(0x0f), kinds: new Uint8Array(size) };
}

/** The last tokens, and as many that are not there: exactly the last ordinals must be found. */
function requireWhole(runs: readonly Run[], { tokens, ordinals }: EntryColumns): void {
  const asked = new Uint8Array(2 * TOKEN_BYTES * PROBED);
  asked.set(tokens.subarray(-TOKEN_BYTES * PROBED));
  randomFillSync(asked, TOKEN_BYTES * PROBED);
  const index = new TokenIndex(0);
  index.adopt(runs, 0, false);
  const ordered = orderTokens([asked], new Uint8Array(2 * PROBED).fill(1), new Workbench());
  const found = index.match([ordered], { from: 0, to: ordered.ends.length }, 1);
  if (found.join() !== ordinals.subarray(-PROBED).join()) throw new Error("the index does not answer as it should");
}

async function measure(tokens: number, batch: number, folder: string): Promise<IndexResult> {
  const keeper = new IndexKeeper(1);
  let last = newBatch(0, 0);
  let runs: readonly Run[] = [];
  let buildSeconds = 0;
  for (let first = 0; first < tokens; first += batch) {
    last = newBatch(first, Math.min(batch, tokens - first));
    const from = performance.now();
    ({ runs } = keeper.add(last));
    if (runs.length >= MANY_RUNS) ({ runs } = keeper.build(false));
    buildSeconds += secondsSince(from);
  }
  const joining = performance.now();
  ({ runs } = keeper.build(true));
  buildSeconds += secondsSince(joining);
  requireWhole(runs, last);
  const [run] = runs as [Run];
  const sections = [...encodeRuns(runs)].map(([name, bytes]) => ({ name, bytes }));
  const bytes = sections.reduce((sum, section) => sum + section.bytes.length, 0);
  const saving = performance.now();
  await writeSnapshot(folder, "index", { position: 0, key: KEY, sections });
  const saveSeconds = secondsSince(saving);
  const loading = performance.now();
  const read = await readSnapshot(folder, "index", KEY);
  if ("unusable" in read) throw new Error(`the file can't be read: ${read.unusable}`);
  const loaded = decodeRuns(read.sections, 1)!;
  const loadSeconds = secondsSince(loading);
  requireWhole(loaded, last);
  return {
    tokens,
    batch,
    buildSeconds,
    tokensPerSecond: tokens / buildSeconds,
    bytesPerToken: run.shards.reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0) / tokens,
    comparedBits: Math.min(96, run.prefixBits + run.bucketBits + 72 + 8 * run.furtherBytes),
    saveSeconds,
    loadSeconds,
    bytesPerSecond: { saved: bytes / saveSeconds, loaded: bytes / loadSeconds },
  };
}

const machineBefore = machine();
const results: IndexResult[] = [];
for (const tokens of sizes) {
  for (const batch of BATCHES) {
    const folder = await mkdtemp(join(tmpdir(), "solely-index-"));
    try {
      const result = await measure(tokens, batch, folder);
      say(`${count(tokens)} tokens, ${count(batch)} at a time: ${count(result.tokensPerSecond)} a second`);
      results.push(result);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
if (flags.json) process.stdout.write(`${JSON.stringify({ machine: machineBefore, index: results })}\n`);
else {
  const head = [
    "tokens",
    "at a time",
    "built in s",
    "tokens/s",
    "bytes a token",
    "compared bits",
    "saved MB/s",
    "loaded MB/s",
  ];
  const rows = results.map((one) => [
    ...[count(one.tokens), count(one.batch), one.buildSeconds.toFixed(2), count(one.tokensPerSecond)],
    ...[one.bytesPerToken.toFixed(2), String(one.comparedBits)],
    ...[one.bytesPerSecond.saved, one.bytesPerSecond.loaded].map((rate) => count(rate / 1e6)),
  ]);
  process.stdout.write(`${aligned([head, ...rows])}\n\n${machineBefore}\n`);
}
