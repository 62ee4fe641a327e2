/**
 * Routes: what the API can be asked, as data. The server is made from the table of them, and so is its documentation.
 */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { ApiKey, Scope } from "../access/index.js";
import type { Solely } from "../instance/index.js";
import type { Visitor } from "../signin/index.js";
import { HttpError } from "./problem.js";

/** What opens a route: a scope of a key, or the session of who is signed in. */
export type Opener = Scope | Visitor["is"];

/** Who calls. */
export interface Caller {
  /** Of a session: what it may do, as a key would. */
  readonly key: ApiKey;
  /** Recorded in the ledger. */
  readonly actor: string;
  /** Who is signed in, where a session opened the route. */
  readonly visitor?: Visitor;
  /** Throws when what the caller came with does not hold any more; for what is read as it comes. */
  readonly admit: () => void;
}

/** One request, after its caller and its query are checked. */
export interface Call<Query> extends Caller {
  readonly solely: Solely;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly request: FastifyRequest;
}

/** An answer that is no JSON. */
export class Download {
  constructor(
    readonly type: string,
    readonly headers: Readonly<Record<string, string>>,
    readonly pieces: Iterable<Uint8Array>,
  ) {}
}

export interface Route<Query extends z.ZodObject = z.ZodObject> {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  /** What the caller's key or session must open; null: anybody may ask. */
  readonly scope: Opener | null;
  /** What it is for, in a sentence. */
  readonly about: string;
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What the answers are, by status; those that every route has are left out. */
  readonly answers: Readonly<Record<number, string>>;
  /** Answered at a whole number of ticks after it was asked, so that the time says little of the work. */
  readonly isTicked?: boolean;
  handle(call: Call<z.output<Query>>): Promise<unknown> | unknown;
}

/** States a route; the type of its query follows from the schema. */
export function route<Query extends z.ZodObject = z.ZodObject>(stated: Route<Query>): Route {
  return stated as unknown as Route;
}

/**
 * What was asked, checked; names what is wrong, and never what was sent.
 * @throws {HttpError} code `malformed-request`
 */
export function parsedQuery<Query extends z.ZodObject>(schema: Query, asked: unknown): z.output<Query> {
  const parsed = schema.safeParse(asked);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const isMissing = issue.code === "invalid_type" && issue.input === undefined;
  const known = Object.keys(schema.shape).join(", ");
  const what =
    issue.code === "unrecognized_keys"
      ? `there is a parameter that is not known; known ${known === "" ? "is none" : `are ${known}`}`
      : `${issue.path.join(".")}: ${isMissing ? "is missing" : issue.message}`;
  throw new HttpError(400, "malformed-request", what, "see docs/api.md");
}

/** Nothing may be asked of a route that states no query. */
export const noQuery = z.strictObject({});
