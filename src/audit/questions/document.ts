/**
 * Document: text to be printed and filled in by hand, before it is a page or Markdown. Names that a schema brings are
 * apart from what we wrote, so that each form escapes them.
 */

/** A name from elsewhere; shown as code. */
export interface Name {
  readonly name: string;
}
export type Text = readonly (string | Name)[];

export type Block =
  | { readonly is: "heading"; readonly level: 2 | 3; readonly text: Text }
  | { readonly is: "text"; readonly text: Text; readonly isNote?: boolean }
  | { readonly is: "table"; readonly head: readonly string[]; readonly rows: readonly (readonly Text[])[] }
  /** A question, the answers to tick, and lines to write on. */
  | { readonly is: "ask"; readonly text: Text; readonly choices?: readonly string[]; readonly lines?: number }
  /** A form with empty rows. */
  | { readonly is: "form"; readonly text: Text; readonly head: readonly string[]; readonly rows: number }
  | { readonly is: "names"; readonly entries: readonly Text[] }
  | { readonly is: "code"; readonly language: string; readonly code: string };

export interface Figure {
  readonly count: number;
  readonly what: string;
}

export interface Document {
  readonly kicker: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly blocks: readonly Block[];
}

export const heading = (level: 2 | 3, of: Text): Block => ({ is: "heading", level, text: of });
export const paragraph = (of: Text): Block => ({ is: "text", text: of });
export const note = (of: Text): Block => ({ is: "text", text: of, isNote: true });
export const ask = (of: Text, choices: readonly string[], lines = 1): Block => ({
  is: "ask",
  text: of,
  choices,
  lines,
});

/** Writes a text with names in it: text`the table ${{ name }}`. */
export function text(literals: TemplateStringsArray, ...values: readonly (string | number | Name | Text)[]): Text {
  return literals.flatMap((literal, i) => {
    const value = values[i - 1];
    const before: Text =
      value === undefined ? [] : isText(value) ? value : [typeof value === "number" ? String(value) : value];
    return literal === "" ? before : [...before, literal];
  });
}

const isText = (value: string | number | Name | Text): value is Text => Array.isArray(value);

/** Names one after the other. */
export const listed = (names: readonly Name[]): Text => names.flatMap((name, i) => (i === 0 ? [name] : [", ", name]));

/** Characters that would break a line, hide text or turn the writing. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
const SHOWN_CHARACTERS = 200;

/** Text on one line, with nothing hidden in it. */
export const visible = (line: string): string => line.replace(UNSEEN, "\ufffd");

/** A name as it is shown; of one that no database could have, the beginning. */
export function shown({ name }: Name): string {
  const seen = visible(name);
  return seen.length <= SHOWN_CHARACTERS ? seen : `${Array.from(seen).slice(0, SHOWN_CHARACTERS).join("")}…`;
}
