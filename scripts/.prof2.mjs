import { readFileSync } from "node:fs";
import { randomBytes, createCipheriv } from "node:crypto";
import { ListReader } from "../dist/src/list/reader.js";
import { TokenIndex } from "../dist/src/token/token-index.js";
import { Tokeniser } from "../dist/src/token/tokeniser.js";
const raw = process.argv[4];
const file = readFileSync(process.argv[2]);
const N = Number(process.argv[3] ?? 13e6);
let batches;
for (let r = 0; r < 5; r++) {
  const t = performance.now();
  const reader = new ListReader({ scheme: "plain" });
  batches = [];
  for (let at = 0; at < file.length; at += 1 << 20) batches.push(...reader.push(new Uint8Array(file.subarray(at, at + (1 << 20)))));
  batches.push(...reader.end().batches);
  console.log("read", (performance.now() - t).toFixed(0), batches.length, batches.reduce((s, b) => s + b.count, 0));
}
const tok = new Tokeniser("ads.match", randomBytes(32));
const copies = batches.map((b) => ({ d: Uint8Array.from(b.digest), k: Uint8Array.from(b.kinds) }));
let t = performance.now();
const tokens = copies.map(({ d, k }) => tok.tokens(d));
console.log("aes", (performance.now() - t).toFixed(0));
const index = new TokenIndex();
t = performance.now();
for (let at = 0; at < N; at += 1 << 18) {
  const n = Math.min(1 << 18, N - at);
  const ord = Uint32Array.from({ length: n }, (_, i) => at + i);
  index.insert(new Uint8Array(randomBytes(16 * n)), ord, new Uint8Array(n).fill(15), new Uint8Array(n));
}
console.log("build", (performance.now() - t).toFixed(0));
for (let r = 0; r < 4; r++) {
  t = performance.now();
  let found = 0;
  tokens.forEach((tk, i) => { found += index.match(tk, copies[i].k, 15).length; });
  console.log("match", (performance.now() - t).toFixed(0), found);
}
