/**
 * A log as files that any static server can serve (https://c2sp.org/tlog-tiles): where they are read from, and their export.
 *
 *     checkpoint        the newest, signed
 *     verifier          the key that signs it, `NAME+ID+KEY`
 *     tile/…            hash tiles and bundles of entries
 *
 * Partial tiles are written too, so that what is exported is whole by itself.
 */
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { encodeEntries, formatVerifier, openCheckpoint, type TilePlace, tilePath, tilesOf } from "../ledger/index.js";
import type { Checkpoints } from "./checkpoints.js";
import { CheckpointError } from "./error.js";

export const CHECKPOINT_FILE = "checkpoint";
export const VERIFIER_FILE = "verifier";

/** Where a log's files come from. */
export interface LogSource {
  /** A file's bytes; undefined if there is none, or one may not have it. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** For a person. */
  readonly name: string;
}

/** @param key an API key of the scope `audit`, for the entries of a server */
export function logSource(place: string, key?: string): LogSource {
  return /^https?:\/\//.test(place)
    ? served(place, key)
    : { name: place, read: (path) => readIfThere(join(place, path)) };
}

async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unreadable(file);
  }
}

function served(place: string, key: string | undefined): LogSource {
  const base = place.endsWith("/") ? place : `${place}/`;
  return {
    name: place,
    async read(path) {
      const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
      const answer = await fetch(new URL(path, base), { headers }).catch(() => {
        throw unreadable(place);
      });
      if ([401, 403, 404].includes(answer.status)) {
        await answer.body?.cancel();
        return undefined;
      }
      if (!answer.ok) throw unreadable(place);
      return new Uint8Array(await answer.arrayBuffer());
    },
  };
}

const unreadable = (what: string): CheckpointError =>
  new CheckpointError("unreadable-log", `${what} can't be read`, "check the address, the folder and who may read it");

export interface ExportedLog {
  readonly out: string;
  /** Leaves that it holds. */
  readonly size: number;
  readonly root: string;
  readonly verifier: string;
}

/**
 * Writes a log into an empty or a new folder; the checkpoint last, so that what was cut off has none.
 * @param onProgress tiles written, and all of them
 * @throws {CheckpointError} code `unwritable-folder`
 */
export async function exportLog(
  checkpoints: Checkpoints,
  out: string,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<ExportedLog> {
  await checkpoints.signNow();
  const { note } = checkpoints.newest;
  const { size, root } = openCheckpoint(note, checkpoints.verifier).checkpoint;
  const verifier = formatVerifier(checkpoints.verifier);
  const places: TilePlace[] = [...tilesOf(size)];
  try {
    await mkdir(out, { recursive: true, mode: 0o700 });
    await rm(join(out, CHECKPOINT_FILE), { force: true });
    for (const [i, place] of places.entries()) {
      await write(join(out, tilePath(place, place.level)), await checkpoints.tile(place));
      if (place.level === 0) {
        await write(join(out, tilePath(place, "entries")), encodeEntries(await checkpoints.entries(place, size)));
      }
      onProgress(i + 1, places.length);
    }
    await write(join(out, VERIFIER_FILE), Buffer.from(`${verifier}\n`));
    await write(join(out, CHECKPOINT_FILE), Buffer.from(note));
  } catch (cause) {
    if (cause instanceof CheckpointError) throw cause;
    throw new CheckpointError("unwritable-folder", `${out} can't be written`, "check its permissions and its room");
  }
  return { out, size, root: Buffer.from(root).toString("base64"), verifier };
}

/** A file that appears only when it is whole, for its owner alone: entries are not public. */
export async function write(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}.new`;
  const file = await open(unfinished, "w", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
}
