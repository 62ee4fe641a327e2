/**
 * Signing in: by a link that is good once, an advertiser's login with its password, a passkey, or an invitation that is
 * accepted. Each opens a new session in place of the one before; what is refused says the same whatever was wrong with it.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { addPasskey, type Login, setPassword } from "../access/index.js";
import type { Solely } from "../instance/index.js";
import { CEREMONY_MS, type Link, type Named, type Place, SignInError, tokenHash } from "../signin/index.js";
import { jsonOf } from "./body.js";
import type { Guard } from "./guard.js";
import { HttpError } from "./problem.js";
import { SESSION_PATH } from "./sessions.js";

const MAX_BODY_BYTES = 16 * 1024;
const BROWSER_SECONDS = 180 * 86_400;

const token = z.string().max(200);
const text = z.string().max(600);
const linkSchema = z.strictObject({ token });
const passwordSchema = z.strictObject({ advertiser: text, login: text, password: z.string().max(1000) });
const responseSchema = z.strictObject({ response: z.looseObject({ id: z.string() }) });
const invitedSchema = z.strictObject({ token, password: z.string().max(1000) });
const invitedPasskeySchema = z.strictObject({ token, response: z.looseObject({ id: z.string() }) });

/** What the page of an invitation shows. */
export interface InvitationView {
  readonly advertiser: string;
  readonly login: string;
  readonly until: string;
}

export function serveSignIn(server: FastifyInstance, solely: Solely, guard: Guard): void {
  const { access, attempts, ceremonies, passwords } = solely;

  server.post(`${SESSION_PATH}/link`, async (request, reply) => {
    const { token } = await bodyOfPage(guard, request, linkSchema);
    const link = solely.links.use(token);
    if (link === undefined) throw linkOver("link", "ask for another where it came from");
    guard.openSession(request, reply, link);
    return { isSignedIn: true };
  });

  server.post(`${SESSION_PATH}/password`, async (request, reply) => {
    const { password, ...named } = await bodyOfPage(guard, request, passwordSchema);
    const cookie = request.cookies[guard.cookieName("browser")];
    const isIn = await attempts.count(named, cookie, request.ip);
    const kept = access.logins.find(named)?.password;
    if (!(await passwords.isRight(kept, password, attempts.isKnown(named, cookie)))) throw notSignedIn();
    await isIn();
    guard.openSession(request, reply, byPassword(solely, named, kept!));
    knowBrowser(solely, guard, reply, named);
    return { isSignedIn: true };
  });

  server.post(`${SESSION_PATH}/passkey/begin`, async (request, reply) => {
    guard.requireOwnPage(request);
    const { options, cookie } = await ceremonies.beginSignIn(placeOf(guard));
    giveCeremony(guard, reply, cookie);
    return options;
  });

  server.post(`${SESSION_PATH}/passkey`, async (request, reply) => {
    const { response } = await bodyOfPage(guard, request, responseSchema);
    const found = await ceremonies.finishSignIn(placeOf(guard), takeCeremony(guard, request, reply), response, (id) =>
      findPasskey(solely, placeOf(guard), id),
    );
    guard.openSession(request, reply, found.entrance);
    return { isSignedIn: true };
  });

  server.post("/v1/invitation", async (request): Promise<InvitationView> => {
    const { token } = await bodyOfPage(guard, request, linkSchema);
    const { advertiser, login, invitation } = invited(solely, token);
    return { advertiser, login, until: new Date(invitation!.untilMs).toISOString() };
  });

  server.post("/v1/invitation/password", async (request, reply) => {
    const { token, password } = await bodyOfPage(guard, request, invitedSchema);
    const { advertiser, login } = invited(solely, token);
    const named = { advertiser, login };
    const kept = await passwords.hash(password, named);
    await setPassword(solely, { ...named, actor: `login:${login}`, invitation: tokenHash(token), password: kept });
    guard.openSession(request, reply, byPassword(solely, named, kept));
    knowBrowser(solely, guard, reply, named);
    return { isSignedIn: true };
  });

  server.post("/v1/invitation/passkey/begin", async (request, reply) => {
    const { token } = await bodyOfPage(guard, request, linkSchema);
    const { options, cookie } = await ceremonies.beginNew(placeOf(guard), invited(solely, token), []);
    giveCeremony(guard, reply, cookie);
    return options;
  });

  server.post("/v1/invitation/passkey", async (request, reply) => {
    const { token, response } = await bodyOfPage(guard, request, invitedPasskeySchema);
    const { advertiser, login } = invited(solely, token);
    const named = { advertiser, login };
    const key = await ceremonies.finishNew(placeOf(guard), named, takeCeremony(guard, request, reply), response);
    await addPasskey(solely, { ...named, ...key, actor: `login:${login}`, invitation: tokenHash(token) });
    guard.openSession(request, reply, byPasskey(solely, named, key.credential));
    return { isSignedIn: true };
  });
}

