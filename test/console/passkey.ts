/**
 * A passkey in a visit's browser: Chromium's virtual authenticator (https://www.w3.org/TR/webauthn-3/#sctn-automation), whose
 * user is always there, and verified.
 */
import type { Passkey } from "../../src/operator/index.js";
import { makePasskey } from "../authenticator.js";
import type { FreshStore } from "../fresh-store.js";
import type { Visit } from "./visit.js";

/** A passkey as two operators put it in force. */
export type Enrolled = Omit<Passkey, "fromPosition">;

/** Gives a visit's page a passkey that is made for operator `name`, and in force for nobody. */
export async function withUnknownPasskey({ context, page, origin }: Visit, name: string): Promise<Enrolled> {
  const debugged = await context.newCDPSession(page);
  await debugged.send("WebAuthn.enable");
  const { authenticatorId } = await debugged.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      ...{ protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal" },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
  const { credential, publicKey, host, key } = makePasskey("ES256", new URL(origin).hostname);
  await debugged.send("WebAuthn.addCredential", {
    authenticatorId,
    credential: {
      credentialId: Buffer.from(credential, "base64url").toString("base64"),
      privateKey: key.export({ type: "pkcs8", format: "der" }).toString("base64"),
      userHandle: Buffer.from(name).toString("base64"),
      ...{ rpId: host, isResidentCredential: true, signCount: 0 },
    },
  });
  return { name, credential, publicKey, host };
}

/**
 * Gives a visit's page a passkey that signs for operator `name`: put in force by the file keys of alice and bob.
 * @example const bobs = await withPasskey(visit, served.store, "bob");
 */
export async function withPasskey(visit: Visit, store: FreshStore, name: string): Promise<Enrolled> {
  const passkey = await withUnknownPasskey(visit, name);
  await store.decide({ type: "operator.passkey", ...passkey });
  return passkey;
}
