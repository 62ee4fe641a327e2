/** Markup: HTML in which every text is escaped, unless it was made here. */

/** HTML that may stand as it is. */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = Markup | string | number | readonly Part[];

/**
 * HTML with values put in, escaped.
 * @example html`<p>${"<b>"}</p>`.text // "<p>&lt;b&gt;</p>"
 */
export function html(literals: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(literals.reduce((text, literal, i) => `${text}${textOf(values[i - 1]!)}${literal}`));
}

function textOf(value: Part): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === "string") return escaped(value);
  if (typeof value === "number") return String(value);
  return value.map(textOf).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
