/**
 * One incident, from its claim to its report: whom it affected, exactly, by the facts as they are known now; what two operators
 * decide about it; and what goes out to people and authorities.
 */

import { useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import type { IncidentView } from "../../command/index.js";
import { command } from "../ask.js";
import { number, say } from "../messages/index.js";
import { Load, useDoing, useLoad } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { type Done, Progress } from "../parts/progress.js";
import { CopyButton } from "../parts/table.js";
import { Moment, When } from "../parts/time.js";
import { Affected } from "./affected.js";
import { ClaimInWords } from "./claim-words.js";
import { Reports } from "./incident-reports.js";
import { propose } from "./signing.js";

export function IncidentPage() {
  const { id = "" } = useRoute().params as { id?: string };
  const found = useLoad(async () => {
    const [incident, notices] = await Promise.all([command("incident", { incident: id }), command("notices", {})]);
    return { incident, notices };
  }, [id]);
  return (
    <>
      <p>
        <a href="/incidents">{say.incidents.title}</a>
      </p>
      <Load of={found}>
        {({ incident, notices }) => (
          <>
            <h1>{incident.title}</h1>
            <p class="dim">
              {incident.incident} · {say.incidents.opened} <When at={incident.openedAt} />{" "}
              {say.operator.by(incident.openedBy)}, {say.operator.position(number(incident.position))}
            </p>
            <h2>{say.incidents.claimed}</h2>
            <ClaimInWords facts={incident.claim.claims} notices={notices} />
            <Assessed incident={incident} />
            <Containing incident={incident} onChange={found.again} />
            <Telling incident={incident.incident} />
          </>
        )}
      </Load>
    </>
  );
}

/** Whom it affected: asked at once, since nothing changes by asking. */
function Assessed({ incident }: { incident: IncidentView }) {
  const [done, setDone] = useState<Done>();
  const answer = useLoad(async () => {
    const onProgress = (what: string, count: number, share: number) => setDone({ what, done: count, share });
    const report = await command("incidentReport", { incident: incident.incident }, { onProgress });
    setDone(undefined);
    return report;
  }, [incident.incident, incident.containment?.position]);
  return (
    <section aria-busy={answer.isLoading}>
      <h2>{say.incidents.affected}</h2>
      {answer.isLoading && done !== undefined ? <Progress of={done} label={say.incidents.assessing} /> : null}
      <Load of={answer}>
        {(report) => (
          <>
            <Affected answer={report} />
            <Reports incident={incident.incident} clocks={report.clocks} />
          </>
        )}
      </Load>
    </section>
  );
}

function Containing({ incident, onChange }: { incident: IncidentView; onChange: () => Promise<void> }) {
  const { containment, digest } = incident;
  const isContained = containment?.isContained === true;
  const [proposedAt, setProposedAt] = useState<number>();
  const proposing = useDoing(async () => {
    const type = isContained ? "incident.undo" : "incident.contain";
    const { position } = await propose({ type, incident: incident.incident, claim: digest });
    setProposedAt(position);
    await onChange();
  });
  return (
    <section>
      <h2>{say.incidents.containing}</h2>
      {containment === null ? (
        <p>{say.incidents.notContained}</p>
      ) : (
        <p>
          {isContained ? say.incidents.contained : say.incidents.undone} <Moment at={containment.at} />,{" "}
          {say.operator.position(number(containment.position))}.
        </p>
      )}
      {isContained ? <Rescanned incident={incident.incident} /> : null}
      <p>{isContained ? say.incidents.undoWhat : say.incidents.containWhat}</p>
      {proposedAt === undefined ? null : (
        <p class="note" role="status">
          {say.operators.proposed(number(proposedAt))} <a href="/decisions">{say.incidents.toDecisions}</a>
        </p>
      )}
      <ProblemNote problem={proposing.problem} />
      <div class="buttons">
        <button
          type="button"
          class={isContained ? "grave" : "main"}
          disabled={proposing.isDoing}
          onClick={() => proposing.run()}
        >
          {isContained ? say.incidents.undo : say.incidents.contain}
        </button>
      </div>
    </section>
  );
}

/** The proof that nothing of a contained incident is left in use. */
function Rescanned({ incident }: { incident: string }) {
  const scan = useLoad(() => command("rescanIncident", { incident }), [incident]);
  return (
    <Load of={scan}>
      {({ isClean, contactPoints, denied, permitted, inIndex, inAudiences, ofMatches, position }) => (
        <div class={isClean ? "done" : "problem"}>
          <p>
            <strong class={isClean ? "good" : "bad"}>{isClean ? say.incidents.clean : say.incidents.unclean}</strong>
          </p>
          <p>{say.incidents.scanned(contactPoints, denied)}</p>
          <p>{say.incidents.left(permitted, inIndex, inAudiences + ofMatches)}</p>
          <p class="dim small">{say.incidents.asOf(number(position))}</p>
        </div>
      )}
    </Load>
  );
}

/** What this page can't do: letters and evidence are files, written where the command runs. */
function Telling({ incident }: { incident: string }) {
  const commands = [
    [say.incidents.letters, `solely incident tell ${incident} --out letters --as NAME`],
    [say.incidents.evidence, `solely incident evidence ${incident} --out evidence`],
    [say.incidents.people, `solely incident assess ${incident} --people people.csv`],
  ] as const;
  return (
    <section>
      <h2>{say.incidents.telling}</h2>
      <p>{say.incidents.tellingHow}</p>
      {commands.map(([what, line]) => (
        <div key={line}>
          <h3>{what}</h3>
          <pre>{line}</pre>
          <CopyButton text={line} />
        </div>
      ))}
    </section>
  );
}
