/**
 * Commands about lists and audiences: matching, what may be served, exports, changes, and why.
 */
import { z } from "zod";
import { combineAudiences, deleteAudience, matchList } from "../audience/index.js";
import { schemes } from "../contact/index.js";
import { explain } from "../grant/index.js";
import { listsOf, noticesOf } from "../person/index.js";
import { purposeNames } from "../purpose/index.js";
import { changesSince, exportToFile } from "../serve/index.js";
import { viewAudience, viewBudgets, viewReleases } from "../size/index.js";
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

export const match = command(matchInput, async (solely, { file, at, ...options }, context) => {
  const result = await matchList(solely, inputOf(file, context), {
    ...options,
    atMs: at === undefined ? undefined : Date.parse(at),
    actor: context.actor,
    onProgress: (rows, share) => context.onProgress?.("rows", rows, share),
  });
  const { status, nextReleaseAt } = viewAudience(solely, solely.audiences.get(result.audience));
  return { ...result, status, nextReleaseAt };
});

export const audiences = command(z.strictObject({ advertiser: z.string().optional() }), (solely, { advertiser }) =>
  solely.audiences.list(advertiser).map((one) => viewAudience(solely, one)),
);

export const audience = command(z.strictObject({ audience: z.string() }), async (solely, input) => {
  const found = solely.audiences.get(input.audience);
  await solely.memberships.read(solely.log, solely.contacts);
  const { rows, usable, refused, position, isReplayed } = found;
  return {
    ...viewAudience(solely, found),
    rows,
    usable,
    refused,
    position,
    isReplayed,
    expression: found.expression ?? null,
    releases: viewReleases(solely, found),
    /** In the order learned: a claim names them. */
    matches: solely.memberships
      .matchesOf(found.id)
      .map(({ match, atMs }) => ({ match, at: new Date(atMs).toISOString() })),
  };
});

/** Writes an export to an absolute path. */
export const exportAudience = command(
  z.strictObject({ audience: z.string(), out: z.string(), isUnreleased: z.boolean().optional() }),
  (solely, input, context) =>
    exportToFile(solely, { ...input, actor: context.actor, expiryHours: solely.config.exportHours }),
);

const names = z.array(z.string()).default([]);

/** Makes an audience of others. */
export const combine = command(
  z.strictObject({
    advertiser: z.string(),
    name: z.string(),
    include: names,
    exclude: names,
    with: names,
    without: names,
  }),
  async (solely, input, { actor }) => viewAudience(solely, await combineAudiences(solely, { ...input, actor })),
);

/** Ends an audience. */
export const deleteOne = command(z.strictObject({ audience: z.string() }), async (solely, { audience }, { actor }) => {
  await deleteAudience(solely, { audience, actor });
  return { audience, isDeleted: true };
});

/** What the sizes of each legal entity's audiences have cost. */
export const budgets = command(z.strictObject({}), (solely) => viewBudgets(solely, Date.now()));

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

/** An account as an operator looks it up: what it gave and what that may be used for, and which lists reach it now. */
export const accountView = command(z.strictObject({ account: z.string() }), async (solely, input) => {
  const { account, position, contactPoints } = await explain(solely, input);
  const contacts = contactPoints.map((point) => ({
    ...point,
    purposes: purposeNames.filter((name) => solely.gate.permitOf(name, [point.number]).ordinals.has(point.number)),
  }));
  const numbers = contactPoints.map(({ number }) => number);
  return {
    ...{ account, position, contacts },
    notices: noticesOf(solely, contactPoints),
    lists: listsOf(solely, numbers),
  };
});
