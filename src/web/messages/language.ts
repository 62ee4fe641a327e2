/** The reader's language, as far as there is one of theirs, and numbers as it writes them. */

/** Those that there are messages in. */
const LANGUAGES = ["en"] as const;
export type Language = (typeof LANGUAGES)[number];

const wanted = navigator.languages.map((tag) => tag.split("-")[0]);
export const language: Language = LANGUAGES.find((one) => wanted.includes(one)) ?? "en";

/** 12,345 as people write it. */
export const number = (value: number): string => value.toLocaleString(language);

/** A share of the whole, in whole hundredths; of less than one, more exactly. */
export function percent(share: number): string {
  const maximumFractionDigits = share > 0 && share < 0.01 ? 2 : 0;
  return share.toLocaleString(language, { style: "percent", maximumFractionDigits });
}
