import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { EVERY_SCHEME, KIND_CODES } from "../contact/index.js";
import { LeafKind } from "../ledger/index.js";
import { recordEntry } from "../log/index.js";
import { PurposeGate } from "../purpose/index.js";
import { OrdinalSet } from "../set/index.js";
import { adsKeyName, createKeys, KeyFolder, KeyHistory, keyCheck } from "../token/index.js";
import { MatchError } from "./error.js";
import { type Digests, Matcher } from "./matcher.js";
import { reach } from "./reach.js";

const ALL_TAGS = 0xffff;
const CONTACTS = 60_000;

let folder: string;
let keys: KeyFolder;
let history: KeyHistory;
let matcher: Matcher;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "solely-matcher-"));
  keys = new KeyFolder(join(folder, "keys"));
  history = new KeyHistory();
  const { facts } = recordEntry(LeafKind.setup, createKeys(keys, [adsKeyName(history.epoch)], "test"), 0);
  for (const { kind, body } of facts) {
    history.apply({ position: 0, part: 0, timeMs: 0, keys: new Uint8Array(), kind, body });
  }
  matcher = await Matcher.start(keys, history);
});
afterEach(async () => {
  await matcher.close();
  rmSync(folder, { recursive: true, force: true });
});

function digestsOf(numbers: readonly number[]): Digests {
  const digest = new Uint8Array(16 * numbers.length);
  numbers.forEach((number, i) => {
    digest.set(createHash("sha256").update(`u${number}@example.com`).digest().subarray(0, 16), 16 * i);
  });
  return { digest, kinds: new Uint8Array(numbers.length).fill(1 << KIND_CODES.email) };
}

/** Contact i has ordinal i. */
async function insert(numbers: readonly number[]): Promise<void> {
  const ordinals = Uint32Array.from(numbers);
  const kinds = new Uint8Array(numbers.length).fill(KIND_CODES.email);
  const marks = new Uint8Array(numbers.length).fill(EVERY_SCHEME);
  const { digest: digests } = digestsOf(numbers);
  const { tokens } = await matcher.tokenise({ digests, ordinals, kinds, schemes: marks });
  await matcher.insert({ tokens, ordinals, marks, kinds });
}

const drop = (numbers: readonly number[]) =>
  matcher.drop(Uint32Array.from(numbers), new Uint16Array(numbers.length).fill(ALL_TAGS));

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const gate = new PurposeGate(
  new Map([["ads.match", OrdinalSet.from(Uint32Array.from(range(0, 10 * CONTACTS)))]]),
  () => 0,
);

/** What a list in several batches reaches. */
async function reached(batches: readonly (readonly number[])[]): Promise<number[]> {
  const set = OrdinalSet.empty();
  async function* reading(): AsyncGenerator<Digests, string> {
    for (const numbers of batches) yield digestsOf(numbers);
    return "the end";
  }
  const options = { permit: () => gate.permit("ads.match"), schemes: 1 };
  assert.equal(await reach(matcher, reading(), set, options), "the end");
  const numbers = [...set];
  set.dispose();
  return numbers;
}

test("few tokens, and many, are found from their acknowledgement on, and from that of their end on no more", async () => {
  await insert(range(0, 100));
  assert.deepEqual(await reached([range(50, 150)]), range(50, 100));
  await insert(range(100, CONTACTS));
  assert.deepEqual(await reached([range(50, 150), range(CONTACTS - 5, CONTACTS + 5)]), [
    ...range(50, 150),
    ...range(CONTACTS - 5, CONTACTS),
  ]);
  await drop([60, 70, CONTACTS - 1]);
  assert.deepEqual(await reached([range(55, 75), [CONTACTS - 1, CONTACTS - 2]]), [
    ...range(55, 75).filter((number) => number !== 60 && number !== 70),
    CONTACTS - 2,
  ]);
  assert.equal(await matcher.size(), CONTACTS - 3);
});

test("lists that are matched while the index changes find what stands throughout, and nothing that had ended", async () => {
  await insert(range(0, CONTACTS));
  const steady = range(0, 500);
  let isChanging = true;
  const lists = (async () => {
    let runs = 0;
    for (; isChanging || runs < 3; runs++) {
      const ended = range(1000, 1000 + 10 * runs);
      await drop(ended.slice(-10));
      const found = await reached([steady, ended, range(900, 1000)]);
      assert.deepEqual(found, [...steady, ...range(900, 1000)]);
    }
  })();
  for (let round = 1; round < 8; round++) {
    await insert(range(round * CONTACTS, round * CONTACTS + 20_000));
    for (let i = 0; i < 20; i++) await insert([round * CONTACTS + 30_000 + i]);
  }
  isChanging = false;
  await lists;
  assert.deepEqual(await reached([[7 * CONTACTS + 19_999, 7 * CONTACTS + 30_019, 7 * CONTACTS + 30_020]]), [
    7 * CONTACTS + 19_999,
    7 * CONTACTS + 30_019,
  ]);
});

