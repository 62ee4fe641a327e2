/** Bodies of requests as streams, whose errors say what the sender did. */
import type { FastifyRequest } from "fastify";
import { HttpError } from "./problem.js";

/** The body's bytes as they come. */
export function bodyOf({ raw }: FastifyRequest): AsyncIterable<Uint8Array> {
  return wholeOr(raw, () => new HttpError(400, "body-cut-off", "the body ended before it was whole", "send it again"));
}

/** The same stream, with `failure` in place of whatever breaks it. */
export async function* wholeOr(
  stream: AsyncIterable<Uint8Array>,
  failure: () => HttpError,
): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch {
    throw failure();
  }
}
