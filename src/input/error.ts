/** What ends an input as a whole; a single bad row is a refusal, not an error. */
import type { ReadingFailure } from "./reading-protocol.js";

const CODES = [
  "missing-column",
  "duplicate-column",
  "malformed-header",
  "unknown-format",
  "not-utf8",
  "broken-gzip",
  "gzip-bomb",
  "input-too-long",
  "unreadable-file",
  "parquet-needs-file",
  "broken-parquet",
  "parquet-too-large",
  "reader-failed",
  "unwritable-reject-file",
] as const;
export type InputErrorCode = (typeof CODES)[number];

export class InputError extends Error {
  readonly code: InputErrorCode;
  /** What to do about it, for a person. */
  readonly fix?: string;
  /** The column it is about. */
  readonly field?: string;

  constructor(code: InputErrorCode, message: string, more: { fix?: string; field?: string; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "InputError";
    this.code = code;
    if (more.fix !== undefined) this.fix = more.fix;
    if (more.field !== undefined) this.field = more.field;
  }
}

/** The error that a failure of a reading thread was, if it was one of these. */
export function inputErrorOf({ name, code, message, fix, field }: ReadingFailure): InputError | undefined {
  const known = CODES.find((one) => one === code);
  if (name !== "InputError" || known === undefined) return undefined;
  return new InputError(known, message, {
    ...(fix === undefined ? {} : { fix }),
    ...(field === undefined ? {} : { field }),
  });
}
