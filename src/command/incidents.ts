/**
 * Commands about incidents: what was claimed, and whom it affected.
 */
import { z } from "zod";
import {
  type Assessment,
  type AudienceAssessment,
  assessPrepared,
  type Incident,
  prepareAssessment,
  writePeople,
  writeTables,
} from "../incident/index.js";
import type { Solely } from "../instance/index.js";
import { command } from "./command.js";

export interface IncidentView {
  readonly incident: string;
  readonly title: string;
  readonly openedBy: string;
  readonly openedAt: string;
  readonly position: number;
  /** SHA-256 of the claim: what is signed to contain it. */
  readonly digest: string;
  readonly claim: Incident["claim"];
  /** What two operators decided about it last; null: nothing yet. */
  readonly containment: { readonly isContained: boolean; readonly at: string; readonly position: number } | null;
}

function viewIncident({ containments }: Solely, incident: Incident): IncidentView {
  const { id, claim, digest, openedBy, openedAtMs, position } = incident;
  const openedAt = new Date(openedAtMs).toISOString();
  const decided = containments.state(id);
  const containment =
    decided === undefined
      ? null
      : { isContained: decided.isContained, at: new Date(decided.atMs).toISOString(), position: decided.position };
  return { incident: id, title: claim.title, openedBy, openedAt, position, digest, claim, containment };
}

/** Opens an incident; nothing else changes. */
export const incidentOpen = command(z.strictObject({ claim: z.unknown() }), async (solely, { claim }, { actor }) =>
  viewIncident(solely, await solely.incidents.open(solely, claim, actor)),
);

export const incidents = command(z.strictObject({}), (solely) =>
  solely.incidents.list().map((incident) => viewIncident(solely, incident)),
);

export const incident = command(z.strictObject({ incident: z.string() }), (solely, { incident: id }) =>
  viewIncident(solely, solely.incidents.get(id)),
);

const assessInput = z.strictObject({
  incident: z.string(),
  /** A ledger position or an instant. */
  asKnownAt: z.string().optional(),
  /** Absolute path of a folder for tables. */
  tables: z.string().optional(),
  /** Absolute path of a `.csv` or `.parquet` for who was affected. */
  people: z.string().optional(),
});

/** Whom an incident affected; changes nothing, but that naming them leaves a trace. */
export const incidentAssess = command(
  assessInput,
  async (solely, { tables, people, ...asked }, { actor, onProgress }): Promise<Assessment> => {
    const audiences: AudienceAssessment[] = [];
    const told = (what: string, done: number, total: number) => onProgress?.(what, done, done / total);
    // Once, so that people are named by the very facts that were counted, up to the same instant.
    const prepared = await prepareAssessment(solely, asked, told);
    const assessment = await assessPrepared(solely, prepared, {
      ...(tables === undefined ? {} : { onAudience: (audience) => void audiences.push(audience) }),
      onProgress: told,
    });
    if (tables !== undefined) await writeTables(tables, assessment, audiences);
    if (people !== undefined) await writePeople(solely, prepared, { out: people, actor });
    return assessment;
  },
);
