/**
 * A log as files that any static server can serve (https://c2sp.org/tlog-tiles): where they are read from, and their export.
 *
 *     checkpoint        the newest, signed
 *     verifier          the key that signs it, `NAME+ID+KEY`
 *     tile/…            hash tiles and bundles of entries
 *
 * Partial tiles are written too, so that what is exported is whole by itself.
 */
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { encodeEntries, formatVerifier, type TilePlace, tilePath, tilesOf } from "../ledger/index.js";
import { replaceFile } from "../store/index.js";
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
  const { note, checkpoint } = checkpoints.newest;
  const { size, root } = checkpoint;
  const verifier = formatVerifier(checkpoints.verifier);
  const places: TilePlace[] = [...tilesOf(size)];
  try {
    await mkdir(out, { recursive: true, mode: 0o700 });
    await rm(join(out, CHECKPOINT_FILE), { force: true });
    // Every tile, and for each of the lowest level a bundle.
    const files = places.length + places.filter(({ level }) => level === 0).length;
    let done = 0;
    for (const place of places) {
      await write(out, tilePath(place, place.level), await checkpoints.tile(place));
      onProgress(++done, files);
    }
    for await (const { index, leaves } of checkpoints.bundles(size)) {
      await write(out, tilePath({ index, width: leaves.length }, "entries"), encodeEntries(leaves));
      onProgress(++done, files);
    }
    await write(out, VERIFIER_FILE, Buffer.from(`${verifier}\n`));
    await write(out, CHECKPOINT_FILE, Buffer.from(note));
  } catch (cause) {
    if (cause instanceof CheckpointError) throw cause;
    throw new CheckpointError("unwritable-folder", `${out} can't be written`, "check its permissions and its room");
  }
  return { out, size, root: Buffer.from(root).toString("base64"), verifier };
}

/** For its owner alone: entries are not public. Whole or not there, for who serves the folder meanwhile. */
async function write(out: string, path: string, bytes: Uint8Array): Promise<void> {
  const file = join(out, path);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await replaceFile(file, [bytes]);
}
