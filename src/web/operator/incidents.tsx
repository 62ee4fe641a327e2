/** Incidents: when something upstream was wrong. What was claimed, and the way to open another. */

import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { command } from "../ask.js";
import { say } from "../messages/index.js";
import { Load, useLoad } from "../parts/load.js";
import { Table } from "../parts/table.js";
import { When } from "../parts/time.js";
import { ClaimForm } from "./claim-form.js";

export function IncidentsPage() {
  const { route } = useLocation();
  const [isOpening, setOpening] = useState(false);
  const incidents = useLoad(() => command("incidents", {}), []);
  return (
    <>
      <h1>{say.incidents.title}</h1>
      <p>{say.incidents.intro}</p>
      {isOpening ? (
        <ClaimForm onOpened={(incident) => route(`/incidents/${incident}`)} onClose={() => setOpening(false)} />
      ) : (
        <div class="buttons">
          <button type="button" class="main" onClick={() => setOpening(true)}>
            {say.incidents.open}
          </button>
        </div>
      )}
      <Load of={incidents}>
        {(found) => (
          <Table
            caption={say.incidents.title}
            isCaptionHidden
            rows={[...found].reverse()}
            columns={[
              {
                name: say.incidents.incident,
                value: ({ incident }) => incident,
                show: ({ incident }) => <a href={`/incidents/${incident}`}>{incident}</a>,
              },
              { name: say.incidents.what, value: ({ title }) => title },
              {
                name: say.incidents.opened,
                value: ({ openedAt }) => openedAt,
                show: ({ openedAt, openedBy }) => (
                  <>
                    <When at={openedAt} /> <span class="dim">{say.operator.by(openedBy)}</span>
                  </>
                ),
              },
              {
                name: say.operator.state,
                value: ({ containment }) => say.incidents.stateOf(containment),
                show: ({ containment }) => (
                  <span class={containment?.isContained === true ? "tag good" : "tag"}>
                    {say.incidents.stateOf(containment)}
                  </span>
                ),
              },
            ]}
            empty={
              <>
                <h2>{say.incidents.none}</h2>
                <p>{say.incidents.noneHow}</p>
              </>
            }
          />
        )}
      </Load>
    </>
  );
}
