/**
 * Ceremonies of passkeys (https://www.w3.org/TR/webauthn-3/#sctn-rp-operations): a challenge is good for five minutes, once,
 * for what it was made for, and in the browser that asked for it.
 *
 * The challenge is in a cookie that no script reads, under a MAC of a key of this process, so that no number of ceremonies that
 * somebody begins can crowd out another's; what was used is remembered while it would be good.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import type { Named } from "./attempts.js";
import { SignInError } from "./error.js";

/** Loading it takes longer than most commands, which need none of it. */
const webAuthn = () => import("@simplewebauthn/server");

export const CEREMONY_MS = 5 * 60_000;
const CHALLENGE_BYTES = 32;
/** EdDSA, ES256, and RS256 for what knows nothing else (COSE). */
const ALGORITHMS = [-8, -7, -257];
const NAME = "Solely";

/** Where a ceremony is held. */
export interface Place {
  readonly origin: string;
  readonly host: string;
}

/** What a passkey signs with; base64url each. */
export interface PasskeyKey {
  readonly credential: string;
  readonly publicKey: string;
}

export class Ceremonies {
  readonly #key = randomBytes(32);
  /** Challenges that were answered, and until when they would be good; the oldest first. */
  readonly #used = new Map<string, number>();

  /** Asks for a passkey that is here: any that the browser has for this host. */
  async beginSignIn({ host }: Place, nowMs = Date.now()) {
    const { challenge, cookie } = this.#begin("sign-in", nowMs);
    const options = await (await webAuthn()).generateAuthenticationOptions({
      ...{ rpID: host, challenge, userVerification: "required", timeout: CEREMONY_MS },
    });
    return { options, cookie };
  }

  /** Asks for a new passkey of a login. */
  async beginNew({ host }: Place, named: Named, has: readonly PasskeyKey[], nowMs = Date.now()) {
    const { challenge, cookie } = this.#begin(newFor(named), nowMs);
    const userName = `${named.login} (${named.advertiser})`;
    const options = await (await webAuthn()).generateRegistrationOptions({
      ...{ rpName: NAME, rpID: host, challenge, timeout: CEREMONY_MS, attestationType: "none" },
      ...{ userName, userDisplayName: userName, userID: userIdOf(named), supportedAlgorithmIDs: ALGORITHMS },
      excludeCredentials: has.map(({ credential }) => ({ id: credential })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
    return { options, cookie };
  }

  /**
   * Checks what a passkey answered.
   * @param find the key of the passkey that says it is here
   * @throws {SignInError} code `passkey-refused`
   */
  async finishSignIn<K extends PasskeyKey>(
    { origin, host }: Place,
    cookie: string | undefined,
    response: unknown,
    find: (credential: string) => K | undefined,
    nowMs = Date.now(),
  ): Promise<K> {
    const challenge = this.#finish("sign-in", cookie, nowMs);
    const said = response as AuthenticationResponseJSON;
    const key = typeof said?.id === "string" ? find(said.id) : undefined;
    if (key === undefined) throw refused();
    const credential = { id: key.credential, publicKey: bytesOf(key.publicKey), counter: 0 };
    const { verified } = await (await webAuthn())
      .verifyAuthenticationResponse({
        ...{ response: said, credential, requireUserVerification: true },
        ...{ expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: host },
      })
      .catch(() => ({ verified: false }));
    if (!verified) throw refused();
    return key;
  }

  /**
   * Checks a new passkey.
   * @throws {SignInError} code `passkey-refused`
   */
  async finishNew(
    { origin, host }: Place,
    named: Named,
    cookie: string | undefined,
    response: unknown,
    nowMs = Date.now(),
  ): Promise<PasskeyKey> {
    const challenge = this.#finish(newFor(named), cookie, nowMs);
    const verified = await (await webAuthn())
      .verifyRegistrationResponse({
        ...{ response: response as RegistrationResponseJSON, requireUserVerification: true },
        ...{ expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: host },
        supportedAlgorithmIDs: ALGORITHMS,
      })
      .catch(() => undefined);
    if (verified?.verified !== true) throw refused();
    const { id, publicKey } = verified.registrationInfo.credential;
    return { credential: id, publicKey: Buffer.from(publicKey).toString("base64url") };
  }

  #begin(what: string, nowMs: number): { challenge: Uint8Array<ArrayBuffer>; cookie: string } {
    const challenge = new Uint8Array(randomBytes(CHALLENGE_BYTES));
    const said = `${Buffer.from(challenge).toString("base64url")}.${nowMs + CEREMONY_MS}`;
    return { challenge, cookie: `${said}.${this.#mac(what, said)}` };
  }

  #finish(what: string, cookie: string | undefined, nowMs: number): string {
    const [challenge = "", until = "", mac = ""] = (cookie ?? "").split(".");
    const right = Buffer.from(this.#mac(what, `${challenge}.${until}`));
    const said = Buffer.from(mac);
    for (const [used, untilMs] of this.#used) {
      if (untilMs > nowMs) break;
      this.#used.delete(used);
    }
    const isRight = said.length === right.length && timingSafeEqual(said, right);
    if (!isRight || nowMs >= Number(until) || this.#used.has(challenge)) throw refused();
    this.#used.set(challenge, Number(until));
    return challenge;
  }

  #mac(what: string, said: string): string {
    return createHmac("sha256", this.#key)
      .update(JSON.stringify([what, said]))
      .digest("base64url");
  }
}

const newFor = ({ advertiser, login }: Named): string => JSON.stringify([advertiser, login]);
const bytesOf = (base64url: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(base64url, "base64url"));

/** Names a login to its authenticator, and says nothing to whoever finds it there. */
const userIdOf = (named: Named): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHmac("sha256", "solely user handle").update(newFor(named)).digest());

const refused = (): SignInError =>
  new SignInError("passkey-refused", "this passkey does not open anything here", "try again, or sign in otherwise");
