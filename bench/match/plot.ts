/** Growth curves: the time of one list's match by the number of contacts, ours and the peers', both axes logarithmic. */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse, type Spec, View } from "vega";
import { z } from "zod";
import { count, say } from "../figures.js";
import type { JobResult } from "../results.js";
import { FORMS, type Form, jobOf } from "./population.js";

/** What of a run is drawn, as its `--json` has it. */
export const earlierSchema = z.object({
  alone: z.array(
    z.object({
      ...{ job: z.string(), rows: z.number(), contacts: z.number() },
      seconds: z.object({ fromFile: z.number(), fromMemory: z.number() }),
    }),
  ),
  jobs: z.array(
    z.object({
      ...{ job: z.string(), rows: z.number(), contacts: z.number(), ours: z.string(), peer: z.string() },
      seconds: z.object({ ours: z.number(), peer: z.number() }),
      ...{ ratio: z.number(), answer: z.string(), equal: z.boolean() },
    }),
  ),
});
/** Ours, from a file, and from a list that is in memory already; medians. */
export type OursResult = z.infer<typeof earlierSchema>["alone"][number];

interface Point {
  readonly engine: string;
  readonly contacts: number;
  readonly seconds: number;
}

/** Rows of the list that is drawn, where there is one of so many; else the longest. */
const ROWS = 1_000_000;
const TITLES: Readonly<Record<Form, string>> = { hashed: "hashed rows", raw: "raw rows", dirty: "mixed, dirty rows" };

/** Draws each form that was measured into docs/growth-FORM.svg. */
export async function plotGrowth(alone: readonly OursResult[], jobs: readonly JobResult[]): Promise<void> {
  for (const form of FORMS) {
    const own = alone.filter(({ job }) => job === jobOf(form));
    if (own.length === 0) continue;
    const rows = own.some((one) => one.rows === ROWS) ? ROWS : Math.max(...own.map((one) => one.rows));
    const isDrawn = (one: { readonly job: string; readonly rows: number }) =>
      one.job === jobOf(form) && one.rows === rows;
    const points: Point[] = [
      ...alone
        .filter(isDrawn)
        .map(({ contacts, seconds }) => ({ engine: "Solely", contacts, seconds: seconds.fromFile })),
      // The peer's way may be another at another size.
      ...jobs
        .filter(isDrawn)
        .map(({ peer, contacts, seconds }) => ({ engine: peer.replace(/,.*/, ""), contacts, seconds: seconds.peer })),
    ];
    const file = fileURLToPath(new URL(`../../../docs/growth-${form}.svg`, import.meta.url));
    const view = new View(parse(chart(points, `Match of a list of ${count(rows)} ${TITLES[form]}`)), {
      renderer: "none",
    });
    await writeFile(file, `${await view.toSVG()}\n`);
    view.finalize();
    say(`drew ${file}`);
  }
}

function chart(points: readonly Point[], title: string): Spec {
  const position = { x: { scale: "x", field: "contacts" }, y: { scale: "y", field: "seconds" } };
  const colour = { scale: "colour", field: "engine" };
  return {
    ...{ width: 560, height: 320, padding: 10, background: "white" },
    title: { text: title, anchor: "start" },
    data: [{ name: "points", values: points.toSorted((a, b) => a.contacts - b.contacts) }],
    scales: [
      { name: "x", type: "log", domain: { data: "points", field: "contacts" }, range: "width" },
      { name: "y", type: "log", domain: { data: "points", field: "seconds" }, range: "height", nice: true },
      { name: "colour", type: "ordinal", domain: { data: "points", field: "engine" }, range: "category" },
    ],
    axes: [
      { orient: "bottom", scale: "x", title: "contacts", format: "~s", tickCount: 4, grid: true },
      { orient: "left", scale: "y", title: "seconds", format: "~g", tickCount: 5, grid: true },
    ],
    legends: [{ stroke: "colour", symbolType: "stroke", orient: "right" }],
    marks: [
      {
        type: "group",
        from: { facet: { name: "engines", data: "points", groupby: "engine" } },
        marks: [
          {
            type: "line",
            from: { data: "engines" },
            encode: { enter: { ...position, stroke: colour, strokeWidth: { value: 2 } } },
          },
        ],
      },
      {
        type: "symbol",
        from: { data: "points" },
        encode: { enter: { ...position, fill: colour, size: { value: 40 } } },
      },
    ],
  };
}
