/** Refusals of showings, beyond those about the form of rows. */
import { FIRST_OWN_REFUSAL, type Refusal, refusalBook } from "../input/index.js";

/** Bytes of a campaign's name. */
export const MAX_CAMPAIGN_BYTES = 128;

export const SHOWING_REFUSAL = {
  unknownAudience: FIRST_OWN_REFUSAL,
  otherAdvertiser: FIRST_OWN_REFUSAL + 1,
  unknownAccount: FIRST_OWN_REFUSAL + 2,
  badCampaign: FIRST_OWN_REFUSAL + 3,
} as const;

const REFUSALS: Readonly<Record<number, Refusal>> = {
  [SHOWING_REFUSAL.unknownAudience]: {
    name: "unknown-audience",
    reason: "there is no such audience",
    fix: "send the audience's id, as the list of audiences shows it",
  },
  [SHOWING_REFUSAL.otherAdvertiser]: {
    name: "other-advertiser",
    reason: "the audience is another advertiser's",
    fix: "send the advertiser whose audience it is",
  },
  [SHOWING_REFUSAL.unknownAccount]: {
    name: "unknown-account",
    reason: "the account was never seen, or was erased",
    fix: "send the account's identifier as it was fed",
  },
  [SHOWING_REFUSAL.badCampaign]: {
    name: "bad-campaign",
    reason: `a campaign's name has at most ${MAX_CAMPAIGN_BYTES} bytes`,
    fix: "send the campaign's identifier",
  },
};

/** Names of columns, by the taker's own numbers. */
export const COLUMNS = ["advertiser", "campaign", "audience", "account", "at"] as const;

/** A refusal's column is the taker's + 1; 0 is the row as a whole. */
export const showingRefusals = refusalBook(REFUSALS, (column) => COLUMNS[column - 1] ?? "");
