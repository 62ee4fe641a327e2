/**
 * What can go wrong in the store: one error class, with a code from a closed union and a fix for a person.
 *
 * It promises never to carry a stored value. The driver's own errors may (a key in `detail`, a row in `where`), so
 * they are not kept as `cause`; only the five letters of the SQLSTATE go along.
 */
import { statfs } from "node:fs/promises";
import { DISK_FULL_BYTES } from "./limits.js";

export type StoreErrorCode =
  /** The database does not answer or the connection broke; `reopen()` mends it. */
  | "unavailable"
  /** No room left where the database lives; nothing half-done was kept. */
  | "disk-full"
  /** This process held the writer's lock and lost it; `reopen()` tries to get it again. */
  | "lost-lock"
  /** An operation for the writer, called without `acquireWriter()`. */
  | "not-writer"
  /** Positions do not continue the log, or rows to rewrite are not there. */
  | "position-conflict"
  /** A body, batch or name is over its limit. */
  | "too-large"
  /** The store was written by a newer version of this program. */
  | "schema-newer"
  /** The embedded database cannot run here, or exits at once. */
  | "cannot-start"
  /** The embedded database did not get ready in time. */
  | "start-timeout"
  /** The database refuses our user or password. */
  | "access-refused"
  /** Bytes that should be a columnar body or a COPY stream are not. */
  | "malformed"
  /** A file that a person named can't be written. */
  | "unwritable-file"
  /** Somebody reads a table that is to be rewritten. */
  | "busy"
  /** The store was closed. */
  | "closed"
  /** The database refused a statement for another reason; see `sqlState`. */
  | "refused";

export interface StoreErrorFields {
  /** What a person can do about it. */
  readonly fix?: string | undefined;
  /** PostgreSQL's five-letter code, if it sent one. */
  readonly sqlState?: string | undefined;
  /** True when the connection broke during COMMIT: after `reopen()`, `length()` tells whether the append stands. */
  readonly mayBeCommitted?: boolean | undefined;
}

export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;
  readonly fix: string | undefined;
  readonly sqlState: string | undefined;
  readonly mayBeCommitted: boolean;

  constructor(code: StoreErrorCode, message: string, fields: StoreErrorFields = {}) {
    super(message);
    this.code = code;
    this.fix = fields.fix;
    this.sqlState = fields.sqlState;
    this.mayBeCommitted = fields.mayBeCommitted ?? false;
  }
}

/** The one wording for a full disk, wherever it shows. */
export function diskFull(fields: StoreErrorFields = {}): StoreError {
  return new StoreError("disk-full", "no room left on the disk that holds the database; nothing of this was kept", {
    fix: "make room on that disk (or move the data folder to a larger one), then try again",
    ...fields,
  });
}

const ACCESS_STATES = new Set(["28000", "28P01", "3D000", "42501"]);

/** Turns whatever the driver threw into a StoreError without any stored value in it. */
export function storeError(thrown: unknown, fields: StoreErrorFields = {}): StoreError {
  if (thrown instanceof StoreError) return thrown;
  const sqlState = sqlStateOf(thrown);
  if (sqlState === "53100") return diskFull({ ...fields, sqlState });
  if (sqlState !== undefined && ACCESS_STATES.has(sqlState)) {
    return new StoreError("access-refused", `the database refuses this user, password or database (${sqlState})`, {
      fix: "check DATABASE_URL, or restore the file postgres/password of the data folder",
      ...fields,
      sqlState,
    });
  }
  const systemCode = textField(thrown, "code") ?? "connection lost";
  if (sqlState === undefined && ["EACCES", "EPERM"].includes(systemCode)) {
    return new StoreError("access-refused", `this user may not read or write the store's files (${systemCode})`, {
      fix: "run as the user who owns the data folder",
      ...fields,
    });
  }
  if (sqlState === undefined && systemCode === "ENOSPC") return diskFull(fields);
  if (sqlState === undefined || endsSession(thrown)) {
    return new StoreError("unavailable", `the database does not answer (${sqlState ?? systemCode})`, {
      fix: "see whether the database runs; reopen the store",
      ...fields,
      sqlState,
    });
  }
  return new StoreError("refused", `the database refused a statement (SQLSTATE ${sqlState})`, { ...fields, sqlState });
}

/** Like {@link storeError}; a lost server whose disk is full counts as a full disk. `dir` is the server's, if local. */
export async function storeErrorAt(
  dir: string | undefined,
  thrown: unknown,
  fields: StoreErrorFields = {},
): Promise<StoreError> {
  const error = storeError(thrown, fields);
  const isLost = error.code === "unavailable" || error.code === "cannot-start" || error.code === "start-timeout";
  if (isLost && dir !== undefined && (await isDiskFull(dir))) return diskFull({ ...fields, sqlState: error.sqlState });
  return error;
}

/** True when the disk under `dir` has no room for the database to work. */
export async function isDiskFull(dir: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(dir);
    return bavail * bsize < DISK_FULL_BYTES;
  } catch {
    return false;
  }
}

/** PostgreSQL's SQLSTATE of a thrown value, if there is one. */
export function sqlStateOf(thrown: unknown): string | undefined {
  const code = textField(thrown, "code");
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && textField(thrown, "severity") !== undefined
    ? code
    : undefined;
}

/** True when the server said that this session is over (FATAL, PANIC, shutdown, starting up). */
export function endsSession(thrown: unknown): boolean {
  const severity = textField(thrown, "severity");
  return severity === "FATAL" || severity === "PANIC" || (sqlStateOf(thrown) ?? "").startsWith("57P0");
}

function textField(thrown: unknown, field: string): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const value: unknown = Reflect.get(thrown, field);
  return typeof value === "string" ? value : undefined;
}
