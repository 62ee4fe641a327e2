/** A number over time, as a line over a filled area; its table stands beside it. */
import { scaleLinear, scaleUtc } from "d3-scale";
import { area, curveStepAfter, line } from "d3-shape";
import { day, number } from "../messages/index.js";

export interface Point {
  readonly atMs: number;
  readonly value: number;
}

const WIDE = 720;
/** On a phone the same picture is drawn smaller, so that its words stay readable. */
const NARROW = 340;
const HEIGHT = 220;
const MARGIN = { left: 56, right: 12, top: 12, bottom: 28 };
/** Room that a tick's words take. */
const TICK_WIDTH = 110;
const Y_TICKS = 4;

/** @param title what is drawn, in a sentence; read out in place of the picture */
export function Lines({ points, title }: { points: readonly Point[]; title: string }) {
  if (points.length === 0) return null;
  const width = matchMedia("(max-width: 36rem)").matches ? NARROW : WIDE;
  /** Words at an end of the axis stay within the picture. */
  const anchorAt = (at: number) => (at < TICK_WIDTH / 2 ? "start" : at > width - TICK_WIDTH / 2 ? "end" : "middle");
  const first = points[0]!.atMs;
  const last = points.at(-1)!.atMs;
  const x = scaleUtc()
    .domain([first, Math.max(last, first + 1)])
    .range([MARGIN.left, width - MARGIN.right]);
  const y = scaleLinear()
    .domain([0, Math.max(1, ...points.map(({ value }) => value))])
    .nice(Y_TICKS)
    .range([HEIGHT - MARGIN.bottom, MARGIN.top]);
  const drawn = line<Point>(
    ({ atMs }) => x(atMs),
    ({ value }) => y(value),
  ).curve(curveStepAfter);
  const filled = area<Point>(
    ({ atMs }) => x(atMs),
    y(0),
    ({ value }) => y(value),
  ).curve(curveStepAfter);
  return (
    <figure>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={title}>
        {y.ticks(Y_TICKS).map((tick) => (
          <g key={tick}>
            <line class="axis" x1={MARGIN.left} x2={width - MARGIN.right} y1={y(tick)} y2={y(tick)} />
            <text x={MARGIN.left - 8} y={y(tick) + 4} text-anchor="end">
              {number(tick)}
            </text>
          </g>
        ))}
        {ticksOf(x, Math.floor(width / TICK_WIDTH)).map((tick) => (
          <text key={tick.getTime()} x={x(tick)} y={HEIGHT - 8} text-anchor={anchorAt(x(tick))}>
            {day(tick.getTime())}
          </text>
        ))}
        <path class="fill" opacity="0.15" d={filled(points as Point[]) ?? ""} />
        <path class="line" d={drawn(points as Point[]) ?? ""} />
      </svg>
      <figcaption>{title}</figcaption>
    </figure>
  );
}

/** At most so many: a scale takes the number that it is asked for as a hint. */
function ticksOf(x: { ticks(count: number): Date[] }, most: number): Date[] {
  for (let count = most; count > 1; count--) {
    const ticks = x.ticks(count);
    if (ticks.length <= most) return ticks;
  }
  return x.ticks(1).slice(0, most);
}
