/**
 * The record of an incident: exact numbers from the assessment, and beside them what only people know.
 *
 * It has the fields of GDPR art. 33(3) (https://eur-lex.europa.eu/eli/reg/2016/679/art_33/oj), and those that orders of the
 * kind that the FTC agrees with companies ask of a covered incident: date range, facts, numbers, acts taken, copies of
 * notices (https://www.ftc.gov/legal-library/browse/cases-proceedings/2023062-twitter-inc-us-v). Nothing is made up: what a
 * phase needs and nobody has filled in is listed as missing. It holds no contact and no account's name.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import {
  type Assessment,
  type AudienceAssessment,
  type Claim,
  correctionsOf,
  type Incident,
} from "../incident/index.js";
import type { NoticeBook } from "../purpose/index.js";
import { type Clock, clocksAt, isMissed } from "./clocks.js";
import {
  FACT_FIELDS,
  factNames,
  isNeededIn,
  PHASES,
  type Phase,
  type ReportFacts,
  reportFactsSchema,
} from "./facts.js";

export const REPORT_FORMAT = "solely-incident-report/1";

const count = z.int().min(0);
const counts = z.record(z.string(), count);
const instant = z.iso.datetime();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
/** What the whole and each audience have, of an incident as of an audit. */
export const affectedForm = {
  people: count,
  contactPoints: count,
  byPurpose: counts,
  byKind: counts,
  firstAt: instant.nullable(),
  lastAt: instant.nullable(),
  alsoMatchedRightly: count,
  campaigns: count,
  showings: count,
  permittedOtherwise: count,
  lateFacts: z.strictObject({ people: count, contactPoints: count }),
};

/** What a report says of a notice. */
export const noticeForm = {
  notice: z.string(),
  surface: z.string(),
  purposes: z.array(z.string()),
  isExclusive: z.boolean(),
  textDigest: digest,
};

/** The form of a report in JSON. */
export const reportSchema = z.strictObject({
  format: z.literal(REPORT_FORMAT),
  incident: z.string(),
  title: z.string(),
  phase: z.enum(PHASES),
  madeAt: instant,
  openedAt: instant,
  openedBy: z.string(),
  /** Whether everything that the phase needs is there. */
  isComplete: z.boolean(),
  missing: z.array(
    z.strictObject({ field: z.string(), label: z.string(), neededFrom: z.enum(PHASES), isNeededNow: z.boolean() }),
  ),
  clocks: z.array(
    z.strictObject({
      name: z.enum(["72 hours", "30 days"]),
      rule: z.string(),
      startsAt: instant,
      startsWith: z.enum(["awareness", "opening"]),
      dueAt: instant,
      doneAt: instant.nullable(),
      state: z.enum(["kept", "late", "running", "overdue"]),
    }),
  ),
  /** What was claimed to be wrong, as it was given, and the SHA-256 of its canonical form. */
  claim: z.unknown(),
  claimDigest: digest,
  /** Notice versions that the claim is about: what they say, and the SHA-256 of the text that people saw. */
  notices: z.array(z.strictObject(noticeForm)),
  containment: z.strictObject({ isContained: z.boolean(), at: instant, position: count }).nullable(),
  /** The ledger at the time of the report, and the position up to which facts were used. */
  ledger: z.strictObject({ origin: z.string(), size: count, root: z.string(), asKnownAt: count }),
  facts: reportFactsSchema,
  assessment: z.strictObject({
    incident: z.string(),
    asKnownAt: count,
    ...affectedForm,
    byDay: counts,
    byCountry: counts,
    audiences: count,
    lists: count,
    advertisers: count,
  }),
  /** Most people first; by day and by country they are in the tables of the assessment. */
  audiences: z.array(
    z.strictObject({
      audience: z.string(),
      list: z.string(),
      advertiser: z.string(),
      name: z.string(),
      ...affectedForm,
    }),
  ),
});

