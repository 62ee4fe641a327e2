/**
 * An advertiser's login, by whoever is signed in with it: its password and its passkeys. What changes how one gets in needs a
 * sign-in of at most ten minutes ago, and a password the one before it.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { addPasskey, endPasskey, setPassword } from "../access/index.js";
import type { Solely } from "../instance/index.js";
import { type Named, SignInError } from "../signin/index.js";
import type { Guard } from "./guard.js";
import { bodyOfPage, byPassword, giveCeremony, placeOf, takeCeremony } from "./sign-in.js";

const FRESH_MS = 10 * 60_000;
const PATH = "/v1/login";

const password = z.string().max(1000);
const passwordSchema = z.strictObject({ current: password.optional(), password });
const responseSchema = z.strictObject({ response: z.looseObject({ id: z.string() }) });
const endSchema = z.strictObject({ credential: z.string().max(2000) });

/** How somebody's own login is opened. */
export interface OwnLoginView {
  readonly advertiser: string;
  readonly login: string;
  readonly hasPassword: boolean;
  readonly passkeys: readonly { readonly credential: string; readonly since: string }[];
}

export function serveOwnLogin(server: FastifyInstance, solely: Solely, guard: Guard): void {
  const { access, attempts, ceremonies, passwords } = solely;

  const viewOf = ({ advertiser, login }: Named): OwnLoginView => {
    const { password, passkeys } = access.logins.get({ advertiser, login });
    return {
      ...{ advertiser, login, hasPassword: password !== undefined },
      passkeys: passkeys.map(({ credential, sinceMs }) => ({ credential, since: new Date(sinceMs).toISOString() })),
    };
  };

  /** Whose session it is; to change something, one that was opened just now. */
  const ownerOf = (request: FastifyRequest, changes: boolean) => {
    const { visitor, actor, key } = guard.callerOf(request, "advertiser", {});
    if (visitor?.is !== "advertiser") throw new SignInError("not-signed-in", "nobody is signed in", "sign in");
    if (changes && Date.now() > key.createdAtMs + FRESH_MS) {
      throw new SignInError("sign-in-again", "you signed in more than ten minutes ago", "sign out and in, then do it");
    }
    return { advertiser: visitor.advertiser, login: visitor.login, actor };
  };

  server.get(PATH, (request) => viewOf(ownerOf(request, false)));

  server.post(`${PATH}/password`, async (request, reply) => {
    const own = ownerOf(request, true);
    const said = await bodyOfPage(guard, request, passwordSchema);
    const { password: kept } = access.logins.get(own);
    if (kept !== undefined) {
      const right = await attempts.countChange(own);
      if (!(await passwords.isRight(kept, said.current ?? "", true))) {
        throw new SignInError("not-signed-in", "this is not your present password", "type it again");
      }
      await right();
    }
    const password = await passwords.hash(said.password, own);
    await setPassword(solely, { ...own, password });
    // Whoever else is in as this login is out; this browser goes on, with another cookie.
    solely.sessions.endAll((v) => v.is === "advertiser" && v.advertiser === own.advertiser && v.login === own.login);
    guard.openSession(request, reply, byPassword(solely, own, password));
    return viewOf(own);
  });

  server.post(`${PATH}/passkey/begin`, async (request, reply) => {
    const own = ownerOf(request, true);
    const { passkeys } = access.logins.get(own);
    const { options, cookie } = await ceremonies.beginNew(placeOf(guard), own, passkeys);
    giveCeremony(guard, reply, cookie);
    return options;
  });

  server.post(`${PATH}/passkey`, async (request, reply) => {
    const own = ownerOf(request, true);
    const { response } = await bodyOfPage(guard, request, responseSchema);
    const key = await ceremonies.finishNew(placeOf(guard), own, takeCeremony(guard, request, reply), response);
    await addPasskey(solely, { ...own, ...key });
    return viewOf(own);
  });

  server.post(`${PATH}/passkey/end`, async (request) => {
    const own = ownerOf(request, true);
    const { credential } = await bodyOfPage(guard, request, endSchema);
    await endPasskey(solely, { ...own, credential });
    return viewOf(own);
  });
}
