/**
 * Affected people over time: by period and in sum, as SVG that needs no script, and as a table.
 *
 * The library draws without a browser. Colours are names of the page's own (`var(--…)`), so that a chart is read on dark
 * screens and on paper alike. What is certain is filled; what is possible beyond it stands on top.
 */
import type { Axis, Spec } from "vega";
import { html, Markup } from "./markup.js";
import { type Bounds, figure, isExact } from "./numbers.js";
import { type Counts, table } from "./tables.js";

/** Two stand side by side on a desk, one below the other on a phone, where each is nearly as wide as the screen. */
const WIDTH = 420;
const HEIGHT = 200;
/** More days than that are drawn by month. */
const MAX_DAYS = 92;
/** More months than that are labelled by year. */
const MAX_MONTHS = 18;
const MAX_LABELS = 6;

interface Period {
  /** `2019-09-17`, `2019-09` or `2019`. */
  readonly period: string;
  /** People who were first affected in it. */
  readonly people: Bounds;
  /** And by its end. */
  readonly inSum: Bounds;
}

/** People by the UTC day on which they were first affected. */
export interface FirstDays {
  /** Of the whole. */
  readonly people: Bounds;
  readonly least: Counts;
  readonly most: Counts;
}

/** People by the period in which they were first affected, and how many there were by then. */
export async function overTime(days: FirstDays): Promise<Markup> {
  const byDay = periodsOf(days, DAY);
  if (byDay.length === 0) return html``;
  const [unit, periods] =
    byDay.length <= MAX_DAYS ? (["day", byDay] as const) : (["month", periodsOf(days, MONTH)] as const);
  const isBounded = !periods.every(({ people, inSum }) => isExact(people) && isExact(inSum));
  const added = `People by the ${unit} (UTC) in which they were first affected${isBounded ? ", at least and at most" : ""}`;
  const total = `People affected by the end of each ${unit}, in sum${isBounded ? ", at least and at most" : ""}`;
  const drawnBy = async (field: "people" | "inSum", title: string): Promise<Markup> =>
    drawn(columns(periods.map((period) => ({ period: period.period, ...period[field] }))), title);
  const figures = html`<div class="pair">
<figure>${await drawnBy("people", added)}<figcaption>${added}.</figcaption></figure>
<figure>${await drawnBy("inSum", total)}<figcaption>${total}.</figcaption></figure>
</div>`;
  const numbers = periodTable(unit, periods, isBounded);
  if (unit === "day" || periods.length <= MAX_MONTHS) return html`${figures}${numbers}`;
  return html`${figures}${periodTable("year", periodsOf(days, YEAR), isBounded)}
<details><summary>By month</summary>${numbers}</details>`;
}

function periodTable(unit: string, periods: readonly Period[], isBounded: boolean): Markup {
  const numbers = (bounds: Bounds): Markup[] =>
    (isBounded ? [bounds.atLeast, bounds.atMost] : [bounds.atMost]).map(figure);
  return table(
    `People by the ${unit} in which they were first affected, and in sum`,
    [
      `${unit[0]!.toUpperCase()}${unit.slice(1)}`,
      ...(isBounded ? ["At least", "At most", "Sum, at least", "Sum, at most"] : ["People", "In sum"]),
    ],
    periods
      .filter(({ people }) => people.atMost > 0)
      .map(({ period, people, inSum }) => [period, ...numbers(people), ...numbers(inSum)]),
  );
}

/** Characters of a day that name a period. */
const DAY = 10;
const MONTH = 7;
const YEAR = 4;

/**
 * Periods in order and without gaps.
 *
 * A person of whom the first day is open is in the most of several days. So what is known of the whole and of the other
 * days narrows a sum: it is never more than the whole allows. Exact days give exact sums.
 */
