/**
 * Commands about what is done about an incident: the proof that nothing of it is left in use, and the letters to people.
 */
import { z } from "zod";
import { rescan } from "../incident/index.js";
import { LANGUAGES, tell } from "../letter/index.js";
import { parseSigned } from "../operator/index.js";
import { command } from "./command.js";

/** Looks whether anything that a contained incident denies is in use. */
export const rescanIncident = command(z.strictObject({ incident: z.string() }), (solely, { incident }) =>
  rescan(solely, incident),
);

/** Makes a letter for each affected person, in a folder that is new or empty. */
export const incidentTell = command(
  z.strictObject({
    incident: z.string(),
    out: z.string(),
    language: z.enum(LANGUAGES).default("en"),
    /** The text of the platform's own template. */
    template: z.string().optional(),
    onlyChannel: z
      .unknown()
      .transform((signed) => (signed === undefined ? undefined : parseSigned(signed)))
      .optional(),
  }),
  (solely, input, { actor, onProgress }) =>
    tell(solely, {
      ...input,
      actor,
      onProgress: (done, total) => onProgress?.("letters", done, total === 0 ? 1 : done / total),
    }),
);
