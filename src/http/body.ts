/** Bodies of requests as streams, whose errors say what the sender did. */
import type { FastifyRequest } from "fastify";
import { HttpError } from "./problem.js";

/** The body's bytes as they come. */
export function bodyOf({ raw }: FastifyRequest): AsyncIterable<Uint8Array> {
  return wholeOr(raw, () => new HttpError(400, "body-cut-off", "the body ended before it was whole", "send it again"));
}

/**
 * The body's JSON.
 * @throws {HttpError} codes `body-too-long`, `malformed-request`
 */
export async function jsonOf(request: FastifyRequest, mostBytes: number): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of bodyOf(request)) {
    bytes += piece.length;
    if (bytes > mostBytes) {
      throw new HttpError(413, "body-too-long", `the body has more than ${mostBytes} bytes`, "send less at a time");
    }
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch {
    throw new HttpError(400, "malformed-request", "the body is no JSON", "see docs/api.md");
  }
}

/** The same stream, with `failure` in place of whatever breaks it. */
export async function* wholeOr(
  stream: AsyncIterable<Uint8Array>,
  failure: () => HttpError,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const block of stream) yield block;
  } catch {
    throw failure();
  }
}
