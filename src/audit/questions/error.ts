/** Why there are no questions about a schema. */
export type QuestionsErrorCode = "no-columns" | "too-many-columns" | "database-failed" | "unwritable-file";

export class QuestionsError extends Error {
  readonly code: QuestionsErrorCode;
  /** What to do about it, for a person. */
  readonly fix: string;

  constructor(code: QuestionsErrorCode, message: string, fix: string) {
    super(message);
    this.name = "QuestionsError";
    this.code = code;
    this.fix = fix;
  }
}
