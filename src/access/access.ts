/**
 * Who may call: advertisers with the legal entity that answers for them, their logins, and API keys; a fold of their facts.
 *
 * A key is made once, shown once and kept as a hash; it has scopes, may be bound to an advertiser or a source, and can
 * be revoked. An advertiser's name is its identity and never changes.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { LeafKind } from "../ledger/index.js";
import { type Fold, type Log, payloadOf } from "../log/index.js";
import { isPurpose, type Purpose } from "../purpose/index.js";
import type { FactRow } from "../store/index.js";
import { AccessError } from "./error.js";
import { isLoginFact, type LoginFact, Logins } from "./logins.js";
import { MAX_NAME, requireName } from "./name.js";

/** What a key lets its holder do; `lists` is bound to an advertiser, `contacts` to a source, `reveal` to a purpose. */
export const SCOPES = [
  "contacts",
  "accounts",
  "events",
  "serve",
  "lists",
  "showings",
  "reveal",
  "audit",
  "people",
] as const;
export type Scope = (typeof SCOPES)[number];

export interface Advertiser {
  readonly name: string;
  /** The legal entity that answers for it; budgets are per entity. */
  readonly entity: string;
  readonly createdAtMs: number;
}

export interface ApiKey {
  readonly id: string;
  readonly scopes: readonly Scope[];
  /** Whose lists it may send, for the scope `lists`. */
  readonly advertiser?: string;
  /** As which source it feeds, for the scope `contacts`. */
  readonly source?: string;
  /** For which purpose it is told contacts, and how many, for the scope `reveal`. */
  readonly reveals?: RevealTerms;
  readonly createdAtMs: number;
  readonly revokedAtMs?: number;
  /** Why it was stopped, if it was: it opens nothing until there is another. */
  readonly stopped?: string;
}

/** What a key for `reveal` may ask for. */
export interface RevealTerms {
  readonly purpose: Purpose;
  /** Contacts in 60 seconds, and in 24 hours; past either the key is stopped. */
  readonly perMinute: number;
  readonly perDay: number;
}

interface StoredKey extends ApiKey {
  /** SHA-256 of the secret, hex. */
  readonly hash: string;
}

type AccessFact =
  | { readonly type: "advertiser"; readonly actor: string; readonly name: string; readonly entity: string }
  | { readonly type: "key"; readonly actor: string; readonly key: Omit<StoredKey, "createdAtMs" | "revokedAtMs"> }
  | { readonly type: "key-revoked"; readonly actor: string; readonly id: string }
  | { readonly type: "key-stopped"; readonly actor: string; readonly id: string; readonly why: string }
  | LoginFact;

const SECRET_BYTES = 32;
const ID_BYTES = 6;
/** What a key's secret is told by, so that one that leaked can be found. */
const SECRET_PREFIX = "solely";

export class Access implements Fold {
  readonly kinds = [LeafKind.advertiser, LeafKind.key];
  readonly logins = new Logins();
  readonly #advertisers = new Map<string, Advertiser>();
  readonly #keys = new Map<string, StoredKey>();
  /** Keys that this process holds for itself. */
  readonly #lent = new Map<string, StoredKey>();

  apply({ body, timeMs }: FactRow): void {
    const fact: AccessFact = JSON.parse(Buffer.from(payloadOf(body)).toString("utf8"));
    if (fact.type === "advertiser") {
      this.#advertisers.set(fact.name, { name: fact.name, entity: fact.entity, createdAtMs: timeMs });
    } else if (isLoginFact(fact)) this.logins.apply(fact, timeMs);
    else if (fact.type === "key") this.#keys.set(fact.key.id, { ...fact.key, createdAtMs: timeMs });
    else {
      const key = this.#keys.get(fact.id);
      const end = fact.type === "key-revoked" ? {} : { stopped: fact.why };
      if (key !== undefined) this.#keys.set(fact.id, { ...key, revokedAtMs: timeMs, ...end });
    }
  }

