/**
 * Answers to what went wrong: problem details (RFC 9457) with a status for each code.
 *
 * What an advertiser is told depends on the request alone, never on what matched.
 */
import { INTERNAL, type Problem, problemOf } from "../command/index.js";

/** An answer that is no success, made by the HTTP layer itself. */
export class HttpError extends Error {
  readonly code: string;
  readonly fix: string;
  readonly status: number;

  constructor(status: number, code: string, message: string, fix: string) {
    super(message);
    this.name = "HttpError";
    this.status = status;
    this.code = code;
    this.fix = fix;
  }
}

/** Statuses of codes of other rooms; what is not here and typed is 400. */
const STATUSES: Readonly<Record<string, number>> = {
  [INTERNAL]: 500,
  "revoked-key": 401,
  "unknown-advertiser": 404,
  "unknown-audience": 404,
  "unknown-name": 404,
  "unknown-key": 404,
  "unknown-source": 404,
  "unknown-account": 404,
  "unknown-contact-point": 404,
  "unknown-receipt": 404,
  "no-such-tile": 404,
  "malformed-tile": 404,
  "advertiser-exists": 409,
  "name-exists": 409,
  "audience-in-use": 409,
  "freed-limit": 409,
  "terms-changed": 409,
  "leaf-failed": 500,
  "not-offered": 409,
  "not-verified": 409,
  "other-contact": 409,
  "held-back": 409,
  "not-taken": 409,
  "account-erased": 410,
  "too-many-requests": 429,
  "link-over": 410,
  "invitation-over": 410,
  "not-signed-in": 403,
  "passkey-refused": 403,
  "sign-in-again": 403,
  "too-many-attempts": 429,
  busy: 503,
  "unknown-login": 404,
  "passkey-exists": 409,
  "last-way-in": 409,
  "rotation-under-way": 409,
  "nothing-to-recover": 409,
  "other-checkpoint": 409,
  "key-stopped": 403,
  "not-given": 403,
  "reveal-limit": 403,
  unopenable: 500,
  "key-service-failed": 503,
  "too-many-contacts": 413,
  "position-too-old": 410,
  "gzip-bomb": 413,
  "input-too-long": 413,
  "run-too-large": 413,
  "too-large": 413,
  "too-many-rows": 413,
  "reader-failed": 500,
  "disk-full": 507,
  unavailable: 503,
  "lost-lock": 503,
  "behind-checkpoint": 503,
  closed: 503,
  "in-use": 503,
  "matching-halted": 503,
  "matcher-stopped": 503,
  "matcher-failed": 503,
};

/** RFC 9457: `type` names the code, `detail` says what was wrong, `fix` what to do. */
interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly fix?: string;
  readonly details?: Problem["details"];
}

export const PROBLEM_TYPE = "application/problem+json";

export function problemDetails(error: unknown): ProblemDetails {
  const refused = frameworkStatus(error);
  const problem = refused === undefined ? problemOf(error) : malformedRequest(error);
  const { code, message, fix, details } = problem;
  const status = error instanceof HttpError ? error.status : (refused ?? STATUSES[code] ?? 400);
  return {
    type: `urn:solely:problem:${code}`,
    title: code.replaceAll("-", " "),
    status,
    detail: message,
    code,
    ...(fix === undefined ? {} : { fix }),
    ...(details === undefined ? {} : { details }),
  };
}

/** The framework's own words may hold what was sent. */
const malformedRequest = (error: unknown): Problem => ({
  code: "malformed-request",
  message: `the request can't be read (${error instanceof Error && "code" in error ? error.code : "unknown"})`,
});

/** The status that the HTTP framework itself gives to an error of its own. */
function frameworkStatus(error: unknown): number | undefined {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}
