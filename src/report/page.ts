/**
 * A report as one HTML page: no script, nothing from elsewhere, for a screen in light or dark and for A4 paper.
 *
 * Every number is the assessment's, whole and grouped by threes. Whatever people wrote is escaped.
 */
import { overTime } from "./charts.js";
import { claimed } from "./claimed.js";
import { FACT_FIELDS, type FactName } from "./facts.js";
import { framed } from "./frame.js";
import { html, type Markup } from "./markup.js";
import { count, exactly, figure, figures, time } from "./numbers.js";
import type { IncidentReport } from "./report.js";
import { barTable, countTable, table } from "./tables.js";

/** Audiences that are listed; all of them are in the JSON form. */
const AUDIENCES_LISTED = 40;

/** The page. */
export async function reportPage(report: IncidentReport): Promise<string> {
  const { title, incident, phase, madeAt, assessment, audiences } = report;
  const body = html`<header>
<p class="kicker">Incident ${incident} · ${phase} report${report.facts.version === undefined ? "" : `, version ${report.facts.version}`}</p>
<h1>${title}</h1>
<p>Made ${time(madeAt)}. Opened ${time(report.openedAt)} by ${report.openedBy}. ${standing(report)}</p>
</header>
${figureBoxes(report)}
${clocks(report)}
${missing(report)}
<section><h2>What happened</h2>
${claimed(report.claim)}
${noticesOf(report)}
${told(report, ["cause", "people_categories"])}
</section>
<section><h2>Who was affected</h2>
${assessment.people === 0 ? "" : html`<h3>Over time</h3>`}
${await overTime({ people: exactly(assessment.people), least: assessment.byDay, most: assessment.byDay })}
<h3>By purpose, kind and country</h3>
${countTable("People by the security purpose that the contact was given for", "Purpose", assessment.byPurpose)}
<div class="pair">
${countTable("People by kind of contact", "Kind", assessment.byKind)}
${countTable("People by country", "Country", assessment.byCountry)}
</div>
<p class="note">A person who is concerned by several purposes or kinds counts once under each, and once in the whole.</p>
${apart(report)}
</section>
<section><h2>Audiences and advertisers</h2>
${byAudience(audiences)}
${told(report, ["left_the_company"])}
</section>
<section><h2>Likely consequences</h2>${told(report, ["consequences"])}</section>
<section><h2>Measures taken or proposed</h2>
<p>${containment(report)}</p>
${told(report, ["measures_stop", "measures_purge", "measures_notify", "measures_prevent"])}
${noticesSent(report)}
</section>
<section><h2>Who answers for it</h2>
${told(report, ["controller", "contact", "entities", "signers"])}
</section>
<section><h2>Times and duties</h2>
${told(report, ["detected_at", "aware_at", "authority_told_at", "order_reported_at", "delay_reason", "prior_incidents", "order_duties"])}
</section>
${howToCheck(report)}`;
  return framed(`${title}: ${phase} report`, body);
}

function standing({ isComplete, phase, missing }: IncidentReport): Markup {
  const now = missing.filter(({ isNeededNow }) => isNeededNow).length;
  return isComplete
    ? html`<strong class="good">Complete for the ${phase} phase.</strong>`
    : html`<strong class="bad">Incomplete: ${now} ${now === 1 ? "thing is" : "things are"} missing that the ${phase} phase needs.</strong>`;
}

function figureBoxes({ assessment }: IncidentReport): Markup {
  const { people, contactPoints, audiences, lists, advertisers, firstAt, lastAt } = assessment;
  const entries = [
    [people, "people affected"],
    [contactPoints, "contact points (records)"],
    [advertisers, "advertisers"],
    [lists, "lists"],
    [audiences, "audiences"],
  ] as const;
  return html`<section aria-label="Figures">${figures(entries.map(([number, what]) => [exactly(number), what]))}
<p>${
    firstAt === null || lastAt === null
      ? "Nobody was affected."
      : html`First affected ${time(firstAt)}, last ${time(lastAt)}.`
  } The numbers are exact, by all facts known at ledger position ${figure(assessment.asKnownAt)}.</p></section>`;
}

const CLOCK_WORDS = { kept: "kept", late: "late", running: "running", overdue: "overdue" } as const;

function clocks({ clocks }: IncidentReport): Markup {
  const isFromOpening = clocks.some(({ startsWith }) => startsWith === "opening");
  return html`<section><h2>Clocks</h2>${table(
    "Clocks that run",
    ["Clock", "For", "Began", "Due", "Done", "Stands"],
    clocks.map(({ name, rule, startsAt, dueAt, doneAt, state }) => [
      name,
      rule,
      time(startsAt),
      time(dueAt),
      doneAt === null ? "not yet" : time(doneAt),
      html`<strong class="${state === "kept" || state === "running" ? "good" : "bad"}">${CLOCK_WORDS[state]}</strong>`,
    ]),
  )}${
    isFromOpening
      ? html`<p class="note">Nobody has said when the controller became aware. Until then the clocks count from the opening of the incident.</p>`
      : ""
  }</section>`;
}

function missing({ missing, phase }: IncidentReport): Markup {
  if (missing.length === 0)
    return html`<section><h2>Still unknown</h2><p>Nothing that any phase needs is missing.</p></section>`;
  return html`<section><h2>Still unknown</h2>${table(
    "What is still unknown",
    ["What", "Needed from", `Missing for the ${phase} report`],
    missing.map(({ label, neededFrom, isNeededNow }) => [
      label,
      `the ${neededFrom} report on`,
      isNeededNow ? html`<strong class="bad">yes</strong>` : "not yet",
    ]),
  )}</section>`;
}

