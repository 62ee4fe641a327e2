/** Who is signed in, signing in by a one-time link, and signing out. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Solely } from "../instance/index.js";
import type { Visitor } from "../signin/index.js";
import { jsonOf } from "./body.js";
import type { Guard } from "./guard.js";
import { HttpError } from "./problem.js";

export const SESSION_PATH = "/v1/session";
export const LINK_PATH = "/v1/session/link";

const MAX_LINK_BYTES = 1024;
const linkSchema = z.strictObject({ token: z.string().max(100) });

/** What the console's pages know of who looks at them. */
export interface SessionView {
  /** Null: nobody is signed in. */
  readonly visitor:
    | { readonly is: "operator"; readonly name: string }
    | { readonly is: "advertiser"; readonly advertiser: string; readonly login: string }
    | { readonly is: "person" }
    | null;
  /** Whether everything here was made up. */
  readonly isSample: boolean;
  /** Whether operators can leave the sample for a store of their own from here. */
  readonly canStartClean: boolean;
}

export function serveSessions(
  server: FastifyInstance,
  solely: Solely,
  guard: Guard,
  { canStartClean }: Pick<SessionView, "canStartClean">,
): void {
  /** A person's account is for nobody to read off a screen. */
  const viewOf = (visitor: Visitor | null): SessionView => ({
    visitor: visitor?.is === "person" ? { is: "person" } : visitor,
    isSample: solely.config.sample,
    canStartClean: solely.config.sample && canStartClean,
  });

  server.get(SESSION_PATH, async (request, reply): Promise<SessionView> => {
    reply.header("cache-control", "no-store");
    const visitor = guard.sessionOf(request)?.visitor ?? null;
    return viewOf(visitor);
  });
  server.post(LINK_PATH, async (request, reply): Promise<SessionView> => {
    reply.header("cache-control", "no-store");
    guard.requireOwnPage(request);
    const asked = linkSchema.safeParse(await jsonOf(request, MAX_LINK_BYTES));
    const link = asked.success ? solely.links.use(asked.data.token) : undefined;
    if (link === undefined) {
      throw new HttpError(403, "link-used", "the link was used before, or is too old", "ask for another one");
    }
    guard.endSession(request, reply);
    guard.giveCookie(reply, solely.sessions.open(link.visitor, link.holds));
    return viewOf(link.visitor);
  });
  server.delete(SESSION_PATH, async (request, reply) => {
    guard.requireOwnPage(request);
    guard.endSession(request, reply);
    return reply.send({ visitor: null });
  });
}
