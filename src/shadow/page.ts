/**
 * A comparison as one HTML page: what it costs in reach to switch, and by what; no script, nothing from elsewhere, for a
 * screen in light or dark and for A4 paper. Nobody is named; what people wrote (names of lists, surfaces) is escaped.
 */
import {
  barTable,
  byName,
  count,
  exactly,
  figure,
  figures,
  framed,
  html,
  type Markup,
  table,
  time,
} from "../report/index.js";
import type { ByGrant, ComparedList, Comparison, LostRule } from "./result.js";

/** Rows that are listed; all of them are in the JSON form. */
const LISTED = 40;

/** What a rule says, for who does not know its name. */
const RULE_WORDS: Readonly<Record<LostRule, string>> = {
  "unknown-account": "The account is not known here, or was erased",
  "unknown-contact": "The account never gave that contact here",
  "never-for-ads": "Given, and never for ads",
  "promised-otherwise": "Promised to be for something else alone, after it was given for ads",
  withdrawn: "Taken back by the person, after it was given for ads",
  erased: "Erased, after it was given for ads",
  disowned: "No longer the account’s, after it was given for ads",
  unverified: "Given for ads, and never verified",
  "given-by-another": "Given by somebody else, or out of an address book",
  "permitted-but-not-matched":
    "Permitted here, and not matched: another normal form, or a list that came at another time",
};

const isLostRule = (name: string): name is LostRule => Object.hasOwn(RULE_WORDS, name);

/** The page. */
export function shadowPage(compared: Omit<Comparison, "refusedRows">): string {
  const { madeAt, position, there, here, onlyThere, onlyHere, gained } = compared;
  const main = html`<header>
<p class="kicker">Two systems, the same lists</p>
<h1>What it costs in reach to match here</h1>
<p>Made ${time(madeAt)}, by all facts known at ledger position ${figure(position)}. Both have ${count(compared.lists.length)} of the lists.</p>
</header>
<section aria-label="Figures">${figures([
    [exactly(there), "people reached there"],
    [exactly(here), "people reached here"],
    [exactly(onlyThere), `lost${shareOf(onlyThere, there)}`],
    [exactly(onlyHere), `gained${shareOf(onlyHere, there)}`],
  ])}
<p>People are counted once, over all these lists; lost or gained is who is so in some list. “Here” is who may be used for ads now; whether a size is large enough to be served is another question.</p></section>
<section><h2>Lost, by rule</h2>
${counted("People who are matched there and would not be here", "What decides", compared.byRule, ruleCell)}
<p class="note">A person may be under several, and is counted once in the whole. ${open(compared.open)}</p>
</section>
<section><h2>Lost, by the grant that decides</h2>
${byGrant(compared, "lost")}
<p class="note">Who is not known here, or whose contact is not, has no grant, and is in none of these.</p>
</section>
<section><h2>Gained, by the grant that permits</h2>
${onlyHere === 0 ? html`<p>Nobody.</p>` : byGrant(gained, "gained")}
</section>
<section><h2>Lists</h2>
${listTable(compared.lists)}
</section>
${unpaired(compared)}
${refusedRows(compared)}`;
  return framed("Reach there and here", main);
}

function shareOf(people: number, there: number): string {
  return there === 0 ? "" : ` (${((100 * people) / there).toFixed(1)} % of there)`;
}

const open = (people: number): string =>
  people === 0
    ? ""
    : `Of ${count(people)} of them it is not known which of several contacts matched there: they are under each that may have been it.`;

function ruleCell(rule: string): Markup | string {
  return isLostRule(rule) ? html`${RULE_WORDS[rule]} <code>${rule}</code>` : rule;
}

function byGrant({ byPurpose, bySurface, byNotice }: ByGrant, what: "lost" | "gained"): Markup {
  return html`${counted(`People ${what}, by purpose`, "Purpose that the notice names", byPurpose)}
${counted(`People ${what}, by surface`, "Surface", bySurface)}
${counted(`People ${what}, by notice`, "Notice", byNotice, (notice) => html`<code>${notice}</code>`)}`;
}

function counted(
  caption: string,
  head: string,
  counts: Readonly<Record<string, number>>,
  label: (name: string) => Markup | string = (name) => name,
): Markup {
  const rows = byName(counts).map(({ name, ...people }) => ({ label: label(name), ...people }));
  return html`${barTable(caption, { label: head }, rows.slice(0, LISTED))}${note(rows.length - LISTED)}`;
}

const note = (left: number): Markup =>
  left <= 0 ? html`` : html`<p class="note">${count(left)} more are in the JSON form of this report.</p>`;

function listTable(lists: readonly ComparedList[]): Markup {
  if (lists.length === 0) return html`<p>No list of the file has a pair here.</p>`;
  const listed = lists.slice(0, LISTED);
  return html`${table(
    "Lists that both have, those that lose most first",
    ["List, its id", "Advertiser", "There", "Here", "Both", "Lost", "Gained", "Most are lost by"],
    listed.map(({ name, list, advertiser, there, here, both, onlyThere, onlyHere, byRule }) => [
      html`${name} <code>${list}</code>`,
      advertiser,
      ...[there, here, both, onlyThere, onlyHere].map(figure),
      html`<code>${byName(byRule)[0]?.name ?? ""}</code>`,
    ]),
  )}${note(lists.length - listed.length)}`;
}

function unpaired({ unpairedThere, unpairedHere }: Pick<Comparison, "unpairedThere" | "unpairedHere">): Markup {
  const [there, here] = [unpairedThere.slice(0, LISTED), unpairedHere.slice(0, LISTED)];
  return html`<section><h2>Lists that only one side has</h2>
<p class="note">In none of the numbers above.</p>
<h3>There: ${count(unpairedThere.length)}</h3>
${
  there.length === 0
    ? html`<p>None.</p>`
    : table(
        "Lists there alone",
        ["List, as the file names it", "Advertiser", "People", "Rows"],
        there.map(({ list, advertiser, people, rows }) => [list, advertiser, figure(people), figure(rows)]),
      )
}${note(unpairedThere.length - there.length)}
<h3>Here: ${count(unpairedHere.length)}</h3>
${
  here.length === 0
    ? html`<p>None.</p>`
    : table(
        "Lists here alone",
        ["List, its id", "Advertiser", "People"],
        here.map(({ name, list, advertiser, people }) => [
          html`${name} <code>${list}</code>`,
          advertiser,
          figure(people),
        ]),
      )
}${note(unpairedHere.length - here.length)}
</section>`;
}

function refusedRows({ rows, refused }: Pick<Comparison, "rows" | "refused">): Markup {
  return html`<section><h2>What was read</h2>
<p>${figure(rows)} rows, of which ${figure(refused)} could not be read, and count nowhere.</p></section>`;
}
