/**
 * What an audit stands on: the notices as they are read, the tables with what was refused of them, what was taken for
 * granted; and what is in none of its numbers.
 */
import { type Bounds, exactly, figure, html, type Markup, spoken, table } from "../../report/index.js";
import type { Finding, FoundNotice } from "../finding.js";
import { boundsOf, type CountName, hasTable } from "./answer.js";

/** Reasons that are told; all of them are in the JSON form. */
const REASONS_LISTED = 40;

export function notices({ notices }: Finding): Markup {
  return html`<section><h2>Notices</h2>
<p>What people were told when they gave a contact, and whether a contact that was given under it may be matched with advertisers’ lists, by what it says.</p>
${table(
  "Notices, as they are read",
  ["Notice", "May be matched", "Rows of contacts"],
  notices.map((notice) => [
    html`<b>${notice.notice}</b> at “${notice.surface}”, from ${notice.from.slice(0, 10)}<br>Names ${notice.purposes.join(", ")}${notice.isExclusive ? " (only for these)" : ""}<br><code>${notice.textDigest}</code>`,
    matchable(notice),
    figure(notice.rows),
  ]),
)}
<p class="note">Under each notice stands the SHA-256 of its text.</p></section>`;
}

function matchable({ isForAds, isUnmentioned, isExclusive }: FoundNotice): Markup {
  const unmentioned = "it names ads, but its text never mentions advertising, and nobody confirmed it";
  if (isForAds) return html`yes${isUnmentioned ? `, though its text never mentions advertising` : ""}`;
  if (isUnmentioned) return html`<strong class="bad">no</strong>: ${unmentioned}`;
  return html`no: it does not name ads${isExclusive ? ", and takes back what was given for the same contact before" : ""}`;
}

export function records({ tables, assumptions }: Finding): Markup {
  const refusals = tables
    .flatMap(({ table, reasons }) => Object.entries(reasons).map(([reason, rows]) => ({ table, reason, rows })))
    .sort((a, b) => b.rows - a.rows);
  const others = refusals.slice(REASONS_LISTED);
  return html`<section><h2>What was read</h2>
${table(
  "Tables",
  ["Table", "Sources", "Rows", "Refused"],
  tables.map(({ table, sources, rows, refused }) => [table, figure(sources), figure(rows), figure(refused)]),
)}
${
  refusals.length === 0
    ? html`<p>No row was refused.</p>`
    : html`${table(
        "Rows that were refused, and are in no number",
        ["Why", "Table", "Rows"],
        refusals.slice(0, REASONS_LISTED).map(({ table, reason, rows }) => [reason, table, figure(rows)]),
      )}${others.length === 0 ? "" : html`<p class="note">And ${figure(others.reduce((sum, { rows }) => sum + rows, 0))} for ${figure(others.length)} other reasons, which are in the JSON form of this report.</p>`}`
}
<h3>Taken for granted</h3>
${assumptions.length === 0 ? html`<p>Nothing.</p>` : html`<ul>${assumptions.map((assumption) => html`<li>${assumption}</li>`)}</ul>`}
</section>`;
}

export function apart(finding: Finding): Markup {
  const { atLeast, atMost, unexplained, tangled, claim } = finding;
  const late = (of: "people" | "contactPoints"): Bounds => ({
    atLeast: atLeast.lateFacts[of],
    atMost: atMost.lateFacts[of],
  });
  const number = (name: CountName, one: string, many: string): Markup => spoken(boundsOf(finding, name), one, many);
  return html`<section><h2>Apart</h2>
<ul>
<li><b>Unexplained:</b> ${spoken(exactly(unexplained.matches), "match", "matches")} of ${spoken(exactly(unexplained.people), "person", "people")} who by the records had no contact then that could have matched; in no number above.</li>
<li><b>Tangled:</b> ${
    tangled === 0
      ? "nobody; every way to fill the gaps was looked at."
      : html`${spoken(exactly(tangled), "person", "people")} of whom the gaps can be filled in more ways than are looked at; in no “at least”, and in each “at most” that may hold.`
  }</li>
<li><b>Also matched rightly:</b> ${number("alsoMatchedRightly", "affected person", "affected people")} with another contact in the same list that was for ads, which excuses nothing.</li>
<li><b>Permitted otherwise:</b> ${number("permittedOtherwise", "contact point", "contact points")} given under ${claim === null ? "a notice that is not for ads" : "a notice that the claim corrects"} and matched, at no time wrongly, as given for ads too.</li>
<li><b>Learned later:</b> ${
    claim === null
      ? "nothing; only a claim sets apart who was not permitted even as the notices stand."
      : html`${spoken(late("people"), "person", "people")} with ${spoken(late("contactPoints"), "contact point", "contact points")} matched when that was not permitted even as the notices stand; no matter of the claim, and in no number above.`
  }</li>
<li><b>Ads:</b> ${
    hasTable(finding, "showings")
      ? html`${number("showings", "showing", "showings")} of ${number("campaigns", "campaign", "campaigns")}, to people while they were affected in the list that it was for.`
      : "no showings were given, so nothing is known of what these people were shown."
  }</li>
</ul></section>`;
}
