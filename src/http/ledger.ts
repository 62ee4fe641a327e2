/**
 * The ledger as anybody may read it (https://c2sp.org/tlog-tiles): checkpoint, hash tiles and proofs. Entries are for
 * auditors: when people withdraw is nobody's business.
 */
import { z } from "zod";
import { encodeEntries, formatVerifier, parseTilePath } from "../ledger/index.js";
import { HttpError } from "./problem.js";
import { type Call, Download, type Route, route } from "./route.js";

const BYTES = "application/octet-stream";
/** What a path says never changes; a partial tile is soon of no use to anybody. */
const FOR_GOOD = "public, max-age=31536000, immutable";
const FOR_NOW = "public, max-age=60";
const base64 = (hashes: readonly Uint8Array[]): string[] => hashes.map((hash) => Buffer.from(hash).toString("base64"));

const position = z
  .string()
  .regex(/^\d{1,15}$/, "a whole number from 0 on")
  .transform(Number);
const size = position.optional().describe("number of leaves of the tree; by default the newest checkpoint's");

/** The tile that a path names; a bundle of entries only where these are asked for. */
function placeOf({ params }: Call<unknown>, isEntries: boolean) {
  const { level, ...place } = parseTilePath(`tile/${isEntries ? "entries/" : ""}${params["*"]}`);
  if ((level === "entries") === isEntries) return { ...place, level: level === "entries" ? 0 : level };
  throw new HttpError(404, "no-such-tile", "there is no such tile", "the checkpoint's size tells which there are");
}

export const ledgerRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/tlog/checkpoint",
    scope: null,
    about: "The newest signed checkpoint of the ledger, with witnesses' signatures (C2SP tlog-checkpoint).",
    answers: { 200: "a signed note: origin, number of leaves, root; signatures" },
    handle({ solely: { checkpoints, kept } }) {
      // One that is behind would show the world a fork.
      kept.requireCurrent();
      const { note } = checkpoints.newest;
      return new Download("text/plain; charset=utf-8", { "cache-control": "no-store" }, [Buffer.from(note)]);
    },
  }),
  route({
    method: "GET",
    path: "/tlog/verifier",
    scope: null,
    about: "The key that signs checkpoints, as `NAME+ID+KEY`; to be compared with the one that was published.",
    answers: { 200: "one line" },
    handle: ({ solely: { checkpoints } }) =>
      new Download("text/plain; charset=utf-8", {}, [Buffer.from(`${formatVerifier(checkpoints.verifier)}\n`)]),
  }),
  route({
    method: "GET",
    path: "/tlog/tile/entries/*",
    scope: "audit",
    about: "A bundle of leaves, 42 bytes each after their length, for auditors (C2SP tlog-tiles).",
    answers: { 200: "the bundle; `N[.p/W]` in the path as in the specification", 404: "`no-such-tile`" },
    async handle(call) {
      const place = placeOf(call, true);
      const entries = encodeEntries(await call.solely.checkpoints.entries(place));
      return new Download(BYTES, { "cache-control": "private" }, [entries]);
    },
  }),
  route({
    method: "GET",
    path: "/tlog/tile/*",
    scope: null,
    about: "A tile of the tree's hashes, 32 bytes each (C2SP tlog-tiles).",
    answers: { 200: "the tile; `L/N[.p/W]` in the path as in the specification", 404: "`no-such-tile`" },
    async handle(call) {
      const place = placeOf(call, false);
      const tile = await call.solely.checkpoints.tile(place);
      return new Download(BYTES, { "cache-control": place.width === 256 ? FOR_GOOD : FOR_NOW }, [tile]);
    },
  }),
  route({
    method: "GET",
    path: "/v1/ledger/inclusion",
    scope: null,
    about: "Proof that a leaf is in the tree (RFC 6962, section 2.1.1).",
    query: z.strictObject({ position: position.describe("the leaf's, from 0 on"), size }),
    answers: { 200: "`position, size, path` (hashes in base64, the lowest first)" },
    async handle({ solely: { checkpoints }, query }) {
      const size = query.size ?? checkpoints.size;
      return { position: query.position, size, path: base64(await checkpoints.inclusion(query.position, size)) };
    },
  }),
  route({
    method: "GET",
    path: "/v1/ledger/consistency",
    scope: null,
    about: "Proof that an older tree is the beginning of a newer one (RFC 6962, section 2.1.2).",
    query: z.strictObject({ from: position.describe("number of leaves of the older tree"), size }),
    answers: { 200: "`from, size, path` (hashes in base64)" },
    async handle({ solely: { checkpoints }, query }) {
      const size = query.size ?? checkpoints.size;
      return { from: query.from, size, path: base64(await checkpoints.consistency(query.from, size)) };
    },
  }),
];
