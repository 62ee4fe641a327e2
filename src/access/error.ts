export type AccessErrorCode =
  | "revoked-key"
  | "unknown-advertiser"
  | "advertiser-exists"
  | "unknown-key"
  | "invalid-name"
  | "invalid-scopes"
  | "unknown-login"
  | "invitation-over"
  | "passkey-exists"
  | "unknown-passkey"
  | "too-many-passkeys"
  | "last-way-in";

/** What a request about advertisers or API keys can be wrong about. */
export class AccessError extends Error {
  readonly code: AccessErrorCode;
  /** What to do about it, for a person. */
  readonly fix?: string;

  constructor(code: AccessErrorCode, message: string, fix?: string) {
    super(message);
    this.name = "AccessError";
    this.code = code;
    if (fix !== undefined) this.fix = fix;
  }
}
