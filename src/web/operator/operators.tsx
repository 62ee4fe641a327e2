/** Operators: who signs here, with which keys, and since when; changes of them are proposed here, and approved with the rest. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Approved, OperatorView, ProposalView } from "../../command/index.js";
import { command } from "../ask.js";
import { number, say } from "../messages/index.js";
import { Load, useLoad } from "../parts/load.js";
import { CopyButton, Table } from "../parts/table.js";
import { When } from "../parts/time.js";
import { type Change, ChangeDialog } from "./operator-change.js";
import { PurposeKeys } from "./purpose-keys.js";
import { WaitingChanges } from "./waiting-changes.js";

export function OperatorsPage() {
  const keys = useLoad(() => command("operators", {}), []);
  const [change, setChange] = useState<Change>();
  const [done, setDone] = useState<ProposalView | Approved>();
  const approved = (answer: Approved) => {
    setDone(answer);
    void keys.again();
  };
  const proposed = (view: ProposalView) => {
    setChange(undefined);
    setDone(view);
  };
  return (
    <>
      <h1>{say.operators.title}</h1>
      <p>{say.operators.intro}</p>
      <DoneNote done={done} />
      <WaitingChanges on={[done]} onApproved={approved} />
      <Load of={keys}>
        {(terms) => (
          <>
            <div class="cards">
              {namesOf(terms).map((name) => (
                <OperatorCard key={name} name={name} terms={terms} onChange={setChange} />
              ))}
            </div>
            <div class="buttons">
              <button type="button" class="main" onClick={() => setChange({ is: "passkey" })}>
                {say.operators.addPasskey}
              </button>
              <button type="button" onClick={() => setChange({ is: "add" })}>
                {say.operators.addOperator}
              </button>
              <a class="button" href="/passkey">
                {say.operators.makePasskey}
              </a>
            </div>
            <EveryKey terms={terms} />
          </>
        )}
      </Load>
      <PurposeKeys />
      {change === undefined ? null : (
        <ChangeDialog change={change} onProposed={proposed} onClose={() => setChange(undefined)} />
      )}
    </>
  );
}

/** Says what is now so; the focus goes there. */
function DoneNote({ done }: { done: ProposalView | Approved | undefined }) {
  const note = useRef<HTMLParagraphElement>(null);
  useEffect(() => note.current?.focus(), [done]);
  if (done === undefined) return null;
  const position = number(done.position);
  return (
    <p class="note" role="status" tabIndex={-1} ref={note}>
      {"approvedBy" in done ? say.operator.approved(position) : say.operators.proposed(position)}
    </p>
  );
}

const namesOf = (terms: readonly OperatorView[]): string[] =>
  terms
    .filter(({ toPosition, passkey }) => toPosition === null && passkey === null)
    .map(({ name }) => name)
    .sort();

function OperatorCard({
  name,
  terms,
  onChange,
}: {
  name: string;
  terms: readonly OperatorView[];
  onChange: (change: Change) => void;
}) {
  const own = terms.filter((term) => term.name === name && term.toPosition === null);
  return (
    <section class="card" aria-label={name}>
      <h2>{name}</h2>
      {own.map((key) => (
        <div key={key.fingerprint}>
          <h3>{key.passkey === null ? say.operators.keyFile : say.operators.passkeyFor(key.passkey.host)}</h3>
          <Fingerprint hex={key.fingerprint} />
          <p class="dim small">
            <SincePosition at={key.from} position={key.fromPosition} />
          </p>
          <div class="buttons">
            <CopyButton what={say.operators.copyFingerprint} text={key.fingerprint} />
            {key.passkey === null ? (
              <button type="button" onClick={() => onChange({ is: "replace", name })}>
                {say.operators.replace}
              </button>
            ) : (
              <button type="button" onClick={() => onChange({ is: "end", name, ended: key })}>
                {say.operators.end}
              </button>
            )}
          </div>
        </div>
      ))}
      {own.length > 1 ? null : <p class="dim">{say.operators.noPasskey}</p>}
      <div class="buttons">
        <button type="button" class="grave" onClick={() => onChange({ is: "remove", name })}>
          {say.operators.remove(name)}
        </button>
      </div>
    </section>
  );
}

function SincePosition({ at, position }: { at: string; position: number }) {
  return (
    <>
      {say.operators.since} <When at={at} />, {say.operator.position(number(position))}
    </>
  );
}

/** In groups of four, as people compare it. */
export function Fingerprint({ hex }: { hex: string }) {
  return <p class="mono small">{hex.match(/.{1,4}/g)?.join(" ")}</p>;
}

function EveryKey({ terms }: { terms: readonly OperatorView[] }) {
  return (
    <details>
      <summary>{say.operators.everyKey}</summary>
      <Table
        caption={say.operators.everyKey}
        isCaptionHidden
        rows={terms}
        columns={[
          { name: say.operators.operator, value: ({ name }) => name },
          {
            name: say.operators.key,
            value: ({ passkey }) => (passkey === null ? say.operators.keyFile : say.operators.passkeyFor(passkey.host)),
          },
          {
            name: say.operators.fingerprint,
            value: ({ fingerprint }) => fingerprint,
            show: ({ fingerprint }) => <span class="mono">{fingerprint.slice(0, 16)}</span>,
          },
          { name: say.operators.from, value: ({ from }) => from, show: ({ from }) => <When at={from} /> },
          {
            name: say.operators.to,
            value: ({ to }) => to ?? say.operator.inForce,
            show: ({ to }) => (to === null ? say.operator.inForce : <When at={to} />),
          },
        ]}
      />
    </details>
  );
}
