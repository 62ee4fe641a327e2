/**
 * Commands that put an incident's answer into a form for others: the report, and the evidence.
 */
import { z } from "zod";
import { writeEvidence } from "../evidence/index.js";
import { type AudienceAssessment, assess } from "../incident/index.js";
import type { Solely } from "../instance/index.js";
import { type IncidentReport, makeReport, PHASES, parseFacts, reportPage } from "../report/index.js";
import { type CommandContext, command } from "./command.js";

const reportInput = z.strictObject({
  incident: z.string(),
  phase: z.enum(PHASES).default("initial"),
  /** What only people know, as it was filled in. */
  facts: z.unknown().optional(),
  /** A ledger position or an instant. */
  asKnownAt: z.string().optional(),
});

async function reportOf(
  solely: Solely,
  { incident: id, phase, facts, asKnownAt }: z.output<typeof reportInput>,
  { onProgress }: CommandContext,
): Promise<IncidentReport> {
  const incident = solely.incidents.get(id);
  const filled = parseFacts(facts);
  const audiences: AudienceAssessment[] = [];
  const assessment = await assess(solely, {
    ...{ incident: id, asKnownAt },
    onAudience: (audience) => void audiences.push(audience),
    onProgress: (what, done, total) => onProgress?.(what, done, done / total),
  });
  await solely.checkpoints.signNow();
  return makeReport({
    ...{ incident, phase, facts: filled, assessment, audiences },
    containment: solely.containments.state(id),
    notices: solely.notices,
    checkpoint: solely.checkpoints.newest.checkpoint,
    nowMs: solely.log.writer.nowMs(),
  });
}

/** The record of an incident; changes nothing. */
export const incidentReport = command(reportInput, reportOf);

/** The record of an incident as a page for people. */
export const incidentReportPage = command(reportInput, async (solely, input, context) => ({
  html: await reportPage(await reportOf(solely, input, context)),
}));

const evidenceInput = z.strictObject({
  incident: z.string(),
  /** A new folder, an absolute path. */
  out: z.string(),
  /** A ledger position or an instant. */
  asKnownAt: z.string().optional(),
});

/** Writes what the answer about an incident rests on, for whoever checks it elsewhere. */
export const incidentEvidence = command(evidenceInput, (solely, input, { actor, onProgress }) =>
  writeEvidence(solely, { ...input, actor, onProgress: (what, done, total) => onProgress?.(what, done, done / total) }),
);
