/**
 * Templates of letters: Markdown that a platform edits, with places for what is told.
 *
 * `{{name}}` is replaced by a value. `{{#name}}…{{/name}}` is repeated for each item of a list, or stands where the value
 * is there; `{{^name}}…{{/name}}` stands where it is not. Names inside a section are looked up in its item first. A name
 * that there is not is an error when the template is read, not a hole in a letter. Plain text is the same template
 * without its marks, so that no value is ever read as a mark, nor as a place.
 */
import { LetterError } from "./error.js";

export interface Values {
  readonly [name: string]: string | boolean | readonly Values[];
}

type Part =
  | { readonly text: string }
  | { readonly name: string }
  | { readonly name: string; readonly isInverted: boolean; readonly parts: readonly Part[] };

const MAX_TEMPLATE_BYTES = 64 * 1024;
const PLACE = /\{\{([#^/]?)([a-zA-Z]+)\}\}/g;
/** What Markdown would read as a mark. */
const MARKS = /[\\`*_[\]<>#|~]/g;

export class Template {
  readonly #markdown: readonly Part[];
  readonly #plain: readonly Part[];

  /**
   * @param names those that letters have values for
   * @throws {LetterError} code `malformed-template`
   */
  constructor(source: string, names: ReadonlySet<string>) {
    if (Buffer.byteLength(source) > MAX_TEMPLATE_BYTES)
      throw malformed(`has more than ${MAX_TEMPLATE_BYTES / 1024} KiB`);
    this.#markdown = parse(source, names);
    this.#plain = parse(withoutMarks(source), names);
  }

  markdown(values: Values): string {
    return tidy(render(this.#markdown, [values], (text) => text.replace(MARKS, "\\$&").replace(/\n/g, "\n> ")));
  }

  plain(values: Values): string {
    return tidy(render(this.#plain, [values], (text) => text.replace(/\n/g, "\n  ")));
  }
}

function parse(source: string, names: ReadonlySet<string>): Part[] {
  const root: Part[] = [];
  const open: { readonly name: string; readonly parts: Part[] }[] = [{ name: "", parts: root }];
  let last = 0;
  for (const { index, 0: place, 1: sign, 2: name } of source.matchAll(PLACE)) {
    const { parts, name: section } = open.at(-1)!;
    if (index > last) parts.push({ text: source.slice(last, index) });
    last = index + place.length;
    if (!names.has(name!))
      throw malformed(`${place} is no place that a letter has; there are ${[...names].join(", ")}`);
    if (sign === "") parts.push({ name: name! });
    else if (sign === "/") {
      if (open.length === 1 || section !== name) throw malformed(`${place} ends no section`);
      open.pop();
    } else {
      const inner: Part[] = [];
      parts.push({ name: name!, isInverted: sign === "^", parts: inner });
      open.push({ name: name!, parts: inner });
    }
  }
  if (open.length > 1) throw malformed(`the section {{#${open.at(-1)!.name}}} has no end`);
  if (source.slice(last).includes("{{")) throw malformed("has a {{ that begins no place");
  if (last < source.length) root.push({ text: source.slice(last) });
  return root;
}

function render(parts: readonly Part[], scopes: readonly Values[], written: (text: string) => string): string {
  let letter = "";
  for (const part of parts) {
    if ("text" in part) {
      letter += part.text;
      continue;
    }
    const value = scopes.findLast((scope) => Object.hasOwn(scope, part.name))?.[part.name] ?? "";
    if (!("parts" in part)) letter += typeof value === "string" ? written(value) : "";
    else if (Array.isArray(value) && !part.isInverted) {
      for (const item of value) letter += render(part.parts, [...scopes, item], written);
    } else {
      const isThere = Array.isArray(value) ? value.length > 0 : value !== "" && value !== false;
      if (isThere !== part.isInverted) letter += render(part.parts, scopes, written);
    }
  }
  return letter;
}

/** The words of a template: headings, emphasis, quotes and links without their marks. */
const withoutMarks = (source: string): string =>
  source
    .replace(/^#{1,6} +(.*)$/gm, "$1")
    .replace(/\*\*([^*\n]+)\*\*/g, "$1")
    .replace(/^> ?/gm, "  ")
    .replace(/\[([^\]\n]+)\]\(([^)\n]+)\)/g, "$1 ($2)");

/** Sections that are left out leave no gaps. */
const tidy = (letter: string): string =>
  `${letter
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim()}\n`;

const malformed = (what: string): LetterError =>
  new LetterError("malformed-template", `the template ${what}`, "solely incident template shows one that is right");
