/** A change of operators or their keys, as it is written down before the operator who is signed in signs it as a proposal. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { OperatorView, ProposalView } from "../../command/index.js";
import type { Action } from "../../operator/index.js";
import { say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { Dialog } from "../parts/dialog.js";

import { type Enrolment, fingerprintOf, readEnrolment, readPublicKeyFile, spkiOfPasskey } from "./key-code.js";
import { propose } from "./signing.js";

export type Change =
  | { readonly is: "passkey" }
  | { readonly is: "add" }
  | { readonly is: "replace"; readonly name: string }
  | { readonly is: "remove"; readonly name: string }
  | { readonly is: "end"; readonly name: string; readonly ended: OperatorView };

interface Asked {
  readonly onProposed: (view: ProposalView) => void;
  readonly onClose: () => void;
}

export function ChangeDialog({ change, ...asked }: Asked & { change: Change }) {
  switch (change.is) {
    case "passkey":
      return <AddPasskey {...asked} />;
    case "add":
      return <GiveKey {...asked} />;
    case "replace":
      return <GiveKey {...asked} name={change.name} />;
    case "remove":
      return (
        <Proposing
          {...asked}
          title={say.operators.removeTitle(change.name)}
          action={{ type: "operator.remove", name: change.name }}
        >
          <p>{say.operators.removeWhat(change.name)}</p>
        </Proposing>
      );
    case "end":
      return <EndPasskey {...asked} name={change.name} ended={change.ended} />;
  }
}

/** The dialog around a change: shows what will be signed, signs it, and tells what went wrong. */
function Proposing({
  title,
  action,
  children,
  onProposed,
  onClose,
}: Asked & { title: string; action: Action | undefined; children: ComponentChildren }) {
  const sign = async () => {
    if (action !== undefined) onProposed(await propose(action));
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <AskedForm
        act={say.operators.sign}
        isReady={action !== undefined}
        onAct={sign}
        onCancel={onClose}
        foot={say.operators.signWhat}
      >
        {children}
      </AskedForm>
    </Dialog>
  );
}

function AddPasskey(asked: Asked) {
  const [text, setText] = useState("");
  const enrolment = readEnrolment(text);
  const isElsewhere = enrolment !== undefined && enrolment.host !== location.hostname;
  return (
    <Proposing {...asked} title={say.operators.addPasskeyTitle} action={actionOf(enrolment)}>
      <p>{say.operators.addPasskeyHow}</p>
      <Code label={say.operators.passkeyCode} text={text} onText={setText} accept=".passkey" />
      {text.trim() !== "" && enrolment === undefined ? <p class="bad">{say.operators.noPasskeyCode}</p> : null}
      {enrolment === undefined ? null : (
        <dl>
          <dt>{say.operators.operator}</dt>
          <dd>{enrolment.operator}</dd>
          <dt>{say.operators.host}</dt>
          <dd>{enrolment.host}</dd>
          <Compared spki={spkiOfPasskey(enrolment)} />
        </dl>
      )}
      {isElsewhere ? <p class="note">{say.operators.elsewhere(enrolment.host)}</p> : null}
    </Proposing>
  );
}

function actionOf(enrolment: Enrolment | undefined): Action | undefined {
  if (enrolment === undefined) return undefined;
  const { operator: name, credential, publicKey, host } = enrolment;
  return { type: "operator.passkey", name, credential, publicKey, host };
}

/** A key file's public half: for an operator who is there, or for a further one. */
function GiveKey({ name: known, ...asked }: Asked & { name?: string }) {
  const [name, setName] = useState(known ?? "");
  const [text, setText] = useState("");
  const publicKey = readPublicKeyFile(text);
  const type = known === undefined ? "operator.add" : "operator.replace";
  const isReady = name !== "" && publicKey !== undefined;
  return (
    <Proposing
      {...asked}
      title={known === undefined ? say.operators.addOperatorTitle : say.operators.replaceTitle(known)}
      action={isReady ? { type, name, publicKey } : undefined}
    >
      <p>{known === undefined ? say.operators.addOperatorHow : say.operators.replaceWhat(known)}</p>
      {known === undefined ? (
        <>
          <label for="operator-name">{say.operator.name}</label>
          <input
            id="operator-name"
            type="text"
            autocomplete="off"
            required
            pattern="[a-z][a-z0-9._\-]{0,63}"
            title={say.operators.nameForm}
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </>
      ) : null}
      <Code label={say.operators.publicKey} text={text} onText={setText} accept=".pub,.pem" />
      {text.trim() !== "" && publicKey === undefined ? <p class="bad">{say.operators.noPublicKey}</p> : null}
      {publicKey === undefined ? null : (
        <dl>
          <Compared spki={publicKey} />
        </dl>
      )}
    </Proposing>
  );
}

function EndPasskey({ name, ended, ...asked }: Asked & { name: string; ended: OperatorView }) {
  const credential = ended.passkey?.credential;
  return (
    <Proposing
      {...asked}
      title={say.operators.endTitle(name)}
      action={credential === undefined ? undefined : { type: "operator.passkey-end", name, credential }}
    >
      <p>{say.operators.endWhat}</p>
      <dl>
        <dt>{say.operators.host}</dt>
        <dd>{ended.passkey?.host}</dd>
        <FingerprintLine hex={ended.fingerprint} />
      </dl>
    </Proposing>
  );
}

/** A code that is pasted, or read from a file. */
function Code({
  label,
  text,
  onText,
  accept,
}: {
  label: string;
  text: string;
  onText: (text: string) => void;
  accept: string;
}) {
  return (
    <>
      <label for="operator-code">{label}</label>
      <textarea
        id="operator-code"
        class="mono"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
      <label for="operator-file">{say.operators.orFile}</label>
      <input
        id="operator-file"
        type="file"
        accept={accept}
        onChange={({ currentTarget }) => void currentTarget.files?.[0]?.text().then(onText)}
      />
    </>
  );
}

/** The fingerprint that two people compare before one of them signs. */
export function Compared({ spki }: { spki: Uint8Array<ArrayBuffer> | string | undefined }) {
  const [hex, setHex] = useState("");
  const key = String(spki);
  useEffect(() => {
    if (spki !== undefined) void fingerprintOf(spki).then(setHex);
  }, [key]);
  return <FingerprintLine hex={hex} />;
}

function FingerprintLine({ hex }: { hex: string }) {
  return (
    <>
      <dt>{say.operators.fingerprint}</dt>
      <dd class="mono">{hex.match(/.{1,4}/g)?.join(" ")}</dd>
    </>
  );
}
