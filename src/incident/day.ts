/** Days in UTC, as small numbers. */
const DAY_MS = 86_400_000;

/** Days since 1970 of an instant; 16 bits to the year 2149. */
export const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);

/** By day; making one takes longer than counting a person. */
const names: string[] = [];

/** As in `2019-09-17`. */
export function dayName(day: number): string {
  names[day] ??= new Date(day * DAY_MS).toISOString().slice(0, 10);
  return names[day];
}
