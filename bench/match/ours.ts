/** Ours: the list's reader, the matcher under a permit of the gate, a set of ordinals. No store: contact i has the ordinal i. */
import { join } from "node:path";
import { Readable } from "node:stream";
import { EVERY_SCHEME, KIND_CODES, schemeBit } from "../../src/contact/index.js";
import { LeafKind } from "../../src/ledger/index.js";
import { readList } from "../../src/list/index.js";
import { recordEntry } from "../../src/log/index.js";
import { Matcher, reach } from "../../src/match/index.js";
import { PurposeGate } from "../../src/purpose/index.js";
import { OrdinalSet } from "../../src/set/index.js";
import { adsKeyName, createKeys, KeyFolder, KeyHistory } from "../../src/token/index.js";
import type { EngineKind } from "./engine.js";
import { type Answer, contactDigests, DIGEST_BYTES, sumOf } from "./population.js";

const BATCH = 1_000_000;
const TOKEN_DIGEST_WORDS = 4;
const SCHEME = "plain";

export const ours: EngineKind = {
  name: "Solely",
  bytesPerContact: 50,
  open: async (contacts, scratch) => {
    const matcher = await matcherOver(contacts, scratch);
    // A real gate, over contacts that may all be used.
    const permitted = OrdinalSet.empty();
    for (let first = 0; first < contacts; first += BATCH) permitted.addAll(ordinals(first, contacts));
    const gate = new PurposeGate(new Map([["ads.match", permitted]]), () => 0);
    const match = async (input: string | AsyncIterable<Uint8Array>): Promise<Answer> => {
      const reached = OrdinalSet.empty();
      const permit = () => gate.permit("ads.match");
      await reach(matcher, readList(input, { scheme: SCHEME }), reached, { permit, schemes: schemeBit(SCHEME) });
      const answer = { contacts: reached.size, sum: sumOf(reached.toArray()) };
      reached.dispose();
      return answer;
    };
    return {
      name: "Solely",
      ways: { "the one gate": ({ file }) => match(file) },
      matchBytes: (bytes) => match(Readable.from([bytes])),
      close: () => matcher.close(),
    };
  },
};

const ordinals = (first: number, contacts: number): Uint32Array =>
  Uint32Array.from({ length: Math.min(BATCH, contacts - first) }, (_, i) => first + i);

/** A matcher with an ads key of its own, and the contacts' tokens in its index. */
async function matcherOver(contacts: number, scratch: string): Promise<Matcher> {
  const keys = new KeyFolder(join(scratch, "keys"));
  const history = new KeyHistory();
  const setUp = recordEntry(LeafKind.setup, createKeys(keys, [adsKeyName(history.epoch)], "bench"), 0);
  for (const { kind, body } of setUp.facts) {
    history.apply({ position: 0, part: 0, timeMs: 0, keys: new Uint8Array(), kind, body });
  }
  const matcher = await Matcher.start(keys, history);
  const words = new Uint32Array(BATCH * TOKEN_DIGEST_WORDS);
  let used = 0;
  const insert = async (end: number): Promise<void> => {
    const batch = ordinals(end - used, end);
    const kinds = new Uint8Array(used).fill(KIND_CODES.email);
    const marks = new Uint8Array(used).fill(EVERY_SCHEME);
    const digests = new Uint8Array(words.buffer, 0, 4 * TOKEN_DIGEST_WORDS * used);
    const { tokens } = await matcher.tokenise({ digests, ordinals: batch, kinds, schemes: marks });
    await matcher.insert({ tokens, ordinals: batch, marks, kinds });
    used = 0;
  };
  for (const { first, digests } of contactDigests(contacts)) {
    const block = new Uint32Array(digests.buffer, digests.byteOffset, digests.length / 4);
    const step = DIGEST_BYTES / 4;
    for (let from = 0; from < block.length; from += step) {
      const to = TOKEN_DIGEST_WORDS * used;
      for (let word = 0; word < TOKEN_DIGEST_WORDS; word++) words[to + word] = block[from + word]!;
      if (++used === BATCH) await insert(first + from / step + 1);
    }
  }
  if (used > 0) await insert(contacts);
  return matcher;
}
