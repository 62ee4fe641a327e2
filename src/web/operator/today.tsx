/** Today at a glance: how everything stands, what came in within a day, and what wants an operator's eye. */
import { useState } from "preact/hooks";
import type { GlanceView } from "../../command/index.js";
import { command } from "../ask.js";
import { number, say } from "../messages/index.js";
import { Load, useLoad } from "../parts/load.js";
import { type Done, Progress } from "../parts/progress.js";
import { CopyButton, Table } from "../parts/table.js";
import { When } from "../parts/time.js";
import { Refusals } from "./refusals.js";

const text = say.today;

export function TodayPage() {
  const [counting, setCounting] = useState<Done>();
  const glance = useLoad(async () => {
    const onProgress = (what: string, done: number, share: number) => setCounting({ what, done, share });
    return command("glance", {}, { onProgress }).finally(() => setCounting(undefined));
  }, []);
  return (
    <>
      <h1>{say.today.title}</h1>
      {counting === undefined || glance.value !== undefined ? null : <Progress of={counting} label={text.counting} />}
      <Load of={glance}>
        {(view) => (
          <>
            <Wanting view={view} />
            <Contacts contacts={view.contacts} />
            <Lists view={view} />
            <Runs view={view} />
            <Refusals refusals={view.refusals} />
            <Canaries canaries={view.canaries} />
            <Ledger ledger={view.ledger} />
            <div class="buttons">
              <button type="button" disabled={glance.isLoading} onClick={() => void glance.again()}>
                {text.again}
              </button>
            </div>
          </>
        )}
      </Load>
    </>
  );
}

/** What wants somebody to act, first. */
function Wanting({ view: { canaries, openAlarms, waiting, contacts, ledger } }: { view: GlanceView }) {
  return (
    <>
      {canaries.halt === null ? null : (
        <p class="problem" role="alert">
          <strong>{text.halted}</strong> <a href="/alarms">{text.toAlarms}</a>
        </p>
      )}
      {ledger.kept.isCurrent ? null : (
        <p class="problem" role="alert">
          <strong>{text.behind}</strong> {ledger.kept.told}
        </p>
      )}
      <ul class="figures">
        <li>
          <b>{number(contacts.all)}</b> {text.contactsInAll}
        </li>
        <li>
          <b>{number(contacts.permitted)}</b> {say.operator.permitted}
        </li>
        <li>
          <b class={openAlarms > 0 ? "bad" : ""}>{number(openAlarms)}</b> <a href="/alarms">{text.openAlarms}</a>
        </li>
        <li>
          <b>{number(waiting)}</b> <a href="/decisions">{text.waiting}</a>
        </li>
      </ul>
    </>
  );
}

function Contacts({ contacts }: { contacts: GlanceView["contacts"] }) {
  return (
    <section>
      <h2>{text.byPurpose}</h2>
      <p class="dim">{text.byPurposeHow(number(contacts.asOf))}</p>
      <Table
        caption={text.byPurpose}
        isCaptionHidden
        rows={contacts.byPurpose}
        columns={[
          {
            name: say.operator.purpose,
            value: ({ purpose }) => purpose,
            show: ({ purpose }) => (
              <>
                <code>{purpose}</code> <span class="dim small">{say.decisions.meanings[purpose]}</span>
              </>
            ),
          },
          { name: say.operator.contacts, value: ({ contacts: count }) => count, bar: true },
        ]}
      />
    </section>
  );
}

function Lists({ view: { lists, listsInAll } }: { view: GlanceView }) {
  return (
    <section>
      <h2>{text.lists}</h2>
      <Table
        caption={text.lists}
        isCaptionHidden
        rows={lists}
        empty={<p>{text.noLists}</p>}
        columns={[
          {
            name: say.audiences.audience,
            value: ({ name }) => name,
            show: ({ name, audience }) => <a href={`/audiences/${audience}`}>{name}</a>,
          },
          { name: say.operator.advertiser, value: ({ advertiser }) => advertiser },
          { name: say.operator.when, value: ({ at }) => at, show: ({ at }) => <When at={at} /> },
          { name: say.audiences.rows, value: ({ rows }) => rows },
          { name: say.audiences.usable, value: ({ usable }) => usable },
          { name: say.operator.rowsRefused, value: ({ refused }) => refused },
          { name: say.audiences.status, value: ({ status }) => say.audiences.statuses[status] },
        ]}
      />
      {listsInAll > lists.length ? <p class="dim">{text.latestOf(lists.length, listsInAll)}</p> : null}
    </section>
  );
}

function Runs({ view: { runs, runsInAll } }: { view: GlanceView }) {
  return (
    <section>
      <h2>{text.runs}</h2>
      <Table
        caption={text.runs}
        isCaptionHidden
        rows={runs}
        empty={<p>{text.noRuns}</p>}
        columns={[
          { name: say.operator.source, value: ({ source }) => source },
          { name: say.operator.fedBy, value: ({ actor }) => actor },
          { name: say.operator.when, value: ({ to }) => to, show: ({ to }) => <When at={to} /> },
          { name: say.operator.rowsTaken, value: ({ good }) => good },
          { name: say.operator.rowsRefused, value: ({ refused }) => refused },
        ]}
      />
      {runsInAll > runs.length ? <p class="dim">{text.latestOf(runs.length, runsInAll)}</p> : null}
    </section>
  );
}

function Canaries({
  canaries: { count, lastCheckAt, failed, halt, everyHours },
}: {
  canaries: GlanceView["canaries"];
}) {
  return (
    <section>
      <h2>{say.alarms.canaries}</h2>
      {count === 0 ? (
        <div class="empty">
          <p>{say.alarms.noCanaries}</p>
          <a href="/alarms">{text.toCanaries}</a>
        </div>
      ) : (
        <dl>
          <dt>{text.watching}</dt>
          <dd>{number(count)}</dd>
          <dt>{say.alarms.lastCheck}</dt>
          <dd>
            {lastCheckAt === null ? say.alarms.never : <When at={lastCheckAt} />}{" "}
            <span class="dim">{text.every(number(everyHours))}</span>
          </dd>
          <dt>{say.operator.state}</dt>
          <dd>{halt !== null ? text.stateHalted : failed > 0 ? text.stateFailed(failed) : text.stateGood}</dd>
        </dl>
      )}
    </section>
  );
}

function Ledger({ ledger: { position, root, signedAt, witness, kept } }: { ledger: GlanceView["ledger"] }) {
  return (
    <section>
      <h2>{text.ledger}</h2>
      <dl>
        <dt>{text.entries}</dt>
        <dd>{number(position)}</dd>
        <dt>{text.root}</dt>
        <dd>
          <code>{root}</code>
          <div class="buttons">
            <CopyButton text={root} />
          </div>
        </dd>
        <dt>{text.signed}</dt>
        <dd>
          <When at={signedAt} />
        </dd>
        <dt>{text.witness}</dt>
        <dd>
          {witness === null ? (
            text.noWitness
          ) : (
            <>
              {witness.name}, <When at={witness.at} /> {text.upTo(number(witness.position))}
            </>
          )}
        </dd>
        <dt>{text.kept}</dt>
        <dd>{kept.told}</dd>
      </dl>
    </section>
  );
}
