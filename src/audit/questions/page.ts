/**
 * A document as one HTML page: no script, nothing from elsewhere, for a screen in light or dark, and for A4 paper with
 * boxes to tick and lines to write on.
 */
import { framed, html, type Markup } from "../../report/index.js";
import { type Block, type Document, shown, type Text, visible } from "./document.js";

const STYLE = `
.ask { margin: .9rem 0; padding-left: 1.75rem; position: relative; break-inside: avoid; }
.box { display: inline-block; width: .95em; height: .95em; border: 1.5px solid var(--dim); border-radius: 2px; vertical-align: -.12em; margin-right: .45em; }
.ask > .box { position: absolute; left: 0; top: .25em; }
.choices { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: .35rem 0 0; padding: 0; font-size: .92rem; }
.line { height: 1.9rem; border-bottom: 1px solid var(--line); }
.form td { height: 2.1rem; border: 1px solid var(--line); }
.form th { border: 1px solid var(--line); padding-left: .4rem; overflow-wrap: normal; min-width: 4.5rem; }
.names { list-style: none; margin: .75rem 0; padding: 0; font-size: .92rem; }
.names li { padding: .15rem 0 .15rem 1.75rem; text-indent: -1.5rem; break-inside: avoid; overflow-wrap: anywhere; }
pre { background: var(--panel); padding: .75rem 1rem; overflow-x: auto; font: .84rem/1.45 ui-monospace, monospace; }
h3 { overflow-wrap: anywhere; margin-top: 2.25rem; }
h3 code { font-size: 1em; font-weight: 600; }
@media print {
  html { font-size: 10.5pt; }
  .figures li { flex-basis: 7rem; }
  .box, .line, .form td, .form th { border-color: #57606a; }
  .line { height: 8mm; }
  .form td { height: 9mm; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 8.5pt; border: 1px solid var(--line); }
}
`;

/** The page. */
export function pageOf({ kicker, title, figures, blocks }: Document): string {
  const body = html`<header>
<p class="kicker">${kicker}</p>
<h1>${title}</h1>
</header>
${
  figures.length === 0
    ? ""
    : html`<ul class="figures" aria-label="Figures">${figures.map(
        ({ count, what }) => html`<li><b><data value="${count}">${count.toLocaleString("en")}</data></b> ${what}</li>`,
      )}</ul>`
}
${blocks.map((block) => html`${blockOf(block)}\n`)}`;
  return framed(title, body, STYLE);
}

const BOX = html`<span class="box"></span>`;

function blockOf(block: Block): Markup {
  switch (block.is) {
    case "heading":
      return block.level === 2 ? html`<h2>${lineOf(block.text)}</h2>` : html`<h3>${lineOf(block.text)}</h3>`;
    case "text":
      return block.isNote === true
        ? html`<p class="note">${lineOf(block.text)}</p>`
        : html`<p>${lineOf(block.text)}</p>`;
    case "table":
      return html`<div class="wide"><table>${headOf(block.head)}<tbody>${block.rows.map(
        (row) => html`<tr>${row.map((cell) => html`<td>${lineOf(cell)}</td>`)}</tr>`,
      )}</tbody></table></div>`;
    case "ask": {
      const { choices = [], lines = 0 } = block;
      return html`<div class="ask">${BOX}${lineOf(block.text)}${
        choices.length === 0
          ? ""
          : html`<ul class="choices">${choices.map((choice) => html`<li>${BOX}${choice}</li>`)}</ul>`
      }${Array.from({ length: lines }, () => html`<div class="line"></div>`)}</div>`;
    }
    case "form":
      return html`<div class="ask">${BOX}${lineOf(block.text)}<div class="wide"><table class="form">${headOf(
        block.head,
      )}<tbody>${Array.from(
        { length: block.rows },
        () => html`<tr>${block.head.map(() => html`<td></td>`)}</tr>`,
      )}</tbody></table></div></div>`;
    case "names":
      return html`<ul class="names">${block.entries.map((entry) => html`<li>${BOX}${lineOf(entry)}</li>`)}</ul>`;
    case "code":
      return html`<pre><code>${block.code}</code></pre>`;
  }
}

const headOf = (head: readonly string[]): Markup =>
  html`<thead><tr>${head.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>`;

const lineOf = (text: Text): Markup =>
  html`${text.map((part) => (typeof part === "string" ? html`${visible(part)}` : html`<code>${breakable(shown(part))}</code>`))}`;

/** A name that may break where one of its words ends. */
const breakable = (name: string): Markup =>
  html`${name.split(/(?<=[_.])(?=[^_.])/).map((word, i) => (i === 0 ? html`${word}` : html`<wbr>${word}`))}`;
