/**
 * Claims: what an incident says was wrong, as corrections of facts.
 *
 * Either of what people were promised: grants under a notice, or at a surface, in a span of time are held to other
 * purposes than the notice names. Or of a match path: what some matches brought into audiences is wrong as a whole. The
 * claim is kept as it was given; which notice versions it is about is told when it is used.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Memberships } from "../audience/index.js";
import { canonicalJson } from "../operator/index.js";
import { type Correction, HIDING_CHARACTERS, type NoticeBook, type Purpose, purposeNames } from "../purpose/index.js";
import { IncidentError } from "./error.js";

const MAX_CLAIMS = 1000;
const MAX_MATCHES = 100_000;
const UNKNOWN_TOLD = 10;

const instant = z
  .union([z.iso.datetime({ offset: true }), z.date().transform((date) => date.toISOString())])
  .transform((text) => new Date(text).toISOString());
const line = z
  .string()
  .min(1)
  .max(200)
  .refine(
    (text) => text.search(HIDING_CHARACTERS) < 0 && !/[\n\t]/.test(text),
    "is one line, without control characters",
  );

const noticeClaim = z
  .strictObject({
    /** `id` or `id@version`. */
    notice: line.optional(),
    surface: line.optional(),
    /** Inclusive. */
    given_from: instant,
    /** Exclusive. */
    given_to: instant,
    corrected: z.strictObject({
      purposes: z.array(z.enum(purposeNames as [Purpose, ...Purpose[]])).min(1),
      exclusive: z.boolean(),
    }),
  })
  .refine(
    ({ notice, surface }) => (notice === undefined) !== (surface === undefined),
    "must name either a notice or a surface",
  )
  .refine(({ given_from, given_to }) => given_from < given_to, "given_from must be before given_to");
const matchesClaim = z.strictObject({
  matches: z
    .array(z.string().regex(/^m[0-9a-f]{16}$/, "a match is named by the id that solely match gave"))
    .min(1)
    .max(MAX_MATCHES),
  reason: line,
});

/** The form of a claim; instants come out in UTC. */
export const claimSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "an id is a-z, 0-9, dot, dash, underscore; at most 64"),
  title: line,
  purpose: z.literal("ads.match"),
  claims: z
    .array(z.union([noticeClaim, matchesClaim]))
    .min(1)
    .max(MAX_CLAIMS),
});

export type Claim = z.infer<typeof claimSchema>;

/**
 * Checks the form of a claim.
 * @throws {IncidentError} code `malformed-claim`, naming the field
 */
export function parseClaim(value: unknown): Claim {
  const parsed = claimSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = deepest(parsed.error.issues[0]!);
  throw new IncidentError(
    "malformed-claim",
    `claim: ${issue.path.join(".") || "form"}: ${issue.message}`,
    "docs/incident.md has the form",
  );
}

type Issue = Pick<z.core.$ZodIssue, "path" | "message" | "code"> & { errors?: readonly (readonly Issue[])[] };

/** Of a claim that is of neither sort, what is wrong with it as the one that it is most alike. */
function deepest(issue: Issue): Issue {
  if (issue.errors === undefined) return issue;
  const [best = [issue]] = [...issue.errors].sort((a, b) => a.length - b.length);
  const inner = deepest(best[0]!);
  return { ...inner, path: [...issue.path, ...inner.path] };
}

/** SHA-256 of the claim's canonical form, hex: what operators sign when they contain the incident. */
export const claimDigest = (claim: Claim): string => createHash("sha256").update(canonicalJson(claim)).digest("hex");

/**
 * What the claim says of notices, version by version.
 * @throws {IncidentError} code `malformed-claim` when it is about a notice or a surface that there is not
 */
export function correctionsOf({ claims }: Claim, book: NoticeBook): Correction[] {
  return claims.flatMap((claim, at) => {
    if ("matches" in claim) return [];
    const versions = book.versions().filter(({ notice }) => {
      const { id, version, surface } = notice;
      return claim.surface === undefined ? [id, `${id}@${version}`].includes(claim.notice!) : surface === claim.surface;
    });
    if (versions.length === 0) {
      throw new IncidentError(
        "malformed-claim",
        claim.surface === undefined
          ? `claim: claims.${at}.notice: no notice ${claim.notice} is or was in force`
          : `claim: claims.${at}.surface: no notice at the surface ${claim.surface} is or was in force`,
        "solely notice list shows them",
      );
    }
    const [fromMs, toMs] = [Date.parse(claim.given_from), Date.parse(claim.given_to)];
    return versions.map(({ index: notice }) => ({ notice, fromMs, toMs, ...claim.corrected }));
  });
}

/**
 * Whether each match that the claim is about was made.
 * @throws {IncidentError} code `malformed-claim`, naming the field and the first ids that no match has
 */
export function requireMatches({ claims }: Claim, memberships: Memberships): void {
  for (const [at, claim] of claims.entries()) {
    if (!("matches" in claim)) continue;
    const unknown = claim.matches.filter((match) => !memberships.hasMatch(match));
    if (unknown.length === 0) continue;
    const more = unknown.length - UNKNOWN_TOLD;
    throw new IncidentError(
      "malformed-claim",
      `claim: claims.${at}.matches: there is no match ${unknown.slice(0, UNKNOWN_TOLD).join(", ")}${more > 0 ? `, nor ${more} more` : ""}`,
      "solely audience show ID names the matches of an audience",
    );
  }
}

/** Ids of the matches that the claim is about. */
export const matchesOf = ({ claims }: Claim): string[] =>
  claims.flatMap((claim) => ("matches" in claim ? claim.matches : []));
