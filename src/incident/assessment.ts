/**
 * What an assessment answers: exact numbers, of the whole and of each audience.
 */

/** Numbers that the whole and each audience have. */
export interface AffectedCounts {
  readonly people: number;
  readonly contactPoints: number;
  /** Security purposes that the claim says the contact was given for: distinct people each; one may be under several. */
  readonly byPurpose: Readonly<Record<string, number>>;
  /** Kind of an affected contact point: distinct people each; one may be under several. */
  readonly byKind: Readonly<Record<string, number>>;
  /** UTC day on which a person was first affected: distinct people. */
  readonly byDay: Readonly<Record<string, number>>;
  /** The account's country as fed, else `unknown`: distinct people. */
  readonly byCountry: Readonly<Record<string, number>>;
  /** First and last instant of an affected membership, RFC 3339; of one that goes on, the instant that was assessed. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** Affected people with another, unaffected contact point in the same audience. */
  readonly alsoMatchedRightly: number;
  /** Distinct campaigns of which ads were shown to people while they were affected, and those showings. */
  readonly campaigns: number;
  readonly showings: number;
  /** Contact points given under a claimed notice that were matched, and at no instant affected. */
  readonly permittedOtherwise: number;
  /** Matched at an instant at which they were not permitted by what was learned later; no matter of the claim. */
  readonly lateFacts: { readonly people: number; readonly contactPoints: number };
}

export interface Assessment extends AffectedCounts {
  readonly incident: string;
  /** Facts of leaves before this position were used. */
  readonly asKnownAt: number;
  readonly audiences: number;
  readonly lists: number;
  readonly advertisers: number;
}

/** The same for one audience. */
export interface AudienceAssessment extends AffectedCounts {
  readonly audience: string;
  readonly list: string;
  readonly advertiser: string;
  readonly name: string;
}
