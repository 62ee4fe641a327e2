/**
 * Tables of a report. Where bars help, they lie in the rows, under the label, so that they are read at any width and beside
 * their numbers: what is certain is filled, what is possible beyond it is outlined.
 */
import { html, Markup } from "./markup.js";
import { type Bounds, figure, isExact } from "./numbers.js";

export type Cell = Markup | string;
export type Counts = Readonly<Record<string, number>>;

/** A table whose first column heads its rows; columns of numbers stand to the right. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly Cell[])[]): Markup {
  const isNumber = (cell: Cell): boolean => cell instanceof Markup && cell.text.startsWith("<data");
  return html`<div class="wide" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${heads.map((head, i) => html`<th scope="col"${isNumber(rows[0]?.[i] ?? "") ? NUMBER : ""}>${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first, ...others]) =>
      html`<tr><th scope="row">${first!}</th>${others.map((cell) => html`<td${isNumber(cell) ? NUMBER : ""}>${cell}</td>`)}</tr>
`,
  )}</tbody></table></div>`;
}

const NUMBER = new Markup(' class="number"');

export interface BarRow extends Bounds {
  readonly label: Cell;
  /** Between the label and the numbers. */
  readonly cells?: readonly Cell[];
}

export interface BarColumns {
  readonly label: string;
  readonly cells?: readonly string[];
}

/** People by row, with a bar under each label; the most fills the row. One column of numbers where all are exact. */
export function barTable(caption: string, columns: BarColumns, rows: readonly BarRow[]): Markup {
  if (rows.length === 0) return html`<p>${caption}: none.</p>`;
  const areExact = rows.every(isExact);
  const most = Math.max(1, ...rows.map(({ atMost }) => atMost));
  return table(
    caption,
    [columns.label, ...(columns.cells ?? []), ...(areExact ? ["People"] : ["At least", "At most"])],
    rows.map(({ label, cells = [], atLeast, atMost }) => [
      html`${label}${bar({ atLeast, atMost }, most)}`,
      ...cells,
      ...(areExact ? [atMost] : [atLeast, atMost]).map(figure),
    ]),
  );
}

/** Below that many hundredths of the row nothing would be seen. */
const LEAST_WIDTH = 0.4;

function bar({ atLeast, atMost }: Bounds, most: number): Markup {
  const width = (people: number): number => (people === 0 ? 0 : Math.max(LEAST_WIDTH, (people / most) * 100));
  const [certain, whole] = [width(atLeast), width(atMost)];
  const rect = (name: string, x: number, length: number): Markup =>
    length <= 0
      ? html``
      : html`<rect class="${name}" x="${x.toFixed(2)}%" width="${length.toFixed(2)}%" y="1" height="8"/>`;
  return html`<svg class="bar" aria-hidden="true" width="100%" height="10">${rect("certain", 0, certain)}${rect("possible", certain, whole - certain)}</svg>`;
}

/** Names with their bounds, most first. */
export function byName(least: Counts, most: Counts = least): ({ readonly name: string } & Bounds)[] {
  const [lower, upper] = [new Map(Object.entries(least)), new Map(Object.entries(most))];
  return [...new Set([...lower.keys(), ...upper.keys()])]
    .map((name) => ({ name, atLeast: lower.get(name) ?? 0, atMost: upper.get(name) ?? 0 }))
    .sort((a, b) => b.atMost - a.atMost || b.atLeast - a.atLeast || (a.name < b.name ? -1 : 1));
}

/** A bar for each name, most first. */
export const countTable = (caption: string, what: string, least: Counts, most: Counts = least): Markup =>
  barTable(
    caption,
    { label: what },
    byName(least, most).map(({ name, ...bounds }) => ({ label: name, ...bounds })),
  );
