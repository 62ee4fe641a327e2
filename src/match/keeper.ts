/** The keeper's thread: runs of the live index, and while the key is rotated of the next one. It is given no key. */
import { workerData } from "node:worker_threads";
import { IndexKeeper } from "../token/index.js";
import { answerRequests } from "./answering.js";
import type { IndexName, KeeperAnswers, KeeperRequest, KeeperStart } from "./protocol.js";
import { RetiredRuns } from "./retired-runs.js";

const RETIRED_BYTES = 64 * 1024 * 1024;
const { threads }: KeeperStart = workerData;
let live = new IndexKeeper(threads);
let next: IndexKeeper | undefined;
const retired = new RetiredRuns(RETIRED_BYTES);

function of(name: IndexName): IndexKeeper {
  if (name === "live") return live;
  if (next === undefined) throw new Error("no rotation is under way");
  return next;
}

function answer(request: KeeperRequest): KeeperAnswers[KeeperRequest["op"]] {
  switch (request.op) {
    case "insert":
      of(request.index).insert(request);
      return null;
    case "drop":
      for (const keeper of [live, next]) keeper?.drop(request.ordinals, request.tags, request.sequence);
      return null;
    case "seal":
      of(request.index).seal();
      return null;
    case "add":
    case "build":
    case "wipe": {
      const keeper = of(request.index);
      const before = keeper.runs;
      const kept =
        request.op === "add"
          ? keeper.add(request)
          : request.op === "build"
            ? keeper.build(request.isIdle)
            : keeper.wipe();
      retired.note(before, kept.runs);
      return kept;
    }
    case "size":
      return live.size;
    case "ordinals":
      return [...live.ordinals()];
    case "restore":
      return live.restore(request.runs);
    case "rotate-begin":
      next = new IndexKeeper(threads);
      return null;
    case "rotate-end":
      live = next ?? live;
      next = undefined;
      return null;
  }
}

answerRequests(answer);
