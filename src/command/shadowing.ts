/**
 * The command that holds what another system matched against the audiences here.
 */
import { z } from "zod";
import { compare } from "../shadow/index.js";
import { command, inputOf } from "./command.js";

const shadowInput = z.strictObject({
  /** Absolute path, or `-` for the bytes that come with the command. */
  file: z.string(),
  format: z.enum(["csv", "ndjson", "parquet"]).optional(),
  region: z.string().optional(),
  rejectFile: z.string().optional(),
  keepRefused: z.int().min(0).max(1000).optional(),
  /** Absolute path of a `.csv` for who is matched on one side alone. */
  people: z.string().optional(),
});

/** Changes nothing, but that naming people leaves a trace. */
export const shadow = command(shadowInput, (solely, { file, ...options }, context) =>
  compare(solely, inputOf(file, context), {
    ...options,
    actor: context.actor,
    onProgress: (what, done, share) => context.onProgress?.(what, done, share),
    onWarning: (warning) => context.onWarning?.(warning),
  }),
);
