export type InstanceErrorCode =
  | "not-initialised"
  | "already-initialised"
  | "malformed-config"
  | "in-use"
  | "checkpoint-inside"
  | "checkpoint-unwritable"
  | "repeated-operator";

/** Why a store can't be made or opened here. */
export class InstanceError extends Error {
  readonly code: InstanceErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string;

  constructor(code: InstanceErrorCode, message: string, fix: string) {
    super(message);
    this.name = "InstanceError";
    this.code = code;
    this.fix = fix;
  }
}
