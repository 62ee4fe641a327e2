/** What is in a list, as it was read in the page: columns, usable rows, duplicates, and rows that are no contact, with why. */
import { number, say } from "../messages/index.js";
import { Table } from "../parts/table.js";
import type { Found } from "./list-protocol.js";

export function FoundInList({ found: { summary, refused, duplicates, isMore } }: { found: Found }) {
  const { rows, usable, columns, badCells, hasHeader, notes } = summary;
  const figures = [
    [number(rows), say.advertiser.rows],
    [number(usable), say.advertiser.usable],
    [number(summary.refused), say.advertiser.refused],
    [isMore ? say.advertiser.atLeast(number(duplicates)) : number(duplicates), say.advertiser.duplicates],
  ];
  return (
    <section aria-live="polite">
      <h2>{say.advertiser.found}</h2>
      <ul class="figures">
        {figures.map(([value, name]) => (
          <li key={name}>
            <b>{value}</b>
            {name}
          </li>
        ))}
      </ul>
      <p>{hasHeader ? say.advertiser.hasHeader : say.advertiser.hasNoHeader}</p>
      <Table
        caption={say.advertiser.columns}
        rows={columns}
        columns={[
          {
            name: say.advertiser.column,
            value: ({ index, header }) => header ?? say.advertiser.columnNumber(index + 1),
          },
          { name: say.advertiser.holds, value: ({ kind }) => say.advertiser.kinds[kind] },
          { name: say.advertiser.form, value: ({ form }) => say.advertiser.forms[form] },
        ]}
      />
      {notes.map((note) => (
        <p key={note} class="dim small">
          {note}
        </p>
      ))}
      {badCells.length === 0 ? null : (
        <Table
          caption={say.advertiser.notGood}
          rows={badCells}
          columns={[
            {
              name: say.advertiser.column,
              value: ({ column }) => (column === 0 ? say.advertiser.wholeRow : say.advertiser.columnNumber(column)),
            },
            { name: say.advertiser.why, value: ({ code }) => code.replaceAll("-", " ") },
            { name: say.advertiser.cells, value: ({ cells }) => cells, bar: true },
          ]}
        />
      )}
      {refused.length === 0 ? null : (
        <details>
          <summary>{say.advertiser.refusedRows(number(refused.length))}</summary>
          <Table
            caption={say.advertiser.refusedRows(number(refused.length))}
            isCaptionHidden
            rows={refused}
            columns={[
              { name: say.advertiser.line, value: ({ line }) => line },
              {
                name: say.advertiser.column,
                value: ({ column }) => (column === 0 ? say.advertiser.wholeRow : say.advertiser.columnNumber(column)),
              },
              { name: say.advertiser.why, value: ({ reason }) => reason },
              { name: say.advertiser.fix, value: ({ fix }) => fix },
            ]}
          />
        </details>
      )}
    </section>
  );
}
