/** Decisions: what waits for a second signature, with everything that its approver must see; and what was decided by whom. */
import { useState } from "preact/hooks";
import type { Approved, DecidedView, ProposalView } from "../../command/index.js";
import type { SessionView } from "../../http/index.js";
import { ask, command } from "../ask.js";
import { number, say } from "../messages/index.js";
import { Load, useLoad } from "../parts/load.js";
import { NowSo } from "../parts/now-so.js";
import { Table } from "../parts/table.js";
import { When } from "../parts/time.js";
import { Approving } from "./approving.js";
import { ProposalDetail } from "./proposal-detail.js";
import { waitingProposals } from "./signing.js";

const text = say.decisions;

export function DecisionsPage() {
  const waiting = useLoad(async () => {
    const [proposals, { visitor }] = await Promise.all([waitingProposals(), ask<SessionView>("GET", "/v1/session")]);
    return { proposals, name: visitor?.is === "operator" ? visitor.name : "" };
  }, []);
  const decided = useLoad(() => command("decided", {}), []);
  const [done, setDone] = useState<Approved>();
  const approved = (answer: Approved) => {
    setDone(answer);
    void waiting.again();
    void decided.again();
  };
  return (
    <>
      <h1>{text.title}</h1>
      <p>{text.intro}</p>
      <NowSo of={done}>{done === undefined ? null : say.operator.approved(number(done.position))}</NowSo>
      <Load of={waiting}>
        {({ proposals, name }) =>
          proposals.length === 0 ? (
            <div class="empty">
              <p>{text.nothingWaits}</p>
            </div>
          ) : (
            proposals.map((proposal) => (
              <Waiting key={proposal.proposal} proposal={proposal} name={name} onApproved={approved} />
            ))
          )
        }
      </Load>
      <h2>{text.history}</h2>
      <Load of={decided}>{(all) => <History decided={all} />}</Load>
    </>
  );
}

function Waiting({
  proposal,
  name,
  onApproved,
}: {
  proposal: ProposalView;
  name: string;
  onApproved: (answer: Approved) => void;
}) {
  const title = text.told(proposal.action);
  return (
    <section class="card" aria-label={title}>
      <h2>{title}</h2>
      <p class="dim">
        {say.operator.proposed} <When at={proposal.at} /> {say.operator.by(proposal.by)},{" "}
        {say.operator.position(number(proposal.position))}
      </p>
      <ProposalDetail view={proposal} />
      {proposal.by === name ? (
        <p class="note">{text.own}</p>
      ) : (
        <Approving proposal={proposal} onApproved={onApproved} />
      )}
    </section>
  );
}

function History({ decided }: { decided: readonly DecidedView[] }) {
  return (
    <Table
      caption={text.history}
      isCaptionHidden
      rows={decided}
      empty={<p>{text.nothingDecided}</p>}
      columns={[
        { name: text.what, value: ({ action }) => text.told(action) },
        { name: say.operator.proposedBy, value: ({ by }) => by },
        {
          name: text.second,
          value: ({ approved, overtakenBy }) => approved?.by ?? text.lapsed(overtakenBy?.position),
        },
        {
          name: say.operator.when,
          value: ({ approved, at }) => approved?.at ?? at,
          show: ({ approved, at }) => <When at={approved?.at ?? at} />,
        },
        { name: text.named, value: ({ approved }) => approved?.confirm.join(", ") ?? "" },
        {
          name: say.operator.ledgerPosition,
          value: ({ approved }) => approved?.position ?? "",
        },
      ]}
    />
  );
}
