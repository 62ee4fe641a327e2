/**
 * A matching thread: digests -> tokens -> ordinals, over the live index of `ads.match`.
 *
 * It is started with the ads key's file alone and an empty environment: it can open no vault and make no identity. What
 * it answers is an upper bound; the caller intersects it with a permit's ordinals.
 */
import { workerData } from "node:worker_threads";
import { orderTokens, readKeyFile, storedTokens, TokenIndex, Tokeniser, Workbench } from "../token/index.js";
import { answerRequests } from "./answering.js";
import type { IndexName, KeyFile, ThreadAnswers, ThreadRequest, ThreadStart } from "./protocol.js";
import { RetiredRuns } from "./retired-runs.js";

const RETIRED_BYTES = 64 * 1024 * 1024;

/** A key, and the index of its tokens. */
interface Keyed {
  readonly tokeniser: Tokeniser<"ads.match">;
  readonly index: TokenIndex;
}

const start: ThreadStart = workerData;
const bench = new Workbench();
const retired = new RetiredRuns(RETIRED_BYTES);
const previous = start.previous === undefined ? undefined : makeTokeniser(start.previous);
let live = keyed(start);
/** While the key is rotated: the next key, and the index that is built with it beside the live one. */
let next: Keyed | undefined;

function makeTokeniser({ keyFile, keyName, keyCheck }: KeyFile): Tokeniser<"ads.match"> {
  return new Tokeniser("ads.match", readKeyFile(keyFile, keyName, keyCheck));
}

function keyed(key: KeyFile): Keyed {
  return { tokeniser: makeTokeniser(key), index: new TokenIndex(start.thread) };
}

function of(name: IndexName): Keyed {
  if (name === "live") return live;
  if (next === undefined) throw new Error("no rotation is under way");
  return next;
}

function answer(request: ThreadRequest): ThreadAnswers[ThreadRequest["op"]] {
  switch (request.op) {
    case "tokenise": {
      const tokens = live.tokeniser.tokens(request.digests);
      return { tokens, known: live.index.tagsOf(tokens, request.ordinals, request.schemes, request.kinds) };
    }
    case "order":
      return orderTokens(live.tokeniser.tokens(request.digests), request.kinds, bench);
    case "match":
      return live.index.match(request.ordered, request.range, request.schemes);
    case "insert":
      of(request.index).index.insert(request);
      return null;
    case "drop":
      for (const one of [live, next]) one?.index.drop(request.ordinals, request.tags, request.sequence);
      return null;
    case "seal":
      of(request.index).index.seal();
      return null;
    case "adopt":
      retired.note(of(request.index).index.runs, request.runs);
      of(request.index).index.adopt(request.runs, request.wiped, request.isSealedIn);
      return null;
    case "rekey": {
      const from = request.from === "live" ? live.tokeniser : previous;
      if (from === undefined) throw new Error("no rotation is under way");
      return of(request.to).tokeniser.rekey(storedTokens<"ads.match">(request.tokens), from);
    }
    case "rotate-begin":
      next = keyed(request);
      return null;
    case "rotate-end":
      live = next ?? live;
      next = undefined;
      return null;
  }
}

answerRequests(answer);
