/** What is wrong with a log's files, each with its place: what a check of a log finds. */

export type LogFindingCode =
  | "malformed-key"
  | "other-key"
  | "bad-checkpoint"
  | "not-cosigned"
  | "missing-file"
  | "malformed-file"
  | "malformed-leaf"
  | "time-fell"
  | "other-leaf"
  | "other-hash"
  | "other-root";

export interface LogFinding {
  readonly code: LogFindingCode;
  /** Path in the log. */
  readonly file: string;
  /** Bytes of the file that are wrong: from, and before. */
  readonly bytes?: readonly [number, number] | undefined;
  /** Position of the leaf that it is about. */
  readonly leaf?: number | undefined;
  readonly what: string;
}

/** What is told of a log that is wrong all over; all of it is counted. */
const MAX_TOLD = 1000;

export class LogFindings {
  readonly told: LogFinding[] = [];
  #count = 0;

  add(finding: LogFinding): void {
    this.#count++;
    if (this.told.length < MAX_TOLD) this.told.push(finding);
  }

  get count(): number {
    return this.#count;
  }
}

/** A finding as one line for a person. */
export function findingLine({ file, bytes, leaf, what }: LogFinding): string {
  const places = [
    ...(bytes === undefined ? [] : [`bytes ${bytes[0]}-${bytes[1] - 1}`]),
    ...(leaf === undefined ? [] : [`leaf ${leaf}`]),
  ];
  return `${[file, ...places].join(", ")}: ${what}`;
}
