/**
 * Backups: the tables as of one instant, in one file; made online, and restored into an empty database of any kind.
 *
 * It holds what the database holds, sealed and keyed as it is there, and no key: who has a backup without the keys has
 * nothing. Torn or flipped bytes are found, and then nothing is restored; it is no defence against a forger (the ledger's
 * checkpoint is). Little-endian:
 *
 *     8 bytes "SOLYBAK1"   u32 bytes of the head   the head, JSON: version of the schema, tables with columns, the caller's
 *     for each table: binary COPY in frames of u32 bytes and as many bytes, then a frame of none
 *     32 bytes SHA-256 of all before
 */
import { createHash, type Hash } from "node:crypto";
import { open as openFile, rename, rm } from "node:fs/promises";
import { z } from "zod";
import { StoreError, storeError } from "./failure.js";
import { BACKUP_LIMIT_FRAME_BYTES, BACKUP_LIMIT_HEAD_BYTES } from "./limits.js";
import { SCHEMA_VERSION } from "./schema.js";
import { readLength, type Session } from "./session.js";

type File = Awaited<ReturnType<typeof openFile>>;

const MAGIC = Buffer.from("SOLYBAK1", "latin1");
const HASH_BYTES = 32;
/** Everything but who writes; in the order in which they are restored. */
const TABLES = ["leaf", "fact", "fact_key", "erased_fact", "token", "token_key", "sealed", "tile", "checkpoint"];

const headSchema = z.object({
  schema: z.int().positive(),
  tables: z.array(
    z.object({ name: z.enum(TABLES as [string, ...string[]]), columns: z.array(z.string().regex(/^[a-z_]+$/)) }),
  ),
  more: z.unknown(),
});

/**
 * Writes a backup, which appears only when it is whole, readable by its owner alone.
 * @param session one of its own, that nothing else is done on
 * @param more what the caller wants to find in the head again
 * @returns number of leaves, and bytes of the file
 * @throws {StoreError} code `unwritable-file`
 */
export async function writeBackup(
  session: Session,
  path: string,
  more: unknown,
): Promise<{ position: number; bytes: number }> {
  await session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const position = await readLength(session);
  const unfinished = `${path}.${process.pid}.new`;
  let written = 0;
  try {
    const file = await openFile(unfinished, "wx", 0o600).catch(unwritable(path));
    try {
      const hash = createHash("sha256");
      const write = async (bytes: Uint8Array) => {
        hash.update(bytes);
        written += bytes.byteLength;
        await file.writeFile(bytes);
      };
      const tables = [];
      for (const name of TABLES) tables.push({ name, columns: await columnsOf(session, name) });
      const head = Buffer.from(JSON.stringify({ schema: SCHEMA_VERSION, tables, more }));
      await write(Buffer.concat([MAGIC, u32(head.length), head]));
      for (const { name, columns } of tables) {
        const query = `COPY solely.${name} (${columns.join(", ")}) TO STDOUT (FORMAT binary)`;
        for await (const piece of session.copyOut(query)) {
          await write(u32(piece.length));
          await write(piece);
        }
        await write(u32(0));
      }
      await file.writeFile(hash.digest());
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path).catch(unwritable(path));
    return { position, bytes: written + HASH_BYTES };
  } catch (thrown) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw storeError(thrown);
  }
}

async function columnsOf(session: Session, table: string): Promise<string[]> {
  const rows = await session.rows(
    `SELECT column_name::text AS name FROM information_schema.columns
     WHERE table_schema = 'solely' AND table_name = $1 ORDER BY ordinal_position`,
    [table],
  );
  return rows.map(({ name }) => String(name));
}

/**
 * Fills the empty tables from a backup: all of it, durably, or nothing.
 * @returns number of leaves
 * @throws {StoreError} codes `malformed`, `schema-newer`, `position-conflict` if the database is not empty
 */