function noticesOf({ notices }: IncidentReport): Markup {
  if (notices.length === 0) return html``;
  return table(
    "Notices that the claim is about",
    ["Notice", "Surface", "Purposes that it named", "Text, SHA-256"],
    notices.map(({ notice, surface, purposes, isExclusive, textDigest }) => [
      notice,
      surface,
      `${purposes.join(", ")}${isExclusive ? " (exclusive)" : ""}`,
      html`<code>${textDigest}</code>`,
    ]),
  );
}

function byAudience(audiences: IncidentReport["audiences"]): Markup {
  if (audiences.length === 0) return html`<p>No audience had an affected member.</p>`;
  const listed = audiences.slice(0, AUDIENCES_LISTED);
  return html`${barTable(
    "Audiences with the most affected people",
    { label: "Audience, its id and its list's", cells: ["Advertiser", "Contact points", "First", "Last"] },
    listed.map(({ name, audience, advertiser, list, people, contactPoints, firstAt, lastAt }) => ({
      label: html`${name} <code>${audience}</code> <code>${list}</code>`,
      cells: [
        advertiser,
        figure(contactPoints),
        firstAt === null ? "" : time(firstAt),
        lastAt === null ? "" : time(lastAt),
      ],
      ...exactly(people),
    })),
  )}
<p class="note">A person counts once in each audience.${audiences.length > listed.length ? ` ${rest(audiences.slice(listed.length))} All are in the JSON form of this report.` : ""}</p>`;
}

/** What is not shown of the audiences. */
function rest(audiences: IncidentReport["audiences"]): string {
  const sum = audiences.reduce((all, { people }) => all + people, 0);
  const { people: most } = audiences[0]!;
  if (audiences.length === 1) return `The other one has ${count(sum)}.`;
  return `The other ${count(audiences.length)} have at most ${count(most)} each, ${count(sum)} memberships of people in sum.`;
}

function apart({ assessment }: IncidentReport): Markup {
  const { alsoMatchedRightly, campaigns, showings, permittedOtherwise, lateFacts } = assessment;
  return html`<h3>Said apart</h3>
${table(
  "Numbers said apart",
  ["What", "Number"],
  [
    ["Showings of ads to affected people while they were affected", figure(showings)],
    ["Campaigns of these", figure(campaigns)],
    [
      "Affected people with another contact point that was matched rightly in the same audience",
      figure(alsoMatchedRightly),
    ],
    [
      "Contact points given under a claimed notice that were matched and at no instant affected",
      figure(permittedOtherwise),
    ],
    [
      "People matched when by facts learned later they were not permitted; no matter of the claim, in no number above",
      figure(lateFacts.people),
    ],
    ["The same, contact points", figure(lateFacts.contactPoints)],
  ],
)}`;
}

function containment({ containment }: IncidentReport): Markup {
  if (containment === null)
    return html`Two operators have not contained the incident yet: permission and matches are not corrected.`;
  const { isContained, at, position } = containment;
  return isContained
    ? html`Contained ${time(at)} by the signatures of two operators (ledger position ${figure(position)}): permission and matches are corrected.`
    : html`The containment was undone ${time(at)} by the signatures of two operators (ledger position ${figure(position)}).`;
}

function noticesSent({ facts: { notices_sent: sent } }: IncidentReport): Markup {
  const { label } = FACT_FIELDS.notices_sent;
  if (sent === undefined || sent.length === 0)
    return html`<dl><dt>${label}</dt><dd>${sent === undefined ? UNKNOWN : "none"}</dd></dl>`;
  return html`<h3>${label}</h3>
${table(
  "Notices sent to people",
  ["Sent", "Channel", "To", "Delivered"],
  sent.map(({ sent_at, channel, sent, delivered }) => [time(sent_at), channel, figure(sent), figure(delivered)]),
)}${sent.map(({ text, channel }) => html`<figure><figcaption>Text, ${channel}</figcaption><blockquote>${text}</blockquote></figure>`)}`;
}

const UNKNOWN = html`<strong class="bad">still unknown</strong>`;

/** What people filled in. */
function told({ facts }: IncidentReport, names: readonly Exclude<FactName, "notices_sent">[]): Markup {
  return html`<dl>${names.map(
    (name) =>
      html`<dt>${FACT_FIELDS[name].label}</dt><dd>${name === "delay_reason" && facts[name] === undefined ? "none given" : shownFact(facts[name])}</dd>`,
  )}</dl>`;
}

function shownFact(value: string | number | readonly string[] | object | undefined): Markup | string {
  if (value === undefined) return UNKNOWN;
  if (typeof value === "number") return count(value);
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? time(value) : value;
  if (Array.isArray(value))
    return value.length === 0 ? "none" : html`<ul>${value.map((one) => html`<li>${String(one)}</li>`)}</ul>`;
  return Object.values(value).join(", ");
}

function howToCheck({ ledger, incident, assessment }: IncidentReport): Markup {
  return html`<section><h2>How to check it</h2>
<p>The numbers can be had again, and the evidence checked offline, with the ledger’s public key and no trust in who wrote this.</p>
<dl>
<dt>Ledger</dt><dd>${ledger.origin}</dd>
<dt>Size and root at the time of this report</dt><dd>${figure(ledger.size)} leaves, <code>${ledger.root}</code></dd>
<dt>The same numbers again</dt><dd><code>solely incident assess ${incident} --as-known-at ${assessment.asKnownAt}</code></dd>
<dt>The evidence</dt><dd><code>solely incident evidence ${incident} --as-known-at ${assessment.asKnownAt} --out DIR</code>, then <code>solely ledger verify DIR</code></dd>
</dl></section>`;
}
