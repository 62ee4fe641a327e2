/** Passkeys in the browser: signing in with one, and making one for a login. */
import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
  WebAuthnError,
} from "@simplewebauthn/browser";
import { ask, Refused } from "../ask.js";
import { say } from "../messages/index.js";

/** Signs in with whichever passkey the browser has for this host. */
export async function signInByPasskey(): Promise<void> {
  const optionsJSON = await ask<PublicKeyCredentialRequestOptionsJSON>("POST", "/v1/session/passkey/begin");
  const response = await confirmed(() => startAuthentication({ optionsJSON }));
  await ask("POST", "/v1/session/passkey", { response });
}

/** Makes a passkey for a login: `path` begins and ends it, and `more` goes with both. */
export async function makeLoginPasskey<T>(path: string, more: object = {}): Promise<T> {
  const optionsJSON = await ask<PublicKeyCredentialCreationOptionsJSON>("POST", `${path}/begin`, more);
  const response = await confirmed(() => startRegistration({ optionsJSON }));
  return ask<T>("POST", path, { ...more, response });
}

/** What the browser refused, told as what the server refuses. */
export async function confirmed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isThere = error instanceof WebAuthnError && error.code === "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED";
    const told = isThere ? say.signIn.passkeyThere : say.signIn.passkeyNotUsed;
    throw new Refused({ code: isThere ? "passkey-exists" : "passkey-not-used", ...told }, 0);
  }
}
