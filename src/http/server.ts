/**
 * The HTTP server: the routes of the table, each behind its scope, and the channel for commands.
 *
 * Loopback only, unless another host is asked for. Logs name a route, never a path or a query: an account's name is
 * nobody's business there.
 */
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import cookie from "@fastify/cookie";
import multipart from "@fastify/multipart";
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from "fastify";
import { LIST_TICK_MS } from "../audience/index.js";
import type { Solely } from "../instance/index.js";
import { passOver } from "./body.js";
import { canaryEntrance } from "./canary-ways.js";
import { CHANNEL_PATH, serveChannel } from "./channel.js";
import { serveConsole } from "./console.js";
import { Guard } from "./guard.js";
import { serveOwnLogin } from "./own-login.js";
import { servePages, wantsPage } from "./pages.js";
import { HttpError, PROBLEM_TYPE, problemDetails } from "./problem.js";
import { Download, noQuery, parsedQuery, type Route } from "./route.js";
import { routes } from "./routes.js";
import { announceServer, DEFAULT_PORT, newChannelKey, withdrawServer } from "./running.js";
import { serveSampleEnd } from "./sample.js";
import { serveSessions } from "./sessions.js";
import { serveSignIn } from "./sign-in.js";

const LOOPBACK = "127.0.0.1";
/** Of an account in a path: 256 bytes, each of them escaped. */
const MAX_PARAM_LENGTH = 3 * 256;
/** How long requests may go on when the server is to end. */
const CLOSE_LIMIT_MS = 10_000;
/** Of a form: names, values and number of its fields. */
const FORM_LIMITS = {
  fieldNameSize: 64,
  fieldSize: 1024,
  fields: 16,
  files: 2,
  parts: 18,
  fileSize: Number.POSITIVE_INFINITY,
};

export interface ServerOptions {
  /** 0: any free one. */
  readonly port?: number | undefined;
  /** Default: loopback. */
  readonly host?: string | undefined;
  /** Where log lines go; nowhere without it. */
  readonly log?: NodeJS.WritableStream | undefined;
  /** Told when an operator leaves a sample for a store of their own, which is for the caller to make. */
  readonly onSampleEnd?: (() => void) | undefined;
}

export interface Server {
  readonly url: string;
  /** Where browsers find the console. */
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves a store over HTTP until it is closed; the store stays open. */
export async function serve(
  solely: Solely,
  { port = DEFAULT_PORT, host = LOOPBACK, log, onSampleEnd }: ServerOptions,
): Promise<Server> {
  const options: FastifyServerOptions = {
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: "idle",
    trustProxy: [...solely.config.console.trustedProxies],
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error, request, reply) => answerProblem(error, request, reply),
    logger: log === undefined ? false : { stream: log, base: null },
  };
  const server: FastifyInstance = Fastify(options);
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", (_request, _payload, done) => done(null));
  await server.register(multipart, { limits: FORM_LIMITS, throwFileSizeLimit: false });
  server.setErrorHandler((error, request, reply) => answerProblem(error, request, reply));
  server.setNotFoundHandler((request, reply) => {
    if (wantsPage(request)) return reply.sendFile("index.html");
    const error = new HttpError(404, "unknown-route", "there is no such route", "see docs/api.md");
    return answerProblem(error, request, reply);
  });
  server.addHook("onResponse", async ({ raw }) => passOver(raw));
  server.addHook("onResponse", async (request, { statusCode, elapsedTime }) => {
    const { url } = request.routeOptions;
    // Reads are many, and what commands do is in the ledger.
    if (request.method === "GET" || url === CHANNEL_PATH) return;
    request.log.info({ method: request.method, route: url, status: statusCode, ms: Math.round(elapsedTime) }, "done");
  });
  const guard = new Guard(solely);
  await server.register(cookie);
  await servePages(server, guard);
  serveConsole(server, solely, guard);
  serveSessions(server, solely, guard, { canStartClean: onSampleEnd !== undefined });
  serveSampleEnd(server, solely, guard, onSampleEnd);
  serveSignIn(server, solely, guard);
  serveOwnLogin(server, solely, guard);
  for (const one of routes) serveRoute(server, solely, guard, one);
  const key = newChannelKey();
  serveChannel(server, solely, key);
  // The first request would have to wait for it.
  solely.contacts.prepare();
  let url: string;
  try {
    url = await server.listen({ port, host });
    guard.origin = new URL(solely.config.console.origin ?? `http://localhost:${new URL(url).port}`).origin;
    guard.hosts = [new URL(guard.origin).host, new URL(url).host];
    solely.links.origin = guard.origin;
  } catch {
    await server.close();
    throw new HttpError(500, "port-in-use", `${host}:${port} can't be listened on`, "choose another --port");
  }
  const entrance = canaryEntrance(solely, url);
  solely.canaryEntrances.add(entrance);
  await announceServer(solely.data, { pid: process.pid, url, key });
  return {
    url,
    origin: guard.origin,
    close: async () => {
      solely.canaryEntrances.delete(entrance);
      solely.links.origin = undefined;
      await withdrawServer(solely.data);
      const patience = setTimeout(() => server.server.closeAllConnections(), CLOSE_LIMIT_MS);
      await server.close().finally(() => clearTimeout(patience));
    },
  };
}

function serveRoute(server: FastifyInstance, solely: Solely, guard: Guard, one: Route): void {
  server.route({
    method: one.method,
    url: one.path,
    handler: async (request, reply) => {
      // From the end of what was sent, so that its sender does not choose when the work falls on a tick.
      let askedAt = performance.now();
      request.raw.once("end", () => (askedAt = performance.now()));
      try {
        return await answer(solely, guard, one, request, reply);
      } finally {
        const took = performance.now() - askedAt;
        if (one.isTicked === true) await sleep(LIST_TICK_MS - (took % LIST_TICK_MS));
      }
    },
  });
}

async function answer(
  solely: Solely,
  guard: Guard,
  one: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const params = request.params as Record<string, string>;
  const caller = guard.callerOf(request, one.scope, params);
  const query = parsedQuery(one.query ?? noQuery, request.query);
  const answer = await one.handle({ solely, ...caller, params, query, request });
  if (!(answer instanceof Download)) return answer;
  return reply
    .type(answer.type)
    .headers(answer.headers)
    .send(Readable.from(answer.pieces, { objectMode: false }));
}

function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const details = problemDetails(error);
  if (details.status >= 500) request.log.error({ err: error, route: request.routeOptions.url }, details.code);
  if (details.code === "key-stopped") request.log.warn({ route: request.routeOptions.url }, details.code);
  if (details.status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(details.status).type(PROBLEM_TYPE).send(details);
}
