/**
 * Genesis: the first operators of a store. It bears no signature; its SHA-256 is written into the
 * configuration, outside the database, and is the store's id. From there every later operator is reached by
 * a chain of decisions that two signed.
 */
import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { instantSchema, operatorNameSchema, publicKeySchema } from "./action.js";
import { canonicalJson, parseCanonicalBytes } from "./canonical.js";
import { OperatorError } from "./error.js";
import { MAX_OPERATORS, MAX_STATEMENT_BYTES, MIN_OPERATORS } from "./limits.js";
import { check } from "./statement.js";

const genesisSchema = z.strictObject({
  solely: z.literal(1),
  statement: z.literal("genesis"),
  operators: z.array(z.strictObject({ name: operatorNameSchema, publicKey: publicKeySchema })).max(MAX_OPERATORS),
  at: instantSchema,
  /** Keeps stores of the same operators apart. */
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
});

export type Genesis = z.infer<typeof genesisSchema>;

/**
 * A new store's beginning.
 * @throws {OperatorError} codes `too-few-operators`, `name-taken`, `key-already-used`, `malformed`
 */
export function newGenesis(
  operators: readonly { readonly name: string; readonly publicKey: string }[],
  atMs: number,
): Genesis {
  return checkGenesis({
    solely: 1,
    statement: "genesis",
    operators: operators.map(({ name, publicKey }) => ({ name, publicKey })),
    at: new Date(atMs).toISOString(),
    nonce: randomBytes(16).toString("hex"),
  });
}

/** The fact's bytes. */
export function encodeGenesis(genesis: Genesis): Uint8Array {
  return Buffer.from(canonicalJson(genesis), "utf8");
}

/**
 * @throws {OperatorError} codes `malformed`, `too-few-operators`, `name-taken`, `key-already-used`
 */
export function decodeGenesis(bytes: Uint8Array): Genesis {
  return checkGenesis(parseCanonicalBytes(bytes, MAX_STATEMENT_BYTES));
}

/** SHA-256 of the genesis' bytes, hex: the root fingerprint of the configuration, and the store's id. */
export function genesisFingerprint(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function checkGenesis(value: unknown): Genesis {
  const genesis = check(genesisSchema, value);
  const { operators } = genesis;
  if (operators.length < MIN_OPERATORS) {
    throw new OperatorError(
      "too-few-operators",
      `a store begins with at least ${MIN_OPERATORS} operators`,
      "name a second one with --operator",
    );
  }
  if (new Set(operators.map(({ name }) => name)).size < operators.length) {
    throw new OperatorError("name-taken", "two operators of one name");
  }
  if (new Set(operators.map(({ publicKey }) => publicKey)).size < operators.length) {
    throw new OperatorError("key-already-used", "two operators with one key");
  }
  return genesis;
}
