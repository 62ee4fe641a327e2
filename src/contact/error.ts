/** What can be wrong with how this room is asked (what is wrong with a value is a refusal, see refusal.ts). */
export type ContactErrorCode = "unknown-kind" | "unknown-scheme" | "unknown-region" | "message-open";

export class ContactError extends Error {
  readonly code: ContactErrorCode;
  readonly fix: string;

  constructor(code: ContactErrorCode, message: string, fix: string) {
    super(message);
    this.name = "ContactError";
    this.code = code;
    this.fix = fix;
  }
}
