/**
 * Channel: commands of other processes of this machine, run by the one that writes.
 *
 * A request is one line of JSON (`{actor, input}`), then the bytes of the command's input, if it has any; the answer is
 * NDJSON: progress and warnings while it runs, then its result or problem. Whoever runs the server holds its key; API
 * keys open nothing here.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { type Problem, problemOf, RemoteProblem, runCommand } from "../command/index.js";
import type { Solely } from "../instance/index.js";
import { bodyOf } from "./body.js";
import { HttpError } from "./problem.js";
import type { RunningServer } from "./running.js";

export const CHANNEL_PATH = "/v1/commands/:command";
const CHECK_PATH = "/v1/commands";
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 10;
/** The caller hears something at least this often. */
const HEARTBEAT_MS = 5000;
const PROGRESS_EVERY_MS = 100;
const HEALTH_LIMIT_MS = 2000;

type Line =
  | { readonly progress: { what: string; done: number; share: number } }
  | { readonly warning: string }
  | { readonly alive: true }
  | { readonly result: unknown }
  | { readonly problem: Problem };

/** Serves commands to whoever holds `key`. */
export function serveChannel(server: FastifyInstance, solely: Solely, key: string): void {
  server.get<{ Querystring: { challenge?: unknown } }>(CHECK_PATH, async ({ query }, reply) => {
    const challenge = String(query.challenge).slice(0, 64);
    return reply.type("text/plain").send(proofOf(key, challenge));
  });
  server.post<{ Params: { command: string } }>(CHANNEL_PATH, async (request, reply) => {
    if (!isSame(request.headers.authorization ?? "", `Bearer ${key}`)) {
      throw new HttpError(401, "unauthorized", "commands are for whoever runs the server", "use the API");
    }
    const { line, rest } = await firstLine(bodyOf(request));
    const { actor, input } = parseCall(line);
    await answerCommand(reply, (listener) =>
      runCommand(solely, request.params.command, input, { actor, input: rest, ...listener }),
    );
  });
}

/** Answers with what a command says while it runs, then its result or problem; a line of JSON each. */
export async function answerCommand(
  reply: FastifyReply,
  run: (listener: Required<ChannelListener>) => Promise<unknown>,
): Promise<void> {
  reply.hijack();
  const { raw, log } = reply;
  const said = reply.getHeaders() as OutgoingHttpHeaders;
  raw.writeHead(200, { ...said, "content-type": "application/x-ndjson", "cache-control": "no-store" });
  const say = (line: Line): void => void raw.write(`${JSON.stringify(line)}\n`);
  const heartbeat = setInterval(() => say({ alive: true }), HEARTBEAT_MS);
  let saidAt = 0;
  try {
    const result = await run({
      onProgress: (what, done, share) => {
        if (performance.now() - saidAt < PROGRESS_EVERY_MS) return;
        saidAt = performance.now();
        say({ progress: { what, done, share } });
      },
      onWarning: (warning) => say({ warning }),
    });
    say({ result: result ?? null });
  } catch (error) {
    const problem = problemOf(error);
    if (problem.code === "internal") log.error({ err: error, route: reply.routeOptions.url }, "failed");
    say({ problem });
  } finally {
    clearInterval(heartbeat);
    raw.end();
  }
}

const callSchema = z.object({ actor: z.string(), input: z.unknown() });

function parseCall(line: string): z.output<typeof callSchema> {
  try {
    return callSchema.parse(JSON.parse(line));
  } catch {
    throw new HttpError(400, "malformed-request", "a command is a line of JSON", "use the solely command");
  }
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

interface Received {
  readonly line: string;
  /** The bytes after it. */
  readonly rest: AsyncIterable<Uint8Array>;
}

/** The first line of a body, and the rest of its bytes. */
export async function firstLine(body: AsyncIterable<Uint8Array>): Promise<Received> {
  const blocks = body[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  for (;;) {
    const end = head.indexOf(NEWLINE);
    if (end >= 0) {
      const after = head.subarray(end + 1);
      const rest = async function* (): AsyncGenerator<Uint8Array> {
        if (after.length > 0) yield after;
        for (;;) {
          const next = await blocks.next();
          if (next.done === true) return;
          yield next.value;
        }
      };
      return { line: head.subarray(0, end).toString("utf8"), rest: rest() };
    }
    const next = await blocks.next();
    if (next.done === true || head.length > MAX_LINE_BYTES) {
      throw new HttpError(400, "malformed-request", "a command is a line of JSON", "use the solely command");
    }
    head = Buffer.concat([head, next.value]);
  }
}

/** What a caller of a running server hears while a command runs. */
export interface ChannelListener {
  onProgress?(what: string, done: number, share: number): void;
  onWarning?(warning: string): void;
}

/** Whether the very server that announced itself answers there, and not another in its place. */
export async function isAnswering({ url, key }: RunningServer): Promise<boolean> {
  const challenge = randomBytes(16).toString("hex");
  try {
    const asked = new URL(`${CHECK_PATH}?challenge=${challenge}`, url);
    const answer = await fetch(asked, { signal: AbortSignal.timeout(HEALTH_LIMIT_MS) });
    return answer.ok && isSame(await answer.text(), proofOf(key, challenge));
  } catch {
    return false;
  }
}

/** Shows that a server holds the channel's key, without showing the key. */
const proofOf = (key: string, challenge: string): string =>
  createHmac("sha256", key).update(`solely channel ${challenge}`).digest("hex");

/**
 * Has a running server run a command.
 * @throws {RemoteProblem} what went wrong there; code `server-gone` if it ended before the answer was whole
 */
export async function runRemotely(
  server: RunningServer,
  command: string,
  call: { readonly actor: string; readonly input: unknown },
  bytes: AsyncIterable<Uint8Array> | undefined,
  listener: ChannelListener,
): Promise<unknown> {
  const body = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(`${JSON.stringify(call)}\n`);
    if (bytes !== undefined) yield* bytes;
  };
  const gone = () =>
    new RemoteProblem({
      code: "server-gone",
      message: "the server ended before it answered; what it acknowledged before is kept",
      fix: "start it again, then repeat the command: it changes nothing twice",
    });
  const unwanted = new AbortController();
  try {
    const answer = await post(new URL(`/v1/commands/${command}`, server.url), server.key, body(), unwanted.signal);
    for await (const text of createInterface({ input: answer })) {
      const line: Line = JSON.parse(text);
      if ("progress" in line) listener.onProgress?.(line.progress.what, line.progress.done, line.progress.share);
      else if ("warning" in line) listener.onWarning?.(line.warning);
      else if ("result" in line) return line.result;
      else if ("problem" in line) throw new RemoteProblem(line.problem);
    }
  } catch (error) {
    if (error instanceof RemoteProblem) throw error;
  } finally {
    // Who sends the rest of an input that is not wanted any more is not waited for.
    unwanted.abort();
  }
  throw gone();
}

function post(url: URL, key: string, body: AsyncGenerator<Uint8Array>, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      method: "POST",
      signal,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/octet-stream" },
    });
    request.on("response", resolve);
    request.on("error", reject);
    // An answer that comes before the body is sent whole says why it is not wanted.
    Readable.from(body).on("error", reject).pipe(request);
  });
}
