/**
 * Commands about incidents: what was claimed, and whom it affected.
 */
import { z } from "zod";
import { assess, type Incident } from "../incident/index.js";
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
}

function viewIncident({ id, claim, digest, openedBy, openedAtMs, position }: Incident): IncidentView {
  const openedAt = new Date(openedAtMs).toISOString();
  return { incident: id, title: claim.title, openedBy, openedAt, position, digest, claim };
}

/** Opens an incident; nothing else changes. */
export const incidentOpen = command(z.strictObject({ claim: z.unknown() }), async (solely, { claim }, { actor }) =>
  viewIncident(await solely.incidents.open(solely, claim, actor)),
);

export const incidents = command(z.strictObject({}), (solely) => solely.incidents.list().map(viewIncident));

export const incident = command(z.strictObject({ incident: z.string() }), (solely, { incident: id }) =>
  viewIncident(solely.incidents.get(id)),
);

const assessInput = z.strictObject({
  incident: z.string(),
  /** A ledger position or an instant. */
  asKnownAt: z.string().optional(),
});

/** Whom an incident affected; changes nothing. */
export const incidentAssess = command(assessInput, (solely, input, context) =>
  assess(solely, {
    ...input,
    onProgress: (what, done, total) => context.onProgress?.(what, done, done / total),
  }),
);