  /**
   * Whether a key still opens what it opened when a request of its began.
   * @throws {AccessError} code `revoked-key`
   */
  requireLive(id: string): void {
    if (this.#keys.get(id)?.revokedAtMs === undefined) return;
    throw new AccessError("revoked-key", "the API key was revoked while the request was read", "use another key");
  }

  advertisers(): Advertiser[] {
    return [...this.#advertisers.values()];
  }

  hasAdvertiser(name: string): boolean {
    return this.#advertisers.has(name);
  }

  /** @throws {AccessError} code `unknown-advertiser` */
  advertiser(name: string): Advertiser {
    const advertiser = this.#advertisers.get(name);
    if (advertiser !== undefined) return advertiser;
    throw new AccessError(
      "unknown-advertiser",
      `no advertiser is named ${JSON.stringify(name.slice(0, MAX_NAME))}`,
      "solely advertiser list shows those that exist",
    );
  }

  /** Keys without their hashes, revoked ones included. */
  keys(): ApiKey[] {
    return [...this.#keys.values()].map(({ hash: _, ...key }) => key);
  }

  /**
   * A key that this process holds for itself, until `end`: no fact tells of it, and no other process knows it.
   * @param use what for: its id begins with it, so that whoever reads what it did knows
   */
  lend(use: string, terms: Pick<ApiKey, "scopes" | "advertiser">): { readonly secret: string; end(): void } {
    const { id, secret, hash } = newSecret(`${use}-`);
    this.#lent.set(id, { id, hash, createdAtMs: Date.now(), ...terms });
    return { secret, end: () => this.#lent.delete(id) };
  }

  /** The live key that a secret opens, or one that was stopped, compared in constant time. */
  authenticate(secret: string): ApiKey | undefined {
    const [prefix, id = "", ...rest] = secret.split("_");
    const stored = this.#keys.get(id) ?? this.#lent.get(id);
    if (prefix !== SECRET_PREFIX || stored === undefined) return undefined;
    if (stored.revokedAtMs !== undefined && stored.stopped === undefined) return undefined;
    const isRight = timingSafeEqual(hashOf(rest.join("_")), Buffer.from(stored.hash, "hex"));
    if (!isRight) return undefined;
    const { hash: _, ...key } = stored;
    return key;
  }
}

/** @returns `hash` is what is kept; `secret` is shown this once */
function newSecret(prefix = ""): { id: string; secret: string; hash: string } {
  const id = `${prefix}${randomBytes(ID_BYTES).toString("hex")}`;
  const random = randomBytes(SECRET_BYTES).toString("base64url");
  return { id, secret: `${SECRET_PREFIX}_${id}_${random}`, hash: hashOf(random).toString("hex") };
}

const hashOf = (secret: string): Buffer => createHash("sha256").update(secret).digest();

/** What the functions below work on. */
export interface AccessRooms {
  readonly log: Log;
  readonly access: Access;
}

/**
 * Registers an advertiser; its legal entity is its name unless said otherwise.
 * @throws {AccessError} codes `invalid-name`, `advertiser-exists`
 */
export async function addAdvertiser(
  { log, access }: AccessRooms,
  { name, entity = name, actor }: { name: string; entity?: string | undefined; actor: string },
): Promise<Advertiser> {
  requireName(name);
  requireName(entity);
  await record(log, LeafKind.advertiser, () => {
    if (access.hasAdvertiser(name)) {
      throw new AccessError("advertiser-exists", `there is an advertiser named ${JSON.stringify(name)}`);
    }
    return { type: "advertiser", actor, name, entity };
  });
  return access.advertiser(name);
}

export interface NewKey {
  readonly id: string;
  /** Shown this once. */
  readonly secret: string;
  readonly scopes: readonly Scope[];
}

export interface KeyOptions {
  readonly scopes: readonly string[];
  readonly advertiser?: string | undefined;
  readonly source?: string | undefined;
  readonly purpose?: string | undefined;
  /** Of a key for `reveal`; default 600 and 50,000. */
  readonly perMinute?: number | undefined;
  readonly perDay?: number | undefined;
  readonly actor: string;
}

/** Contacts that a key for `reveal` may ask for unless it was made for more, or for fewer. */
const REVEALS_PER_MINUTE = 600;
const REVEALS_PER_DAY = 50_000;

/**
 * Makes an API key.
 * @param requireSource throws if there is no source of this name; asked when the key becomes durable
 * @throws {AccessError} codes `invalid-scopes`, `unknown-advertiser`
 */
export async function createKey(
  { log, access }: AccessRooms,
  { scopes, advertiser, source, actor, ...options }: KeyOptions,
  requireSource: (name: string) => void,
): Promise<NewKey> {
  const known = [...new Set(scopes)].map(parseScope);
  if (known.length === 0) throw new AccessError("invalid-scopes", "a key needs at least one scope", allScopes());
  requireBound(known, "lists", "advertiser", advertiser);
  requireBound(known, "contacts", "source", source);
  requireBound(known, "reveal", "purpose", options.purpose);
  const reveals = revealTerms(options);
  const { id, secret, hash } = newSecret();
  await record(log, LeafKind.key, () => {
    if (advertiser !== undefined) access.advertiser(advertiser);
    if (source !== undefined) requireSource(source);
    const bound = {
      ...(advertiser === undefined ? {} : { advertiser }),
      ...(source === undefined ? {} : { source }),
      ...(reveals === undefined ? {} : { reveals }),
    };
    return { type: "key", actor, key: { id, hash, scopes: known, ...bound } };
  });
  return { id, secret, scopes: known };
}

/** @throws {AccessError} code `unknown-key` */
export async function revokeKey({ log, access }: AccessRooms, id: string, actor: string): Promise<void> {
  await record(log, LeafKind.key, () => {
    if (!access.keys().some((key) => key.id === id)) {
      throw new AccessError("unknown-key", `no API key ${id.slice(0, 64)}`, "solely key list shows them");
    }
    return { type: "key-revoked", actor, id };
  });
}

/** Stops a key that asked for more than it may; the reason is what operators are told. */
export async function stopKey({ log }: AccessRooms, id: string, why: string): Promise<void> {
  await record(log, LeafKind.key, () => ({ type: "key-stopped", actor: "solely:limits", id, why }));
}

function revealTerms({ purpose, perMinute, perDay }: Omit<KeyOptions, "scopes" | "actor">): RevealTerms | undefined {
  if (purpose === undefined) return undefined;
  if (!isPurpose(purpose) || /^(ads|share)\./.test(purpose)) {
    throw new AccessError(
      "invalid-scopes",
      `nothing is revealed for ${JSON.stringify(purpose.slice(0, 64))}`,
      "name a leaf of security, service or marketing, such as security.mfa",
    );
  }
  return { purpose, perMinute: perMinute ?? REVEALS_PER_MINUTE, perDay: perDay ?? REVEALS_PER_DAY };
}

function record(log: Log, kind: typeof LeafKind.advertiser | typeof LeafKind.key, make: () => AccessFact) {
  return log.record(kind, () => Buffer.from(JSON.stringify(make())));
}

function parseScope(name: string): Scope {
  const scope = SCOPES.find((known) => known === name);
  if (scope !== undefined) return scope;
  throw new AccessError("invalid-scopes", `${JSON.stringify(name.slice(0, 64))} is no scope`, allScopes());
}

function requireBound(scopes: readonly Scope[], scope: Scope, what: string, value: string | undefined): void {
  if (scopes.includes(scope) === (value !== undefined)) return;
  throw new AccessError("invalid-scopes", `the scope ${scope} and --${what} go together`, "give both or neither");
}

const allScopes = (): string => `known are ${SCOPES.join(", ")}`;
