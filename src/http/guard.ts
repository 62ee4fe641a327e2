/**
 * Guard: who calls, and whether what they came with opens what they ask for: an API key, or the cookie of a session.
 *
 * A cookie goes with whatever a browser sends, so a request that changes something counts only if the browser says that it
 * came from the console's own pages (Origin, and Fetch Metadata where it is sent: https://www.w3.org/TR/fetch-metadata/).
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ApiKey, Scope } from "../access/index.js";
import type { Solely } from "../instance/index.js";
import type { Link, Session, Visitor } from "../signin/index.js";
import { HttpError } from "./problem.js";
import type { Caller, Opener } from "./route.js";

const NOBODY: Caller = {
  key: { id: "none", scopes: [], createdAtMs: 0 },
  actor: "nobody",
  admit: () => {},
};

/** What a session opens as a key's scope would. */
const SCOPES_OF: Readonly<Record<Visitor["is"], readonly Scope[]>> = {
  operator: ["audit"],
  advertiser: ["lists"],
  person: [],
};

export class Guard {
  /** Where browsers find the console; known once the server listens. */
  origin = "";
  /** Names under which browsers may ask for it: others point here by somebody's DNS. */
  hosts: readonly string[] = [];
  readonly #solely: Solely;

  constructor(solely: Solely) {
    this.#solely = solely;
  }

  /**
   * The caller, if what they came with opens this. Of another advertiser nobody hears more than that there is none.
   * @throws {HttpError} codes `unauthorized`, `foreign-origin`, `key-stopped`, `forbidden`, `unknown-advertiser`
   */
  callerOf(request: FastifyRequest, opener: Opener | null, params: Readonly<Record<string, string>>): Caller {
    if (opener === null) return NOBODY;
    const caller = request.headers.authorization === undefined ? this.#bySession(request) : this.#byKey(request);
    const { key, visitor } = caller;
    if (!key.scopes.some((scope) => scope === opener) && visitor?.is !== opener) {
      const what = visitor === undefined ? `the key does not have the scope ${opener}` : "this is not for you to see";
      throw new HttpError(403, "forbidden", what, "use a key that has it, or sign in as somebody who may");
    }
    const isOfAdvertiser = opener === "lists" || params.advertiser !== undefined;
    if (isOfAdvertiser && key.advertiser !== params.advertiser) {
      throw new HttpError(404, "unknown-advertiser", "there is no such advertiser", "use your own name in the path");
    }
    return caller;
  }

  /** The session whose cookie came with a request. */
  sessionOf(request: FastifyRequest): Session | undefined {
    const secret = request.cookies[this.cookieName("session")];
    if (secret === undefined || !this.hosts.includes(request.headers.host ?? "")) return undefined;
    return this.#solely.sessions.find(secret);
  }

  /** Opens a session in place of the one that the browser came with, and gives it the cookie of the new one. */
  openSession(request: FastifyRequest, reply: FastifyReply, { visitor, holds }: Link): void {
    const before = request.cookies[this.cookieName("session")];
    if (before !== undefined) this.#solely.sessions.end(before);
    const secret = this.#solely.sessions.open(visitor, holds);
    reply.setCookie(this.cookieName("session"), secret, this.cookieOptions);
    request.log.info({ who: loggedAs(visitor) }, "signed in");
  }

  /** Ends the session that a request came with. */
  endSession(request: FastifyRequest, reply: FastifyReply): void {
    const secret = request.cookies[this.cookieName("session")];
    const visitor = this.sessionOf(request)?.visitor;
    if (visitor !== undefined) request.log.info({ who: loggedAs(visitor) }, "signed out");
    if (secret !== undefined) this.#solely.sessions.end(secret);
    reply.clearCookie(this.cookieName("session"), this.cookieOptions);
  }

  /**
   * Whether a request that changes something comes from the console's own pages.
   * @throws {HttpError} code `foreign-origin`
   */
  requireOwnPage({ method, headers }: FastifyRequest): void {
    const site = headers["sec-fetch-site"];
    const isOwn = site === undefined || site === "same-origin";
    // Who types an address comes from nowhere.
    if (method === "GET" ? isOwn || site === "none" : isOwn && headers.origin === this.origin) return;
    throw new HttpError(403, "foreign-origin", "the request does not come from the console's pages", "open it there");
  }

  #byKey({ headers }: FastifyRequest): Caller {
    const { access } = this.#solely;
    const secret = /^Bearer (\S+)$/i.exec(headers.authorization ?? "")?.[1];
    const key = secret === undefined ? undefined : access.authenticate(secret);
    if (key === undefined) throw unauthorized();
    if (key.stopped !== undefined) {
      throw new HttpError(403, "key-stopped", `the key is stopped: ${key.stopped}`, "operators make another key");
    }
    return { key, actor: `key:${key.id}`, admit: () => access.requireLive(key.id) };
  }

  #bySession(request: FastifyRequest): Caller {
    const session = this.sessionOf(request);
    if (session === undefined) throw unauthorized();
    this.requireOwnPage(request);
    const { visitor } = session;
    return {
      key: keyOf(session),
      actor: actorOf(visitor),
      visitor,
      admit: () => {
        if (this.sessionOf(request) === undefined) throw unauthorized();
      },
    };
  }

  get #isSecure(): boolean {
    return this.origin.startsWith("https:");
  }

  /** Bound to this very host where browsers can be held to it (RFC 6265bis, section 4.1.3.2). */
  cookieName(of: "session" | "ceremony" | "browser"): string {
    const name = of === "session" ? "solely" : `solely-${of}`;
    return this.#isSecure ? `__Host-${name}` : name;
  }

  get cookieOptions() {
    return { path: "/", httpOnly: true, sameSite: "strict", secure: this.#isSecure } as const;
  }
}

const unauthorized = (): HttpError =>
  new HttpError(
    401,
    "unauthorized",
    "no valid API key or session came with the request",
    "send Authorization: Bearer KEY, or sign in",
  );

function keyOf({ visitor, openedAtMs }: Session): ApiKey {
  const advertiser = visitor.is === "advertiser" ? { advertiser: visitor.advertiser } : {};
  return { id: `session-${visitor.is}`, scopes: SCOPES_OF[visitor.is], createdAtMs: openedAtMs, ...advertiser };
}

/** As the ledger names who did something; a person by nothing but that. */
function actorOf(visitor: Visitor): string {
  if (visitor.is === "operator") return `operator:${visitor.name}`;
  return visitor.is === "advertiser" ? `login:${visitor.login}` : "person";
}

/** An operator by name; a login's may be an address, and is not for the log. */
const loggedAs = (visitor: Visitor): string => (visitor.is === "operator" ? actorOf(visitor) : visitor.is);
