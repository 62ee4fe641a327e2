/**
 * Signing: what an operator decides is written down here, in the page, as the exact text that is then signed with the
 * operator's passkey. The server only ever gets what is signed, and checks it as it checks a key file's signature.
 */
import type { Approved, ProposalView } from "../../command/index.js";
import type { SessionView } from "../../http/index.js";
import { canonicalJson } from "../../operator/canonical.js";
import type { Action, Signed } from "../../operator/index.js";
import { ask, command, Refused } from "../ask.js";
import { say } from "../messages/index.js";
import { commandFor, type Statement } from "./command-line.js";

type NotSignedCode = "no-passkey" | "not-confirmed" | "no-browser-support" | "no-operator" | "altered";

/** Why nothing was signed; the page shows it as it shows what the server refuses. */
class NotSigned extends Refused {
  constructor(
    readonly code: NotSignedCode,
    message: string,
    fix: string,
  ) {
    super({ code, message, fix }, 0);
    this.name = "NotSigned";
  }
}

const TIMEOUT_MS = 5 * 60_000;

/**
 * Has the operator who is signed in sign, with a passkey of theirs that is in force.
 * @throws {NotSigned}
 */
export async function sign(statement: Statement): Promise<Signed> {
  const [{ visitor }, { store, passkeys }] = await Promise.all([
    ask<SessionView>("GET", "/v1/session"),
    command("signingFrame", {}),
  ]);
  if (visitor?.is !== "operator") {
    throw new NotSigned("no-operator", say.signing.noOperator, say.signing.noOperatorFix);
  }
  const { name } = visitor;
  const byFile = commandFor(statement, name);
  if (!("credentials" in navigator)) {
    throw new NotSigned("no-browser-support", say.signing.noBrowserSupport, say.signing.noPasskeyFix(byFile));
  }
  const host = location.hostname;
  const own = passkeys.filter((passkey) => passkey.name === name && passkey.host === host);
  if (own.length === 0) {
    throw new NotSigned("no-passkey", say.signing.noPasskey(name, host), say.signing.noPasskeyFix(byFile));
  }
  const text = canonicalJson({ ...frame(name, store), ...told(statement) });
  const credentials = own.map(({ credential }) => credential);
  return { scheme: "webauthn", operator: name, statement: text, signature: await asserted(text, host, credentials) };
}

/** Signs an action as a proposal and hands it in. */
export async function propose(action: Action): Promise<ProposalView> {
  return command("propose", { signed: await sign({ action }) });
}

/**
 * Signs an approval of what another operator proposed; it is in force when this returns.
 * @param proposalId the whole id, of one of `waitingProposals`
 * @param confirm purposes that the approver named
 */
export async function approve(proposalId: string, confirm: readonly string[] = []): Promise<Approved> {
  return command("approve", { signed: await sign({ proposal: proposalId, confirm }) });
}

/**
 * The proposals that wait, each held against its own signed bytes: what is shown is what is approved.
 * @throws {NotSigned} code `altered`
 */
export async function waitingProposals(): Promise<ProposalView[]> {
  const views = await command("proposals", {});
  for (const { proposal, signed, action, by } of views) {
    const read: unknown = JSON.parse(signed.statement);
    const isSame =
      hex(await sha256(signed.statement)) === proposal &&
      canonicalJson(read) === signed.statement &&
      canonicalJson(actionOf(read)) === canonicalJson(action) &&
      signed.operator === by;
    if (!isSame) throw new NotSigned("altered", say.signing.altered(proposal.slice(0, 8)), say.signing.alteredFix);
  }
  return views;
}

const actionOf = (statement: unknown): unknown =>
  typeof statement === "object" && statement !== null && "action" in statement ? statement.action : null;

/** What every statement says of itself, as the `operator` room's `statement` reads it. */
function frame(by: string, store: string) {
  const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
  return { solely: 1, store, by, at: new Date().toISOString(), nonce };
}

function told(statement: Statement) {
  if ("action" in statement) return { statement: "propose", action: statement.action };
  return { statement: "approve", proposal: statement.proposal, confirm: [...new Set(statement.confirm)].sort() };
}

/** The authenticator's signature of a text, in the form of the scheme `webauthn`. */
async function asserted(text: string, rpId: string, credentials: readonly string[]): Promise<string> {
  const options: PublicKeyCredentialRequestOptions = {
    challenge: await sha256(text),
    rpId,
    allowCredentials: credentials.map((id) => ({ type: "public-key", id: fromBase64Url(id) })),
    userVerification: "required",
    timeout: TIMEOUT_MS,
  };
  const made = await navigator.credentials.get({ publicKey: options }).catch(() => null);
  if (!(made instanceof PublicKeyCredential) || !(made.response instanceof AuthenticatorAssertionResponse)) {
    throw new NotSigned("not-confirmed", say.signing.notSigned, say.signing.notSignedFix);
  }
  const { authenticatorData, clientDataJSON, signature } = made.response;
  return btoa(
    canonicalJson({
      authenticatorData: base64Url(authenticatorData),
      clientDataJSON: base64Url(clientDataJSON),
      credential: made.id,
      signature: base64Url(signature),
    }),
  );
}

const sha256 = (text: string): Promise<ArrayBuffer> => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));

const hex = (bytes: ArrayBuffer | Uint8Array): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

const base64Url = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
