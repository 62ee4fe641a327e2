/** Logins of advertisers' people: invited here, by a link that is shown once, and ended here. */
import { useState } from "preact/hooks";
import type { CommandResult } from "../../command/index.js";
import { command } from "../ask.js";
import { say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { Dialog } from "../parts/dialog.js";
import { Load, useLoad } from "../parts/load.js";
import { NowSo } from "../parts/now-so.js";
import { CopyButton, Table } from "../parts/table.js";
import { When } from "../parts/time.js";

const text = say.logins;
type Login = CommandResult<"logins">[number];
type Done =
  | ({ readonly is: "invited" } & CommandResult<"loginInvite">)
  | ({ readonly is: "ended" } & CommandResult<"loginEnd">);

export function Logins({ advertisers }: { advertisers: readonly string[] }) {
  const logins = useLoad(() => command("logins", {}), []);
  const [open, setOpen] = useState<"invite" | Login>();
  const [done, setDone] = useState<Done>();
  const isDone = (what: Done) => {
    setOpen(undefined);
    setDone(what);
    void logins.again();
  };
  const close = () => setOpen(undefined);
  return (
    <section>
      <h2>{text.title}</h2>
      <p>{text.intro}</p>
      <NowSo of={done}>{done === undefined ? null : <DoneText done={done} />}</NowSo>
      <Load of={logins}>
        {(all) => (
          <Table
            caption={text.title}
            isCaptionHidden
            rows={all}
            empty={<p>{text.none}</p>}
            columns={[
              { name: text.login, value: ({ login }) => login },
              { name: say.operator.advertiser, value: ({ advertiser }) => advertiser },
              { name: text.opensBy, value: ({ hasPassword, passkeys }) => text.ways(hasPassword, passkeys) },
              {
                name: text.invited,
                value: ({ invitedUntil }) => invitedUntil ?? "",
                show: ({ invitedUntil }) => (invitedUntil === null ? text.accepted : <When at={invitedUntil} />),
              },
              {
                name: text.end,
                value: () => "",
                show: (login) => (
                  <button type="button" onClick={() => setOpen(login)} aria-label={text.endOf(login.login)}>
                    {text.endAsk}
                  </button>
                ),
              },
            ]}
          />
        )}
      </Load>
      <div class="buttons">
        <button type="button" disabled={advertisers.length === 0} onClick={() => setOpen("invite")}>
          {text.invite}
        </button>
      </div>
      {open === "invite" ? <Inviting advertisers={advertisers} onDone={isDone} onClose={close} /> : null}
      {typeof open === "object" ? <Ending login={open} onDone={isDone} onClose={close} /> : null}
    </section>
  );
}

function DoneText({ done }: { done: Done }) {
  if (done.is === "ended") return <p>{text.ended(done.login)}</p>;
  return (
    <>
      <p>
        <strong>{text.invitedNow(done.login)}</strong> {text.invitedHow} <When at={done.expiresAt} />.
      </p>
      <pre>{done.url}</pre>
      <div class="buttons">
        <CopyButton what={text.copyLink} text={done.url} />
      </div>
    </>
  );
}

interface Asked {
  readonly onDone: (done: Done) => void;
  readonly onClose: () => void;
}

function Inviting({ advertisers, onDone, onClose }: Asked & { advertisers: readonly string[] }) {
  const [advertiser, setAdvertiser] = useState(advertisers[0]!);
  const [login, setLogin] = useState("");
  const invite = async () => onDone({ is: "invited", ...(await command("loginInvite", { advertiser, login })) });
  return (
    <Dialog title={text.inviteTitle} onClose={onClose}>
      <AskedForm act={text.inviteNow} onAct={invite} onCancel={onClose}>
        <p>{text.inviteHow}</p>
        <label for="login-advertiser">{say.advertisers.forAdvertiser}</label>
        <select
          id="login-advertiser"
          value={advertiser}
          onChange={({ currentTarget }) => setAdvertiser(currentTarget.value)}
        >
          {advertisers.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <label for="login-name">{text.login}</label>
        <input
          id="login-name"
          type="text"
          required
          autocomplete="off"
          value={login}
          onInput={({ currentTarget }) => setLogin(currentTarget.value)}
        />
      </AskedForm>
    </Dialog>
  );
}

function Ending({ login: { advertiser, login }, onDone, onClose }: Asked & { login: Login }) {
  const end = async () => onDone({ is: "ended", ...(await command("loginEnd", { advertiser, login })) });
  return (
    <Dialog title={text.endOf(login)} onClose={onClose}>
      <AskedForm act={text.endNow} isGrave onAct={end} onCancel={onClose}>
        <p>{text.endWhat}</p>
      </AskedForm>
    </Dialog>
  );
}
