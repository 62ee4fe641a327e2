export type IncidentErrorCode =
  | "malformed-claim"
  | "incident-exists"
  | "unknown-incident"
  | "correction-missing"
  | "claim-changed"
  | "already-contained"
  | "not-contained"
  | "not-proposable"
  | "unwritable-file";

/** What a request about an incident can be wrong about. */
export class IncidentError extends Error {
  readonly code: IncidentErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string | undefined;

  constructor(code: IncidentErrorCode, message: string, fix?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "IncidentError";
    this.code = code;
    this.fix = fix;
  }
}
