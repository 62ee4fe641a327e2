/** What became of a file: its rows in figures, and each refused one with its reason and what would help. */
import type { CommandResult } from "../../command/index.js";
import { number, say } from "../messages/index.js";
import { NowSo } from "../parts/now-so.js";
import { saved } from "../parts/saved.js";
import { Table } from "../parts/table.js";

const text = say.intake;

export interface Fed {
  readonly result: CommandResult<"ingestContacts" | "accounts" | "events">;
  readonly isTry: boolean;
  /** Of the ledger, when it was done. */
  readonly entries: number;
}

type Row = Fed["result"]["refusedRows"][number];

export function FedResult({ fed: { result, isTry, entries } }: { fed: Fed }) {
  const { rows, accepted, refused, refusedRows } = result;
  const figures: [number, string][] = [
    [rows, text.rows],
    [accepted, text.accepted],
  ];
  if ("duplicates" in result) figures.push([result.duplicates, text.duplicates]);
  figures.push([refused, text.refused]);
  if ("freed" in result && result.freed > 0) figures.push([result.freed, text.freed]);
  return (
    <>
      <NowSo of={result}>{isTry ? text.wouldBe : text.taken(number(entries))}</NowSo>
      <ul class="figures">
        {figures.map(([count, what]) => (
          <li key={what}>
            <b>{number(count)}</b>
            {what}
          </li>
        ))}
      </ul>
      {refused === 0 ? <p>{text.noRefusals}</p> : null}
      {refusedRows.length === 0 ? null : (
        <>
          {refused > refusedRows.length ? <p class="dim">{text.firstRefused(refusedRows.length, refused)}</p> : null}
          <Table
            caption={text.refusedRows}
            rows={refusedRows}
            columns={[
              { name: text.line, value: ({ line }) => line },
              { name: text.column, value: ({ column }) => (column === "" ? text.wholeRow : column) },
              { name: say.operator.reason, value: ({ reason }) => reason },
              { name: say.operator.fix, value: ({ fix }) => fix },
            ]}
          />
          <div class="buttons">
            <button type="button" onClick={() => saved("refused.csv", "text/csv", rejectFile(refusedRows))}>
              {text.saveRefused}
            </button>
          </div>
        </>
      )}
    </>
  );
}

/** As the command line writes it (docs/formats.md): lines and reasons, never a value. */
function rejectFile(rows: readonly Row[]): string {
  const cell = (value: string | number) =>
    /[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  const lines = rows.map(({ line, column, code, reason, fix }) =>
    [line, column, code, reason, fix].map(cell).join(","),
  );
  return `line,column,code,reason,fix\n${lines.map((line) => `${line}\n`).join("")}`;
}
