/** Intake: feeding a file, what waits because it would free too much, and what came in last. */
import { useState } from "preact/hooks";
import type { HeldRunView, RunView } from "../../command/index.js";
import { command } from "../ask.js";
import { number, say } from "../messages/index.js";
import { Load, useLoad } from "../parts/load.js";
import { NowSo } from "../parts/now-so.js";
import { Table } from "../parts/table.js";
import { When } from "../parts/time.js";
import { FeedForm } from "./feed-form.js";
import { FreeRun } from "./free-run.js";
import { LedgerLink } from "./ledger-link.js";
import { Refusals } from "./refusals.js";

const text = say.intake;

export function IntakePage() {
  const found = useLoad(() => command("intakeRuns", {}), []);
  const [proposedAt, setProposedAt] = useState<number>();
  const proposed = (position: number) => {
    setProposedAt(position);
    void found.again();
  };
  return (
    <>
      <h1>{text.title}</h1>
      <p>{text.intro}</p>
      <FeedForm onFed={found.again} onProposed={proposed} />
      <NowSo of={proposedAt}>{proposedAt === undefined ? null : text.proposed(number(proposedAt))}</NowSo>
      <Load of={found}>
        {(intake) => (
          <>
            {intake.held.length === 0 ? null : <Held runs={intake.held} onProposed={proposed} />}
            <Recent runs={intake.runs} />
            <Refusals refusals={intake.refusals} />
          </>
        )}
      </Load>
    </>
  );
}

function Held({ runs, onProposed }: { runs: readonly HeldRunView[]; onProposed: (position: number) => void }) {
  return (
    <section>
      <h2>{text.held}</h2>
      <p>{text.heldWhat}</p>
      <Table
        caption={text.held}
        isCaptionHidden
        rows={runs}
        columns={[
          { name: say.operator.source, value: ({ source }) => source },
          { name: say.operator.when, value: ({ at }) => at, show: ({ at }) => <When at={at} /> },
          { name: text.wouldFree, value: ({ freed }) => freed },
          { name: text.limit, value: ({ limit }) => (limit === null ? say.operator.noLimit : number(limit)) },
          {
            name: text.digest,
            value: ({ digest }) => digest,
            show: ({ digest }) => <code title={digest}>{digest.slice(0, 12)}</code>,
          },
          {
            name: say.operator.state,
            value: ({ state }) => text.heldStates[state],
            show: (run) => (
              <>
                <p>{text.heldStates[run.state]}</p>
                {run.state === "refused" ? <FreeRun run={run} onProposed={onProposed} /> : null}
                {run.state === "proposed" ? <a href="/decisions">{say.decisions.title}</a> : null}
              </>
            ),
          },
        ]}
      />
    </section>
  );
}

function Recent({ runs }: { runs: readonly RunView[] }) {
  return (
    <section>
      <h2>{text.recent}</h2>
      {runs.length === 0 ? null : <p class="dim">{text.recentWhat}</p>}
      <Table
        caption={text.recent}
        isCaptionHidden
        rows={runs}
        empty={
          <>
            <p>
              <strong>{text.none}</strong>
            </p>
            <p>{text.noneHow}</p>
          </>
        }
        columns={[
          { name: say.operator.source, value: ({ source }) => source },
          { name: say.operator.when, value: ({ to }) => to, show: ({ to }) => <When at={to} /> },
          { name: say.operator.fedBy, value: ({ actor }) => actor },
          { name: say.operator.rowsTaken, value: ({ good }) => good },
          { name: say.operator.rowsRefused, value: ({ refused }) => refused },
          { name: text.freedShort, value: ({ freed }) => freed },
          {
            name: text.leaves,
            value: ({ firstLeaf, lastLeaf }) =>
              firstLeaf === lastLeaf ? number(firstLeaf) : `${number(firstLeaf)}–${number(lastLeaf)}`,
            show: ({ firstLeaf, lastLeaf }) => (
              <>
                <LedgerLink position={firstLeaf} />
                {firstLeaf === lastLeaf ? null : (
                  <>
                    –<LedgerLink position={lastLeaf} />
                  </>
                )}
              </>
            ),
          },
        ]}
      />
    </section>
  );
}
