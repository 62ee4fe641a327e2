/** Refusals of contacts, events and accounts, beyond those about the form of rows. */
import { FIRST_OWN_REFUSAL, type Refusal, refusalBook } from "../input/index.js";
import { INTAKE_LIMITS } from "./limits.js";

export const INTAKE_REFUSAL = {
  accountInvalid: FIRST_OWN_REFUSAL,
  unknownKind: FIRST_OWN_REFUSAL + 1,
  unknownNotice: FIRST_OWN_REFUSAL + 2,
  noticeNotInForce: FIRST_OWN_REFUSAL + 3,
  sourceMayNotNameNotice: FIRST_OWN_REFUSAL + 4,
  unknownType: FIRST_OWN_REFUSAL + 5,
  unknownPurpose: FIRST_OWN_REFUSAL + 6,
  badCountry: FIRST_OWN_REFUSAL + 7,
  badCohort: FIRST_OWN_REFUSAL + 8,
  valueWithoutKind: FIRST_OWN_REFUSAL + 9,
  erased: FIRST_OWN_REFUSAL + 10,
} as const;

const REFUSALS: Readonly<Record<number, Refusal>> = {
  [INTAKE_REFUSAL.accountInvalid]: {
    name: "account-invalid",
    reason: `an account's name has 1 to ${INTAKE_LIMITS.accountBytes} bytes and no control characters`,
    fix: "send the account's identifier as the platform knows it",
  },
  [INTAKE_REFUSAL.unknownKind]: {
    name: "unknown-kind",
    reason: "kind is none of those known",
    fix: "use email, phone, maid, user_id, handle or external_id",
  },
  [INTAKE_REFUSAL.unknownNotice]: {
    name: "unknown-notice",
    reason: "no notice of this id (and version) was approved",
    fix: "propose the notice and have it approved, then feed the row again; solely notice list shows those in force",
  },
  [INTAKE_REFUSAL.noticeNotInForce]: {
    name: "notice-not-in-force",
    reason: "the notice was not in force at given_at",
    fix: "check given_at against the notice's effective_from and retirement",
  },
  [INTAKE_REFUSAL.sourceMayNotNameNotice]: {
    name: "source-may-not-name-notice",
    reason: "the notice does not list this source",
    fix: "feed the row by a source that the notice lists, or propose a version that lists this one",
  },
  [INTAKE_REFUSAL.unknownType]: {
    name: "unknown-type",
    reason: "the type of event is unknown",
    fix: "use withdraw, erase or disown",
  },
  [INTAKE_REFUSAL.unknownPurpose]: {
    name: "unknown-purpose",
    reason: "the purpose is no leaf of the tree that a withdrawal can name",
    fix: "name a leaf, such as ads.match, or leave purpose out for all of marketing, ads and share",
  },
  [INTAKE_REFUSAL.badCountry]: {
    name: "bad-country",
    reason: "not two letters",
    fix: "use the ISO 3166-1 code, such as DE",
  },
  [INTAKE_REFUSAL.badCohort]: {
    name: "bad-cohort",
    reason: `a cohort's name has at most ${INTAKE_LIMITS.cohortBytes} bytes, and one input at most ${INTAKE_LIMITS.cohorts} of them`,
    fix: "use cohorts of many accounts each",
  },
  [INTAKE_REFUSAL.valueWithoutKind]: {
    name: "value-without-kind",
    reason: "kind and value come together, or neither for the whole account",
    fix: "give both or neither",
  },
  [INTAKE_REFUSAL.erased]: {
    name: "erased",
    reason: "the account, the contact or who gave it was erased after this",
    fix: "leave the row out of the feed; what is given after the erasure is taken",
  },
};

/** Names of columns that a refusal may point to; a refusal carries the index. The first is the row as a whole. */
export const REFUSAL_COLUMNS = [
  "",
  "account",
  "kind",
  "value",
  "notice",
  "given_at",
  "given_by",
  "verified_at",
  "country",
  "created_at",
  "last_active_at",
  "cohort",
  "type",
  "purpose",
  "at",
] as const;

/** What the refusals of this room mean. */
export const intakeRefusals = refusalBook(REFUSALS, (column) => REFUSAL_COLUMNS[column] ?? "");
