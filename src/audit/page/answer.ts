/**
 * The answer of an audit in one sentence, how much that is of everybody who was matched, and when it was.
 */
import { isDeepStrictEqual } from "node:util";
import { type Bounds, exactly, figure, figures, html, isExact, type Markup, spoken, time } from "../../report/index.js";
import type { Finding, FoundCounts } from "../finding.js";

export type CountName =
  | "people"
  | "contactPoints"
  | "lists"
  | "advertisers"
  | "showings"
  | "campaigns"
  | "alsoMatchedRightly"
  | "permittedOtherwise";

export const boundsOf = ({ atLeast, atMost }: Finding, name: CountName): Bounds => ({
  atLeast: atLeast[name],
  atMost: atMost[name],
});

/** Whether every number is known; people may be, and which of their contacts it was not. */
export const isAllExact = ({ atLeast, atMost }: Finding): boolean => isDeepStrictEqual(atLeast, atMost);

/** Whether there was such a table at all: without one, its zeros say nothing. */
export const hasTable = ({ tables }: Finding, name: string): boolean =>
  tables.some(({ table, sources }) => table === name && sources > 0);

/** Who was affected, in one sentence. */
export function answerOf(finding: Finding): Markup {
  const people = boundsOf(finding, "people");
  const { atLeast, atMost } = people;
  const how = `matched by a contact that was not for it${finding.claim === null ? "" : ", if the claim is right"}`;
  const what = html`${spoken(exactly(atMost), "person", "people")} ${atMost === 1 ? "was" : "were"} ${how}`;
  if (atMost === 0) return html`Nobody was ${how}`;
  if (isExact(people)) return html`Exactly ${what}`;
  if (atLeast === 0) return html`At most ${what}; it is certain of nobody`;
  return html`At least ${figure(atLeast)} and at most ${what}`;
}

/** What stands below the answer: of how many it is, since when and until when, and the other numbers. */
export function around(finding: Finding): Markup {
  const people = boundsOf(finding, "people");
  const { matches } = finding.unexplained;
  return html`<section aria-label="Figures">
<p>${shareOf(people, finding.matchedPeople)} ${span(finding)}</p>
${matches === 0 ? "" : html`<p>${spoken(exactly(matches), "match", "matches")} that the records do not explain ${matches === 1 ? "is" : "are"} in none of these numbers.</p>`}
${people.atMost === 0 ? "" : boxes(finding)}</section>`;
}

/** Of everybody who was matched. */
function shareOf(people: Bounds, matched: number): Markup {
  if (matched === 0) return html`The platform matched nobody.`;
  const whole = html`The platform matched ${spoken(exactly(matched), "person", "people")}`;
  if (people.atMost === 0) return html`${whole}.`;
  return html`${whole}; these are ${percentage(people, matched)} of them.`;
}

/** With one decimal; bounds are rounded outwards. */
function percentage(people: Bounds, matched: number): string {
  const least = Math.floor((people.atLeast * 1000) / matched) / 10;
  const most = Math.ceil((people.atMost * 1000) / matched) / 10;
  if (!isExact(people)) return `${least}% to ${most}%`;
  return least === 0 ? "less than 0.1%" : `about ${Math.round((people.atLeast * 1000) / matched) / 10}%`;
}

function span({ atLeast: certain, atMost: possible, until }: Finding): Markup {
  const last = html`Memberships that nothing ended go on until ${time(until)}.`;
  const [sure, open] = [spanOf(certain), spanOf(possible)];
  if (open === undefined) return html`${last}`;
  if (sure === undefined) return html`They may have been affected ${open}. ${last}`;
  if (sure.text === open.text) return html`They were affected ${open}. ${last}`;
  return html`They were certainly affected ${sure}, and may have been ${open}. ${last}`;
}

function spanOf({ firstAt, lastAt }: FoundCounts): Markup | undefined {
  return firstAt === null || lastAt === null ? undefined : html`from ${time(firstAt)} until ${time(lastAt)}`;
}

function boxes(finding: Finding): Markup {
  const box = (name: CountName, what: string): readonly [Bounds, string] => [boundsOf(finding, name), what];
  return figures([
    box("people", "people affected"),
    box("contactPoints", "contact points"),
    box("advertisers", "advertisers"),
    box("lists", "lists"),
    ...(hasTable(finding, "showings") ? [box("showings", "showings of ads to them")] : []),
  ]);
}
