/** The record of an incident for an authority: its clocks, and the files to send. */
import { useState } from "preact/hooks";
import type { CommandResult } from "../../command/index.js";
import { command } from "../ask.js";
import { say } from "../messages/index.js";
import { useDoing } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { type Done, Progress } from "../parts/progress.js";
import { saved } from "../parts/saved.js";
import { Table } from "../parts/table.js";
import { When } from "../parts/time.js";

const PHASES = ["initial", "follow-up", "final"] as const;
type Phase = (typeof PHASES)[number];

type Clocks = CommandResult<"incidentReport">["clocks"];

export function Reports({ incident, clocks }: { incident: string; clocks: Clocks }) {
  const [phase, setPhase] = useState<Phase>("initial");
  const [done, setDone] = useState<Done>();
  const making = useDoing(async (form: "html" | "json") => {
    const options = {
      onProgress: (what: string, count: number, share: number) => setDone({ what, done: count, share }),
    };
    const name = `${incident}-${phase}`;
    if (form === "html") {
      const { html } = await command("incidentReportPage", { incident, phase }, options);
      saved(`${name}.html`, "text/html", html);
    } else {
      const report = await command("incidentReport", { incident, phase }, options);
      saved(`${name}.json`, "application/json", `${JSON.stringify(report, null, 2)}\n`);
    }
    setDone(undefined);
  });
  return (
    <>
      <h3>{say.incidents.reports}</h3>
      <Table
        caption={say.incidents.clocks}
        rows={clocks}
        columns={[
          { name: say.incidents.clock, value: ({ name }) => name },
          { name: say.incidents.rule, value: ({ rule }) => rule },
          { name: say.incidents.due, value: ({ dueAt }) => dueAt, show: ({ dueAt }) => <When at={dueAt} /> },
          {
            name: say.operator.state,
            value: ({ state }) => say.incidents.clockStates[state],
            show: ({ state }) => (
              <span class={state === "late" || state === "overdue" ? "tag bad" : "tag"}>
                {say.incidents.clockStates[state]}
              </span>
            ),
          },
        ]}
      />
      <div class="to-fill">
        <label for="phase">{say.incidents.phase}</label>
        <select id="phase" value={phase} onChange={({ currentTarget }) => setPhase(currentTarget.value as Phase)}>
          {PHASES.map((one) => (
            <option key={one} value={one}>
              {say.incidents.phases[one]}
            </option>
          ))}
        </select>
      </div>
      <div class="buttons">
        <button type="button" disabled={making.isDoing} onClick={() => making.run("html")}>
          {say.incidents.asPage}
        </button>
        <button type="button" disabled={making.isDoing} onClick={() => making.run("json")}>
          {say.incidents.asJson}
        </button>
      </div>
      {making.isDoing && done !== undefined ? <Progress of={done} label={say.incidents.making} /> : null}
      <ProblemNote problem={making.problem} />
      <p class="dim small">{say.incidents.factsHow(incident)}</p>
    </>
  );
}
