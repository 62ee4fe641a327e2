/**
 * The file of a kept checkpoint: a signed note as it stands. Replaced as a whole by rename, and durable with its folder.
 */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { replaceFile } from "../store/index.js";

/** Longer than any checkpoint with its signatures. */
const MAX_BYTES = 64 * 1024;

/** What is kept; undefined when there is no file. */
export async function readKept(file: string): Promise<Uint8Array | undefined> {
  try {
    return (await readFile(file)).subarray(0, MAX_BYTES);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** When the file was written last. */
export const keptSince = (file: string): Promise<number | undefined> =>
  stat(file).then(
    ({ mtimeMs }) => Math.floor(mtimeMs),
    () => undefined,
  );

export const keptDigest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Puts a note in the place of what is kept; anybody may read it. */
export const replaceKept = (file: string, note: Uint8Array): Promise<void> => replaceFile(file, [note], 0o644);

/** Keeps what is given up beside, as evidence. */
export async function setAside(file: string, bytes: Uint8Array): Promise<void> {
  await replaceKept(`${file}.given-up-${keptDigest(bytes).slice(0, 16)}`, bytes);
}

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";
