/** What the console says, in the reader's language: a language is one file beside this one, and its name in two places. */
import { en } from "./en.js";
import { type Language, language } from "./language.js";

export { number, percent } from "./language.js";

export type Messages = typeof en;

const MESSAGES: Readonly<Record<Language, Messages>> = { en };
document.documentElement.lang = language;

/** All texts. */
export const say = MESSAGES[language];

const DATE = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
const MOMENT = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const AGO = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;
/** What is further away is told by its date. */
const NEAR_MS = 7 * 86_400_000;

/** `2 hours ago`, `in 5 minutes`, or a date. */
export function whenSaid(ms: number, nowMs: number): string {
  const away = ms - nowMs;
  if (Math.abs(away) >= NEAR_MS) return DATE.format(ms);
  const unit = UNITS.find(([, size]) => Math.abs(away) >= size);
  return unit === undefined ? say.common.now : AGO.format(Math.trunc(away / unit[1]), unit[0]);
}

/** Day and time in the reader's own time zone. */
export const moment = (ms: number): string => MOMENT.format(ms);
export const day = (ms: number): string => DATE.format(ms);

/** `3 min 20 s`, `40 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  return whole < 60 ? say.common.seconds(whole) : say.common.minutes(Math.floor(whole / 60), whole % 60);
}
