/**
 * Commands that take something in: contacts, what is known of accounts, events.
 */
import { z } from "zod";
import { type IngestOptions, ingest, type TakeOptions, takeAccounts, takeEvents } from "../intake/index.js";
import { takeShowings } from "../showing/index.js";
import { type CommandContext, command, inputOf } from "./command.js";

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

function reporting(context: CommandContext) {
  return {
    actor: context.actor,
    onProgress: (rows: number, share: number) => context.onProgress?.("rows", rows, share),
    onWarning: (warning: string) => context.onWarning?.(warning),
  };
}
