/** The API: one table of everything that it can be asked. */
import { z } from "zod";
import { combineAudiences, deleteAudience } from "../audience/index.js";
import { ingest, type TakeResult, takeAccounts, takeEvents } from "../intake/index.js";
import { changesSince, eligibility, exportAudience, exportCsv, exportParquet } from "../serve/index.js";
import { takeShowings } from "../showing/index.js";
import { viewAudience, viewBudget } from "../size/index.js";
import { revealToService } from "../vault/index.js";
import { bodyOf, jsonOf } from "./body.js";
import { keyRoutes } from "./keys.js";
import { ledgerRoutes } from "./ledger.js";
import { historyOf, listUpload, partsQuery, partsTaken, uploadList } from "./lists.js";
import { peopleRoutes } from "./people.js";
import { personRoutes } from "./person.js";
import { HttpError } from "./problem.js";
import { type Call, Download, type Route, route } from "./route.js";

/** Refused rows that an answer lists; all of them are counted. */
const REFUSED_ROWS_LISTED = 100;
const MAX_IDEMPOTENCY_KEY = 200;

const region = z
  .string()
  .optional()
  .describe("home of phones that have no country code: two letters of ISO 3166-1, such as `DE`");
const refusedRows = "`refusedRows` (the first 100: `line, column, code, reason, fix`)";

const feedQuery = z.strictObject({ region });

function taken<R extends TakeResult>({ rejectFile: _, ...result }: R) {
  return result;
}

function feedOptions({ actor, query }: Call<{ region?: string | undefined }>) {
  return { actor, region: query.region, format: "ndjson", keepRefused: REFUSED_ROWS_LISTED } as const;
}

function idempotencyKeyOf({ request }: Call<unknown>): string | undefined {
  const key = request.headers["idempotency-key"];
  if (typeof key !== "string" || key === "") return undefined;
  if (key.length <= MAX_IDEMPOTENCY_KEY) return key;
  const what = `Idempotency-Key: more than ${MAX_IDEMPOTENCY_KEY} characters`;
  throw new HttpError(400, "malformed-request", what, "send a shorter one, such as a UUID");
}

/** 1,000 contacts of accounts with the longest names, every byte of them escaped. */
const MAX_REVEAL_BYTES = 2 * 1024 * 1024;
const revealSchema = z.strictObject({
  contacts: z.array(z.strictObject({ account: z.string(), kind: z.string() })),
  reason: z.string(),
});

/** 16 operands, and a name, every letter of them escaped. */
const MAX_EXPRESSION_BYTES = 64 * 1024;
const combineSchema = z.strictObject({
  name: z.string(),
  include: z.array(z.string()),
  exclude: z.array(z.string()).default([]),
  with: z.array(z.string()).default([]),
  without: z.array(z.string()).default([]),
});
const audienceFields =
  "`audience, list` (null for one that is made of others), `name, advertiser, status` (`pending`, `unfunded`, `too-small`, `ready`), `createdAt, updatedAt, size` (of one that is ready: `value, lower, upper, range, releasedAt`), `nextReleaseAt`";

/** @throws {HttpError} code `malformed-request`; says where it is wrong, and never what was sent */
function parsedBody<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const what = `${parsed.error.issues[0]!.path.join(".") || "body"}: is not what it should be`;
  throw new HttpError(400, "malformed-request", what, "see docs/api.md for the body");
}

