/**
 * Sessions of the console: who is signed in, known by a random secret in a cookie that no script can read.
 *
 * They are kept in memory alone, as hashes, so that nobody who reads the data can be somebody else, and a restart signs
 * everybody out. A session ends 30 minutes after it was last used and 12 hours after it began, whatever comes first
 * (OWASP ASVS 4.0.3, 3.3.2), and at once when what it was opened with does not hold any more.
 */
import { createHash, randomBytes } from "node:crypto";

/** Who looks at the console. */
export type Visitor =
  | { readonly is: "operator"; readonly name: string }
  | { readonly is: "advertiser"; readonly advertiser: string; readonly login: string }
  | { readonly is: "person"; readonly account: number };

export interface Session {
  readonly visitor: Visitor;
  readonly openedAtMs: number;
}

const SECRET_BYTES = 32;
const IDLE_MS = 30 * 60_000;
const LONGEST_MS = 12 * 60 * 60_000;
/** The least recently used are ended beyond it. */
const MAX_SESSIONS = 100_000;

interface OpenSession extends Session {
  readonly holds: (() => boolean) | undefined;
  usedAtMs: number;
}

export class Sessions {
  /** By SHA-256 of the secret, the least recently used first. */
  readonly #open = new Map<string, OpenSession>();

  /**
   * Opens a session.
   * @param holds asked at each use: whether what it was opened with, a passkey or an account, is still there
   * @returns the secret, for the cookie
   */
  open(visitor: Visitor, holds?: () => boolean, nowMs = Date.now()): string {
    const secret = randomBytes(SECRET_BYTES).toString("base64url");
    if (this.#open.size >= MAX_SESSIONS) this.#open.delete(this.#open.keys().next().value!);
    this.#open.set(hashOf(secret), { visitor, openedAtMs: nowMs, usedAtMs: nowMs, holds });
    return secret;
  }

  /** The session that a cookie's secret opens; it counts as used. */
  find(secret: string, nowMs = Date.now()): Session | undefined {
    const hash = hashOf(secret);
    const session = this.#open.get(hash);
    if (session === undefined) return undefined;
    this.#open.delete(hash);
    const { usedAtMs, openedAtMs, holds } = session;
    if (nowMs >= usedAtMs + IDLE_MS || nowMs >= openedAtMs + LONGEST_MS || holds?.() === false) return undefined;
    session.usedAtMs = nowMs;
    this.#open.set(hash, session);
    return session;
  }

  /** Ends a session. */
  end(secret: string): void {
    this.#open.delete(hashOf(secret));
  }

  /** Ends every session of which this holds, such as those of a login whose password is another. */
  endAll(of: (visitor: Visitor) => boolean): void {
    for (const [hash, { visitor }] of this.#open) if (of(visitor)) this.#open.delete(hash);
  }
}

const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("base64");