export async function restoreBackup(session: Session, path: string): Promise<number> {
  const file = await openBackup(path);
  try {
    await session.run("BEGIN");
    try {
      if ((await readLength(session)) !== 0) {
        throw new StoreError("position-conflict", "the database holds a store already", {
          fix: "restore into an empty one",
        });
      }
      const reader = new BackupReader(file);
      const { schema, tables } = await reader.head();
      if (schema > SCHEMA_VERSION) {
        throw new StoreError("schema-newer", `the backup has schema ${schema}; this version knows ${SCHEMA_VERSION}`, {
          fix: "use the newer version of solely that wrote it",
        });
      }
      for (const { name, columns } of tables) {
        const copy = `COPY solely.${name} (${columns.join(", ")}) FROM STDIN (FORMAT binary)`;
        await session.copyIn(copy, reader.frames()).catch((thrown) => {
          throw isBadData(thrown) ? notWhole("the database can't read its rows") : thrown;
        });
      }
      await reader.end();
      const position = await readLength(session);
      await session.run("COMMIT");
      return position;
    } catch (thrown) {
      if (!session.isBroken) await session.run("ROLLBACK");
      throw thrown;
    }
  } finally {
    await file.close();
  }
}

/** What the caller put into the head of a backup. */
export async function readBackupHead(path: string): Promise<unknown> {
  const file = await openBackup(path);
  try {
    return (await new BackupReader(file).head()).more;
  } finally {
    await file.close();
  }
}

function openBackup(path: string): Promise<File> {
  return openFile(path, "r").catch(() => {
    throw new StoreError("malformed", `${path} can't be read`, { fix: "check its name and permissions" });
  });
}

class BackupReader {
  readonly #file: File;
  readonly #hash: Hash = createHash("sha256");

  constructor(file: File) {
    this.#file = file;
  }

  async head(): Promise<z.output<typeof headSchema>> {
    const start = await this.#read(MAGIC.length + 4);
    if (!MAGIC.equals(start.subarray(0, MAGIC.length))) throw notWhole("it does not begin as one");
    const bytes = start.readUInt32LE(MAGIC.length);
    if (bytes > BACKUP_LIMIT_HEAD_BYTES) throw notWhole("its head is too long");
    const text = (await this.#read(bytes)).toString("utf8");
    try {
      return headSchema.parse(JSON.parse(text));
    } catch {
      throw notWhole("its head can't be read");
    }
  }

  /** The frames of the next table. */
  async *frames(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const bytes = (await this.#read(4)).readUInt32LE(0);
      if (bytes === 0) return;
      if (bytes > BACKUP_LIMIT_FRAME_BYTES) throw notWhole("a frame is too long");
      yield await this.#read(bytes);
    }
  }

  /** Holds all that was read against the sum at the end. */
  async end(): Promise<void> {
    const sum = this.#hash.digest();
    const stored = Buffer.alloc(HASH_BYTES + 1);
    const { bytesRead } = await this.#file.read(stored, 0, HASH_BYTES + 1);
    if (bytesRead !== HASH_BYTES || !sum.equals(stored.subarray(0, HASH_BYTES)))
      throw notWhole("its sum is another one");
  }

  async #read(bytes: number): Promise<Buffer> {
    const read = Buffer.alloc(bytes);
    for (let at = 0; at < bytes; ) {
      const { bytesRead } = await this.#file.read(read, at, bytes - at);
      if (bytesRead === 0) throw notWhole("it ends too early");
      at += bytesRead;
    }
    this.#hash.update(read);
    return read;
  }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Classes of SQLSTATE: rows that can't be read, and rows that can't be together. */
const isBadData = (thrown: unknown): boolean => thrown instanceof StoreError && /^2[23]/.test(thrown.sqlState ?? "");

const unwritable = (path: string) => (): never => {
  const fix = "check that the folder is there, its permissions and its room";
  throw new StoreError("unwritable-file", `${path} can't be written`, { fix });
};

const notWhole = (what: string): StoreError =>
  new StoreError("malformed", `this is no whole backup: ${what}`, { fix: "restore from another one" });
