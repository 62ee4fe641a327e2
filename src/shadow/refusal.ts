/** Refusals of what another system matched, beyond those about the form of rows and about values. */
import { FIRST_OWN_REFUSAL, type Refusal, refusalBook } from "../input/index.js";
import { INTAKE_REFUSAL, intakeRefusals } from "../intake/index.js";
import { SHADOW_LIMITS } from "./limits.js";

export const SHADOW_REFUSAL = {
  accountInvalid: FIRST_OWN_REFUSAL,
  unknownKind: FIRST_OWN_REFUSAL + 1,
  nameTooLong: FIRST_OWN_REFUSAL + 2,
  tooManyLists: FIRST_OWN_REFUSAL + 3,
  noValue: FIRST_OWN_REFUSAL + 4,
} as const;

const REFUSALS: Readonly<Record<number, Refusal>> = {
  [SHADOW_REFUSAL.accountInvalid]: intakeRefusals.refusal(INTAKE_REFUSAL.accountInvalid),
  [SHADOW_REFUSAL.unknownKind]: intakeRefusals.refusal(INTAKE_REFUSAL.unknownKind),
  [SHADOW_REFUSAL.nameTooLong]: {
    name: "name-too-long",
    reason: `the name of an advertiser or a list has at most ${SHADOW_LIMITS.nameBytes} bytes`,
    fix: "name the list as it is named here, or by its id",
  },
  [SHADOW_REFUSAL.tooManyLists]: {
    name: "too-many-lists",
    reason: `one file has at most ${SHADOW_LIMITS.lists} lists`,
    fix: "look whether the columns are the right ones; else compare in several files",
  },
  [SHADOW_REFUSAL.noValue]: {
    name: "no-value",
    reason: "the value is one of no kind of identifier",
    fix: "say which kind it is, and give --region for phones without a country code; or leave it empty",
  },
};

/** Names of columns, by the taker's own numbers. */
export const COLUMNS = ["advertiser", "list", "account", "kind", "value"] as const;

/** A refusal's column is the taker's + 1; 0 is the row as a whole. */
export const shadowRefusals = refusalBook(REFUSALS, (column) => COLUMNS[column - 1] ?? "");
