/**
 * Schemes: which form of an identifier a platform wants to be hashed. A frozen table, one row per scheme,
 * one cell per kind in which platforms differ; the other kinds have one form everywhere (identifier.ts).
 * The bits are kept in the token index and never change. Vectors: vectors/*.json.
 *
 * Where a platform's page is silent the cell says what was chosen.
 */
import { ContactError } from "./error.js";
import type { KindCode } from "./kind.js";

/**
 * How an e-mail address is written. `lower`: trimmed, lower case, nothing else.
 * `gmail`: besides, in gmail.com and googlemail.com, tags cut and dots out of the local part.
 */
export type EmailRule = "lower" | "gmail";

/** How a phone number is written. `plus`: E.164 with "+". `digits`: without it. */
export type PhoneRule = "plus" | "digits";

interface SchemeRow {
  /** Its bit in the mask of an index entry. */
  readonly bit: number;
  readonly email: EmailRule;
  readonly phone: PhoneRule;
}

export const SCHEMES = Object.freeze({
  /** Ours, where no platform prescribes anything. */
  plain: Object.freeze({ bit: 1, email: "lower", phone: "plus" }),
  /**
   * developer.x.com/en/docs/x-ads-api/audiences/overview/user-data: e-mail lower case, blanks off both ends.
   * Phone: the page has no rule and no example; E.164 with "+" is our choice.
   */
  x: Object.freeze({ bit: 2, email: "lower", phone: "plus" }),
  /**
   * developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences: e-mail trimmed and lower
   * case; phone without symbols, letters and leading zeros, country code first.
   */
  meta: Object.freeze({ bit: 4, email: "lower", phone: "digits" }),
  /**
   * developers.google.com/data-manager/api/devguides/concepts/formatting: e-mail lower case, for gmail.com
   * and googlemail.com without dots and tag, the domain as it is; phone "+" and digits.
   * Where nothing would be left of the local part, it stays: the page does not say.
   */
  google: Object.freeze({ bit: 8, email: "gmail", phone: "plus" }),
} as const satisfies Record<string, SchemeRow>);

export type Scheme = keyof typeof SCHEMES;

/** All schemes, in the order of their bits. */
export const schemes: readonly Scheme[] = ["plain", "x", "meta", "google"];

/** Mask of all schemes: an identifier that has one form everywhere. */
export const EVERY_SCHEME = schemes.reduce((mask, scheme) => mask | SCHEMES[scheme].bit, 0);

/** Masks of the schemes that write an e-mail address, or a phone number, by a rule. */
export const EMAIL_MASKS: Readonly<Record<EmailRule, number>> = {
  lower: maskOf((row) => row.email === "lower"),
  gmail: maskOf((row) => row.email === "gmail"),
};
export const PHONE_MASKS: Readonly<Record<PhoneRule, number>> = {
  plus: maskOf((row) => row.phone === "plus"),
  digits: maskOf((row) => row.phone === "digits"),
};

/** At most so many distinct forms has one identifier. */
export const MAX_FORMS = 2;

function maskOf(has: (row: SchemeRow) => boolean): number {
  return schemes.reduce((mask, scheme) => (has(SCHEMES[scheme]) ? mask | SCHEMES[scheme].bit : mask), 0);
}

/** Whether `name` names a scheme. */
export function isScheme(name: string): name is Scheme {
  return Object.hasOwn(SCHEMES, name);
}

/**
 * The bit of a scheme.
 *
 * @throws {ContactError} code `unknown-scheme`
 */
export function schemeBit(name: string): number {
  if (!isScheme(name)) {
    throw new ContactError("unknown-scheme", "there is no such scheme", `one of ${schemes.join(", ")}`);
  }
  return SCHEMES[name].bit;
}

/** Whether two schemes write every identifier of a kind alike, so that a list in one matches as in the other. */
export function isSameForm(kind: KindCode, one: Scheme, other: Scheme): boolean {
  if (kind === 0) return SCHEMES[one].email === SCHEMES[other].email;
  if (kind === 1) return SCHEMES[one].phone === SCHEMES[other].phone;
  return true;
}
