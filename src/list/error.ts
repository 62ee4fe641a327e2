/** What ends the reading of a list; nothing of the part counts then. A single bad row is a refusal, not an error. */
export type ListErrorCode =
  | "no-identifier-column"
  | "too-many-columns"
  | "too-many-rows"
  | "too-many-bytes"
  | "gzip-broken"
  | "gzip-bomb"
  | "not-csv"
  | "unknown-region"
  | "unreadable-file"
  | "reading-ended"
  | "reader-failed";

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