/**
 * What one of the console's pages sent.
 * @throws {HttpError} codes `foreign-origin`, `malformed-request`
 */
export async function bodyOfPage<Schema extends z.ZodType>(
  guard: Guard,
  request: FastifyRequest,
  schema: Schema,
): Promise<z.output<Schema>> {
  guard.requireOwnPage(request);
  const parsed = schema.safeParse(await jsonOf(request, MAX_BODY_BYTES));
  if (parsed.success) return parsed.data;
  throw new HttpError(400, "malformed-request", "the body is not what it should be", "use the console's own pages");
}

export const placeOf = ({ origin }: Guard): Place => ({ origin, host: new URL(origin).hostname });

/** Binds a ceremony to the browser that began it. */
export function giveCeremony(guard: Guard, reply: FastifyReply, cookie: string): void {
  reply.setCookie(guard.cookieName("ceremony"), cookie, { ...guard.cookieOptions, maxAge: CEREMONY_MS / 1000 });
}

export function takeCeremony(guard: Guard, request: FastifyRequest, reply: FastifyReply): string | undefined {
  reply.clearCookie(guard.cookieName("ceremony"), guard.cookieOptions);
  return request.cookies[guard.cookieName("ceremony")];
}

/** A login by its password: as long as it is that. */
export function byPassword({ access }: Solely, { advertiser, login }: Named, kept: string): Link {
  return {
    visitor: { is: "advertiser", advertiser, login },
    holds: () => access.logins.find({ advertiser, login })?.password === kept,
  };
}

/** A login by a passkey: as long as it has it. */
export function byPasskey({ access }: Solely, { advertiser, login }: Named, credential: string): Link {
  return {
    visitor: { is: "advertiser", advertiser, login },
    holds: () => {
      const owner = access.logins.passkey(credential);
      return owner?.advertiser === advertiser && owner.login === login;
    },
  };
}

/** Operators' first: whoever makes a login's passkey chooses its id, and may have chosen theirs. */
function findPasskey(solely: Solely, { host }: Place, credential: string) {
  const { operators } = solely.decisions;
  const operator = operators.passkey(credential);
  if (operator === undefined) {
    const login = solely.access.logins.passkey(credential);
    return login === undefined ? undefined : { ...login, entrance: byPasskey(solely, login, credential) };
  }
  if (operator.host !== host) return undefined;
  const { name } = operator;
  const holds = () => operators.passkey(credential)?.name === name;
  return { ...operator, entrance: { visitor: { is: "operator", name } as const, holds } };
}

/** Remembers the browser as one of the login's, so that others' attempts can't lock it out. */
function knowBrowser({ attempts }: Solely, guard: Guard, reply: FastifyReply, named: Named): void {
  const cookie = attempts.browserCookie(named);
  reply.setCookie(guard.cookieName("browser"), cookie, { ...guard.cookieOptions, maxAge: BROWSER_SECONDS });
}

/** @throws {SignInError} code `link-over` */
function invited({ access }: Solely, token: string): Login {
  const login = access.logins.invited(tokenHash(token), Date.now());
  if (login !== undefined) return login;
  throw linkOver("invitation", "ask an operator for another");
}

const linkOver = (what: string, fix: string): SignInError =>
  new SignInError("link-over", `this ${what} was used before, or is over`, fix);

const notSignedIn = (): SignInError =>
  new SignInError(
    "not-signed-in",
    "advertiser, login and password do not go together",
    "check all three; an operator can send you a new invitation",
  );
