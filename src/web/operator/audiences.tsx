/** Audiences of all advertisers as they stand, and what their sizes have cost each legal entity. */
import { command } from "../ask.js";
import { number, percent, say } from "../messages/index.js";
import { Load, useLoad } from "../parts/load.js";
import { Bar, Table } from "../parts/table.js";
import { When } from "../parts/time.js";

const text = say.audiences;
/** Whose lists carry canaries, as the server names it: they say nothing to anybody here. */
export const CANARY_ADVERTISER = "solely-canary";

export function AudiencesPage() {
  const audiences = useLoad(() => command("audiences", {}), []);
  const budgets = useLoad(() => command("budgets", {}), []);
  return (
    <>
      <h1>{text.title}</h1>
      <p>{text.intro}</p>
      <Load of={audiences}>
        {(all) => (
          <Table
            caption={text.title}
            isCaptionHidden
            rows={all.filter(({ advertiser }) => advertiser !== CANARY_ADVERTISER)}
            empty={<p>{text.none}</p>}
            columns={[
              {
                name: text.audience,
                value: ({ name }) => name,
                show: ({ name, audience }) => <a href={`/audiences/${audience}`}>{name}</a>,
              },
              { name: say.operator.advertiser, value: ({ advertiser }) => advertiser },
              { name: text.status, value: ({ status }) => text.statuses[status] },
              {
                name: text.size,
                value: ({ size }) => size?.value ?? "",
                show: ({ size }) => (size === null ? text.noSize : text.about(number(size.value))),
              },
              { name: text.between, value: ({ size }) => (size === null ? "" : text.range(size.lower, size.upper)) },
              {
                name: text.updated,
                value: ({ updatedAt }) => updatedAt,
                show: ({ updatedAt }) => <When at={updatedAt} />,
              },
            ]}
          />
        )}
      </Load>
      <h2>{text.budgets}</h2>
      <p>{text.budgetsHow}</p>
      <Load of={budgets}>
        {(all) => (
          <Table
            caption={text.budgets}
            isCaptionHidden
            rows={all}
            empty={<p>{text.noBudgets}</p>}
            columns={[
              { name: say.operator.entity, value: ({ entity }) => entity },
              {
                name: text.month,
                value: ({ month }) => percent(month.spent / month.cap),
                show: ({ month }) => (
                  <>
                    {percent(month.spent / month.cap)}
                    <Bar share={month.spent / month.cap} />
                  </>
                ),
              },
              {
                name: text.year,
                value: ({ year }) => percent(year.spent / year.cap),
                show: ({ year }) => (
                  <>
                    {percent(year.spent / year.cap)}
                    <Bar share={year.spent / year.cap} />
                  </>
                ),
              },
              { name: text.left, value: ({ draw }) => draw.left },
              { name: text.noise, value: ({ draw }) => draw.standardDeviation },
              { name: text.renews, value: ({ renewsAt }) => renewsAt, show: ({ renewsAt }) => <When at={renewsAt} /> },
            ]}
          />
        )}
      </Load>
    </>
  );
}
