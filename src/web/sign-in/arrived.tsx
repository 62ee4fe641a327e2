/** Whoever came by a link: it is used up, or an invitation is accepted; one that is over says what to do. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { InvitationView } from "../../http/index.js";
import { ask } from "../ask.js";
import { say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import type { Visit } from "../parts/frame.js";
import { Load, useDoing, useLoad } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { Moment } from "../parts/time.js";
import { type Arrival, doneArriving } from "./arrival.js";
import { makeLoginPasskey } from "./passkey.js";
import { Secret } from "./secret.js";

export function Arrived({ arrived, ...visit }: Visit & { arrived: Arrival }) {
  if (arrived.by === "invite") return <Invited {...visit} token={arrived.token} />;
  return <Entering {...visit} arrived={arrived} />;
}

/** Somebody who is signed in already is asked first: the link may be another's. */
function Entering({ session, onSession, arrived }: Visit & { arrived: Arrival }) {
  const isAsked = session.visitor !== null;
  const began = useRef(false);
  const entering = useDoing(async () => {
    await ask("POST", "/v1/session/link", { token: arrived.token });
    doneArriving();
    await onSession();
  });
  useEffect(() => {
    if (isAsked || began.current) return;
    began.current = true;
    void entering.run();
  }, []);
  const stay = async () => {
    doneArriving();
    await onSession();
  };
  return (
    <>
      <h1>{say.signIn.arriving}</h1>
      {entering.problem === undefined ? (
        isAsked ? (
          <>
            <p>{say.signIn.isIn}</p>
            <div class="buttons">
              <button type="button" class="main" disabled={entering.isDoing} onClick={() => entering.run()}>
                {say.signIn.useLink}
              </button>
              <button type="button" onClick={stay}>
                {say.signIn.stay}
              </button>
            </div>
          </>
        ) : (
          <p class="dim">{say.common.loading}</p>
        )
      ) : (
        <>
          <ProblemNote problem={entering.problem} />
          <p>{arrived.by === "person" ? say.signIn.overPerson : say.signIn.overOperator}</p>
          <div class="buttons">
            <button type="button" onClick={stay}>
              {say.signIn.toSignIn}
            </button>
          </div>
        </>
      )}
    </>
  );
}

function Invited({ session, onSession, token }: Visit & { token: string }) {
  const invitation = useLoad(() => ask<InvitationView>("POST", "/v1/invitation", { token }), [token]);
  const [password, setPassword] = useState("");
  const accepted = async () => {
    doneArriving();
    await onSession();
  };
  const byPassword = async () => {
    await ask("POST", "/v1/invitation/password", { token, password });
    await accepted();
  };
  const byPasskey = useDoing(async () => {
    await makeLoginPasskey("/v1/invitation/passkey", { token });
    await accepted();
  });
  return (
    <>
      <h1>{say.signIn.invited}</h1>
      <Load of={invitation}>
        {({ advertiser, login, until }) => (
          <>
            <p>
              {say.signIn.invitedTo(login, advertiser)} {say.signIn.invitedUntil} <Moment at={until} />.
            </p>
            {session.visitor === null ? null : <p class="note">{say.signIn.isIn}</p>}
            <section class="card" aria-labelledby="new-passkey">
              <h2 id="new-passkey">{say.signIn.newPasskey}</h2>
              <p>{say.signIn.newPasskeyHow}</p>
              <div class="buttons">
                <button type="button" class="main" disabled={byPasskey.isDoing} onClick={() => byPasskey.run()}>
                  {say.signIn.newPasskeyMake}
                </button>
              </div>
              <ProblemNote problem={byPasskey.problem} />
            </section>
            <section class="card" aria-labelledby="new-password">
              <h2 id="new-password">{say.signIn.orPassword}</h2>
              <AskedForm act={say.signIn.setPassword} isReady={!byPasskey.isDoing} onAct={byPassword}>
                <label>
                  {say.signIn.login}
                  <input {...{ autocomplete: "username", readOnly: true, value: login }} />
                </label>
                <Secret
                  {...{ label: say.signIn.newPassword, hint: say.signIn.passwordHint, autocomplete: "new-password" }}
                  isNew
                  value={password}
                  onValue={setPassword}
                />
              </AskedForm>
            </section>
          </>
        )}
      </Load>
      {invitation.problem === undefined ? null : <p>{say.signIn.overInvitation}</p>}
    </>
  );
}
