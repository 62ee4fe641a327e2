/**
 * One-time links: whoever opens one in time is signed in, once. What is in the link is a random token, and it is in the
 * fragment of the address, which no browser sends to a server and no log sees.
 *
 * They are kept in memory alone, as hashes, as sessions are: a restart makes them worthless.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Visitor } from "./sessions.js";

export interface Link {
  readonly visitor: Visitor;
  /** Asked at each use of the session: whether what it was opened for is still so. */
  readonly holds: (() => boolean) | undefined;
}

const TOKEN_BYTES = 32;
/** The oldest are forgotten beyond it. */
export const MAX_LINKS = 100_000;

export class Links {
  /** Where browsers find the console, while it is served. */
  origin: string | undefined;
  /** By SHA-256 of the token, the oldest first. */
  readonly #links = new Map<string, Link & { readonly untilMs: number }>();

  /** Makes a token that opens a session, once, within so many minutes. */
  make(visitor: Visitor, minutes: number, holds?: () => boolean, nowMs = Date.now()): string {
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    if (this.#links.size >= MAX_LINKS) this.#links.delete(this.#links.keys().next().value!);
    this.#links.set(hashOf(token), { visitor, holds, untilMs: nowMs + minutes * 60_000 });
    return token;
  }

  /** Uses a token up; undefined: it was used, is too old, or never was one. */
  use(token: string, nowMs = Date.now()): Link | undefined {
    const hash = hashOf(token);
    const link = this.#links.get(hash);
    this.#links.delete(hash);
    return link === undefined || nowMs >= link.untilMs || link.holds?.() === false ? undefined : link;
  }
}

const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64");
