/**
 * Logins: people of an advertiser who use the console. Each change is a fact with its actor: an operator's invitation, which
 * the invited accept with a password or a passkey, what they change of those, and an end.
 *
 * Of an invitation the hash of its token is kept, of a password what argon2id made of it under a key of the store. An
 * invitation of a login that is there is how it is recovered: what opened it before opens nothing from the acceptance on.
 */
import { LeafKind } from "../ledger/index.js";
import type { Log } from "../log/index.js";
import { AccessError } from "./error.js";

/** A passkey of a login; base64url each. */
export interface LoginPasskey {
  readonly credential: string;
  readonly publicKey: string;
  readonly sinceMs: number;
}

export interface Login {
  readonly advertiser: string;
  readonly login: string;
  readonly createdAtMs: number;
  /** While it is open: hash of the invitation's token, and until when it can be accepted. */
  readonly invitation?: { readonly hash: string; readonly untilMs: number } | undefined;
  /** PHC string. */
  readonly password?: string | undefined;
  readonly passkeys: readonly LoginPasskey[];
}

interface Named {
  readonly advertiser: string;
  readonly login: string;
}

export type LoginFact = Named & { readonly actor: string } & (
    | { readonly type: "login-invited"; readonly hash: string; readonly untilMs: number }
    /** `accepts`: by an invitation, so that it is the only way in from then on. */
    | { readonly type: "login-password"; readonly password: string; readonly accepts: boolean }
    | {
        readonly type: "login-passkey";
        readonly credential: string;
        readonly publicKey: string;
        readonly accepts: boolean;
      }
    | { readonly type: "login-passkey-ended"; readonly credential: string }
    | { readonly type: "login-ended" }
  );

export const isLoginFact = (fact: { readonly type: string }): fact is LoginFact => fact.type.startsWith("login-");

const LOGIN = /^[a-z0-9][a-z0-9._@+-]{0,63}$/;
const MAX_PASSKEYS = 16;
const INVITATION_MS = 7 * 86_400_000;

export class Logins {
  readonly #logins = new Map<string, Login>();

  apply(fact: LoginFact, timeMs: number): void {
    const key = keyOf(fact);
    const before = this.#logins.get(key);
    if (fact.type === "login-ended") {
      this.#logins.delete(key);
      return;
    }
    const { advertiser, login } = fact;
    const base = before ?? { advertiser, login, createdAtMs: timeMs, passkeys: [] };
    this.#logins.set(key, changed(base, fact, timeMs));
  }

