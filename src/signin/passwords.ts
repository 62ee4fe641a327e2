/**
 * Passwords: argon2id with OWASP's parameters (Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane), and a key of the store
 * as its secret, so that what the ledger holds can't be guessed at by whoever reads the ledger.
 *
 * A password is its NFKC form (NIST SP 800-63B, 5.1.1.2), of 12 to 128 characters, whatever they are, but none that is tried
 * first. At most two are hashed at once, those of browsers that are known first, and few may wait.
 */
import { hkdfSync, randomBytes } from "node:crypto";
import { type Algorithm, hash, type Options, verify } from "@node-rs/argon2";
import type { Named } from "./attempts.js";
import { SignInError } from "./error.js";
import { isGuessable } from "./guessable.js";

const PASSWORD_LENGTH = { least: 12, most: 128 } as const;
const AT_ONCE = 2;
const MAX_WAITING = 32;
const SECRET_BYTES = 32;

export class Passwords {
  readonly #options: Options;
  /** What a password is held against where there is no login, so that it takes as long. */
  readonly #nobodys: Promise<string>;
  #running = 0;
  readonly #waiting: { known: (() => void)[]; unknown: (() => void)[] } = { known: [], unknown: [] };

  /** @param key of the store */
  constructor(key: Uint8Array) {
    const secret = new Uint8Array(hkdfSync("sha256", key, "", "solely passwords", SECRET_BYTES));
    this.#options = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1, secret };
    this.#nobodys = hash(randomBytes(SECRET_BYTES).toString("base64"), this.#options);
    this.#nobodys.catch(() => {});
  }

  /**
   * What is kept of a login's new password (PHC string).
   * @throws {SignInError} codes `unfit-password`, `busy`
   */
  async hash(password: string, named: Named): Promise<string> {
    const normal = await requireFit(password, named);
    return this.#inTurn("known", () => hash(normal, this.#options));
  }

  /**
   * Whether a password is the one; where there is none, it takes as long to say no.
   * @param isKnown whether it comes from a browser that has signed in as that login before
   * @throws {SignInError} code `busy`
   */
  async isRight(kept: string | undefined, password: string, isKnown: boolean): Promise<boolean> {
    const normal = password.slice(0, 2 * PASSWORD_LENGTH.most).normalize("NFKC");
    const against = kept ?? (await this.#nobodys);
    const same = await this.#inTurn(isKnown ? "known" : "unknown", () => verify(against, normal, this.#options));
    return same && kept !== undefined;
  }

  async #inTurn<T>(lane: "known" | "unknown", work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) {
      const queue = this.#waiting[lane];
      if (queue.length >= MAX_WAITING) {
        throw new SignInError("busy", "too many people are signing in at this moment", "try again in a few seconds");
      }
      await new Promise<void>((resolve) => queue.push(resolve));
    } else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.known.shift() ?? this.#waiting.unknown.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/** `Algorithm.Argon2id`, which is a const enum. */
const ARGON2ID = 2 satisfies Algorithm;

/** @throws {SignInError} code `unfit-password` */
async function requireFit(password: string, { advertiser, login }: Named): Promise<string> {
  const normal = password.slice(0, 4 * PASSWORD_LENGTH.most).normalize("NFKC");
  const { length } = [...normal];
  const { least, most } = PASSWORD_LENGTH;
  if (length < least || length > most) throw unfit(`a password has ${least} to ${most} characters`);
  if (await isGuessable(normal, [advertiser, login])) throw unfit("this password is one of those that are tried first");
  return normal;
}

const unfit = (what: string): SignInError =>
  new SignInError("unfit-password", what, "a few words in a row make a good one");
