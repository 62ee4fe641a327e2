/** Signing in: by a link, with a passkey, or with a login; and, signed in or not, making an operator's passkey. */
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { ask } from "../ask.js";
import { say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { Head, type Visit } from "../parts/frame.js";
import { useDoing } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { CleanStartNote } from "../parts/sample.js";
import { arrival } from "./arrival.js";
import { Arrived } from "./arrived.js";
import { EnrolmentPage } from "./enrolment.js";
import { signInByPasskey } from "./passkey.js";
import { Secret } from "./secret.js";

export function SignInPages(visit: Visit) {
  const { path } = useLocation();
  const arrived = arrival();
  const page =
    arrived !== undefined ? (
      <Arrived {...visit} arrived={arrived} />
    ) : path === "/passkey" ? (
      <EnrolmentPage />
    ) : (
      <SignIn {...visit} />
    );
  return (
    <>
      <Head session={visit.session} />
      <main id="page" class="narrow" tabIndex={-1}>
        {page}
      </main>
    </>
  );
}

function SignIn({ onSession }: Visit) {
  const [advertiser, setAdvertiser] = useState("");
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const byPasskey = useDoing(async () => {
    await signInByPasskey();
    await onSession();
  });
  const byPassword = async () => {
    await ask("POST", "/v1/session/password", { advertiser, login, password });
    await onSession();
  };
  return (
    <>
      <h1>{say.signIn.title}</h1>
      <CleanStartNote />
      <section class="card" aria-labelledby="by-passkey">
        <h2 id="by-passkey">{say.signIn.withPasskey}</h2>
        <p>{say.signIn.withPasskeyHow}</p>
        <div class="buttons">
          <button type="button" class="main" disabled={byPasskey.isDoing} onClick={() => byPasskey.run()}>
            {say.signIn.usePasskey}
          </button>
        </div>
        <ProblemNote problem={byPasskey.problem} />
      </section>
      <section class="card" aria-labelledby="by-password">
        <h2 id="by-password">{say.signIn.withPassword}</h2>
        <AskedForm act={say.signIn.signIn} onAct={byPassword}>
          <label>
            {say.signIn.advertiser}
            <input
              {...{ name: "organization", autocomplete: "organization", required: true, value: advertiser }}
              onInput={({ currentTarget }) => setAdvertiser(currentTarget.value)}
            />
          </label>
          <label>
            {say.signIn.login}
            <input
              {...{ name: "username", autocomplete: "username", required: true, value: login }}
              onInput={({ currentTarget }) => setLogin(currentTarget.value)}
            />
          </label>
          <Secret label={say.signIn.password} autocomplete="current-password" value={password} onValue={setPassword} />
        </AskedForm>
      </section>
      <section aria-labelledby="otherwise">
        <h2 id="otherwise">{say.signIn.otherwise}</h2>
        <ul>
          <li>{say.signIn.forPeople}</li>
          <li>{say.signIn.forAdvertisers}</li>
          <li>
            {say.signIn.forOperators} <a href="/passkey">{say.signIn.makePasskey}</a>
          </li>
        </ul>
      </section>
    </>
  );
}
