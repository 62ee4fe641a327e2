/**
 * How much of an answer is certain, and why; what leaves the rest open, and which records would close it.
 */
import { count, figure, html, type Markup, table } from "../../report/index.js";
import type { Finding } from "../finding.js";
import { isAllExact } from "./answer.js";

interface Part {
  readonly people: number;
  readonly look: "certain" | "certain-other" | "possible";
  readonly name: string;
  readonly why: string;
  /** Records that would make it certain, of what is open. */
  readonly closedBy?: string;
}

/** Everybody who may be affected, each in one part. */
export function partsOf({ certain, open, atMost }: Finding): Part[] {
  const { identifierMissing, valueMissing, endMissing } = open;
  const named = certain.byIdentifier + certain.byEveryContact + identifierMissing + valueMissing + endMissing;
  const parts: Part[] = [
    {
      ...{ people: certain.byIdentifier, look: "certain", name: "Certain by the identifier" },
      why: "The records say which contact matched, and that contact was not for ads then.",
    },
    {
      ...{ people: certain.byEveryContact, look: "certain-other", name: "Certain by every contact" },
      why: "The records do not say which contact matched, but none that it may have been was for ads then.",
    },
    {
      ...{ people: identifierMissing, look: "possible", name: "Open: the identifier is missing" },
      why: "The records do not say which contact matched. The person had some that were for ads then, and some that were not.",
      closedBy: "the identifiers that matched, or their hashes (matches: kind, value)",
    },
    {
      ...{ people: valueMissing, look: "possible", name: "Open: a value is missing" },
      why: "Contacts or events are recorded without a value, so two rows may be about one contact or about two.",
      closedBy: "the values of the contacts, or their hashes (contacts, events: kind, value)",
    },
    {
      ...{ people: endMissing, look: "possible", name: "Open: an end is missing" },
      why: "The contact was for ads when it matched and later was not. Nobody knows whether it was still in the audience.",
      closedBy: "when memberships ended (matches: left_at)",
    },
    {
      ...{ people: atMost.people - named, look: "possible", name: "Open: too much is missing" },
      why: "The gaps of these people can be filled in more ways than are looked at.",
      closedBy: "identifiers, values and ends, as far as they are missing",
    },
  ];
  return parts.filter(({ people }) => people > 0);
}

export function certainty(finding: Finding): Markup {
  const parts = partsOf(finding);
  if (parts.length === 0) return html``;
  const isOpen = parts.some(({ look }) => look === "possible");
  const summary = isOpen
    ? "“At least” counts the certain; “at most” counts both."
    : isAllExact(finding)
      ? "Nothing is open here: all numbers are exact."
      : "Nobody is open here. It is only open by which of their contacts or how long it was, so other numbers have a least and a most.";
  return html`<section><h2>What is certain, and what is open</h2>
<p>A person is <b>certain</b> if the records, however their gaps are filled, say that this person was affected; and <b>open</b> if that depends on how the gaps are filled. ${summary}</p>
<figure>${stacked(parts)}<figcaption>Everybody who may be affected, by why it is certain or what leaves it open. Letters are those of the table.</figcaption></figure>
${table(
  "Certain and open",
  ["Part", "People"],
  parts.map(({ look, name, why, closedBy, people }, i) => [
    html`${swatch(look, letter(i))}<b>${name}</b><br>${why}${closedBy === undefined ? "" : html`<br><i>Would be closed by</i> ${closedBy}.`}`,
    figure(people),
  ]),
)}
${isOpen ? html`<p class="note">An open person whom several things leave open stands under the first of them.</p>` : ""}
</section>`;
}

const letter = (i: number): string => String.fromCharCode("A".charCodeAt(0) + i);
/** Hundredths of the bar below which a letter has no room, and a part could not be seen. */
const LETTERED = 4;
const LEAST_WIDTH = 0.6;

/** One bar of all parts. */
function stacked(parts: readonly Part[]): Markup {
  const all = parts.reduce((sum, { people }) => sum + people, 0);
  const widths = parts.map(({ people }) => Math.max(LEAST_WIDTH, (people / all) * 100));
  const scale = 100 / widths.reduce((sum, width) => sum + width, 0);
  let x = 0;
  const shapes = parts.map(({ look }, i) => {
    const [from, width] = [x, widths[i]! * scale];
    x += width;
    const name =
      width < LETTERED
        ? ""
        : html`<text x="${(from + width / 2).toFixed(2)}%" y="22" text-anchor="middle" dominant-baseline="central">${letter(i)}</text>`;
    return html`<rect class="${look}" x="${from.toFixed(2)}%" y="2" width="${width.toFixed(2)}%" height="40"/>${name}`;
  });
  const words = parts.map(({ name, people }) => `${name}: ${count(people)}`).join("; ");
  return html`<svg class="stack" role="img" aria-label="${words}" width="100%" height="44"><title>${words}</title>${shapes}</svg>`;
}

const swatch = (look: Part["look"], name: string): Markup =>
  html`<svg class="swatch" aria-hidden="true" width="22" height="18"><rect class="${look}" x="1" y="1" width="20" height="16"/><text x="11" y="9" text-anchor="middle" dominant-baseline="central">${name}</text></svg>`;

/** What the two colours of bars and columns mean. */
export const key = html`<p class="note">${swatch("certain", "")}certain: at least ${swatch("possible", "")}open: what may come to that, up to at most</p>`;
