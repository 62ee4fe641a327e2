/** Our side of each job, by the job's name; a job without one runs the peer alone. */
import type { Setting, Side } from "./job.js";

export const ours: Readonly<Record<string, (setting: Setting) => Promise<Side>>> = {};
