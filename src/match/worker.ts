/**
 * A matching thread: digests -> tokens -> ordinals, over the live index of `ads.match`.
 *
 * It is started with the ads key's file alone and an empty environment: it can open no vault and make no identity. What
 * it answers is an upper bound; the caller intersects it with a permit's ordinals.
 */
import { workerData } from "node:worker_threads";
import { columnsOf, orderBatch, readKeyFile, storedTokens, TokenIndex, Tokeniser, Workbench } from "../token/index.js";
import { answerRequests } from "./answering.js";
import { LiveAndNext } from "./live-and-next.js";
import type { KeyFile, ThreadAnswers, ThreadRequest, ThreadStart } from "./protocol.js";
import { RetiredRuns } from "./retired-runs.js";

/** A key, and the index of its tokens. */
interface Keyed {
  readonly tokeniser: Tokeniser<"ads.match">;
  readonly index: TokenIndex;
}

const start: ThreadStart = workerData;
const bench = new Workbench();
const retired = new RetiredRuns();
const previous = start.previous === undefined ? undefined : makeTokeniser(start.previous);
const keys = new LiveAndNext(keyed(start));

function makeTokeniser({ keyFile, keyName, keyCheck }: KeyFile): Tokeniser<"ads.match"> {
  return new Tokeniser("ads.match", readKeyFile(keyFile, keyName, keyCheck));
}

function keyed(key: KeyFile): Keyed {
  return { tokeniser: makeTokeniser(key), index: new TokenIndex(start.thread) };
}

function answer(request: ThreadRequest): ThreadAnswers[ThreadRequest["op"]] {
  switch (request.op) {
    case "tokenise": {
      const tokens = keys.live.tokeniser.tokens(request.digests);
      return { tokens, known: keys.live.index.tagsOf(tokens, request.ordinals, request.schemes, request.kinds) };
    }
    case "order":
      orderBatch(request.batch, keys.live.tokeniser, bench);
      return null;
    case "match":
      return keys.live.index.match(request.batches.map(columnsOf), request.range, request.schemes);
    case "insert":
      keys.of(request.index).index.insert(request);
      return null;
    case "drop":
      for (const { index } of keys.all) index.drop(request.ordinals, request.tags, request.sequence);
      return null;
    case "seal":
      keys.of(request.index).index.seal();
      return null;
    case "adopt":
      retired.note(keys.of(request.index).index.runs, request.runs);
      keys.of(request.index).index.adopt(request.runs, request.wiped, request.isSealedIn);
      return null;
    case "rekey": {
      const from = request.from === "live" ? keys.live.tokeniser : previous;
      if (from === undefined) throw new Error("no rotation is under way");
      return keys.of(request.to).tokeniser.rekey(storedTokens<"ads.match">(request.tokens), from);
    }
    case "rotate-begin":
      keys.begin(keyed(request));
      return null;
    case "rotate-end":
      keys.end();
      return null;
  }
}

answerRequests(answer);
