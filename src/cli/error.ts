export type CliErrorCode =
  | "usage"
  | "refused"
  | "waiting"
  | "no-such-proposal"
  | "lapsed"
  | "not-confirmed"
  | "altered";

/** Exit codes: 0 done, these, and 2 for what was typed wrong. */
export const EXIT = { done: 0, refused: 1, usage: 2, sampleEnded: 3 } as const;

/** Why a command line is not done. */
export class CliError extends Error {
  readonly code: CliErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string;

  constructor(code: CliErrorCode, message: string, fix: string) {
    super(message);
    this.name = "CliError";
    this.code = code;
    this.fix = fix;
  }
}
