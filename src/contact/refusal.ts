/**
 * Why a value has no normal form. A refusal is a small number on the hot path (0 is good), and has a name,
 * a reason and a fix for people. None of them ever holds the value.
 */
export const NOT_UTF8 = 1;
export const EMPTY = 2;
export const NOT_AN_EMAIL = 3;
export const EMAIL_TOO_LONG = 4;
export const NOT_A_PHONE = 5;
export const PHONE_NEEDS_REGION = 6;
export const NOT_A_MAID = 7;
export const NOT_A_USER_ID = 8;
export const NOT_A_HANDLE = 9;
export const NOT_AN_EXTERNAL_ID = 10;

/** Limits of a value, in bytes of its normal form. */
export const EMAIL_MAX_BYTES = 320;
export const USER_ID_MAX_DIGITS = 20;
export const HANDLE_MAX_CHARACTERS = 64;
export const EXTERNAL_ID_MAX_BYTES = 256;

/** What is wrong with the values, by name. */
export type RefusalName =
  | "not-utf8"
  | "empty"
  | "not-an-email"
  | "email-too-long"
  | "not-a-phone"
  | "phone-needs-region"
  | "not-a-maid"
  | "not-a-user-id"
  | "not-a-handle"
  | "not-an-external-id";

export interface Refusal {
  readonly name: RefusalName;
  readonly reason: string;
  readonly fix: string;
}

/** By code; there is none at 0. */
const REFUSALS: readonly (Refusal | undefined)[] = [
  undefined,
  { name: "not-utf8", reason: "the value is not UTF-8", fix: "export the file as UTF-8" },
  { name: "empty", reason: "the value is empty", fix: "leave the row out" },
  {
    name: "not-an-email",
    reason: "an e-mail address has one @, something before and after it, and no blanks inside",
    fix: "correct the address, or say the right kind",
  },
  {
    name: "email-too-long",
    reason: `an e-mail address has at most ${EMAIL_MAX_BYTES} bytes`,
    fix: "check that the cell holds one address only",
  },
  {
    name: "not-a-phone",
    reason: "no phone number of its country or region looks like this",
    fix: "write it as + and country code, or give the region it was written in",
  },
  {
    name: "phone-needs-region",
    reason: "the phone number has no country code, and no region was given",
    fix: "write it as + and country code, or give the region it was written in",
  },
  {
    name: "not-a-maid",
    reason: "a mobile advertising id is a UUID with dashes or 16 hex digits, and not all zeros",
    fix: "leave out devices that gave no id",
  },
  {
    name: "not-a-user-id",
    reason: `a user id has 1 to ${USER_ID_MAX_DIGITS} decimal digits`,
    fix: "check that the column was not read as a number with exponent",
  },
  {
    name: "not-a-handle",
    reason: `a handle has 1 to ${HANDLE_MAX_CHARACTERS} letters, digits, underscores and dots`,
    fix: "give the handle alone, not its address",
  },
  {
    name: "not-an-external-id",
    reason: `an external id has 1 to ${EXTERNAL_ID_MAX_BYTES} bytes and no control characters`,
    fix: "check the column's separator and quotes",
  },
];

/** The name, reason and fix of a refusal code; undefined for 0. */
export function refusal(code: number): Refusal | undefined {
  return REFUSALS[code];
}
