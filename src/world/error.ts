export type WorldErrorCode = "accounts-out-of-range" | "rows-out-of-range" | "seed-out-of-range";

/** A world that can't be made as asked. */
export class WorldError extends Error {
  readonly code: WorldErrorCode;
  readonly field: string;
  readonly fix: string;

  constructor(code: WorldErrorCode, field: string, message: string, fix: string) {
    super(message);
    this.name = "WorldError";
    this.code = code;
    this.field = field;
    this.fix = fix;
  }
}
