/**
 * Commands about lists and audiences: matching, what may be served, exports, changes, and why.
 */
import { z } from "zod";
import { matchList, viewAudience } from "../audience/index.js";
import { schemes } from "../contact/index.js";
import { explain } from "../grant/index.js";
import { changesSince, exportToFile } from "../serve/index.js";
import { command, inputOf } from "./command.js";

const matchInput = z.strictObject({
  /** Absolute path, or `-` for the bytes that come with the command. */
  file: z.string(),
  advertiser: z.string(),
  name: z.string(),
  scheme: z.enum(schemes as [string, ...string[]] as ["plain", "x", "meta", "google"]).default("plain"),
  region: z.string().optional(),
  operation: z.enum(["create", "append", "remove", "replace"]).default("create"),
  /** When a list that is replayed was matched in the world. */
  at: z.iso.datetime().optional(),
  rejectFile: z.string().optional(),
  keepRefused: z.int().min(0).max(1000).optional(),
});

export const match = command(matchInput, (solely, { file, at, ...options }, context) =>
  matchList(solely, inputOf(file, context), {
    ...options,
    atMs: at === undefined ? undefined : Date.parse(at),
    actor: context.actor,
    onProgress: (rows, share) => context.onProgress?.("rows", rows, share),
  }),
);

export const audiences = command(z.strictObject({ advertiser: z.string().optional() }), (solely, { advertiser }) =>
  solely.audiences.list(advertiser).map(viewAudience),
);

export const audience = command(z.strictObject({ audience: z.string() }), (solely, input) => {
  const found = solely.audiences.get(input.audience);
  const { rows, usable, refused, position, isReplayed } = found;
  return { ...viewAudience(found), rows, usable, refused, position, isReplayed };
});

/** Writes an export to an absolute path. */
export const exportAudience = command(
  z.strictObject({ audience: z.string(), out: z.string() }),
  (solely, input, context) =>
    exportToFile(solely, { ...input, actor: context.actor, expiryHours: solely.config.exportHours }),
);

export const changes = command(z.strictObject({ since: z.number() }), (solely, { since }) =>
  changesSince(solely, since),
);

const explainInput = z.strictObject({
  account: z.string(),
  contact: z.strictObject({ kind: z.string(), value: z.string(), region: z.string().optional() }).optional(),
  /** A ledger position or an instant. */
  asKnownAt: z.string().optional(),
});

export const explainAccount = command(explainInput, (solely, input) => explain(solely, input));
