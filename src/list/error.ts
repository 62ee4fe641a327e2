/** What ends the reading of a list; nothing of the part counts then. A single bad row is a refusal, not an error. */
import type { ReadingFailure } from "../input/index.js";

const CODES = [
  "no-identifier-column",
  "too-many-columns",
  "too-many-rows",
  "not-csv",
  "unknown-region",
  "malformed-digests",
  "reading-ended",
] as const;
export type ListErrorCode = (typeof CODES)[number];

export class ListError extends Error {
  readonly code: ListErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string;

  constructor(code: ListErrorCode, message: string, fix: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ListError";
    this.code = code;
    this.fix = fix;
  }
}

/** The error that a failure of a reading thread was, if it was one of these. */
export function listErrorOf({ name, code, message, fix = "" }: ReadingFailure): ListError | undefined {
  const known = CODES.find((one) => one === code);
  return name === "ListError" && known !== undefined ? new ListError(known, message, fix) : undefined;
}
