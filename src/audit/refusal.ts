/** Refusals of an audit's rows, beyond those about the form of rows and of accounts. */
import { REFUSAL, type Refusal, refusalBook } from "../input/index.js";
import { INTAKE_REFUSAL, intakeRefusals } from "../intake/index.js";

const FIRST = 100;

export const AUDIT_REFUSAL = {
  unknownSurface: FIRST,
  notInForce: FIRST + 1,
  nameInvalid: FIRST + 2,
} as const;

const REFUSALS: Readonly<Record<number, Refusal>> = {
  ...Object.fromEntries(Object.values(INTAKE_REFUSAL).map((code) => [code, intakeRefusals.refusal(code)] as const)),
  [INTAKE_REFUSAL.unknownNotice]: {
    name: "unknown-notice",
    reason: "no notice has this id (and version)",
    fix: "write its text into notices.yaml; nothing is guessed",
  },
  [REFUSAL.badTime]: {
    name: "bad-time",
    reason: "no date-time, day, or number of seconds or milliseconds since 1970",
    fix: "write it as 2024-05-01T12:00:00Z",
  },
  [INTAKE_REFUSAL.valueWithoutKind]: {
    name: "value-without-kind",
    reason: "the value's kind is not told",
    fix: "give the kind in a column, or as a constant in audit.yaml",
  },
  [AUDIT_REFUSAL.unknownSurface]: {
    name: "unknown-surface",
    reason: "no notice has this surface, or notices of different meaning have it at one time",
    fix: "write its text into notices.yaml, or name the notice itself",
  },
  [AUDIT_REFUSAL.notInForce]: {
    name: "notice-not-in-force",
    reason: "no version of the notice was in force at given_at",
    fix: "check given_at against effective_from",
  },
  [AUDIT_REFUSAL.nameInvalid]: {
    name: "name-invalid",
    reason:
      "the name of a list, an advertiser, a campaign or a country is UTF-8 of at most 256 bytes, without control characters",
    fix: "check which column is named for it",
  },
};

/** What refusals of a table mean, by its columns. */
export const refusalsOf = (columns: readonly string[]) =>
  refusalBook(REFUSALS, (column) => (column === 0 ? "" : (columns[column - 1] ?? "")));
