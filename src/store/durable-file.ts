/**
 * Files that appear only when they are whole: written beside, flushed, and renamed into place; the folder is flushed too,
 * so that what is there after that is there after a power loss.
 */
import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Puts a file in the place of what is there.
 * @param mode by default for its owner alone
 * @throws what the system says; what was there before still stands then, unless only the folder could not be flushed
 */
export async function replaceFile(
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  mode = 0o600,
): Promise<void> {
  const unfinished = `${path}.${randomBytes(4).toString("hex")}.new`;
  try {
    const file = await open(unfinished, "wx", mode);
    try {
      for await (const piece of pieces) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Flushes a folder: the names in it. */
export async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
