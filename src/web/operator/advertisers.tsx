/** Advertisers, the keys that open the API, and the sources that feed contacts. */
import { useState } from "preact/hooks";
import type { CommandResult } from "../../command/index.js";
import { command } from "../ask.js";
import { number, say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { Dialog } from "../parts/dialog.js";
import { Load, useLoad } from "../parts/load.js";
import { NowSo } from "../parts/now-so.js";
import { CopyButton, Table } from "../parts/table.js";
import { When } from "../parts/time.js";
import { KeyForm } from "./key-form.js";
import { Logins } from "./logins.js";

const text = say.advertisers;
type ApiKey = CommandResult<"apiKeys">[number];

export function AdvertisersPage() {
  const advertisers = useLoad(() => command("advertisers", {}), []);
  const keys = useLoad(() => command("apiKeys", {}), []);
  const sources = useLoad(() => command("sources", {}), []);
  const [open, setOpen] = useState<"advertiser" | "key" | ApiKey>();
  const [done, setDone] = useState<Done>();
  const close = () => setOpen(undefined);
  const isDone = (what: Done) => {
    close();
    setDone(what);
    void advertisers.again();
    void keys.again();
  };
  return (
    <>
      <h1>{text.title}</h1>
      <NowSo of={done}>{done === undefined ? null : <DoneText done={done} />}</NowSo>
      <Load of={advertisers}>
        {(all) => (
          <Table
            caption={text.title}
            isCaptionHidden
            rows={all}
            empty={<p>{text.none}</p>}
            columns={[
              { name: say.operator.advertiser, value: ({ name }) => name },
              { name: say.operator.entity, value: ({ entity }) => entity },
              {
                name: text.since,
                value: ({ createdAt }) => createdAt,
                show: ({ createdAt }) => <When at={createdAt} />,
              },
            ]}
          />
        )}
      </Load>
      <div class="buttons">
        <button type="button" onClick={() => setOpen("advertiser")}>
          {text.add}
        </button>
      </div>
      <Logins advertisers={advertisers.value?.map(({ name }) => name) ?? []} />
      <h2>{text.keys}</h2>
      <p>{text.keysHow}</p>
      <Load of={keys}>{(all) => <Keys keys={all} onRevoke={setOpen} />}</Load>
      <div class="buttons">
        <button type="button" onClick={() => setOpen("key")}>
          {text.addKey}
        </button>
      </div>
      <h2>{text.sources}</h2>
      <p>{text.sourcesHow}</p>
      <Load of={sources}>
        {(all) => (
          <Table
            caption={text.sources}
            isCaptionHidden
            rows={all}
            columns={[
              { name: say.operator.source, value: ({ name }) => name },
              { name: text.vouches, value: ({ vouches }) => (vouches ? text.yes : text.no) },
              {
                name: text.limit,
                value: ({ freedLimit }) => freedLimit ?? say.operator.noLimit,
              },
              { name: text.freed, value: ({ freed }) => freed },
            ]}
          />
        )}
      </Load>
      {open === "advertiser" ? <AddAdvertiser onDone={isDone} onClose={close} /> : null}
      {open === "key" ? (
        <Dialog title={text.addKeyTitle} onClose={close}>
          <KeyForm
            advertisers={advertisers.value?.map(({ name }) => name) ?? []}
            sources={sources.value?.map(({ name }) => name) ?? []}
            onMade={({ id, secret }) => isDone({ is: "key", id, secret })}
            onCancel={close}
          />
        </Dialog>
      ) : null}
      {typeof open === "object" ? <Revoking apiKey={open} onDone={isDone} onClose={close} /> : null}
    </>
  );
}

type Done =
  | { readonly is: "advertiser"; readonly name: string; readonly position: string }
  | { readonly is: "key"; readonly id: string; readonly secret: string }
  | { readonly is: "revoked"; readonly id: string; readonly position: string };

function DoneText({ done }: { done: Done }) {
  if (done.is === "advertiser") return <p>{text.added(done.name, done.position)}</p>;
  if (done.is === "revoked") return <p>{text.revokedNow(done.id, done.position)}</p>;
  return (
    <>
      <p>
        <strong>{text.keyMade(done.id)}</strong> {text.keyOnce}
      </p>
      <pre>{done.secret}</pre>
      <div class="buttons">
        <CopyButton what={text.copyKey} text={done.secret} />
      </div>
    </>
  );
}

function Keys({ keys, onRevoke }: { keys: readonly ApiKey[]; onRevoke: (key: ApiKey) => void }) {
  return (
    <Table
      caption={text.keys}
      isCaptionHidden
      rows={keys}
      empty={<p>{text.noKeys}</p>}
      columns={[
        { name: text.key, value: ({ id }) => id, show: ({ id }) => <code class="nowrap">{id}</code> },
        { name: text.scopes, value: ({ scopes }) => scopes.join(", ") },
        {
          name: text.bound,
          value: ({ advertiser, source, reveals }) => advertiser ?? source ?? reveals?.purpose ?? "",
        },
        { name: text.since, value: ({ createdAt }) => createdAt, show: ({ createdAt }) => <When at={createdAt} /> },
        {
          name: say.operator.state,
          value: ({ revokedAt, stopped }) =>
            stopped !== undefined ? text.stopped(stopped) : revokedAt === null ? text.live : text.revoked,
          show: (key) =>
            key.revokedAt === null ? (
              <button type="button" onClick={() => onRevoke(key)} aria-label={text.revokeOf(key.id)}>
                {text.revoke}
              </button>
            ) : (
              <>
                {key.stopped === undefined ? text.revoked : text.stopped(key.stopped)} <When at={key.revokedAt} />
              </>
            ),
        },
      ]}
    />
  );
}

/** The ledger's length once what was done is in it. */
async function position(): Promise<string> {
  return number((await command("ledgerHead", {})).size);
}

function AddAdvertiser({ onDone, onClose }: { onDone: (done: Done) => void; onClose: () => void }) {
  const [name, setName] = useState("");
  const [entity, setEntity] = useState("");
  const add = async () => {
    const made = await command("advertiserAdd", { name, ...(entity.trim() === "" ? {} : { entity }) });
    onDone({ is: "advertiser", name: made.name, position: await position() });
  };
  return (
    <Dialog title={text.addTitle} onClose={onClose}>
      <AskedForm act={text.addNow} onAct={add} onCancel={onClose}>
        <label for="advertiser-name">{say.operator.name}</label>
        <input
          id="advertiser-name"
          type="text"
          required
          autocomplete="off"
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
        <label for="advertiser-entity">
          {say.operator.entity} <span class="dim small">{text.entityHint}</span>
        </label>
        <input
          id="advertiser-entity"
          type="text"
          autocomplete="off"
          value={entity}
          onInput={({ currentTarget }) => setEntity(currentTarget.value)}
        />
      </AskedForm>
    </Dialog>
  );
}

function Revoking({
  apiKey: { id, scopes },
  onDone,
  onClose,
}: {
  apiKey: ApiKey;
  onDone: (done: Done) => void;
  onClose: () => void;
}) {
  const revoke = async () => {
    await command("keyRevoke", { id });
    onDone({ is: "revoked", id, position: await position() });
  };
  return (
    <Dialog title={text.revokeOf(id)} onClose={onClose}>
      <AskedForm act={text.revokeNow} isGrave onAct={revoke} onCancel={onClose}>
        <p>{text.revokeWhat(scopes.join(", "))}</p>
      </AskedForm>
    </Dialog>
  );
}
