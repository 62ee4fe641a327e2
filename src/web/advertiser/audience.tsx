/** One audience: from the rows that were sent to the size that was released, and what was done to its list. */

import { useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import type { AudienceView } from "../../size/index.js";
import { ask } from "../ask.js";
import { number, say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { Dialog } from "../parts/dialog.js";
import { Load, useLoad } from "../parts/load.js";
import { Bar, Table } from "../parts/table.js";
import { Moment, When } from "../parts/time.js";
import { apiOf, useAdvertiser } from "./whose.js";

interface Step {
  readonly operation: "create" | "append" | "remove" | "replace" | "delete";
  readonly at: string;
  readonly rows: number;
  readonly usable: number;
  readonly refused: number;
}

export function AudiencePage() {
  const base = apiOf(useAdvertiser());
  const { id = "" } = useRoute().params as { id?: string };
  const path = `${base}/audiences/${encodeURIComponent(id)}`;
  const found = useLoad(async () => {
    const [view, { history }] = await Promise.all([
      ask<AudienceView>("GET", path),
      ask<{ history: Step[] }>("GET", `${path}/history`),
    ]);
    return { view, history };
  }, [path]);
  return (
    <>
      <p>
        <a href="/">{say.advertiser.title}</a>
      </p>
      <Load of={found}>
        {({ view, history }) => (
          <>
            <h1>{view.name}</h1>
            <p>{say.advertiser.statusWhat[view.status]}</p>
            {view.nextReleaseAt === null ? null : (
              <p class="dim">
                {say.advertiser.nextRelease} <When at={view.nextReleaseAt} />
              </p>
            )}
            <Flow view={view} history={history} />
            <History history={history} />
            <p class="dim small">
              {say.advertiser.id} <code>{view.audience}</code>
            </p>
            <div class="buttons">
              <a class="button" href={`/upload?name=${encodeURIComponent(view.name)}`}>
                {say.advertiser.addMore}
              </a>
              <Ending path={path} name={view.name} />
            </div>
          </>
        )}
      </Load>
    </>
  );
}

/** Rows, usable rows and released size, each as a length; the table is the same. */
function Flow({ view: { size }, history }: { view: AudienceView; history: readonly Step[] }) {
  const sum = (of: (step: Step) => number) => history.reduce((total, step) => total + of(step), 0);
  const steps = [
    { name: say.advertiser.rows, value: sum(({ rows }) => rows), kind: "other" as const },
    { name: say.advertiser.usable, value: sum(({ usable }) => usable), kind: "other" as const },
    ...(size === null ? [] : [{ name: say.advertiser.releasedSize, value: size.value, kind: "" as const }]),
  ];
  const most = Math.max(1, ...steps.map(({ value }) => value));
  return (
    <>
      <figure>
        {steps.map(({ name, value, kind }) => (
          <div key={name}>
            {name}: <strong>{number(value)}</strong>
            <Bar share={value / most} kind={kind} />
          </div>
        ))}
        {size === null ? null : (
          <figcaption>
            {say.advertiser.between(number(size.lower), number(size.upper))} <Moment at={size.releasedAt} />
          </figcaption>
        )}
      </figure>
      <Table
        caption={say.advertiser.flow}
        rows={steps}
        columns={[
          { name: say.advertiser.step, value: ({ name }) => name },
          { name: say.advertiser.count, value: ({ value }) => value },
        ]}
      />
    </>
  );
}

function History({ history }: { history: readonly Step[] }) {
  return (
    <>
      <h2>{say.advertiser.history}</h2>
      <Table
        caption={say.advertiser.history}
        isCaptionHidden
        rows={history}
        columns={[
          { name: say.advertiser.what, value: ({ operation }) => say.advertiser.did[operation] },
          { name: say.advertiser.when, value: ({ at }) => at, show: ({ at }) => <When at={at} /> },
          { name: say.advertiser.rows, value: ({ rows }) => rows },
          { name: say.advertiser.usable, value: ({ usable }) => usable },
          { name: say.advertiser.refused, value: ({ refused }) => refused },
        ]}
        empty={<p>{say.advertiser.noHistory}</p>}
      />
    </>
  );
}

function Ending({ path, name }: { path: string; name: string }) {
  const { route } = useLocation();
  const [isAsked, setAsked] = useState(false);
  const close = () => setAsked(false);
  const end = async () => {
    await ask("DELETE", path);
    route("/");
  };
  return (
    <>
      <button type="button" class="grave" onClick={() => setAsked(true)}>
        {say.advertiser.end}
      </button>
      {isAsked ? (
        <Dialog title={say.advertiser.endTitle(name)} onClose={close}>
          <AskedForm act={say.advertiser.endNow} isGrave onAct={end} onCancel={close}>
            <p>{say.advertiser.endWhat}</p>
          </AskedForm>
        </Dialog>
      ) : null}
    </>
  );
}
