/** Changes of operators that wait for a second signature: what each would do, from the very bytes that were signed. */
import { useState } from "preact/hooks";
import type { Approved, ProposalView } from "../../command/index.js";
import type { SessionView } from "../../http/index.js";
import type { Action } from "../../operator/index.js";
import { ask } from "../ask.js";
import { say } from "../messages/index.js";
import { AskedForm } from "../parts/asked-form.js";
import { Dialog } from "../parts/dialog.js";
import { Load, useLoad } from "../parts/load.js";
import { When } from "../parts/time.js";
import { spkiOfPasskey } from "./key-code.js";
import { Compared } from "./operator-change.js";
import { approve, waitingProposals } from "./signing.js";

type OperatorAction = Extract<Action, { type: `operator.${string}` }>;

interface Waiting extends ProposalView {
  readonly action: OperatorAction;
}

/** @param on asked again whenever one of these has changed */
export function WaitingChanges({
  on,
  onApproved,
}: {
  on: readonly unknown[];
  onApproved: (approved: Approved) => void;
}) {
  const waiting = useLoad(async () => {
    const [views, { visitor }] = await Promise.all([waitingProposals(), ask<SessionView>("GET", "/v1/session")]);
    return { changes: views.filter(isOfOperators), name: visitor?.is === "operator" ? visitor.name : "" };
  }, on);
  const [read, setRead] = useState<Waiting>();
  const approved = (answer: Approved) => {
    setRead(undefined);
    onApproved(answer);
  };
  return (
    <Load of={waiting}>
      {({ changes, name }) =>
        changes.length === 0 ? null : (
          <section>
            <h2>{say.operators.waiting}</h2>
            <ul>
              {changes.map((change) => (
                <li key={change.proposal}>
                  {say.operators.change(change.action)}{" "}
                  <span class="dim">
                    {say.operator.proposed} <When at={change.at} /> {say.operator.by(change.by)}
                  </span>
                  {change.by === name ? null : (
                    <div class="buttons">
                      <button type="button" class="main" onClick={() => setRead(change)}>
                        {say.operators.read}
                      </button>
                    </div>
                  )}
                </li>
              ))}
            </ul>
            {read === undefined ? null : (
              <Approving change={read} onApproved={approved} onClose={() => setRead(undefined)} />
            )}
          </section>
        )
      }
    </Load>
  );
}

const isOfOperators = (view: ProposalView): view is Waiting => view.action.type.startsWith("operator.");

function Approving({
  change: { action, by, proposal },
  onApproved,
  onClose,
}: {
  change: Waiting;
  onApproved: (approved: Approved) => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={say.operators.change(action)} onClose={onClose}>
      <AskedForm act={say.operator.approve} onAct={async () => onApproved(await approve(proposal))} onCancel={onClose}>
        <p>{say.operators.consequence(action)}</p>
        <dl>
          <dt>{say.operator.proposedBy}</dt>
          <dd>{by}</dd>
          {"host" in action ? (
            <>
              <dt>{say.operators.host}</dt>
              <dd>{action.host}</dd>
            </>
          ) : null}
          {"publicKey" in action ? (
            <Compared spki={"host" in action ? spkiOfPasskey(action) : action.publicKey} />
          ) : null}
        </dl>
      </AskedForm>
    </Dialog>
  );
}
