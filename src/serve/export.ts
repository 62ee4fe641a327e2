/**
 * Exports: the accounts that an audience may be served to, as of one ledger position, and until when that may be used.
 *
 * Distinct, sorted by their bytes. Each export is a leaf of the ledger with its actor; it is durable before a byte is
 * handed out. Of an audience that is not served an export is empty. Operators can have its members all the same, to look
 * at: such a file says in its header, and in what lies beside it, that it is not for serving.
 */
import { parquetWriteBuffer } from "hyparquet-writer";
import { LeafKind } from "../ledger/index.js";
import { replaceFile } from "../store/index.js";
import { ServeError } from "./error.js";
import { type NotServed, whyNotServed } from "./not-served.js";
import type { ServeRooms } from "./rooms.js";

export interface ExportInfo {
  readonly audience: string;
  /** Ledger position that the export was made at; follow changes from here. */
  readonly position: number;
  /** RFC 3339; not to be used after this. */
  readonly expiresAt: string;
  /** Why it is empty, of an audience that is not served. */
  readonly notServed?: NotServed;
  /** Whether it holds members that may not be served: for looking at alone. */
  readonly isForServing: boolean;
}

export interface AudienceExport extends ExportInfo {
  /** Account numbers, in the order of their names' bytes. */
  readonly accounts: Uint32Array;
}

export interface ExportOptions {
  readonly audience: string;
  readonly actor: string;
  /** Hours after which it must not be used any more. */
  readonly expiryHours: number;
  /** For operators: the members as they are, whether or not they may be served. */
  readonly isUnreleased?: boolean | undefined;
}

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 10;
const QUOTE = 34;
/** Bytes for which RFC 4180 wants quotes. */
const QUOTED = [QUOTE, 44, NEWLINE, 13];

/**
 * Makes an export durable in the ledger and says who is in it.
 * @throws {AudienceError} code `unknown-audience`
 */
export async function exportAudience(
  { log, gate, contacts, audiences, releases }: ServeRooms,
  { audience: id, actor, expiryHours, isUnreleased = false }: ExportOptions,
): Promise<AudienceExport> {
  const expiresAt = new Date(Date.now() + expiryHours * 3_600_000).toISOString();
  let made: AudienceExport | undefined;
  await log.record(LeafKind.export, () => {
    const audience = audiences.get(id);
    const permit = gate.permit("ads.match");
    const ordinals = isUnreleased ? audiences.members(permit, audience) : audiences.served(permit, audience);
    const accounts = contacts.accountsOf(ordinals.toArray());
    ordinals.dispose();
    const { position } = log;
    const isClosed = !isUnreleased && audience.served === undefined;
    made = {
      ...{ audience: id, position, expiresAt, accounts, isForServing: !isUnreleased },
      ...(isClosed ? { notServed: whyNotServed({ releases }, audience) } : {}),
    };
    const how = isUnreleased ? { isUnreleased } : {};
    return Buffer.from(JSON.stringify({ type: "export", actor, audience: id, asOf: position, expiresAt, ...how }));
  });
  return made!;
}

/** Name of the one column. */
const columnOf = ({ isForServing }: Pick<ExportInfo, "isForServing">): string =>
  isForServing ? "account" : "account_not_for_serving";

/** RFC 4180 with the header `account`, or `account_not_for_serving`, in pieces. */
export function* exportCsv(
  { contacts }: Pick<ServeRooms, "contacts">,
  { accounts, isForServing }: AudienceExport,
): Generator<Buffer> {
  let chunk = Buffer.alloc(CHUNK_BYTES);
  let used = chunk.write(`${columnOf({ isForServing })}\n`);
  for (const account of accounts) {
    const name = contacts.accounts.name(account);
    if (used + 2 * name.length + 3 > CHUNK_BYTES) {
      yield chunk.subarray(0, used);
      chunk = Buffer.alloc(CHUNK_BYTES);
      used = 0;
    }
    const isQuoted = name.some((byte) => QUOTED.includes(byte));
    if (isQuoted) chunk[used++] = QUOTE;
    for (const byte of name) {
      if (byte === QUOTE) chunk[used++] = QUOTE;
      chunk[used++] = byte;
    }
    if (isQuoted) chunk[used++] = QUOTE;
    chunk[used++] = NEWLINE;
  }
  yield chunk.subarray(0, used);
}

/** A Parquet file with the column `account`, or `account_not_for_serving`; position and expiry are in its metadata. */
export function exportParquet({ contacts }: Pick<ServeRooms, "contacts">, made: AudienceExport): Buffer {
  const buffer = parquetWriteBuffer({
    columnData: [
      {
        name: columnOf(made),
        data: Array.from(made.accounts, (account) => contacts.accountName(account)),
        type: "STRING",
      },
    ],
    kvMetadata: [
      { key: "solely.audience", value: made.audience },
      { key: "solely.position", value: String(made.position) },
      { key: "solely.expiresAt", value: made.expiresAt },
    ],
  });
  return Buffer.from(buffer);
}

/**
 * Writes an export as `.csv` or `.parquet`, with its position and expiry in `OUT.json` beside it.
 * @throws {ServeError} codes `unknown-export-format`, `unwritable-file`
 */
export async function exportToFile(
  rooms: ServeRooms,
  { out, ...options }: ExportOptions & { readonly out: string },
): Promise<ExportInfo & { readonly out: string; readonly accounts: number }> {
  const isCsv = out.endsWith(".csv");
  if (!isCsv && !out.endsWith(".parquet")) {
    throw new ServeError("unknown-export-format", `${out} is neither .csv nor .parquet`, "name it so");
  }
  const made = await exportAudience(rooms, options);
  const { accounts, ...info } = made;
  await writeWhole(out, isCsv ? exportCsv(rooms, made) : [exportParquet(rooms, made)]);
  await writeWhole(`${out}.json`, [Buffer.from(`${JSON.stringify(info, null, 2)}\n`)]);
  return { ...info, out, accounts: accounts.length };
}

/**
 * A file that appears only when it is whole, for its owner alone.
 * @throws {ServeError} code `unwritable-file`
 */
export async function writeWhole(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  await replaceFile(path, pieces).catch((cause) => {
    const fix = "check the folder's permissions and its room";
    throw new ServeError("unwritable-file", `${path} can't be written`, fix, { cause });
  });
}
