/**
 * Problems: what went wrong as plain data, in the one form that the command line, the API and another process tell it in.
 */

export interface Problem {
  readonly code: string;
  readonly message: string;
  /** What to do about it, for a person. */
  readonly fix?: string;
  /** Fields for a program. */
  readonly details?: Readonly<Record<string, string | number>>;
}

/** Of a failure that nobody foresaw. */
export const INTERNAL = "internal";

/** An error of one of our rooms, taken apart; any other is `internal`, and its message stays out. */
export function problemOf(error: unknown): Problem {
  if (error instanceof RemoteProblem) return error.problem;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (!(error instanceof Error) || typeof code !== "string" || !/^[a-z][a-z0-9-]+$/.test(code)) {
    return { code: INTERNAL, message: "something went wrong here that should not", fix: "look into the log" };
  }
  const { fix, details } = error as { fix?: unknown; details?: unknown };
  return {
    code,
    message: error.message,
    ...(typeof fix === "string" ? { fix } : {}),
    ...(typeof details === "object" && details !== null ? { details: details as Problem["details"] & {} } : {}),
  };
}

/** A problem that another process told of. */
export class RemoteProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = "RemoteProblem";
    this.problem = problem;
  }
}
