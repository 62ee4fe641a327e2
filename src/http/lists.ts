/** Uploads of lists: a raw body, or the one file of a multipart form whose fields say what the query else would. */
import type { Multipart, MultipartFile } from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { matchList, viewAudience } from "../audience/index.js";
import { type Scheme, schemes } from "../contact/index.js";
import { HttpError } from "./problem.js";
import type { Call } from "./route.js";

const MAX_PART = 100_000;

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
  part: z.coerce.number().int().min(1).max(MAX_PART).default(1).describe("number of this part in its session, from 1"),
});
type ListUpload = z.output<typeof listUpload>;

/** Matches what comes, and tells the advertiser what may be told. */
export async function uploadList({ solely, actor, params, query, request }: Call<ListUpload>, keepRefused: number) {
  const { upload, bytes } = await uploadOf(request, query);
  const { name, operation, scheme, region, session, part } = upload;
  if (name === undefined) throw new HttpError(400, "malformed-request", "name: a list needs one", "send ?name=…");
  const {
    rejectFile: _,
    seconds: __,
    ...result
  } = await matchList(solely, bytes, {
    ...{ advertiser: params.advertiser!, name, operation, scheme, region, actor, keepRefused },
    session: session === undefined ? undefined : { id: session, part },
  });
  return { ...viewAudience(solely.audiences.get(result.audience)), ...result };
}

async function uploadOf(
  request: FastifyRequest,
  query: ListUpload,
): Promise<{ upload: ListUpload; bytes: AsyncIterable<Uint8Array> }> {
  if (!request.isMultipart()) return { upload: query, bytes: request.raw };
  const parts = request.parts();
  const fields: Record<string, unknown> = {};
  for (;;) {
    const next = await parts.next();
    if (next.done === true) throw new HttpError(400, "malformed-request", "the form has no file", "add one");
    const part = next.value;
    if (part.type === "file") return { upload: withFields(query, fields), bytes: onlyFile(part, parts) };
    fields[part.fieldname] = part.value;
  }
}

function withFields(query: ListUpload, fields: Record<string, unknown>): ListUpload {
  const parsed = listUpload.safeParse({ ...query, ...fields });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new HttpError(400, "malformed-request", `${issue.path.join(".") || "form"}: ${issue.message}`, "see the API");
}

/** The file's bytes; they end well only when nothing comes after it, so that nothing that was sent is passed over. */
async function* onlyFile(file: MultipartFile, parts: AsyncIterableIterator<Multipart>): AsyncGenerator<Uint8Array> {
  yield* file.file;
  const next = await parts.next();
  if (next.done === true) return;
  if (next.value.type === "file") next.value.file.resume();
  throw new HttpError(
    400,
    "malformed-request",
    `${next.value.fieldname.slice(0, 64)}: comes after the file`,
    "send fields first, then one file; several files are several parts of a session",
  );
}
