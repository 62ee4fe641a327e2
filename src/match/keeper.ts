/** The keeper's thread: runs of the live index, and while the key is rotated of the next one. It is given no key. */
import { workerData } from "node:worker_threads";
import { Paging } from "../paging/index.js";
import { IndexKeeper } from "../token/index.js";
import { answerRequests } from "./answering.js";
import { LiveAndNext } from "./live-and-next.js";
import type { KeeperAnswers, KeeperRequest, KeeperStart } from "./protocol.js";
import { RetiredRuns } from "./retired-runs.js";

const { threads, paging: options }: KeeperStart = workerData;
const paging = new Paging(options);
const keepers = new LiveAndNext(new IndexKeeper(threads, paging));
const retired = new RetiredRuns();

function answer(request: KeeperRequest): KeeperAnswers[KeeperRequest["op"]] {
  switch (request.op) {
    case "insert":
      keepers.of(request.index).insert(request);
      return null;
    case "drop":
      for (const keeper of keepers.all) keeper.drop(request.ordinals, request.tags, request.sequence);
      return null;
    case "seal":
      keepers.of(request.index).seal();
      return null;
    case "add":
    case "build":
    case "wipe": {
      const keeper = keepers.of(request.index);
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
      return keepers.live.size;
    case "ordinals":
      return [...keepers.live.ordinals()];
    case "restore":
      return keepers.live.restore(request.runs);
    case "rotate-begin":
      keepers.begin(new IndexKeeper(threads, paging));
      return null;
    case "rotate-end":
      keepers.end();
      return null;
  }
}

answerRequests(answer);
