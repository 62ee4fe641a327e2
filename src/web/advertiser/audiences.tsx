/** The advertiser's audiences: what became of its lists, as far as it is told. */
import type { AudienceView } from "../../size/index.js";
import { ask } from "../ask.js";
import { number, say } from "../messages/index.js";
import { Load, useLoad } from "../parts/load.js";
import { Table } from "../parts/table.js";
import { When } from "../parts/time.js";
import { apiOf, useAdvertiser } from "./whose.js";

export function AudiencesPage() {
  const base = apiOf(useAdvertiser());
  const found = useLoad(() => ask<{ audiences: AudienceView[] }>("GET", `${base}/audiences`), [base]);
  return (
    <>
      <h1>{say.advertiser.title}</h1>
      <div class="buttons">
        <a class="button" href="/upload">
          {say.advertiser.upload}
        </a>
      </div>
      <Load of={found}>
        {({ audiences }) => (
          <Table
            caption={say.advertiser.title}
            isCaptionHidden
            rows={[...audiences].reverse()}
            columns={[
              {
                name: say.advertiser.name,
                value: ({ name }) => name,
                show: ({ name, audience }) => <a href={`/audiences/${audience}`}>{name}</a>,
              },
              {
                name: say.advertiser.status,
                value: ({ status }) => say.advertiser.statuses[status],
                show: ({ status }) => (
                  <span class={status === "ready" ? "tag good" : "tag"}>{say.advertiser.statuses[status]}</span>
                ),
              },
              {
                name: say.advertiser.size,
                value: ({ size }) => (size === null ? "" : size.value),
                show: ({ size }) => (size === null ? "–" : say.advertiser.about(number(size.value))),
              },
              {
                name: say.advertiser.updated,
                value: ({ updatedAt }) => updatedAt,
                show: ({ updatedAt }) => <When at={updatedAt} />,
              },
            ]}
            empty={
              <>
                <h2>{say.advertiser.none}</h2>
                <p>{say.advertiser.noneHow}</p>
                <p>
                  <a class="button" href="/upload">
                    {say.advertiser.upload}
                  </a>
                </p>
              </>
            }
          />
        )}
      </Load>
    </>
  );
}
