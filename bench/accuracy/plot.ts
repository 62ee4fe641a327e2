/** The size that is shown against the true one, and how far off it is, with the band that 95 % lie in. */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Axis, type Mark, parse, type Spec, View } from "vega";
import { say } from "../figures.js";

/** Of one true size: what 95 % of the shares lie between by which the size that is shown is off. */
export interface Band {
  readonly preset: string;
  readonly size: number;
  readonly lower: number;
  readonly upper: number;
}

const [WIDTH, HEIGHT, GAP] = [560, 300, 60];
const FLOOR = 1000;
const DECADES = [100, 1000, 10_000, 100_000, 1_000_000];
/** Off by more is cut off. */
const MOST = 0.25;

/** Draws docs/sizes-accuracy.svg. */
export async function plotAccuracy(bands: readonly Band[]): Promise<void> {
  const file = fileURLToPath(new URL("../../../docs/sizes-accuracy.svg", import.meta.url));
  const view = new View(parse(chart(bands)), { renderer: "none" });
  await writeFile(file, `${await view.toSVG()}\n`);
  view.finalize();
  say(`drew ${file}`);
}

function chart(bands: readonly Band[]): Spec {
  const values = bands.map(({ preset, size, lower, upper }) => ({
    ...{ preset, size, lower: Math.max(-MOST, lower), upper: Math.min(MOST, upper) },
    ...{ shownLower: Math.max(1, size * (1 + lower)), shownUpper: size * (1 + upper) },
  }));
  const sizes = { data: "bands", field: "size" };
  return {
    ...{ width: WIDTH, height: 2 * HEIGHT + GAP, padding: 10, background: "white" },
    title: { text: "Sizes as an advertiser is shown them: 95 % lie in the band", anchor: "start" },
    data: [{ name: "bands", values }],
    scales: [
      { name: "x", type: "log", domain: sizes, range: "width" },
      { name: "shown", type: "log", domain: [50, 1_200_000], range: [HEIGHT, 0], clamp: true },
      { name: "off", type: "linear", domain: [-MOST, MOST], range: [HEIGHT, 0] },
      { name: "colour", type: "ordinal", domain: { data: "bands", field: "preset" }, range: ["#e8862c", "#1f77b4"] },
    ],
    legends: [{ fill: "colour", title: "preset", orient: "right", symbolType: "square", symbolOpacity: 0.6 }],
    marks: [
      panel(0, { scale: "shown", title: "size shown", format: "~s", values: DECADES }, "shownLower", "shownUpper"),
      panel(HEIGHT + GAP, { scale: "off", title: "off by", format: ".0%", tickCount: 5 }, "lower", "upper"),
    ],
  };
}

/** The bands of one measure over true sizes. */
function panel(y: number, axis: Omit<Axis, "orient">, lower: string, upper: string): Mark {
  const floor = { scale: "x", value: FLOOR };
  return {
    type: "group",
    encode: { enter: { y: { value: y }, width: { value: WIDTH }, height: { value: HEIGHT } } },
    axes: [
      {
        ...{ orient: "bottom", scale: "x", title: "true size", format: "~s", values: DECADES },
        ...{ grid: true, gridScale: axis.scale },
      },
      { ...axis, orient: "left", grid: true },
    ],
    marks: [
      ...bandMarks(axis.scale, lower, upper),
      {
        type: "rule",
        encode: {
          enter: {
            ...{ x: floor, y: { value: 0 }, y2: { value: HEIGHT } },
            ...{ stroke: { value: "#555" }, strokeDash: { value: [4, 4] } },
          },
        },
      },
      {
        type: "text",
        encode: {
          enter: {
            ...{ x: floor, dx: { value: 5 }, y: { value: 14 } },
            ...{ text: { value: "from the floor on sizes are shown" }, fill: { value: "#555" } },
          },
        },
      },
    ],
  };
}

/** A band for each preset, and what a size without error would be. */
function bandMarks(scale: string, lower: string, upper: string): Mark[] {
  const colour = { scale: "colour", field: "preset" };
  return [
    {
      type: "group",
      from: { facet: { name: `${scale}-bands`, data: "bands", groupby: "preset" } },
      marks: [
        {
          type: "area",
          from: { data: `${scale}-bands` },
          encode: {
            enter: {
              ...{ x: { scale: "x", field: "size" }, y: { scale, field: lower }, y2: { scale, field: upper } },
              ...{ fill: colour, fillOpacity: { value: 0.5 }, stroke: colour, strokeWidth: { value: 1 } },
            },
          },
        },
      ],
    },
    {
      type: "line",
      from: { data: "bands" },
      encode: {
        enter: {
          x: { scale: "x", field: "size" },
          y: scale === "shown" ? { scale, field: "size" } : { scale, value: 0 },
          ...{ stroke: { value: "black" }, strokeWidth: { value: 1 } },
        },
      },
    },
  ];
}