  list(advertiser?: string): Login[] {
    return [...this.#logins.values()].filter((one) => advertiser === undefined || one.advertiser === advertiser);
  }

  find(named: Named): Login | undefined {
    return this.#logins.get(keyOf(named));
  }

  /** @throws {AccessError} code `unknown-login` */
  get(named: Named): Login {
    const login = this.find(named);
    if (login !== undefined) return login;
    throw new AccessError("unknown-login", "there is no such login", "solely advertiser logins shows them");
  }

  /** The login that an invitation's token, by its hash, is for. */
  invited(hash: string, nowMs: number): Login | undefined {
    return this.list().find(({ invitation }) => invitation?.hash === hash && nowMs < invitation.untilMs);
  }

  /** Whose passkey it is. */
  passkey(credential: string): (LoginPasskey & Named) | undefined {
    for (const { advertiser, login, passkeys } of this.#logins.values()) {
      const found = passkeys.find((one) => one.credential === credential);
      if (found !== undefined) return { ...found, advertiser, login };
    }
    return undefined;
  }
}

const keyOf = ({ advertiser, login }: Named): string => JSON.stringify([advertiser, login]);

function changed(login: Login, fact: Exclude<LoginFact, { type: "login-ended" }>, timeMs: number): Login {
  if (fact.type === "login-invited") return { ...login, invitation: { hash: fact.hash, untilMs: fact.untilMs } };
  if (fact.type === "login-passkey-ended") {
    return { ...login, passkeys: login.passkeys.filter(({ credential }) => credential !== fact.credential) };
  }
  const base = fact.accepts ? { ...login, invitation: undefined, password: undefined, passkeys: [] } : login;
  if (fact.type === "login-password") return { ...base, password: fact.password };
  const { credential, publicKey } = fact;
  return { ...base, passkeys: [...base.passkeys, { credential, publicKey, sinceMs: timeMs }] };
}

/** What the functions below work on. */
interface LoginRooms {
  readonly log: Log;
  readonly access: { readonly logins: Logins; advertiser(name: string): unknown };
}

const record = (log: Log, make: () => LoginFact) => log.record(LeafKind.key, () => Buffer.from(JSON.stringify(make())));

/**
 * Invites somebody to a login of an advertiser; an invitation before it can't be accepted any more.
 * @param hash of the invitation's token
 * @throws {AccessError} codes `unknown-advertiser`, `invalid-name`
 */
export async function inviteLogin(
  rooms: LoginRooms,
  { hash, actor, nowMs = Date.now(), ...named }: Named & { hash: string; actor: string; nowMs?: number },
): Promise<{ readonly untilMs: number }> {
  if (!LOGIN.test(named.login)) {
    throw new AccessError(
      "invalid-name",
      "a login has 1 to 64 of a to z, 0 to 9 and . _ @ + -, and begins with a letter or a digit",
    );
  }
  const untilMs = nowMs + INVITATION_MS;
  await record(rooms.log, () => {
    rooms.access.advertiser(named.advertiser);
    return { type: "login-invited", actor, ...named, hash, untilMs };
  });
  return { untilMs };
}

/** Whether a way in may be changed: by an open invitation, whose hash is given, or by who is in. */
function requireWay(logins: Logins, named: Named, invitation: string | undefined): void {
  const login = logins.get(named);
  if (invitation === undefined) return;
  const { hash, untilMs } = login.invitation ?? {};
  if (hash === invitation && Date.now() < (untilMs ?? 0)) return;
  throw new AccessError("invitation-over", "the invitation was used or is over", "ask an operator for another");
}

/** @param invitation hash of the token of the invitation that is accepted with it */
type Way = Named & { readonly actor: string; readonly invitation?: string | undefined };

/**
 * Sets a login's password.
 * @param password what argon2id made of it
 * @throws {AccessError} codes `unknown-login`, `invitation-over`
 */
export async function setPassword(
  { log, access }: LoginRooms,
  { advertiser, login, actor, invitation, password }: Way & { readonly password: string },
): Promise<void> {
  await record(log, () => {
    requireWay(access.logins, { advertiser, login }, invitation);
    return { type: "login-password", actor, advertiser, login, password, accepts: invitation !== undefined };
  });
}

/**
 * Adds a passkey to a login.
 * @throws {AccessError} codes `unknown-login`, `invitation-over`, `passkey-exists`, `too-many-passkeys`
 */
export async function addPasskey(
  { log, access }: LoginRooms,
  way: Way & Pick<LoginPasskey, "credential" | "publicKey">,
): Promise<void> {
  const { advertiser, login, actor, invitation, credential, publicKey } = way;
  await record(log, () => {
    requireWay(access.logins, way, invitation);
    if (access.logins.passkey(credential) !== undefined) {
      throw new AccessError("passkey-exists", "this passkey is a login's already", "make a new one");
    }
    if (invitation === undefined && access.logins.get(way).passkeys.length >= MAX_PASSKEYS) {
      throw new AccessError("too-many-passkeys", `a login has at most ${MAX_PASSKEYS} passkeys`, "remove one");
    }
    const accepts = invitation !== undefined;
    return { type: "login-passkey", actor, advertiser, login, credential, publicKey, accepts };
  });
}

/**
 * Ends a passkey of a login.
 * @throws {AccessError} codes `unknown-login`, `unknown-passkey`, `last-way-in`
 */
export async function endPasskey(
  { log, access }: LoginRooms,
  { credential, ...named }: Named & { readonly actor: string; readonly credential: string },
): Promise<void> {
  await record(log, () => {
    const { passkeys, password } = access.logins.get(named);
    if (!passkeys.some((one) => one.credential === credential)) {
      throw new AccessError("unknown-passkey", "there is no such passkey", "look at the list again");
    }
    if (passkeys.length === 1 && password === undefined) {
      throw new AccessError("last-way-in", "it is the only way in", "add another passkey or a password first");
    }
    return { type: "login-passkey-ended", ...named, credential };
  });
}

/**
 * Ends a login with all that opens it; its sessions are over.
 * @throws {AccessError} code `unknown-login`
 */
export async function endLogin({ log, access }: LoginRooms, named: Named & { readonly actor: string }): Promise<void> {
  await record(log, () => {
    access.logins.get(named);
    return { type: "login-ended", ...named };
  });
}
