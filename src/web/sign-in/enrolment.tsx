/**
 * An operator makes a passkey: the public half is saved as a file and shown as a code, for two operators to put in force. The
 * server is told nothing here. It is the way back in for an operator who has lost a key, too.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "../messages/index.js";
import { type Enrolment, fingerprintOf, spkiOfPasskey } from "../operator/key-code.js";
import { AskedForm } from "../parts/asked-form.js";
import { CopyButton } from "../parts/table.js";
import { confirmed } from "./passkey.js";

const NAME = "[a-z][a-z0-9._\\-]{0,63}";
/** Where the new credential stands in authenticator data (https://www.w3.org/TR/webauthn-3/#sctn-attested-credential-data). */
const CREDENTIAL_AT = 37 + 16;

export function EnrolmentPage() {
  const [operator, setOperator] = useState("");
  const [made, setMade] = useState<{ enrolment: Enrolment; fingerprint: string }>();
  return (
    <>
      <h1>{say.signIn.enrolTitle}</h1>
      <p>{say.signIn.enrolHow}</p>
      {made === undefined ? (
        <AskedForm act={say.signIn.newPasskeyMake} onAct={async () => setMade(await make(operator))}>
          <label>
            {say.signIn.operatorName}
            <input
              {...{
                required: true,
                pattern: NAME,
                title: say.operators.nameForm,
                autocomplete: "off",
                value: operator,
              }}
              onInput={({ currentTarget }) => setOperator(currentTarget.value)}
            />
          </label>
        </AskedForm>
      ) : (
        <Made {...made} />
      )}
      <p>
        <a href="/">{say.signIn.toSignIn}</a>
      </p>
    </>
  );
}

function Made({ enrolment, fingerprint }: { enrolment: Enrolment; fingerprint: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const code = JSON.stringify(enrolment);
  const file = `${enrolment.operator}.passkey`;
  useEffect(() => heading.current?.focus(), []);
  return (
    <section aria-labelledby="made">
      <h2 id="made" ref={heading} tabIndex={-1}>
        {say.signIn.enrolled}
      </h2>
      <p>{say.signIn.enrolledNext}</p>
      <ol>
        <li>{say.signIn.enrolledPass}</li>
        <li>
          {say.signIn.enrolledPropose} <code>{`solely operator passkey ${file} --as NAME`}</code>
        </li>
        <li>{say.signIn.enrolledApprove}</li>
      </ol>
      <dl>
        <dt>{say.operators.fingerprint}</dt>
        <dd class="mono">{fingerprint.replace(/.{4}(?=.)/g, "$& ")}</dd>
        <dt>{say.operators.passkeyCode}</dt>
        <dd>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
          <pre tabIndex={0}>{code}</pre>
        </dd>
      </dl>
      <div class="buttons">
        <button type="button" class="main" onClick={() => save(file, `${code}\n`)}>
          {say.signIn.enrolledSave(file)}
        </button>
        <CopyButton what={say.signIn.enrolledCopy} text={code} />
      </div>
    </section>
  );
}

async function make(operator: string): Promise<{ enrolment: Enrolment; fingerprint: string }> {
  const host = location.hostname;
  const credential = await confirmed(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { id: host, name: "Solely" },
        user: { id: new TextEncoder().encode(operator), name: operator, displayName: operator },
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        pubKeyCredParams: [-8, -7].map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        ...{ attestation: "none", timeout: 5 * 60_000 },
      },
    }),
  );
  const { rawId, response } = credential as PublicKeyCredential;
  const data = new Uint8Array((response as AuthenticatorAttestationResponse).getAuthenticatorData());
  const idBytes = (data[CREDENTIAL_AT]! << 8) | data[CREDENTIAL_AT + 1]!;
  const publicKey = base64url(data.subarray(CREDENTIAL_AT + 2 + idBytes));
  const enrolment = { operator, credential: base64url(new Uint8Array(rawId)), publicKey, host };
  const spki = spkiOfPasskey(enrolment);
  if (spki === undefined) throw new Error(say.signIn.passkeyOtherKind);
  return { enrolment, fingerprint: await fingerprintOf(spki) };
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
