/** A table that copies: into a spreadsheet as columns, into a text as lines. A number may have its bar beside it. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { number, say } from "../messages/index.js";

export interface Column<Row> {
  readonly name: string;
  /** What is copied; shown, too, unless `show` says otherwise. */
  readonly value: (row: Row) => string | number;
  readonly show?: (row: Row) => ComponentChildren;
  /** Draws each number's bar; of the same scale as those of all columns with bars. */
  readonly bar?: boolean;
}

const COPIED_MS = 2000;

/**
 * @param empty what is shown in place of a table without rows; it says what would be here, and how it gets here
 * @param caption what the table is; hidden where a heading says it already
 */
export function Table<Row>({
  caption,
  isCaptionHidden,
  columns,
  rows,
  empty,
}: {
  caption: string;
  isCaptionHidden?: boolean;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  empty?: ComponentChildren;
}) {
  if (rows.length === 0 && empty !== undefined) return <div class="empty">{empty}</div>;
  const barred = columns.filter(({ bar }) => bar === true);
  const most = Math.max(1, ...rows.flatMap((row) => barred.map(({ value }) => Number(value(row)))));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="table" aria-label={caption} tabIndex={0}>
      <table>
        <caption>
          <span class={isCaptionHidden === true ? "unseen" : ""}>{caption}</span>
          <span class="buttons">
            <CopyButton what={say.common.copyTable} text={() => copied(columns, rows)} />
          </span>
        </caption>
        <thead>
          <tr>
            {columns.map(({ name, value }) => (
              <th key={name} scope="col" class={isNumeric(rows, value) ? "number" : ""}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {columns.map((column, j) => (
                <Cell key={column.name} column={column} row={row} most={most} isHead={j === 0} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell<Row>({ column, row, most, isHead }: { column: Column<Row>; row: Row; most: number; isHead: boolean }) {
  const value = column.value(row);
  const shown = column.show?.(row) ?? (typeof value === "number" ? number(value) : value);
  const bar = column.bar === true ? <Bar share={Number(value) / most} /> : null;
  if (isHead) {
    return (
      <th scope="row">
        {shown}
        {bar}
      </th>
    );
  }
  return (
    <td class={typeof value === "number" ? "number" : ""}>
      {shown}
      {bar}
    </td>
  );
}

/** A number as a length; the number itself stands beside it. */
export function Bar({ share, kind = "" }: { share: number; kind?: "" | "other" }) {
  return (
    <svg class="bar" width="100%" height="6" aria-hidden="true">
      <rect class={kind} width={`${Math.max(0, Math.min(1, share)) * 100}%`} height="6" rx="1" />
    </svg>
  );
}

export function CopyButton({ what = say.common.copy, text }: { what?: string; text: string | (() => string) }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(typeof text === "string" ? text : text());
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <button type="button" onClick={copy}>
      <span aria-live="polite">{isCopied ? say.common.copied : what}</span>
    </button>
  );
}

/** Cells that begin as a formula would are told as text (OWASP, CSV injection). */
function copied<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cell = (value: string | number) =>
    typeof value === "number" ? String(value) : value.replace(/[\t\n\r]+/g, " ").replace(/^(?=[=+\-@])/, "'");
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => columns.map(({ value }) => cell(value(row))))];
  return `${lines.map((cells) => cells.join("\t")).join("\n")}\n`;
}

function isNumeric<Row>(rows: readonly Row[], value: (row: Row) => string | number): boolean {
  return rows.length > 0 && typeof value(rows[0]!) === "number";
}
