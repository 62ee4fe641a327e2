/** How an advertiser's login is opened, for whoever is signed in with it: its password and its passkeys. */
import { useState } from "preact/hooks";
import type { OwnLoginView } from "../../http/index.js";
import { ask } from "../ask.js";
import { say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { Load, useDoing, useLoad } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { Table } from "../parts/table.js";
import { When } from "../parts/time.js";
import { makeLoginPasskey } from "./passkey.js";
import { Secret } from "./secret.js";

export function OwnLoginPage() {
  const own = useLoad(() => ask<OwnLoginView>("GET", "/v1/login"), []);
  return (
    <>
      <h1>{say.signIn.ownTitle}</h1>
      <Load of={own}>
        {(view) => (
          <>
            <p>{say.signIn.ownIntro(view.login, view.advertiser)}</p>
            <Passkeys view={view} onChange={own.again} />
            <Password view={view} onChange={own.again} />
          </>
        )}
      </Load>
    </>
  );
}

interface Part {
  readonly view: OwnLoginView;
  readonly onChange: () => Promise<void>;
}

function Passkeys({ view, onChange }: Part) {
  const [told, setTold] = useState("");
  const adding = useDoing(async () => {
    await makeLoginPasskey("/v1/login/passkey");
    setTold(say.signIn.ownAdded);
    await onChange();
  });
  const ending = useDoing(async (credential: string) => {
    await ask("POST", "/v1/login/passkey/end", { credential });
    setTold(say.signIn.ownRemoved);
    await onChange();
  });
  return (
    <section class="card" aria-labelledby="own-passkeys">
      <h2 id="own-passkeys">{say.signIn.ownPasskeys}</h2>
      <Table
        caption={say.signIn.ownPasskeys}
        isCaptionHidden
        rows={view.passkeys}
        empty={<p>{say.signIn.ownNoPasskeys}</p>}
        columns={[
          { name: say.signIn.ownPasskey, value: ({ credential }) => credential.slice(0, 8) },
          { name: say.signIn.ownSince, value: ({ since }) => since, show: ({ since }) => <When at={since} /> },
          {
            name: say.signIn.ownChange,
            value: () => "",
            show: ({ credential }) => (
              <button type="button" disabled={ending.isDoing} onClick={() => ending.run(credential)}>
                {say.signIn.ownRemove}
              </button>
            ),
          },
        ]}
      />
      <div class="buttons">
        <button type="button" class="main" disabled={adding.isDoing} onClick={() => adding.run()}>
          {say.signIn.ownAdd}
        </button>
      </div>
      <p role="status">{told}</p>
      <ProblemNote problem={adding.problem ?? ending.problem} />
    </section>
  );
}

function Password({ view, onChange }: Part) {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [told, setTold] = useState("");
  const set = async () => {
    await ask("POST", "/v1/login/password", view.hasPassword ? { current, password } : { password });
    setCurrent("");
    setPassword("");
    setTold(say.signIn.ownPasswordSet);
    await onChange();
  };
  return (
    <section class="card" aria-labelledby="own-password">
      <h2 id="own-password">{say.signIn.password}</h2>
      <p>{view.hasPassword ? say.signIn.ownHasPassword : say.signIn.ownNoPassword}</p>
      <AskedForm act={say.signIn.setPassword} onAct={set}>
        <label>
          {say.signIn.login}
          <input type="text" name="username" autocomplete="username" readOnly value={view.login} />
        </label>
        {view.hasPassword ? (
          <Secret
            {...{ label: say.signIn.ownCurrent, autocomplete: "current-password", value: current }}
            onValue={setCurrent}
          />
        ) : null}
        <Secret
          {...{ label: say.signIn.newPassword, hint: say.signIn.passwordHint, autocomplete: "new-password" }}
          isNew
          value={password}
          onValue={setPassword}
        />
      </AskedForm>
      <p role="status">{told}</p>
    </section>
  );
}