test("a batch that was put in order before the key became another one is found under the new key", async () => {
  await insert(range(0, CONTACTS));
  const filled = matcher.newBatch();
  const asked = digestsOf(range(10, 20));
  assert.equal(filled.add(asked.digest, asked.kinds, 0), 10);
  const before = await matcher.order(filled);
  const to = 2;
  const keyName = adsKeyName(to);
  const check = keyCheck(keys.create(keyName));
  matcher.claimRotation();
  await matcher.beginRotation({ keyFile: keys.file(keyName), keyName, keyCheck: check });
  const { digest: digests } = digestsOf(range(0, CONTACTS));
  const ordinals = Uint32Array.from(range(0, CONTACTS));
  const [kinds, marks] = [new Uint8Array(CONTACTS), new Uint8Array(CONTACTS).fill(EVERY_SCHEME)];
  const { tokens } = await matcher.tokenise({ digests, ordinals, kinds, schemes: marks });
  await matcher.insert({ tokens: await matcher.rekey(tokens), ordinals, marks, kinds, isRebuild: true });
  // What comes meanwhile gets into both.
  await insert([CONTACTS]);
  await drop([15]);
  await matcher.endRotation(to);
  matcher.releaseRotation();
  assert.equal(matcher.epoch, to);
  const matched = await matcher.match(gate.permit("ads.match"), [before], 1);
  assert.deepEqual(
    [...matched],
    range(10, 20).filter((number) => number !== 15),
  );
  assert.deepEqual(await reached([[CONTACTS, 15, 3]]), [3, CONTACTS]);
});

test("what a snapshot kept is there again in threads that start anew", async () => {
  await insert(range(0, CONTACTS));
  await insert(range(CONTACTS, CONTACTS + 10));
  await drop([5]);
  const kept = new Map([...(await matcher.sections())].map(([name, bytes]) => [name, bytes.slice()]));
  await matcher.close();
  matcher = await Matcher.start(keys, history);
  assert.equal(await matcher.restore(kept), true);
  assert.equal(await matcher.size(), CONTACTS + 9);
  assert.deepEqual(await reached([range(0, 10), [CONTACTS + 3]]), [
    ...range(0, 10).filter((n) => n !== 5),
    CONTACTS + 3,
  ]);
  await insert([CONTACTS + 20]);
  assert.deepEqual(await reached([[CONTACTS + 20]]), [CONTACTS + 20]);
  kept.delete("0.0");
  assert.equal(await matcher.restore(kept), false);
});

test("what was taken out is wiped from the memory of runs by itself, and nothing else is", async () => {
  await insert(range(0, CONTACTS));
  // The snapshot's bytes are the memory itself.
  const memory = Buffer.from((await matcher.sections()).get("0.0")!.buffer);
  const [taken, left] = [range(0, 20), range(20, 40)];
  const isThere = await Promise.all(
    [taken, left].map(async (numbers) => {
      const { digest: digests } = digestsOf(numbers);
      const columns = { ordinals: Uint32Array.from(numbers), kinds: new Uint8Array(20), schemes: new Uint8Array(20) };
      const { tokens } = await matcher.tokenise({ digests, ...columns });
      // The second word, which the bucket does not imply and no kind is mixed into, and the ordinal eight bytes behind.
      return numbers.map((number, i) => () => {
        const word = tokens.subarray(16 * i + 4, 16 * i + 8);
        for (let at = -1; (at = memory.indexOf(word, at + 1)) >= 0; ) {
          if (memory.readUInt32LE(at + 8) === number) return true;
        }
        return false;
      });
    }),
  );
  const count = (side: number) => isThere[side]!.filter((one) => one()).length;
  assert.deepEqual([count(0), count(1)], [20, 20]);
  await drop(taken);
  while (count(0) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(count(1), 20);
});

test("an index that could not take a change answers nothing any more", async () => {
  await insert(range(0, 10));
  const broken = { ordinals: Uint32Array.of(1), marks: Uint8Array.of(0), kinds: Uint8Array.of(0) };
  const isFailure = (error: unknown) => error instanceof MatchError && error.code === "matcher-failed";
  await assert.rejects(matcher.insert({ tokens: new Uint8Array(16), ...broken }), isFailure);
  await assert.rejects(reached([[1]]), isFailure);
  await assert.rejects(matcher.sections(), isFailure);
  await assert.rejects(matcher.tokenise({ ...broken, digests: new Uint8Array(16), schemes: broken.marks }), isFailure);
});
