/**
 * What an audit finds: every number of an assessment twice, as the least and the most that the records allow. Where both
 * are one, it is certain.
 */
import type { AffectedCounts, Claim } from "../incident/index.js";

/** The numbers of an assessment, of everything. */
export interface FoundCounts extends AffectedCounts {
  readonly audiences: number;
  readonly lists: number;
  readonly advertisers: number;
}

/** One list of one advertiser. */
export interface FoundList {
  readonly list: string;
  readonly advertiser: string;
  /** Accounts that the platform matched with it. */
  readonly matched: number;
  readonly atLeast: AffectedCounts;
  readonly atMost: AffectedCounts;
}

/** A notice, and what it comes to. */
export interface FoundNotice {
  /** `id@version`. */
  readonly notice: string;
  readonly surface: string;
  readonly purposes: readonly string[];
  readonly isExclusive: boolean;
  readonly from: string;
  /** SHA-256 of the text, hex. */
  readonly textDigest: string;
  /** Whether a contact given under it may be matched, by what it says. */
  readonly isForAds: boolean;
  /** Names ads though its text never mentions advertising, and nobody confirmed it. */
  readonly isUnmentioned: boolean;
  /** Rows of contacts that were given under it. */
  readonly rows: number;
}

export const AUDIT_TABLES = ["contacts", "events", "matches", "showings", "accounts"] as const;
export type AuditTable = (typeof AUDIT_TABLES)[number];

export interface ReadTable {
  readonly table: AuditTable;
  readonly sources: number;
  readonly rows: number;
  readonly refused: number;
  /** Refused rows by reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

export const AUDIT_FORMAT = "solely-audit/1";

export interface Finding {
  readonly format: typeof AUDIT_FORMAT;
  readonly madeAt: string;
  /** Memberships that nothing ended go on until here, RFC 3339. */
  readonly until: string;
  /** What was claimed to be wrong; null for the rule itself. */
  readonly claim: Claim | null;
  readonly atLeast: FoundCounts;
  readonly atMost: FoundCounts;
  /** Why people are certainly affected: the identifier that matched is known, or every contact that it may have been is. */
  readonly certain: { readonly byIdentifier: number; readonly byEveryContact: number };
  /** People who may be affected, by the first thing that leaves it open. */
  readonly open: {
    readonly identifierMissing: number;
    readonly valueMissing: number;
    readonly endMissing: number;
  };
  /** Matches of accounts that had no contact then, by the records; in none of the numbers above. */
  readonly unexplained: { readonly people: number; readonly matches: number };
  /** People of more histories than are looked at: at least 0, at most 1 each. */
  readonly tangled: number;
  /** Accounts that the platform matched. */
  readonly matchedPeople: number;
  readonly tables: readonly ReadTable[];
  readonly notices: readonly FoundNotice[];
  /** By most people, at most, first. */
  readonly lists: readonly FoundList[];
  /** What was taken for granted in reading, in sentences. */
  readonly assumptions: readonly string[];
}
