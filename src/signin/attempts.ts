/**
 * Attempts at passwords, counted as OWASP's device cookies say (Slow Down Online Guessing Attacks with Device Cookies): a
 * browser that has signed in as a login has a count of its own, all others share one for each login and one for each address. So
 * who guesses is slowed down, and can lock out nobody who has been here before. Passkeys and invitations are not counted.
 */
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { SignInError } from "./error.js";

const SECONDS = 15 * 60;
const PER_LOGIN = 10;
const PER_BROWSER = 10;
const PER_ADDRESS = 100;

/** Whose password somebody tries. */
export interface Named {
  readonly advertiser: string;
  readonly login: string;
}

export class Attempts {
  readonly #key: Uint8Array;
  readonly #perLogin = new RateLimiterMemory({ points: PER_LOGIN, duration: SECONDS });
  readonly #perBrowser = new RateLimiterMemory({ points: PER_BROWSER, duration: SECONDS });
  readonly #perChange = new RateLimiterMemory({ points: PER_BROWSER, duration: SECONDS });
  readonly #perAddress = new RateLimiterMemory({ points: PER_ADDRESS, duration: SECONDS });

  /** @param key of the store */
  constructor(key: Uint8Array) {
    this.#key = new Uint8Array(hkdfSync("sha256", key, "", "solely device cookies", 32));
  }

  /** The cookie of a browser that has signed in as a login: it opens nothing. */
  browserCookie(named: Named): string {
    const nonce = randomBytes(16).toString("base64url");
    return `${nonce}.${this.#mac(named, nonce)}`;
  }

  /** Whether a browser has signed in as that login before. */
  isKnown(named: Named, cookie: string | undefined): boolean {
    const [nonce = "", mac = "", ...rest] = (cookie ?? "").split(".");
    const right = Buffer.from(this.#mac(named, nonce));
    const said = Buffer.from(mac);
    return rest.length === 0 && nonce !== "" && said.length === right.length && timingSafeEqual(said, right);
  }

  /**
   * Counts an attempt, before anything is looked at.
   * @returns to be called when it was right
   * @throws {SignInError} code `too-many-attempts`
   */
  async count(named: Named, cookie: string | undefined, address: string): Promise<() => Promise<void>> {
    const known = this.isKnown(named, cookie);
    const counts = known
      ? ([[this.#perBrowser, cookie!.split(".")[0]!]] as const)
      : [[this.#perAddress, address] as const, [this.#perLogin, loginOf(named)] as const];
    return this.#counted(counts);
  }

  /**
   * Counts an attempt at the present password by who is signed in: by the login, so that a session without its browser's cookie
   * gives no more of them, and apart from those of others, who could use them up.
   * @returns to be called when it was right
   * @throws {SignInError} code `too-many-attempts`
   */
  countChange(named: Named): Promise<() => Promise<void>> {
    return this.#counted([[this.#perChange, loginOf(named)]]);
  }

  async #counted(counts: readonly (readonly [RateLimiterMemory, string])[]): Promise<() => Promise<void>> {
    for (const [limiter, of] of counts) {
      try {
        await limiter.consume(of);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        const minutes = Math.max(1, Math.ceil(error.msBeforeNext / 60_000));
        const fix = `wait ${minutes} minutes, sign in with a passkey, or ask an operator for a new invitation`;
        throw new SignInError("too-many-attempts", "there were too many attempts at this", fix);
      }
    }
    return async () => {
      for (const [limiter, of] of counts) await limiter.reward(of);
    };
  }

  #mac({ advertiser, login }: Named, nonce: string): string {
    return createHmac("sha256", this.#key)
      .update(JSON.stringify([advertiser, login, nonce]))
      .digest("base64url");
  }
}

const loginOf = ({ advertiser, login }: Named): string => JSON.stringify([advertiser, login]);
