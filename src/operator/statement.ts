/**
 * Statements: what an operator signs, as an exact text, and the signed form that is kept as a fact.
 *
 * The text is canonical JSON; the signature covers its UTF-8 bytes; a proposal's id is their SHA-256, so an
 * approval binds to every byte of what was proposed. The store's id is inside: a statement made for one
 * store is worth nothing in another. A nonce keeps two equal wishes apart.
 *
 * ```json
 * {"action":{…},"at":"2026-01-02T03:04:05.678Z","by":"alice","nonce":"…","solely":1,"statement":"propose","store":"…"}
 * {"at":"…","by":"bob","confirm":["ads.match"],"nonce":"…","proposal":"…","solely":1,"statement":"approve","store":"…"}
 * {"at":"…","by":"bob","nonce":"…","solely":1,"statement":"sign-in","store":"…"}
 * ```
 */
import { createHash, type KeyObject, randomBytes, sign } from "node:crypto";
import { z } from "zod";
import { type Action, actionSchema, instantSchema, operatorNameSchema } from "./action.js";
import { canonicalJson, parseCanonical, parseCanonicalBytes } from "./canonical.js";
import { OperatorError } from "./error.js";
import { MAX_CONFIRMED_PURPOSES, MAX_SIGNED_BYTES, MAX_STATEMENT_BYTES } from "./limits.js";
import { SCHEMES, type SignatureScheme } from "./scheme.js";

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, "not a SHA-256 in lower-case hex");
const nonce = z.string().regex(/^[0-9a-f]{32}$/, "a nonce is 16 bytes in lower-case hex");
const purposeName = z
  .string()
  .regex(/^[a-z]+(\.[a-z-]+)+$/, "not a purpose's name")
  .max(64);

const proposeSchema = z.strictObject({
  solely: z.literal(1),
  store: sha256Hex,
  statement: z.literal("propose"),
  action: actionSchema,
  by: operatorNameSchema,
  at: instantSchema,
  nonce,
});

const approveSchema = z.strictObject({
  solely: z.literal(1),
  store: sha256Hex,
  statement: z.literal("approve"),
  proposal: sha256Hex,
  /** Purposes that the approver confirms by name. */
  confirm: z.array(purposeName).max(MAX_CONFIRMED_PURPOSES),
  by: operatorNameSchema,
  at: instantSchema,
  nonce,
});

/** That an operator wants into the console; it decides nothing. */
const signInSchema = z.strictObject({
  solely: z.literal(1),
  store: sha256Hex,
  statement: z.literal("sign-in"),
  by: operatorNameSchema,
  at: instantSchema,
  nonce,
});

const signedSchema = z.strictObject({
  scheme: z.enum(SCHEMES),
  operator: operatorNameSchema,
  statement: z.string(),
  signature: z.string().max(4096),
});

export type ProposeStatement = z.infer<typeof proposeSchema>;
export type ApproveStatement = z.infer<typeof approveSchema>;
export type SignInStatement = z.infer<typeof signInSchema>;

/** A statement as it is kept: the exact text, and who vouches for it. */
export interface Signed {
  readonly scheme: SignatureScheme;
  readonly operator: string;
  /** The exact text that was signed. */
  readonly statement: string;
  /** Base64. */
  readonly signature: string;
}

/** What every statement says of itself. */
export interface StatementFrame {
  /** The signer's name. */
  readonly name: string;
  /** Fingerprint of the store's genesis. */
  readonly storeId: string;
  readonly atMs: number;
}

/**
 * The text of a proposal, for any scheme to sign.
 * @throws {OperatorError} code `malformed`
 */
export function proposalText(input: StatementFrame & { readonly action: Action }): string {
  return textOf(proposeSchema, { ...frame(input), statement: "propose", action: input.action });
}

/**
 * The text of an approval, for any scheme to sign.
 * @param input.proposal the whole id of the proposal
 * @throws {OperatorError} code `malformed`
 */
export function approvalText(
  input: StatementFrame & { readonly proposal: string; readonly confirm?: readonly string[] },
): string {
  const confirm = [...new Set(input.confirm ?? [])].sort();
  return textOf(approveSchema, { ...frame(input), statement: "approve", proposal: input.proposal, confirm });
}

