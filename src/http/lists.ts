/** Uploads of lists: a raw body (rows, or digests made in a browser), or the one file of a multipart form whose fields say what the query else would. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Multipart, MultipartFile } from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { matchList } from "../audience/index.js";
import { type Scheme, schemes } from "../contact/index.js";
import { DIGEST_FORM_TYPE } from "../list/index.js";
import { viewAudience } from "../size/index.js";
import { bodyOf, wholeOr } from "./body.js";
import { HttpError } from "./problem.js";
import { type Call, parsedQuery } from "./route.js";

export const listUpload = z.strictObject({
  name: z.string().optional().describe("name of the list; required here or as a field"),
  operation: z
    .enum(["create", "append", "remove", "replace"])
    .default("create")
    .describe("`create` (default; the name must be new), `append`, `remove` or `replace`"),
  scheme: z
    .enum(schemes as [Scheme, ...Scheme[]])
    .default("plain")
    .describe("normal forms of the values: `plain` (default), `x`, `meta` or `google`"),
  region: z.string().optional().describe("home of phones that have no country code, such as `DE`"),
  session: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "a session is named by at most 64 letters, digits, dashes and underscores")
    .optional()
    .describe("a name of yours for a list that comes in several parts; each part counts once"),
  part: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, "a part is a number from 1 to 99999")
    .transform(Number)
    .optional()
    .describe("number of this part in its session, from 1"),
});
type ListUpload = z.output<typeof listUpload>;

export const partsQuery = z.strictObject({
  name: z.string().describe("name of the list"),
  session: z.string().describe("the session's name"),
});

/** Numbers of the parts of a session that were taken, so that who was cut off sends the others; never before they are answered. */
export async function partsTaken({ solely, params, query }: Call<z.output<typeof partsQuery>>): Promise<number[]> {
  const found = solely.audiences.find(params.advertiser!, query.name);
  if (found === undefined) return [];
  const waitMs = found.shownFromMs - Date.now();
  if (waitMs > 0) await sleep(waitMs);
  const prefix = `${query.session} `;
  return [...found.parts.keys()]
    .filter((part) => part.startsWith(prefix))
    .map((part) => Number(part.slice(prefix.length)))
    .sort((a, b) => a - b);
}

/** What an advertiser did to a list, the last first, as far as it was answered. */
export function historyOf({ solely, params }: Call<unknown>) {
  const nowMs = Date.now();
  const { steps } = solely.audiences.get(params.audience!, params.advertiser!, nowMs);
  return steps
    .filter(({ seenFromMs }) => seenFromMs <= nowMs)
    .map(({ operation, atMs, rows, usable, refused }) => ({
      ...{ operation, at: new Date(Math.ceil(atMs / 1000) * 1000).toISOString() },
      ...{ rows, usable, refused },
    }));
}

/** Matches what comes, and tells the advertiser what may be told. */
export async function uploadList(call: Call<ListUpload>, keepRefused: number) {
  const { solely, actor, params, query, request } = call;
  const { upload, bytes } = await uploadOf(request, query);
  const { name, operation, scheme, region, session, part } = upload;
  if (name === undefined) throw malformed("name: a list needs one", "send ?name=…");
  if ((session === undefined) !== (part === undefined)) {
    throw malformed("session and part go together", "number the parts of a session from 1");
  }
  // Together with the tick that the answer waits for: see the server.
  let receivedAtMs: number | undefined;
  request.raw.once("end", () => (receivedAtMs = Date.now()));
  const {
    rejectFile: _,
    seconds: __,
    ...result
  } = await matchList(solely, bytes, {
    ...{ advertiser: params.advertiser!, name, operation, scheme, region, actor, keepRefused },
    form: request.headers["content-type"] === DIGEST_FORM_TYPE ? "digests" : "rows",
    admit: call.admit,
    receivedAtMs: () => receivedAtMs,
    session: session === undefined || part === undefined ? undefined : { id: session, part },
  });
  return { ...viewAudience(solely, solely.audiences.get(result.audience)), ...result };
}

const malformed = (what: string, fix: string): HttpError => new HttpError(400, "malformed-request", what, fix);
const brokenForm = (): HttpError => malformed("the form can't be read to its end", "send multipart/form-data, whole");

async function uploadOf(
  request: FastifyRequest,
  query: ListUpload,
): Promise<{ upload: ListUpload; bytes: AsyncIterable<Uint8Array> }> {
  if (!request.isMultipart()) return { upload: query, bytes: bodyOf(request) };
  const parts = request.parts();
  const fields = new Map<string, unknown>();
  for (;;) {
    const part = await nextPart(parts);
    if (part === undefined) throw malformed("the form has no file", "add one");
    if (part.type === "file") return { upload: withFields(request, fields), bytes: onlyFile(part, parts) };
    if (fields.has(part.fieldname)) throw malformed("a field is there twice", "send each once");
    fields.set(part.fieldname, part.value);
  }
}

async function nextPart(parts: AsyncIterableIterator<Multipart>): Promise<Multipart | undefined> {
  try {
    const next = await parts.next();
    return next.done === true ? undefined : next.value;
  } catch {
    throw brokenForm();
  }
}

function withFields({ query }: FastifyRequest, fields: ReadonlyMap<string, unknown>): ListUpload {
  const asked = query as Record<string, unknown>;
  if ([...fields.keys()].some((name) => name in asked)) {
    throw malformed("a field is in the form and in the query", "send each once");
  }
  return parsedQuery(listUpload, { ...asked, ...Object.fromEntries(fields) });
}

/** The file's bytes; they end well only when nothing comes after it, so that nothing that was sent is passed over. */
async function* onlyFile(file: MultipartFile, parts: AsyncIterableIterator<Multipart>): AsyncGenerator<Uint8Array> {
  yield* wholeOr(file.file, brokenForm);
  const after = await nextPart(parts);
  if (after === undefined) return;
  if (after.type === "file") after.file.resume();
  throw malformed(
    "something comes after the file",
    "send fields first, then one file; several files are several parts of a session",
  );
}
