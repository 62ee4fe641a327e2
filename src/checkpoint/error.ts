export type CheckpointErrorCode =
  | "no-such-tile"
  | "beyond-checkpoint"
  | "altered"
  | "behind-checkpoint"
  | "nothing-to-recover"
  | "other-checkpoint"
  | "no-log"
  | "unreadable-log"
  | "unwritable-folder"
  | "malformed-state"
  | "fork"
  | "rolled-back";

/** What a question about the ledger's tree can be wrong about, or the log itself. */
export class CheckpointError extends Error {
  readonly code: CheckpointErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string;

  constructor(code: CheckpointErrorCode, message: string, fix: string) {
    super(message);
    this.name = "CheckpointError";
    this.code = code;
    this.fix = fix;
  }
}
