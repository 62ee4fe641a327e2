/** Who is signed in, and signing out. */
import type { FastifyInstance } from "fastify";
import type { Solely } from "../instance/index.js";
import type { Guard } from "./guard.js";

export const SESSION_PATH = "/v1/session";

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
  server.get(SESSION_PATH, async (request): Promise<SessionView> => {
    const visitor = guard.sessionOf(request)?.visitor ?? null;
    return {
      // A person's account is for nobody to read off a screen.
      visitor: visitor?.is === "person" ? { is: "person" } : visitor,
      isSample: solely.config.sample,
      canStartClean: solely.config.sample && canStartClean,
    };
  });
  server.delete(SESSION_PATH, async (request, reply) => {
    guard.requireOwnPage(request);
    guard.endSession(request, reply);
    return reply.send({ visitor: null });
  });
}
