/**
 * A finding as one HTML page that a board can read: the answer in one sentence, then what it is made of.
 *
 * Every number is the finding's. Where at least and at most are one, one number stands. Names of lists and advertisers come
 * from a stranger's tables: they are escaped, shortened, and kept from turning the text around them.
 */
import { isPurpose, PURPOSES } from "../../purpose/index.js";
import {
  barTable,
  byName,
  claimed,
  count,
  countTable,
  figure,
  framed,
  html,
  type Markup,
  overTime,
  spoken,
  time,
} from "../../report/index.js";
import type { Finding } from "../finding.js";
import { answerOf, around, boundsOf, hasTable, isAllExact } from "./answer.js";
import { certainty, key } from "./certainty.js";
import { apart, notices, records } from "./records.js";

/** Lists that are shown; all of them are in the JSON form. */
const LISTS_SHOWN = 40;
const NAME_CHARACTERS = 100;

/** The page. */
export async function findingPage(finding: Finding): Promise<string> {
  const { madeAt, claim } = finding;
  return framed(
    "Audit of a platform’s matching",
    html`<header>
<p class="kicker">Audit of a platform’s matching${claim === null ? "" : html`, by the claim “${claim.title}”`} · made ${time(madeAt)}</p>
<h1>${answerOf(finding)}</h1>
</header>
${around(finding)}
${certainty(finding)}
${rule(finding)}
${await affected(finding)}
${lists(finding)}
${notices(finding)}
${records(finding)}
${apart(finding)}
<section><h2>How to check it</h2>
<p>The same files, read by the same names, give the same numbers: <code>solely audit DIR${finding.claim === null ? "" : " --claim FILE"} --until ${finding.until}</code>. It needs nothing but the files, and <code>--people FILE</code> names everybody it counts.</p>
</section>`,
  );
}

function rule({ claim }: Finding): Markup {
  return html`<section><h2>By what it was judged</h2>
${
  claim === null
    ? html`<p>Nobody claimed anything. The notices are held to their own words. A contact is for ads from when the account gives it under a notice that says so, until it gives it under one that says “only for” something else, or takes it back.</p>`
    : html`<p>A match counts if it agreed with the notices as they stand, and does not agree with them as the claim corrects them.</p>${claimed(claim)}`
}</section>`;
}

async function affected(finding: Finding): Promise<Markup> {
  const { atLeast, atMost } = finding;
  if (atMost.people === 0) return html``;
  const countries = hasTable(finding, "accounts")
    ? countTable("People by country", "Country", atLeast.byCountry, atMost.byCountry)
    : html`<p>No countries of accounts were given.</p>`;
  return html`<section><h2>Who was affected</h2>
${isAllExact(finding) ? "" : key}
<h3>Over time</h3>
${await overTime({ people: boundsOf(finding, "people"), least: atLeast.byDay, most: atMost.byDay })}
<h3>By purpose, kind and country</h3>
${barTable(
  "People by what the contact was given for",
  { label: "Purpose" },
  byName(atLeast.byPurpose, atMost.byPurpose).map(({ name, ...bounds }) => ({
    label: isPurpose(name) ? html`${PURPOSES[name].meaning} <small>(${name})</small>` : name,
    ...bounds,
  })),
)}
<div class="pair">
${countTable("People by kind of contact", "Kind", atLeast.byKind, atMost.byKind)}
${countries}
</div>
<p class="note">Who is concerned by several purposes or kinds counts once under each, and once in the whole.</p>
</section>`;
}

function lists(finding: Finding): Markup {
  const { lists, atMost } = finding;
  if (atMost.people === 0) return html``;
  const touched = lists.filter(({ atMost }) => atMost.people > 0);
  const [shown, others] = [touched.slice(0, LISTS_SHOWN), touched.slice(LISTS_SHOWN)];
  return html`<section><h2>Lists and advertisers</h2>
<p>People were affected in ${spoken(boundsOf(finding, "lists"), "list", "lists")} of ${spoken(boundsOf(finding, "advertisers"), "advertiser", "advertisers")}.</p>
${barTable(
  "Lists with the most people",
  { label: "List and its advertiser", cells: ["Matched"] },
  shown.map(({ list, advertiser, matched, ...counts }) => ({
    label: html`<bdi>${named(list)}</bdi> <small>(<bdi>${named(advertiser)}</bdi>)</small>`,
    cells: [figure(matched)],
    ...{ atLeast: counts.atLeast.people, atMost: counts.atMost.people },
  })),
)}
<p class="note">A person counts once in each list.${
    others.length === 0
      ? ""
      : ` The other ${count(others.length)} have ${count(others[0]!.atMost.people)} each or fewer; all are in the JSON form of this report.`
  }</p></section>`;
}

function named(name: string): string {
  const characters = [...name.trim()];
  if (characters.length === 0) return "without a name";
  return characters.length <= NAME_CHARACTERS
    ? characters.join("")
    : `${characters.slice(0, NAME_CHARACTERS - 1).join("")}…`;
}
