/** A document as Markdown (https://spec.commonmark.org, with the tables and task lists of GitHub's). */
import { type Block, type Document, type Name, shown, type Text, visible } from "./document.js";

export function markdownOf({ kicker, title, figures, blocks }: Document): string {
  const told = figures.map(({ count, what }) => `${count.toLocaleString("en")} ${what}`).join(", ");
  const head = [`# ${title}`, kicker, ...(told === "" ? [] : [`**${told}**`])];
  return `${[...head, ...blocks.map(blockOf)].join("\n\n")}\n`;
}

const LINE = "\u2026".repeat(40);
const BOX = "\u2610";

function blockOf(block: Block): string {
  switch (block.is) {
    case "heading":
      return `${"#".repeat(block.level)} ${lineOf(block.text)}`;
    case "text":
      return lineOf(block.text);
    case "table":
      return tableOf(
        block.head,
        block.rows.map((row) => row.map(lineOf)),
      );
    case "ask": {
      const { choices = [], lines = 0 } = block;
      const boxes = choices.length === 0 ? [] : [choices.map((choice) => `${BOX} ${escaped(choice)}`).join("  ")];
      const blanks = Array.from({ length: lines }, () => LINE);
      return [`- [ ] ${lineOf(block.text)}`, ...boxes, ...blanks].join("\n\n  ");
    }
    case "form":
      return `- [ ] ${lineOf(block.text)}\n\n${tableOf(
        block.head,
        Array.from({ length: block.rows }, () => block.head.map(() => " ")),
      )}`;
    case "names":
      return block.entries.map((entry) => `- [ ] ${lineOf(entry)}`).join("\n");
    case "code": {
      const fence = "`".repeat(Math.max(3, 1 + longestRun(block.code)));
      return `${fence}${block.language}\n${block.code.trimEnd()}\n${fence}`;
    }
  }
}

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

const lineOf = (text: Text): string =>
  text.map((part) => (typeof part === "string" ? escaped(part) : nameOf(part))).join("");

/** What would be read as Markdown or HTML; not the underscore inside a word, which would not. */
const escaped = (text: string): string =>
  visible(text).replace(/[\\`*[\]<>&|#~!]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&");

/** A plain name in code; in any other each mark is escaped, since a code span in a table can't hold every one. */
function nameOf(name: Name): string {
  const seen = shown(name);
  return /^[\p{L}\p{N}_.$-]+$/u.test(seen) ? `\`${seen}\`` : `“${seen.replace(/[!-/:-@[-`{-~]/g, "\\$&")}”`;
}

const longestRun = (code: string): number =>
  (code.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
