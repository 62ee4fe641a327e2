/**
 * Bodies of requests as streams, whose errors say what the sender did; and what becomes of one that nobody reads any more.
 */
import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import { HttpError } from "./problem.js";

/** How long a sender may go on after the answer. */
const REST_LIMIT_MS = 5 * 60_000;

/** The body's bytes as they come. What is left of them when the reader has had enough, stays: see `passOver`. */
export function bodyOf({ raw }: FastifyRequest): AsyncIterable<Uint8Array> {
  const bytes: AsyncIterable<Uint8Array> = raw.iterator({ destroyOnReturn: false });
  return wholeOr(
    bytes,
    () => new HttpError(400, "body-cut-off", "the body ended before it was whole", "send it again"),
  );
}

/** Reads what is left of a body, and keeps none of it: a browser hears no answer before all that it sends is read. */
export function passOver(raw: IncomingMessage): void {
  if (raw.complete || raw.destroyed) return;
  raw.unpipe();
  raw.removeAllListeners("readable");
  raw.resume();
  const patience = setTimeout(() => raw.complete || raw.destroy(), REST_LIMIT_MS).unref();
  for (const end of ["end", "close"]) raw.once(end, () => clearTimeout(patience));
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
