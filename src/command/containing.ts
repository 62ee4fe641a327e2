/**
 * Commands about what is done about an incident: the proof that nothing of it is left in use.
 */
import { z } from "zod";
import { rescan } from "../incident/index.js";
import { command } from "./command.js";

/** Looks whether anything that a contained incident denies is in use. */
export const rescanIncident = command(z.strictObject({ incident: z.string() }), (solely, { incident }) =>
  rescan(solely, incident),
);
