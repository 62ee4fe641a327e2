/**
 * API keys: made once, shown once, kept as a hash, scoped and revocable.
 */
import { createHash, randomBytes } from "node:crypto";
import { AudienceError } from "../audience/index.js";
import { type ApiKey, SCOPES, type Scope } from "./control.js";
import { InstanceError } from "./error.js";
import type { Solely } from "./solely.js";

const SECRET_BYTES = 32;
const ID_BYTES = 6;

export interface NewKey {
  readonly id: string;
  /** Shown this once. */
  readonly secret: string;
  readonly scopes: readonly Scope[];
}

export interface KeyOptions {
  readonly scopes: readonly string[];
  /** For the scope `lists`. */
  readonly advertiser?: string | undefined;
  /** For the scope `contacts`. */
  readonly source?: string | undefined;
  readonly actor: string;
}

/**
 * Makes an API key.
 * @throws {InstanceError} code `invalid-argument`
 * @throws {AudienceError} code `unknown-advertiser`
 * @throws {PurposeError} code `unknown-source`
 */
export async function createKey(solely: Solely, { scopes, advertiser, source, actor }: KeyOptions): Promise<NewKey> {
  const known = scopes.map(parseScope);
  if (known.length === 0)
    throw new InstanceError("invalid-argument", "a key needs at least one scope", `known are ${SCOPES.join(", ")}`);
  requireBound(known, "lists", "advertiser", advertiser);
  requireBound(known, "contacts", "source", source);
  const id = randomBytes(ID_BYTES).toString("hex");
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  await solely.record(() => {
    if (advertiser !== undefined && solely.state.control.advertiser(advertiser) === undefined) {
      throw new AudienceError(
        "unknown-advertiser",
        `no advertiser is named ${JSON.stringify(advertiser)}`,
        "solely advertiser add NAME",
      );
    }
    if (source !== undefined) solely.state.control.sources.get(source);
    const key = {
      id,
      hash: createHash("sha256").update(secret).digest("hex"),
      scopes: known,
      ...(advertiser === undefined ? {} : { advertiser }),
      ...(source === undefined ? {} : { source }),
    };
    return { type: "key", actor, key };
  });
  return { id, secret: `solely_${id}_${secret}`, scopes: known };
}

/** @throws {InstanceError} code `unknown-key` */
export async function revokeKey(solely: Solely, id: string, actor: string): Promise<void> {
  await solely.record(() => {
    if (!solely.state.control.keys().some((key) => key.id === id)) {
      throw new InstanceError("unknown-key", `no API key ${id}`, "solely key list shows them");
    }
    return { type: "key-revoked", actor, id };
  });
}

/** Keys without their hashes. */
export function apiKeys(solely: Solely): Omit<ApiKey, "hash">[] {
  return solely.state.control.keys().map(({ hash: _, ...key }) => key);
}

function parseScope(name: string): Scope {
  const scope = SCOPES.find((known) => known === name);
  if (scope !== undefined) return scope;
  throw new InstanceError("invalid-argument", `${JSON.stringify(name)} is no scope`, `known are ${SCOPES.join(", ")}`);
}

function requireBound(scopes: readonly Scope[], scope: Scope, what: string, value: string | undefined): void {
  if (scopes.includes(scope) === (value !== undefined)) return;
  throw new InstanceError("invalid-argument", `the scope ${scope} and --${what} go together`, `give both or neither`);
}