function frame({ name, storeId, atMs }: StatementFrame) {
  if (!Number.isInteger(atMs) || Math.abs(atMs) > 8.64e15)
    throw new OperatorError("malformed", "statement: at: no such time");
  return {
    solely: 1,
    store: storeId,
    by: name,
    at: new Date(atMs).toISOString(),
    nonce: randomBytes(16).toString("hex"),
  };
}

function textOf(schema: z.ZodType, statement: unknown): string {
  const text = canonicalJson(check(schema, statement));
  if (Buffer.byteLength(text) > MAX_STATEMENT_BYTES) {
    throw new OperatorError("malformed", `statement: longer than ${MAX_STATEMENT_BYTES} bytes`);
  }
  return text;
}

/**
 * Signs a proposal with an operator's Ed25519 key.
 * @example
 * const { privateKey } = await readOperatorKey(folder, "alice");
 * const signed = signProposal({ key: privateKey, name: "alice", storeId, action: { type: "operator.remove", name: "carol" }, atMs: Date.now() });
 */
export function signProposal(input: StatementFrame & { readonly key: KeyObject; readonly action: Action }): Signed {
  return signText(input.key, input.name, proposalText(input));
}

/** Signs an approval of the proposal with this id. */
export function signApproval(
  input: StatementFrame & { readonly key: KeyObject; readonly proposal: string; readonly confirm?: readonly string[] },
): Signed {
  return signText(input.key, input.name, approvalText(input));
}

/** Signs that an operator wants into the console, with the operator's Ed25519 key. */
export function signSignIn(input: StatementFrame & { readonly key: KeyObject }): Signed {
  return signText(input.key, input.name, textOf(signInSchema, { ...frame(input), statement: "sign-in" }));
}

function signText(key: KeyObject, operator: string, statement: string): Signed {
  return {
    scheme: "ed25519",
    operator,
    statement,
    signature: sign(null, Buffer.from(statement, "utf8"), key).toString("base64"),
  };
}

/**
 * Reads a proposal's text; the signature is the fold's to check.
 * @throws {OperatorError} code `malformed`
 */
export function parseProposal(signed: Signed): ProposeStatement {
  return bySigner(signed, check(proposeSchema, parseCanonical(signed.statement, MAX_STATEMENT_BYTES)));
}

/**
 * Reads an approval's text; the signature is the fold's to check.
 * @throws {OperatorError} code `malformed`
 */
export function parseApproval(signed: Signed): ApproveStatement {
  return bySigner(signed, check(approveSchema, parseCanonical(signed.statement, MAX_STATEMENT_BYTES)));
}

/**
 * Reads the text of a sign-in; the signature is for whoever knows the operators to check.
 * @throws {OperatorError} code `malformed`
 */
export function parseSignIn(signed: Signed): SignInStatement {
  return bySigner(signed, check(signInSchema, parseCanonical(signed.statement, MAX_STATEMENT_BYTES)));
}

function bySigner<S extends { by: string }>(signed: Signed, statement: S): S {
  if (signed.operator === statement.by) return statement;
  throw new OperatorError("malformed", "statement: signed in another operator's name than it says");
}

/** SHA-256 of a statement's bytes, hex: the id of a proposal. */
export function statementId(signed: Signed): string {
  return createHash("sha256").update(signed.statement, "utf8").digest("hex");
}

/** The fact's bytes of a signed statement. */
export function encodeSigned(signed: Signed): Uint8Array {
  return Buffer.from(canonicalJson({ ...signed }), "utf8");
}

/**
 * @throws {OperatorError} code `malformed`
 */
export function decodeSigned(bytes: Uint8Array): Signed {
  return check(signedSchema, parseCanonicalBytes(bytes, MAX_SIGNED_BYTES));
}

/**
 * A signed statement that came from outside as a JSON value.
 * @throws {OperatorError} code `malformed`
 */
export function parseSigned(value: unknown): Signed {
  return check(signedSchema, value);
}

/** Says which field is wrong, and never what stood in it. */
export function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new OperatorError("malformed", `statement: ${issue.path.join(".") || "form"}: ${issue.message}`);
}