export function periodsOf({ people, least, most }: FirstDays, length: number): Period[] {
  const days = Object.keys(most).sort();
  if (days.length === 0) return [];
  const sums = new Map<string, { atLeast: number; atMost: number }>();
  const last = Date.parse(days.at(-1)!);
  for (const at = new Date(days[0]!); at.getTime() <= last; at.setUTCDate(at.getUTCDate() + 1)) {
    sums.set(at.toISOString().slice(0, length), { atLeast: 0, atMost: 0 });
  }
  const all = { atLeast: 0, atMost: 0 };
  for (const day of days) {
    for (const sum of [all, sums.get(day.slice(0, length))!]) {
      sum.atLeast += least[day] ?? 0;
      sum.atMost += most[day]!;
    }
  }
  /** Of a part of the days, by its own sum and by what the rest leaves of the whole. */
  const narrowed = (part: Bounds): Bounds => ({
    atLeast: Math.max(part.atLeast, people.atLeast - (all.atMost - part.atMost)),
    atMost: Math.min(part.atMost, people.atMost - (all.atLeast - part.atLeast)),
  });
  const upTo = { atLeast: 0, atMost: 0 };
  return [...sums].map(([period, sum]) => {
    upTo.atLeast += sum.atLeast;
    upTo.atMost += sum.atMost;
    return { period, people: narrowed(sum), inSum: narrowed(upTo) };
  });
}

/** A column for each period: the least, and on it what may come to that. */
function columns(rows: readonly ({ readonly period: string } & Bounds)[]): Spec {
  const column = (fill: string, from: object, to: object): NonNullable<Spec["marks"]>[number] => ({
    type: "rect",
    from: { data: "rows" },
    encode: {
      enter: {
        ...{ x: { scale: "x", field: "period" }, width: { scale: "x", band: 1 } },
        ...{ y: to, y2: from, fill: { value: fill } },
      },
    },
  });
  const [least, most] = [
    { scale: "y", field: "atLeast" },
    { scale: "y", field: "atMost" },
  ];
  return {
    ...{ width: WIDTH, height: HEIGHT, padding: 4 },
    autosize: { type: "fit", contains: "padding" },
    data: [{ name: "rows", values: rows.map((row) => ({ ...row })) }],
    scales: [
      { name: "x", type: "band", domain: rows.map(({ period }) => period), range: "width", padding: 0.1 },
      { name: "y", domain: { data: "rows", field: "atMost" }, range: "height", nice: true, zero: true },
    ],
    axes: [
      { orient: "bottom", scale: "x", labelPadding: 6, ...labels(rows.map(({ period }) => period)) },
      {
        ...{ orient: "left", scale: "y", tickCount: 4, format: ",d", offset: 8, tickMinStep: 1 },
        ...{ grid: true, domain: false, ticks: false },
      },
    ],
    marks: [column("var(--bar)", { scale: "y", value: 0 }, least), column("var(--open)", least, most)],
  };
}

/** Which periods are named below the axis: of many months, each year's first. */
function labels(periods: readonly string[]): Pick<Axis, "values" | "encode"> {
  const every = (names: readonly string[], most: number): string[] =>
    names.filter((_, i) => i % Math.ceil(names.length / most) === 0);
  const isByMonth = periods[0]!.length === MONTH;
  if (isByMonth && periods.length > MAX_MONTHS) {
    const januaries = periods.filter((period) => period.endsWith("-01"));
    return {
      values: every(januaries, MAX_LABELS + 1),
      encode: { labels: { update: { text: { signal: "slice(datum.value, 0, 4)" } } } },
    };
  }
  return { values: every(periods, isByMonth ? MAX_LABELS - 1 : MAX_LABELS - 2) };
}

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
  // It is one image with one title; its parts are not to be read one by one.
  const svg = (await view.toSVG()).replace(/ (?:role|aria-\w+)="[^"]*"/g, "");
  view.finalize();
  const start = svg.indexOf(">") + 1;
  const head = html`<svg role="img" aria-label="${title}"`.text;
  return new Markup(
    `${svg.slice(0, start).replace("<svg", head)}${html`<title>${title}</title>`.text}${svg.slice(start)}`,
  );
}
