/**
 * Links that let somebody in once: a person who comes from the platform's own settings, an operator with a key file.
 *
 * A link ends in a fragment (`#person=…`), which browsers send to no server. Its token is random, kept in memory alone and as
 * a hash; it opens one session within its minutes, and none after a restart.
 */
import { createHash, randomBytes } from "node:crypto";
import { SignInError } from "./error.js";
import type { Visitor } from "./sessions.js";

/** Who a link lets in, and for how long what it rests on is there. */
export interface Entrance {
  readonly visitor: Visitor;
  readonly holds?: (() => boolean) | undefined;
}

export interface Link {
  readonly url: string;
  readonly expiresAtMs: number;
}

/** The fragment's name: whose link it is. */
export type LinkName = "person" | "enter" | "invite";

const TOKEN_BYTES = 32;
/** The oldest end beyond it. */
const MAX_LINKS = 100_000;

export class Links {
  #origin: string;
  #isServed = false;
  /** By SHA-256 of the token, the oldest first. */
  readonly #open = new Map<string, Entrance & { readonly untilMs: number }>();

  /** @param origin where browsers find the console, until a server says where it is */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** A server runs there. */
  serveAt(origin: string): void {
    this.#origin = origin;
    this.#isServed = true;
  }

  /** Whether a server runs that a link can lead to. */
  get isServed(): boolean {
    return this.#isServed;
  }

  /** The token of a link that lets somebody in once. */
  make(visitor: Visitor, minutes: number, holds?: () => boolean, nowMs = Date.now()): string {
    for (const [hash, { untilMs }] of this.#open) {
      if (untilMs > nowMs && this.#open.size < MAX_LINKS) break;
      this.#open.delete(hash);
    }
    const token = newToken();
    this.#open.set(tokenHash(token), { visitor, holds, untilMs: nowMs + minutes * 60_000 });
    return token;
  }

  /**
   * Uses a link up.
   * @throws {SignInError} code `link-over`
   */
  use(token: string, nowMs = Date.now()): Entrance {
    const hash = tokenHash(token);
    const link = this.#open.get(hash);
    this.#open.delete(hash);
    if (link !== undefined && nowMs < link.untilMs && link.holds?.() !== false) return link;
    throw new SignInError("link-over", "this link was used before, or is over", "ask for another where it came from");
  }

  /** A link's address. */
  address(name: LinkName, token: string): string {
    return `${this.#origin}/#${name}=${token}`;
  }
}

export const newToken = (): string => randomBytes(TOKEN_BYTES).toString("base64url");

/** What is kept of a token. */
export const tokenHash = (token: string): string => createHash("sha256").update(token).digest("hex");
