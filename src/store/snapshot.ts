/**
 * Snapshot: the hot state at one ledger position, in one file that can always be thrown away and rebuilt.
 *
 * It is believed only if an HMAC-SHA-256 under the caller's key holds over all of it, its name included; a torn,
 * flipped, forged, renamed or older-format file is `unusable`, never an error. Written to a new file, flushed, renamed,
 * and the folder flushed, so that a crash leaves the old snapshot or the new one. Little-endian, in this order:
 *
 *     8 bytes "SOLYSNP3"   u32 bytes of the contents table   u32 number of sections n   f64 position
 *     contents table: u16 length and UTF-8 of the snapshot's name, then n × (f64 bytes, u16 length and UTF-8 of its name)
 *     the sections, one after the other          32 bytes HMAC-SHA-256 of all before
 */
import { createHmac, type Hmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "./durable-file.js";
import { StoreError, storeErrorAt } from "./failure.js";
import { SNAPSHOT_LIMIT_NAME_BYTES, SNAPSHOT_LIMIT_SECTIONS } from "./limits.js";

/** What to keep: the position that the state holds, the key of the seal, and named bytes. */
export interface Snapshot {
  readonly position: number;
  readonly key: Uint8Array;
  readonly sections: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/** Why a snapshot is not believed. */
export type SnapshotFault = "missing" | "unreadable" | "other-format" | "torn" | "seal";

const MAGIC = Buffer.from("SOLYSNP3", "latin1");
const HEAD_BYTES = 24;
const SEAL_BYTES = 32;
/** Hashing and file access take turns in pieces of this size, so that the process goes on answering meanwhile. */
const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * Replaces the snapshot `name` in folder `dir` (made if it is missing). Sections must stay untouched meanwhile.
 *
 * @throws {StoreError} codes `too-large`, `disk-full`, `unavailable`; the snapshot before then still stands
 */
export async function writeSnapshot(dir: string, name: string, snapshot: Snapshot): Promise<void> {
  const contents = encodeContents(name, snapshot);
  const prefix = `.${name}.`;
  const unfinished = `${prefix}${randomBytes(6).toString("hex")}.new`;
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    for (const left of await readdir(dir)) {
      if (left.startsWith(prefix) && left.endsWith(".new")) await rm(join(dir, left), { force: true });
    }
    const file = await open(join(dir, unfinished), "wx", 0o600);
    try {
      const seal = createHmac("sha256", snapshot.key);
      await writeSealed(file, seal, contents);
      for (const { bytes } of snapshot.sections) await writeSealed(file, seal, bytes);
      await writeAll(file, seal.digest());
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(join(dir, unfinished), join(dir, name));
    await syncFolder(dir);
  } catch (thrown) {
    await rm(join(dir, unfinished), { force: true }).catch(() => {});
    throw await storeErrorAt(dir, thrown);
  }
}

function encodeContents(name: string, { position, sections }: Snapshot): Buffer {
  if (sections.length > SNAPSHOT_LIMIT_SECTIONS) {
    throw new StoreError("too-large", `${sections.length} sections; at most ${SNAPSHOT_LIMIT_SECTIONS}`);
  }
  const pieces = [encodeName(name)];
  for (const section of sections) {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(section.bytes.byteLength);
    pieces.push(bytes, encodeName(section.name));
  }
  const table = Buffer.concat(pieces);
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32LE(table.length, 8);
  head.writeUInt32LE(sections.length, 12);
  head.writeDoubleLE(position, 16);
  return Buffer.concat([head, table]);
}

function encodeName(name: string): Buffer {
  const text = Buffer.from(name, "utf8");
  if (text.length > SNAPSHOT_LIMIT_NAME_BYTES) {
    throw new StoreError("too-large", `a name of ${text.length} bytes; at most ${SNAPSHOT_LIMIT_NAME_BYTES}`);
  }
  const length = Buffer.alloc(2);
  length.writeUInt16LE(text.length);
  return Buffer.concat([length, text]);
}

async function writeSealed(file: FileHandle, seal: Hmac, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) {
    const piece = bytes.subarray(at, at + PIECE_BYTES);
    const written = writeAll(file, piece);
    seal.update(piece); // while the piece is being written
    await written;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    at += (await file.write(bytes, at, bytes.byteLength - at)).bytesWritten;
  }
}

/** Hears of a section what was read of it so far, again and again, and of how many bytes all sections are. */
export type SectionRead = (section: string, read: Uint8Array, ofAll: number) => void;

/**
 * The snapshot `name` of folder `dir`, or why there is none to believe. Each section has a buffer of its own, so
 * typed arrays can look into it without a copy.
 *
 * Cost: one pass of reading with one of HMAC beside it.
 */
export async function readSnapshot(
  dir: string,
  name: string,
  key: Uint8Array,
  onRead: SectionRead = () => {},
): Promise<{ position: number; sections: Map<string, Uint8Array> } | { unusable: SnapshotFault }> {
  let file: FileHandle;
  try {
    file = await open(join(dir, name), "r");
  } catch (thrown) {
    const isMissing = thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
    return { unusable: isMissing ? "missing" : "unreadable" };
  }
  try {
    return await readSealed(file, name, key, onRead);
  } catch {
    return { unusable: "unreadable" };
  } finally {
    await file.close();
  }
}

async function readSealed(file: FileHandle, name: string, key: Uint8Array, onRead: SectionRead) {
  const { size } = await file.stat();
  const head = new Uint8Array(HEAD_BYTES);
  const seal = createHmac("sha256", key);
  if (size < HEAD_BYTES + SEAL_BYTES) return { unusable: "torn" } as const;
  await readInto(file, head, 0, seal);
  const view = new DataView(head.buffer);
  if (!MAGIC.equals(head.subarray(0, 8))) return { unusable: "other-format" } as const;
  const tableBytes = view.getUint32(8, true);
  const count = view.getUint32(12, true);
  if (HEAD_BYTES + tableBytes + SEAL_BYTES > size || count > SNAPSHOT_LIMIT_SECTIONS) {
    return { unusable: "torn" } as const;
  }
  const table = new Uint8Array(tableBytes);
  await readInto(file, table, HEAD_BYTES, seal);
  const contents = decodeTable(table, count);
  // Sizes are compared with the file's before room is made for them: a forged table must not exhaust memory.
  const total = contents?.sections.reduce((sum, { bytes }) => sum + bytes, HEAD_BYTES + tableBytes + SEAL_BYTES);
  if (contents === undefined || total !== size) return { unusable: "torn" } as const;
  const sections = new Map<string, Uint8Array>();
  let at = HEAD_BYTES + tableBytes;
  for (const section of contents.sections) {
    const bytes = new Uint8Array(section.bytes);
    await readInto(file, bytes, at, seal, (read) => onRead(section.name, read, size));
    at += bytes.byteLength;
    sections.set(section.name, bytes);
  }
  const stored = new Uint8Array(SEAL_BYTES);
  await readInto(file, stored, at, undefined);
  if (!timingSafeEqual(stored, seal.digest()) || contents.name !== name) return { unusable: "seal" } as const;
  return { position: view.getFloat64(16, true), sections };
}

/** Fills `target` from file offset `start`, hashing each piece while the next is being read. */
async function readInto(
  file: FileHandle,
  target: Uint8Array,
  start: number,
  seal: Hmac | undefined,
  onRead: (read: Uint8Array) => void = () => {},
): Promise<void> {
  let hashed = 0;
  for (let at = 0; at < target.byteLength; ) {
    const reading = file.read(target, at, Math.min(PIECE_BYTES, target.byteLength - at), start + at);
    seal?.update(target.subarray(hashed, at));
    onRead(target.subarray(0, at));
    hashed = at;
    const { bytesRead } = await reading;
    if (bytesRead === 0) throw new Error("the file ended");
    at += bytesRead;
  }
  seal?.update(target.subarray(hashed));
  onRead(target);
}

function decodeTable(table: Uint8Array, count: number) {
  const view = new DataView(table.buffer);
  const utf8 = new TextDecoder();
  let at = 0;
  const readName = () => {
    const length = view.getUint16(at, true);
    if (at + 2 + length > table.byteLength) throw new RangeError("a name ends behind the table");
    const name = utf8.decode(table.subarray(at + 2, at + 2 + length));
    at += 2 + length;
    return name;
  };
  try {
    const name = readName();
    const sections: { name: string; bytes: number }[] = [];
    for (let i = 0; i < count; i++) {
      const bytes = view.getFloat64(at, true);
      if (!Number.isSafeInteger(bytes) || bytes < 0) return undefined;
      at += 8;
      sections.push({ name: readName(), bytes });
    }
    return at === table.byteLength ? { name, sections } : undefined;
  } catch {
    return undefined; // DataView and readName throw RangeError behind the end
  }
}
