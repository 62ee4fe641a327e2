/** How far something is, how fast it goes, and how long it will take. */
import { useRef } from "preact/hooks";
import { duration, percent, say } from "../messages/index.js";

export interface Done {
  readonly what: string;
  readonly done: number;
  /** Of the whole, 0 to 1; 0 while it is not known. */
  readonly share: number;
}

/** A rate of less time than that says nothing. */
const MIN_SECONDS = 0.5;

export function Progress({ of, label }: { of: Done; label: string }) {
  const startedMs = useRef(performance.now());
  const seconds = (performance.now() - startedMs.current) / 1000;
  const perSecond = seconds < MIN_SECONDS ? 0 : of.done / seconds;
  const leftSeconds = of.share > 0 && seconds >= MIN_SECONDS ? (seconds * (1 - of.share)) / of.share : 0;
  const words = [
    of.share > 0 ? percent(of.share) : undefined,
    say.common.progress(of.done, of.what),
    perSecond > 0 ? say.common.rate(Math.round(perSecond), of.what) : undefined,
    leftSeconds > 0 && of.share < 1 ? say.common.left(duration(leftSeconds)) : undefined,
  ];
  return (
    <div class="done">
      <p>{label}</p>
      <progress aria-label={label} max={1} value={of.share > 0 ? of.share : undefined} />
      <p class="dim small">{words.filter((word) => word !== undefined).join(" · ")}</p>
    </div>
  );
}
