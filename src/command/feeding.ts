/**
 * Commands that take something in: contacts, what is known of accounts, events; and what came in last.
 */
import { z } from "zod";
import { type IngestOptions, ingest, type TakeOptions, takeAccounts, takeEvents } from "../intake/index.js";
import { takeShowings } from "../showing/index.js";
import { type CommandContext, command, inputOf } from "./command.js";
import { type RefusalsView, type RunView, viewRefusals, viewRun } from "./run-view.js";

const format = z.enum(["csv", "ndjson", "parquet"]).optional();

const feed = {
  /** Absolute path, or `-` for the bytes that come with the command. */
  file: z.string(),
  format,
  region: z.string().optional(),
  rejectFile: z.string().optional(),
  keepRefused: z.int().min(0).max(1000).optional(),
};

const contactsInput = z.strictObject({
  ...feed,
  source: z.string().default("local"),
  dryRun: z.boolean().default(false),
  idempotencyKey: z.string().min(1).max(200).optional(),
});

export const ingestContacts = command(contactsInput, (solely, { file, ...options }, context) =>
  ingest(solely, inputOf(file, context), { ...options, ...reporting(context) } satisfies IngestOptions),
);

export const accounts = command(z.strictObject(feed), (solely, { file, ...options }, context) =>
  takeAccounts(solely, inputOf(file, context), { ...options, ...reporting(context) } satisfies TakeOptions),
);

export const events = command(z.strictObject(feed), (solely, { file, ...options }, context) =>
  takeEvents(solely, inputOf(file, context), { ...options, ...reporting(context) } satisfies TakeOptions),
);

const showingsInput = z.strictObject({ ...feed, idempotencyKey: z.string().min(1).max(200).optional() }).omit({
  region: true,
});

export const showings = command(showingsInput, (solely, { file, ...options }, context) =>
  takeShowings(solely, inputOf(file, context), { ...options, ...reporting(context) }),
);

/** A run that was refused because it would free too much. */
export interface HeldRunView {
  readonly source: string;
  readonly digest: string;
  readonly at: string;
  readonly freed: number;
  /** The source's limit by now. */
  readonly limit: number | null;
  /** `approved`: two operators let it go; whether it was fed again since is not known. */
  readonly state: "refused" | "proposed" | "approved";
}

export interface IntakeView {
  /** The latest first. */
  readonly runs: readonly RunView[];
  /** Of 30 days, the latest first. */
  readonly held: readonly HeldRunView[];
  /** But for those of lists. */
  readonly refusals: RefusalsView;
}

const MAX_RUNS_TOLD = 100;

/** What came in last; changes nothing. */
export const intakeRuns = command(z.strictObject({}), (solely): IntakeView => {
  const { grants, runs, sources, decisions } = solely;
  const nowMs = Date.now();
  const proposed = decisions.operators.proposals().map(({ action }) => action);
  const held = runs.refusedSince(nowMs).map(({ atMs, source, digest, freed }): HeldRunView => {
    const isProposed = proposed.some((one) => one.type === "run.free" && one.digest === digest);
    const state = sources.isApproved(source, digest, freed) ? "approved" : isProposed ? "proposed" : "refused";
    const { freedLimit: limit } = sources.get(source);
    return { source, digest, at: new Date(atMs).toISOString(), freed, limit, state };
  });
  const refusals = viewRefusals(solely, nowMs);
  return {
    runs: grants.feeds.recent.latest().slice(0, MAX_RUNS_TOLD).map(viewRun),
    held,
    refusals: { ...refusals, counts: refusals.counts.filter(({ of }) => of !== "lists") },
  };
});

function reporting(context: CommandContext) {
  return {
    actor: context.actor,
    onProgress: (rows: number, share: number) => context.onProgress?.("rows", rows, share),
    onWarning: (warning: string) => context.onWarning?.(warning),
  };
}
