/**
 * The end of a sample world: an operator who has looked around asks for a store of their own. The answer comes, then whoever
 * started this server is told, and makes one; of the sample nothing is deleted.
 */
import type { FastifyInstance } from "fastify";
import type { Solely } from "../instance/index.js";
import type { Guard } from "./guard.js";
import { HttpError } from "./problem.js";

const SAMPLE_END_PATH = "/v1/sample/end";

/** @param onEnd told once the answer is sent; without it, or in no sample, there is nothing to ask for */
export function serveSampleEnd(server: FastifyInstance, solely: Solely, guard: Guard, onEnd?: () => void): void {
  server.post(SAMPLE_END_PATH, async (request, reply) => {
    guard.callerOf(request, "operator", {});
    if (!solely.config.sample || onEnd === undefined) {
      throw new HttpError(
        404,
        "no-sample",
        "this is no sample that can be left",
        "solely init makes a store of your own",
      );
    }
    reply.raw.once("finish", onEnd);
    return reply.send({ isEnded: true });
  });
}
