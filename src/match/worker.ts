/**
 * The matcher's worker: digests -> tokens -> ordinals, over the live index of `ads.match`.
 *
 * It is started with the ads key's file alone and an empty environment: it can open no vault and make no
 * identity. What it answers is an upper bound; the caller intersects it with a permit's ordinals.
 */
import { parentPort, workerData } from "node:worker_threads";
import { readKeyFile, storedTokens, TokenIndex } from "../token/index.js";
import { Tokeniser } from "../token/tokeniser.js";
import type { Answers, Envelope, MatcherStart, Op, Reply, Request } from "./protocol.js";

const start: MatcherStart = workerData;
const port = parentPort!;

let tokeniser = makeTokeniser(start);
let previous = start.previous === undefined ? undefined : makeTokeniser(start.previous);
let index = new TokenIndex();
/** While the key is rotated: the next key, and the index that is built with it beside the live one. */
let next: { tokeniser: Tokeniser<"ads.match">; index: TokenIndex } | undefined;

function makeTokeniser(key: { keyFile: string; keyName: string; keyCheck: string }): Tokeniser<"ads.match"> {
  return new Tokeniser("ads.match", readKeyFile(key.keyFile, key.keyName, key.keyCheck));
}

function answer(request: Request): Answers[Op] {
  switch (request.op) {
    case "tokenise": {
      const tokens = tokeniser.tokens(request.digests);
      return { tokens, known: index.tagsOf(tokens, request.ordinals, request.schemes, request.kinds) };
    }
    case "insert": {
      insert(request);
      return null;
    }
    case "drop":
      index.drop(request.ordinals, request.tags);
      next?.index.drop(request.ordinals, request.tags);
      return null;
    case "match":
      return index.match(tokeniser.tokens(request.digests), request.kinds, request.schemes);
    case "size":
      return index.size;
    case "ordinals":
      return index.ordinals();
    case "sections": {
      const { tokens, ordinals, marks } = index.sections();
      return { tokens: tokens.slice(), ordinals: ordinals.slice(), marks: marks.slice() };
    }
    case "restore":
      index.restore(request.tokens, request.ordinals, request.marks);
      return null;
    case "rotate-begin":
      next = { tokeniser: makeTokeniser(request), index: new TokenIndex() };
      return null;
    case "rekey": {
      const [from, to] = next === undefined ? [previous, tokeniser] : [tokeniser, next.tokeniser];
      if (from === undefined) throw new Error("no rotation is under way");
      return to.rekey(storedTokens<"ads.match">(request.tokens), from);
    }
    case "rotate-end":
      if (next !== undefined) ({ tokeniser, index } = next);
      next = undefined;
      previous = undefined;
      return null;
  }
}

function insert({ tokens, ordinals, marks, kinds, isPrevious, isRebuild }: Extract<Request, { op: "insert" }>): void {
  const current =
    isPrevious === true && previous !== undefined
      ? tokeniser.rekey(storedTokens<"ads.match">(tokens), previous)
      : tokens;
  if (isRebuild !== true) index.insert(current, ordinals, marks, kinds);
  if (next === undefined) return;
  next.index.insert(
    isRebuild === true ? tokens : next.tokeniser.rekey(storedTokens<"ads.match">(tokens), tokeniser),
    ordinals,
    marks,
    kinds,
  );
}

port.on("message", ({ id, request }: Envelope) => {
  let reply: Reply;
  try {
    reply = { id, answer: answer(request) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    reply = { id, failure: { name, message } };
  }
  port.postMessage(reply, transferable(reply));
});

function transferable(reply: Reply): ArrayBuffer[] {
  if (!("answer" in reply) || reply.answer === null || typeof reply.answer === "number") return [];
  const columns = ArrayBuffer.isView(reply.answer) ? [reply.answer] : Object.values(reply.answer);
  return [...new Set(columns.map((column: Uint8Array | Uint32Array) => column.buffer))].filter(
    (buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer && buffer.byteLength > 16_384,
  );
}

port.postMessage({ id: 0, answer: null } satisfies Reply);