export interface IncidentReport extends Omit<z.infer<typeof reportSchema>, "claim" | "assessment"> {
  readonly claim: Claim;
  readonly assessment: Assessment;
}

export type ReportedAudience = IncidentReport["audiences"][number];

export interface ReportParts {
  readonly incident: Incident;
  readonly phase: Phase;
  readonly facts: ReportFacts;
  readonly assessment: Assessment;
  readonly audiences: readonly AudienceAssessment[];
  readonly containment: { readonly isContained: boolean; readonly atMs: number; readonly position: number } | undefined;
  readonly notices: NoticeBook;
  readonly checkpoint: { readonly origin: string; readonly size: number; readonly root: Uint8Array };
  readonly nowMs: number;
}

/** Puts a report together. */
export function makeReport(parts: ReportParts): IncidentReport {
  const { incident, phase, facts, assessment, containment, checkpoint, nowMs } = parts;
  const clocks = clocksAt(nowMs, incident.openedAtMs, facts);
  const missing = missingOf(phase, facts, clocks, containment?.isContained === true);
  const { id, claim, digest, openedBy, openedAtMs } = incident;
  return {
    format: REPORT_FORMAT,
    ...{ incident: id, title: claim.title, phase, madeAt: iso(nowMs), openedAt: iso(openedAtMs), openedBy },
    isComplete: !missing.some(({ isNeededNow }) => isNeededNow),
    ...{ missing, clocks, claim, claimDigest: digest },
    notices: noticesOf(claim, parts.notices),
    containment:
      containment === undefined
        ? null
        : { isContained: containment.isContained, at: iso(containment.atMs), position: containment.position },
    ledger: {
      ...{ origin: checkpoint.origin, size: checkpoint.size },
      ...{ root: Buffer.from(checkpoint.root).toString("base64"), asKnownAt: assessment.asKnownAt },
    },
    ...{ facts, assessment },
    audiences: parts.audiences.map(reported).sort((a, b) => b.people - a.people || (a.audience < b.audience ? -1 : 1)),
  };
}

/** A row without what is long, and in the tables of the assessment. */
export function reported({ byDay: _, byCountry: __, ...audience }: AudienceAssessment): ReportedAudience {
  return audience;
}

/** Two people answer for a final record. */
const SIGNERS = 2;

function missingOf(
  phase: Phase,
  facts: ReportFacts,
  clocks: readonly Clock[],
  isContained: boolean,
): IncidentReport["missing"] {
  const needs = factNames.flatMap((field) => {
    const { label, neededFrom } = FACT_FIELDS[field];
    const given = facts[field];
    if (field === "signers" && (facts.signers?.length ?? 0) < SIGNERS)
      return [{ field, label: `${label}, at least ${SIGNERS}`, neededFrom }];
    return given === undefined ? [{ field, label, neededFrom }] : [];
  });
  return [
    ...needs,
    ...(isContained
      ? []
      : [
          {
            field: "containment",
            label: "Containment in force, signed by two operators",
            neededFrom: "final",
          } as const,
        ]),
  ].flatMap(({ field, label, neededFrom }) => {
    const from = neededFrom ?? (clocks.some(isMissed) ? "initial" : undefined);
    return from === undefined ? [] : [{ field, label, neededFrom: from, isNeededNow: isNeededIn(phase, from) }];
  });
}

function noticesOf(claim: Claim, book: NoticeBook): IncidentReport["notices"] {
  const indices = new Set(correctionsOf(claim, book).map(({ notice }) => notice));
  return [...indices].map((index) => {
    const { id, version, surface, purposes, exclusive, text } = book.version(index).notice;
    return {
      ...{ notice: `${id}@${version}`, surface, purposes: [...purposes], isExclusive: exclusive },
      textDigest: createHash("sha256").update(text).digest("hex"),
    };
  });
}

const iso = (ms: number): string => new Date(ms).toISOString();
