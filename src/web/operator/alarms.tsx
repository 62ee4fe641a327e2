/** Alarms: what must not be and was seen; and canaries, the accounts of the platform's own people that watch for it. */
import { useState } from "preact/hooks";
import type { CommandResult, ProposalView } from "../../command/index.js";
import { command } from "../ask.js";
import { number, say } from "../messages/index.js";
import { Dialog } from "../parts/dialog.js";
import { Load, useDoing, useLoad } from "../parts/load.js";
import { NowSo } from "../parts/now-so.js";
import { ProblemNote } from "../parts/problem.js";
import { Table } from "../parts/table.js";
import { When } from "../parts/time.js";
import { CanaryForm } from "./canary-form.js";
import { propose } from "./signing.js";

const text = say.alarms;
type AlarmView = CommandResult<"alarms">[number];
type Done =
  | { readonly is: "seen"; readonly alarm: number }
  | { readonly is: "checked"; readonly check: CommandResult<"canaryCheck"> }
  | { readonly is: "registered"; readonly contacts: number }
  | { readonly is: "proposed"; readonly view: ProposalView };

export function AlarmsPage() {
  const alarms = useLoad(() => command("alarms", { all: true }), []);
  const canaries = useLoad(() => command("canaries", {}), []);
  const [done, setDone] = useState<Done>();
  const [isRegistering, setRegistering] = useState(false);
  const isDone = (what: Done) => {
    setRegistering(false);
    setDone(what);
    void alarms.again();
    void canaries.again();
  };
  const checking = useDoing(async () => isDone({ is: "checked", check: await command("canaryCheck", {}) }));
  const seeing = useDoing(async (alarm: number) => {
    // Who saw it, the server says: it is whoever is signed in.
    await command("alarmSeen", { alarm } as Parameters<typeof command<"alarmSeen">>[1]);
    isDone({ is: "seen", alarm });
  });
  const resuming = useDoing(async (halt: number) =>
    isDone({ is: "proposed", view: await propose({ type: "matching.resume", halt }) }),
  );
  return (
    <>
      <h1>{text.title}</h1>
      <p>{text.intro}</p>
      <NowSo of={done}>{done === undefined ? null : <DoneText done={done} />}</NowSo>
      <ProblemNote problem={seeing.problem ?? checking.problem ?? resuming.problem} />
      <Load of={alarms}>{(all) => <Alarms alarms={all} onSeen={(alarm) => void seeing.run(alarm)} />}</Load>
      <h2>{text.canaries}</h2>
      <p>{text.canariesHow}</p>
      <Load of={canaries}>
        {({ halt, lastCheckAt, canaries: all }) => (
          <>
            {halt === null ? null : (
              <div class="problem">
                <p>
                  <strong>{say.today.halted}</strong> {text.haltedHow(number(halt))}
                </p>
                <button type="button" disabled={resuming.isDoing} onClick={() => void resuming.run(halt)}>
                  {text.resume}
                </button>
              </div>
            )}
            <p>
              {text.lastCheck}: {lastCheckAt === null ? text.never : <When at={lastCheckAt} />}
            </p>
            <Table
              caption={text.canaries}
              isCaptionHidden
              rows={all}
              empty={<p>{text.noCanaries}</p>}
              columns={[
                { name: text.canary, value: ({ id }) => id },
                {
                  name: say.operator.contacts,
                  value: ({ contacts }) => contacts.map((one) => text.contact(one.number, one.for)).join(", "),
                },
                {
                  name: text.registered,
                  value: ({ registeredAtMs }) => new Date(registeredAtMs).toISOString(),
                  show: ({ registeredAtMs }) => <When at={registeredAtMs} />,
                },
              ]}
            />
            <div class="buttons">
              <button
                type="button"
                class="main"
                disabled={all.length === 0 || halt !== null || checking.isDoing}
                onClick={() => void checking.run()}
              >
                {checking.isDoing ? text.checking : text.check}
              </button>
              <button type="button" onClick={() => setRegistering(true)}>
                {text.register}
              </button>
            </div>
          </>
        )}
      </Load>
      {isRegistering ? (
        <Dialog title={text.registerTitle} onClose={() => setRegistering(false)}>
          <CanaryForm
            onRegistered={(contacts) => isDone({ is: "registered", contacts })}
            onCancel={() => setRegistering(false)}
          />
        </Dialog>
      ) : null}
    </>
  );
}

function DoneText({ done }: { done: Done }) {
  switch (done.is) {
    case "seen":
      return <p>{text.seenNow(done.alarm)}</p>;
    case "registered":
      return <p>{text.registeredNow(done.contacts)}</p>;
    case "proposed":
      return (
        <p>
          {say.operators.proposed(number(done.view.position))} <a href="/decisions">{say.notices.toDecisions}</a>
        </p>
      );
    case "checked": {
      const { canaries, ways, failed, alarms } = done.check;
      return (
        <>
          <p>{text.checked(canaries, ways.length, alarms.length)}</p>
          {failed.length === 0 ? null : <p>{text.failed(failed.join(", "))}</p>}
        </>
      );
    }
  }
}

function Alarms({ alarms, onSeen }: { alarms: readonly AlarmView[]; onSeen: (alarm: number) => void }) {
  return (
    <Table
      caption={text.title}
      isCaptionHidden
      rows={alarms.toReversed()}
      empty={<p>{text.none}</p>}
      columns={[
        { name: text.what, value: ({ what }) => what },
        { name: say.operator.kind, value: ({ kind }) => text.kinds[kind] },
        { name: say.operator.when, value: ({ at }) => at, show: ({ at }) => <When at={at} /> },
        { name: say.operator.ledgerPosition, value: ({ alarm }) => alarm },
        {
          name: text.known,
          value: ({ seenBy }) => seenBy ?? text.open,
          show: ({ alarm, seenBy, seenAt }) =>
            seenBy === null ? (
              <button type="button" onClick={() => onSeen(alarm)} aria-label={text.seeOf(alarm)}>
                {text.see}
              </button>
            ) : (
              <>
                {seenBy}, {seenAt === null ? null : <When at={seenAt} />}
              </>
            ),
        },
      ]}
    />
  );
}
