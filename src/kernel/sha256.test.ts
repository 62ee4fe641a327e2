import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { KernelError } from "./error.js";
import { sha256Batch, sha256Long } from "./sha256.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const ascii = (text: string) => new TextEncoder().encode(text);

function batch(messages: readonly Uint8Array[]): string[] {
  const ends = new Uint32Array(messages.length);
  let used = 0;
  messages.forEach((message, i) => {
    ends[i] = used += message.length;
  });
  const out = new Uint8Array(messages.length * 32);
  sha256Batch(Buffer.concat(messages), ends, messages.length, out);
  return messages.map((_, i) => hex(out.subarray(32 * i, 32 * i + 32)));
}

const plain = (message: Uint8Array) => createHash("sha256").update(message).digest("hex");

test("the examples of NIST's secure hash standard come out as published", () => {
  assert.deepEqual(
    batch([
      ascii("abc"),
      ascii("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
      ascii(""),
      ascii(
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      ),
      Uint8Array.of(0xbd),
      Uint8Array.of(0xc9, 0x8c, 0x8e, 0x55),
      new Uint8Array(55),
      new Uint8Array(56),
      new Uint8Array(57),
      new Uint8Array(64),
      new Uint8Array(1000),
      new Uint8Array(1000).fill(0x41),
      new Uint8Array(1005).fill(0x55),
      new Uint8Array(1_000_000).fill(0x61),
    ]),
    [
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
      "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b",
      "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504",
      "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7",
      "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb",
      "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785",
      "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b",
      "541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53",
      "c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4",
      "f4d62ddec0f3dd90ea1380fa16a5ff8dc4c54b21740650f24afc4120903552b0",
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    ],
  );
});

/**
 * Fields of a response file of NIST's Cryptographic Algorithm Validation Program, block by block
 * (https://csrc.nist.gov/projects/cryptographic-algorithm-validation-program/secure-hashing, byte-oriented).
 */
function responses(name: string): Map<string, string>[] {
  const file = new URL(`../../../src/kernel/vectors/nist-SHA256${name}.rsp`, import.meta.url);
  const blocks = readFileSync(file, "utf8").split("\n\n");
  return blocks.map(
    (block) => new Map([...block.matchAll(/^(\w+) = (\w+)$/gm)].map(([, field, value]) => [field!, value!])),
  );
}

test("NIST's validation messages, short and long, come out as published", () => {
  for (const [name, count] of [
    ["ShortMsg", 65],
    ["LongMsg", 64],
  ] as const) {
    const known = responses(name).filter((block) => block.has("MD"));
    assert.equal(known.length, count);
    const messages = known.map((block) =>
      Buffer.from(block.get("Msg")!, "hex").subarray(0, Number(block.get("Len")) / 8),
    );
    const digests = known.map((block) => block.get("MD")!);
    assert.deepEqual(batch(messages), digests);
    assert.deepEqual(
      messages.map((message) => hex(sha256Long(message))),
      digests,
    );
  }
});

test("NIST's Monte Carlo chain of 100,000 hashes comes out as published", () => {
  const [seed, ...checkpoints] = responses("Monte").filter((block) => block.has("MD") || block.has("Seed"));
  let digest: Uint8Array = Buffer.from(seed!.get("Seed")!, "hex");
  assert.equal(checkpoints.length, 100);
  for (const checkpoint of checkpoints) {
    let chain = [digest, digest, digest];
    for (let i = 0; i < 1000; i++) chain = [chain[1]!, chain[2]!, sha256Long(Buffer.concat(chain))];
    digest = chain[2]!;
    assert.equal(hex(digest), checkpoint.get("MD"));
  }
});

test("any mix of lengths gives node:crypto's digests", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 60 }), (messages) => {
      assert.deepEqual(batch(messages), messages.map(plain));
    }),
    { numRuns: 300 },
  );
});

test("every length from 0 to 300 is right in every lane", () => {
  const messages = Array.from({ length: 301 }, (_, length) => new Uint8Array(length).map((_, i) => i * 7 + length));
  for (let shift = 0; shift < 4; shift++) {
    const shifted = [...messages.slice(shift), ...messages.slice(0, shift)];
    assert.deepEqual(batch(shifted), shifted.map(plain));
  }
});

test("long messages among short ones, and batches of many slices, are right", () => {
  const lengths = [10, 4095, 4096, 4097, 0, 70_000, 600_000, 1, 64];
  const mixed = lengths.map((length) => new Uint8Array(length).fill(length & 255));
  assert.deepEqual(batch(mixed), mixed.map(plain));
  const many = Array.from({ length: 40_000 }, (_, i) => ascii(`person${i}@example.com`));
  assert.deepEqual(batch(many), many.map(plain));
  const wide = Array.from({ length: 300 }, (_, i) => new Uint8Array(4000).fill(i));
  assert.deepEqual(batch(wide), wide.map(plain));
});

test("a long message is hashed by the kernel as by the runtime, where there is none", () => {
  const bytes = Buffer.alloc(2_000_000, "the quick brown fox ");
  for (const length of [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 524_287, 524_288, 524_289, 1_999_999]) {
    assert.equal(hex(sha256Long(bytes.subarray(0, length))), plain(bytes.subarray(0, length)), `${length} bytes`);
  }
});

test("only the first `count` messages are hashed, and nothing behind their digests is touched", () => {
  const out = new Uint8Array(96).fill(7);
  sha256Batch(ascii("abcdef"), Uint32Array.of(3, 6, 0), 2, out);
  assert.equal(hex(out.subarray(0, 32)), plain(ascii("abc")));
  assert.equal(hex(out.subarray(32, 64)), plain(ascii("def")));
  assert.deepEqual(out.subarray(64), new Uint8Array(32).fill(7));
  sha256Batch(new Uint8Array(0), new Uint32Array(0), 0, new Uint8Array(0));
});

test("a batch that does not hold what it says is refused", () => {
  const malformed = (error: unknown) => error instanceof KernelError && error.code === "batch-malformed";
  const out = new Uint8Array(64);
  assert.throws(() => sha256Batch(ascii("abc"), Uint32Array.of(4), 1, out), malformed);
  assert.throws(() => sha256Batch(ascii("abc"), Uint32Array.of(3), 2, out), malformed);
  assert.throws(() => sha256Batch(ascii("abcdef"), Uint32Array.of(3, 2), 2, out), malformed);
  assert.throws(() => sha256Batch(ascii("abcdef"), Uint32Array.of(2, 4, 6), 3, out), malformed);
});