export const routes: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/health",
    scope: null,
    about: "Whether the server answers.",
    answers: { 200: '`{status: "ok"}`' },
    handle: () => ({ status: "ok" }),
  }),
  route({
    method: "POST",
    path: "/v1/contacts",
    scope: "contacts",
    about: "Takes contacts in, as the source that the key is bound to.",
    query: feedQuery,
    headers: { "Idempotency-Key": "optional; the same key within 30 days gives the first run's counts again" },
    body: "NDJSON, plain or gzip: `account, kind, value, notice, given_at`, optional `given_by, verified_at`",
    answers: {
      200: `\`rows, accepted, duplicates, refused, freed\`, ${refusedRows}`,
      409: "`freed-limit`: it would newly permit more than the source may; nothing was kept; `terms-changed`: the source or a notice changed while it was read, feed it again",
    },
    async handle(call) {
      const { solely, key, request } = call;
      const options = {
        ...feedOptions(call),
        source: key.source!,
        idempotencyKey: idempotencyKeyOf(call),
        admit: call.admit,
      };
      const { rejectFile: _, ...result } = await ingest(solely, bodyOf(request), options);
      return result;
    },
  }),
  route({
    method: "POST",
    path: "/v1/accounts",
    scope: "accounts",
    about: "Takes in what the platform knows of accounts; fields that a row leaves out stay as they are.",
    body: "NDJSON, plain or gzip: `account`, optional `country, created_at, last_active_at, cohort` and yes/no attributes",
    answers: { 200: `\`rows, accepted, refused\`, ${refusedRows}` },
    handle: async (call) => taken(await takeAccounts(call.solely, bodyOf(call.request), feedOptions(call))),
  }),
  route({
    method: "POST",
    path: "/v1/events",
    scope: "events",
    about: "Takes events in. They are in effect in every audience before the answer comes.",
    query: feedQuery,
    body: "NDJSON, plain or gzip: `type` (`withdraw`, `erase`, `disown`), `account, at`, optional `kind` with `value`, and `purpose`",
    answers: {
      200: `\`rows, accepted, refused\`, ${refusedRows}, \`erased\` (of each account that erasures were about: \`account, audiences\` that it left)`,
    },
    handle: async (call) => taken(await takeEvents(call.solely, bodyOf(call.request), feedOptions(call))),
  }),
  route({
    method: "POST",
    path: "/v1/showings",
    scope: "showings",
    about: "Takes in what was shown to whom. A row that was taken before changes nothing.",
    headers: { "Idempotency-Key": "optional; the same key within 30 days gives the first run's counts again" },
    body: "NDJSON, plain or gzip: `advertiser, campaign, audience, account, at`",
    answers: {
      200: `\`rows, accepted, duplicates, refused, ineligible\` (showings to accounts that were not eligible then: kept, and alarms), ${refusedRows}`,
    },
    async handle(call) {
      const { actor, solely, request } = call;
      const { rejectFile: _, ...result } = await takeShowings(solely, bodyOf(request), {
        ...{ actor, keepRefused: REFUSED_ROWS_LISTED, format: "ndjson" as const },
        idempotencyKey: idempotencyKeyOf(call),
        admit: call.admit,
      });
      return result;
    },
  }),
  route({
    method: "POST",
    path: "/v1/reveal",
    scope: "reveal",
    about: "Contacts in the clear, for the one purpose that the key is bound to. Each request is in the ledger.",
    body: 'JSON: `{"contacts": [{"account", "kind"}, …], "reason"}`, at most 1,000 contacts',
    answers: {
      200: "`purpose, position, revealed`: for each contact asked for `account, kind, contacts` (`value, givenAt`; the last given first), or `refused`: `not-given` or `not-kept`",
      403: "`key-stopped`: the key asked for more than its rate or daily volume, and opens nothing any more",
    },
    async handle({ solely, key, request }) {
      const { contacts, reason } = parsedBody(revealSchema, await jsonOf(request, MAX_REVEAL_BYTES));
      return revealToService(solely, { ...key, reveals: key.reveals! }, { asked: contacts, reason });
    },
  }),
  route({
    method: "GET",
    path: "/v1/accounts/:account/audiences",
    scope: "serve",
    about: "The audiences whose ads may be shown to an account now; of those whose size is released and not too small.",
    answers: { 200: "`account, position, audiences` (ids; none for an account that gave no contact)" },
    handle: ({ solely, params }) => eligibility(solely, params.account!),
  }),
  route({
    method: "GET",
    path: "/v1/audiences",
    scope: "serve",
    about: "All audiences, of every advertiser.",
    answers: { 200: `\`audiences\`: of each ${audienceFields}` },
    handle: ({ solely }) => ({ audiences: solely.audiences.list().map((one) => viewAudience(solely, one)) }),
  }),
  route({
    method: "GET",
    path: "/v1/audiences/changes",
    scope: "serve",
    about: "Accounts that may have joined or left an audience since a position, and whether they are in it now.",
    query: z.strictObject({
      since: z
        .string()
        .regex(/^\d{1,15}$/, "a whole number from 0 on")
        .transform(Number)
        .describe("a ledger position: an export's, or the one of the last answer"),
    }),
    answers: {
      200: "`position` (ask from here next time), `changes`: `audience, account, eligible`; `notServed`: `audience, reason` of each that nothing is served of (`pending`, `unfunded`, `too-small`)",
      410: "`position-too-old`: export anew, then follow from there",
    },
    handle: ({ solely, query }) => changesSince(solely, query.since),
  }),
  route({
    method: "POST",
    path: "/v1/audiences/:audience/export",
    scope: "serve",
    about:
      "The accounts that an audience may be served to now, distinct, sorted by bytes. Each export is in the ledger.",
    query: z.strictObject({ format: z.enum(["csv", "parquet"]).default("csv").describe("`csv` or `parquet`") }),
    answers: {
      200: "the file, column `account`; headers `Solely-Position` (follow changes from there) and `Solely-Expires`; `Solely-Not-Served` says why it is empty, of an audience that is not served",
    },
    async handle({ solely, actor, params, query }) {
      const { exportHours } = solely.config;
      const made = await exportAudience(solely, { audience: params.audience!, actor, expiryHours: exportHours });
      const headers = {
        ...{ "solely-position": String(made.position), "solely-expires": made.expiresAt },
        ...(made.notServed === undefined ? {} : { "solely-not-served": made.notServed }),
      };
      return query.format === "csv"
        ? new Download("text/csv; charset=utf-8; header=present", headers, exportCsv(solely, made))
        : new Download("application/vnd.apache.parquet", headers, [exportParquet(solely, made)]);
    },
  }),
  route({
    method: "GET",
    path: "/v1/advertisers/:advertiser/audiences",
    scope: "lists",
    about: "The advertiser's own audiences.",
    answers: { 200: `\`audiences\`: of each ${audienceFields}` },
    handle: ({ solely, params }) => {
      const nowMs = Date.now();
      const seen = solely.audiences.list(params.advertiser!, nowMs);
      return { audiences: seen.map((one) => viewAudience(solely, one, nowMs)) };
    },
  }),
  route({
    method: "GET",
    path: "/v1/advertisers/:advertiser/audiences/:audience",
    scope: "lists",
    about: "One of the advertiser's own audiences.",
    answers: { 200: audienceFields },
    handle: ({ solely, params }) => {
      const nowMs = Date.now();
      return viewAudience(solely, solely.audiences.get(params.audience!, params.advertiser!, nowMs), nowMs);
    },
  }),
  route({
    method: "POST",
    path: "/v1/advertisers/:advertiser/audiences",
    scope: "lists",
    about:
      "Makes an audience of others: who is in any that is included and in none that is excluded, with all of some attributes and without all of others.",
    body: 'JSON: `{"name", "include": [audience, …], "exclude": […], "with": [attribute, …], "without": […]}`; at least two operands',
    answers: {
      200: audienceFields,
      409: "`name-exists`: take another name",
    },
    isTicked: true,
    async handle(call) {
      const { solely, actor, params, request } = call;
      const expression = parsedBody(combineSchema, await jsonOf(request, MAX_EXPRESSION_BYTES));
      const options = { ...expression, advertiser: params.advertiser!, actor, admit: call.admit };
      return viewAudience(solely, await combineAudiences(solely, options));
    },
  }),
  route({
    method: "DELETE",
    path: "/v1/advertisers/:advertiser/audiences/:audience",
    scope: "lists",
    about:
      "Ends an audience: nothing of it is served from here on, and its name is free. What its sizes cost is not given back.",
    answers: {
      200: "`audience, isDeleted`",
      409: "`audience-in-use`: another audience is made of it",
    },
    isTicked: true,
    async handle(call) {
      const { solely, actor, params } = call;
      const { audience, advertiser } = params as { audience: string; advertiser: string };
      await deleteAudience(solely, { audience, advertiser, actor, admit: call.admit });
      return { audience, isDeleted: true };
    },
  }),
  route({
    method: "GET",
    path: "/v1/advertisers/:advertiser/budget",
    scope: "lists",
    about: "What the sizes of all audiences of the advertiser's legal entity have cost, and what is left.",
    answers: {
      200: "`entity, month` (`spent, cap`: rho of zCDP; `epsilon` at a delta of 10⁻⁶; `guessedRight`: at best, of one person), `year` (`spent, cap`), `draw` (`cost, standardDeviation, left`), `renewsAt`",
    },
    handle: ({ solely, params }) => viewBudget(solely, params.advertiser!, Date.now()),
  }),
  route({
    method: "POST",
    path: "/v1/advertisers/:advertiser/lists",
    scope: "lists",
    about: "Matches a list, or one part of it. The answer comes at a whole second, and tells nothing of who matched.",
    query: listUpload,
    body: "CSV, plain or gzip, as the raw body; or `multipart/form-data`: fields named as in the query, then one file; or digests that were made elsewhere, as `application/vnd.solely.digests` (docs/formats.md)",
    answers: {
      200: `\`match, rows, usable, refused, isDuplicate\` (of a part that was taken before), ${refusedRows}, \`columns, notes\`, and of its audience ${audienceFields}`,
      409: "`name-exists`: append to it, remove from it, replace it, or take another name",
    },
    isTicked: true,
    handle: (call) => uploadList(call, REFUSED_ROWS_LISTED),
  }),
  route({
    method: "GET",
    path: "/v1/advertisers/:advertiser/lists/parts",
    scope: "lists",
    about: "Which parts of a session were taken, for who was cut off: the others are to be sent.",
    query: partsQuery,
    answers: { 200: "`parts`: their numbers, ascending" },
    isTicked: true,
    handle: async (call) => ({ parts: await partsTaken(call) }),
  }),
  route({
    method: "GET",
    path: "/v1/advertisers/:advertiser/audiences/:audience/history",
    scope: "lists",
    about: "What was done to an audience's list, the last first; all parts of a session together.",
    answers: { 200: "`history`: `operation, at, rows, usable, refused` of the last 100" },
    handle: (call) => ({ history: historyOf(call) }),
  }),
  ...keyRoutes,
  ...ledgerRoutes,
  ...peopleRoutes,
  ...personRoutes,
];
