/**
 * Charts of a report, as SVG that needs no script: affected people over time, by purpose and by audience.
 *
 * The library draws without a browser. Colours are names of the page's own (`var(--…)`), so that a chart is read on dark
 * screens and on paper alike. The numbers beside the bars are exact.
 */
import type { Spec } from "vega";
import { html, type Markup, Markup as Raw } from "./markup.js";

const WIDTH = 860;
const ROW_HEIGHT = 30;
/** More days than that are drawn by month. */
const MAX_DAYS = 92;
const LABEL_CHARACTERS = 34;

const number = (value: number): string => value.toLocaleString("en");

export interface Period {
  /** `2019-09-17` or `2019-09`. */
  readonly period: string;
  readonly people: number;
  readonly cumulative: number;
}

/** Days, or months where there are many days, in order and without gaps; sums are exact. */
export function periodsOf(byDay: Readonly<Record<string, number>>): Period[] {
  const days = Object.keys(byDay).sort();
  if (days.length === 0) return [];
  const [first, last] = [Date.parse(days[0]!), Date.parse(days.at(-1)!)];
  const isByDay = (last - first) / 86_400_000 < MAX_DAYS;
  const length = isByDay ? 10 : 7;
  const sums = new Map<string, number>();
  for (const at = new Date(first); at.getTime() <= last; at.setUTCDate(at.getUTCDate() + 1)) {
    sums.set(at.toISOString().slice(0, length), 0);
  }
  for (const day of days) {
    const period = day.slice(0, length);
    sums.set(period, sums.get(period)! + byDay[day]!);
  }
  let cumulative = 0;
  return [...sums].map(([period, people]) => ({ period, people, cumulative: (cumulative += people) }));
}

/** People by the period in which they were first affected, and how many there were by then. */
export async function timeCharts(
  periods: readonly Period[],
): Promise<{ readonly added: Markup; readonly total: Markup }> {
  const unit = periods[0]!.period.length === 10 ? "day" : "month";
  const added = await drawn(
    overTime(periods, "people", {
      type: "rect",
      from: { data: "rows" },
      encode: {
        enter: {
          x: { scale: "x", field: "period" },
          width: { scale: "x", band: 1 },
          y: { scale: "y", field: "people" },
          y2: { scale: "y", value: 0 },
          fill: { value: "var(--bar)" },
        },
      },
    }),
    `People by the ${unit} in which they were first affected`,
  );
  const step = { x: { scale: "x", field: "period", band: 0.5 }, y: { scale: "y", field: "cumulative" } };
  const total = await drawn(
    overTime(periods, "cumulative", {
      type: "area",
      from: { data: "rows" },
      encode: {
        enter: {
          ...step,
          y2: { scale: "y", value: 0 },
          fill: { value: "var(--area)" },
          stroke: { value: "var(--bar)" },
          strokeWidth: { value: 1.5 },
        },
      },
    }),
    `People affected by the end of each ${unit}, in sum`,
  );
  return { added, total };
}

function overTime(
  rows: readonly Period[],
  field: "people" | "cumulative",
  mark: NonNullable<Spec["marks"]>[number],
): Spec {
  const every = Math.ceil(rows.length / 8);
  return {
    ...{ width: WIDTH - 90, height: 180 },
    padding: 5,
    data: [{ name: "rows", values: rows.map((row) => ({ ...row })) }],
    scales: [
      { name: "x", type: "band", domain: rows.map(({ period }) => period), range: "width", padding: 0.15 },
      { name: "y", domain: { data: "rows", field }, range: "height", nice: true, zero: true },
    ],
    axes: [
      { orient: "bottom", scale: "x", values: rows.filter((_, i) => i % every === 0).map(({ period }) => period) },
      {
        orient: "left",
        scale: "y",
        tickCount: 4,
        format: ",d",
        offset: 4,
        tickMinStep: 1,
        grid: true,
        domain: false,
        ticks: false,
      },
    ],
    marks: [mark],
  };
}

/** Bars with their number beside each, in the order given. */
export function barChart(
  rows: readonly { readonly label: string; readonly people: number }[],
  title: string,
): Promise<Markup> {
  const values = rows.map(({ label, people }, i) => ({
    key: String(i),
    label: shortened(label),
    people,
    text: number(people),
  }));
  const spec: Spec = {
    ...{ width: WIDTH - 390, height: rows.length * ROW_HEIGHT },
    padding: { left: 300, right: 90, top: 2, bottom: 2 },
    autosize: "none",
    data: [{ name: "rows", values }],
    scales: [
      { name: "y", type: "band", domain: { data: "rows", field: "key" }, range: "height", padding: 0.3 },
      { name: "x", domain: [0, Math.max(1, ...rows.map(({ people }) => people))], range: "width" },
    ],
    marks: [
      {
        type: "rect",
        from: { data: "rows" },
        encode: {
          enter: {
            x: { value: 0 },
            x2: { scale: "x", field: "people" },
            y: { scale: "y", field: "key" },
            height: { scale: "y", band: 1 },
            fill: { value: "var(--bar)" },
          },
        },
      },
      labels({ x: { value: -8 }, align: { value: "right" }, text: { field: "label" } }),
      labels({ x: { scale: "x", field: "people", offset: 6 }, align: { value: "left" }, text: { field: "text" } }),
    ],
  };
  return drawn(spec, title);
}

const labels = (encoding: object): NonNullable<Spec["marks"]>[number] => ({
  type: "text",
  from: { data: "rows" },
  encode: {
    enter: {
      y: { scale: "y", field: "key", band: 0.5 },
      baseline: { value: "middle" },
      fill: { value: "var(--ink)" },
      fontSize: { value: 13 },
      ...encoding,
    },
  },
});

const shortened = (label: string): string =>
  [...label].length <= LABEL_CHARACTERS ? label : `${[...label].slice(0, LABEL_CHARACTERS - 1).join("")}…`;

const FONT = "system-ui, sans-serif";
const CONFIG = {
  background: null,
  font: FONT,
  axis: {
    ...{ labelFont: FONT, labelFontSize: 12, labelColor: "var(--ink)", titleColor: "var(--ink)" },
    ...{ domainColor: "var(--line)", tickColor: "var(--line)", gridColor: "var(--line)" },
  },
} as const;

/** Draws a chart, with its title for who can't see it. */
async function drawn(spec: Spec, title: string): Promise<Markup> {
  // Loading the library takes a second, and no other command needs it.
  const { parse, View } = await import("vega");
  const view = new View(parse(spec, CONFIG), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  const start = svg.indexOf(">") + 1;
  const head = html`<svg role="img" aria-label="${title}"`.text;
  return new Raw(
    `${svg.slice(0, start).replace("<svg", head)}${html`<title>${title}</title>`.text}${svg.slice(start)}`,
  );
}
