/**
 * Kinds of identifier. A kind's code is its place in KINDS; it is kept in facts and tokens, so the order
 * never changes, and a new kind goes to the end.
 */
import { ContactError } from "./error.js";

export const KINDS = ["email", "phone", "maid", "user_id", "handle", "external_id"] as const;

export type Kind = (typeof KINDS)[number];
export type KindCode = 0 | 1 | 2 | 3 | 4 | 5;

/** Codes by name. */
export const KIND_CODES = {
  email: 0,
  phone: 1,
  maid: 2,
  user_id: 3,
  handle: 4,
  external_id: 5,
} as const satisfies Record<Kind, KindCode>;

/**
 * The kinds that a list may hold as digests. A user id or a partner's id is never taken for one: its own
 * value may well be 64 hex digits.
 */
export const HASHABLE: readonly Kind[] = ["email", "phone", "maid", "handle"];

/** Whether `name` names a kind. */
export function isKind(name: string): name is Kind {
  return Object.hasOwn(KIND_CODES, name);
}

/** Whether `code` is a kind's code. */
export function isKindCode(code: number): code is KindCode {
  return Number.isInteger(code) && code >= 0 && code < KINDS.length;
}

/**
 * The code of a kind.
 *
 * @throws {ContactError} code `unknown-kind`
 */
export function kindCode(name: string): KindCode {
  if (!isKind(name)) {
    throw new ContactError("unknown-kind", "there is no such kind of identifier", `one of ${KINDS.join(", ")}`);
  }
  return KIND_CODES[name];
}

/**
 * The name of a kind.
 *
 * @throws {ContactError} code `unknown-kind`
 */
export function kindName(code: number): Kind {
  if (!isKindCode(code)) {
    throw new ContactError("unknown-kind", `no kind of identifier has code ${code}`, `0 to ${KINDS.length - 1}`);
  }
  return KINDS[code];
}

/** Whether a list may hold identifiers of this kind as digests. */
export function isHashable(code: KindCode): boolean {
  return HASHABLE.includes(KINDS[code]);
}
