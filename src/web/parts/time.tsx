/** A time as people say it; the exact one on pointing at it, and for machines. */
import { useEffect, useState } from "preact/hooks";
import { day, moment, whenSaid } from "../messages/index.js";

const LOOK_MS = 30_000;

/** How long ago, or in how long; a date where it is far away. */
export function When({ at }: { at: string | number }) {
  const [nowMs, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const ms = typeof at === "number" ? at : Date.parse(at);
  return (
    <time dateTime={new Date(ms).toISOString()} title={moment(ms)}>
      {whenSaid(ms, nowMs)}
    </time>
  );
}

/** A day, or a moment to the minute. */
export function Moment({ at, isDay = false }: { at: string | number; isDay?: boolean }) {
  const ms = typeof at === "number" ? at : Date.parse(at);
  const iso = new Date(ms).toISOString();
  return (
    <time dateTime={iso} title={iso}>
      {isDay ? day(ms) : moment(ms)}
    </time>
  );
}
