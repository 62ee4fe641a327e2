/** The finding, put together from what the threads counted. */
import type { Claim } from "../incident/index.js";
import { AUDIT_FORMAT, type Finding, type FoundCounts, type FoundList, type ReadTable } from "./finding.js";
import { noVerdicts, type Verdicts } from "./judge.js";
import { partsOf } from "./names.js";
import type { AuditedNotices } from "./notices.js";
import { Tally } from "./tally.js";
import type { Closed, Judged } from "./worker.js";

export interface FoundParts {
  readonly claim: Claim | undefined;
  readonly untilMs: number;
  /** Whether somebody said until when memberships go on. */
  readonly hasEnds: boolean;
  readonly notices: AuditedNotices;
  readonly closed: readonly Closed[];
  readonly judged: readonly Judged[];
  readonly tables: readonly ReadTable[];
  /** Lists with their advertisers, and countries, by number. */
  readonly lists: readonly string[];
  readonly countries: readonly string[];
}

export function makeFinding(parts: FoundParts): Finding {
  const { claim, untilMs, notices, closed, judged, tables, lists, countries } = parts;
  const rows = lists.length + 1;
  const [least, most] = [new Tally(rows), new Tally(rows)];
  const matched = new Float64Array(rows);
  const verdicts = noVerdicts();
  for (const one of judged) {
    least.join(one.least);
    most.join(one.most);
    addTo(matched, one.matched);
    for (const name of Object.keys(verdicts) as (keyof Verdicts)[]) verdicts[name] += one.verdicts[name];
  }
  const [atLeast, atMost] = [least.assessed(countries), most.assessed(countries)];
  const found = most.affectedRows.map((row): FoundList => {
    const [advertiser, list] = partsOf(lists[row - 1]!);
    return { list, advertiser, matched: matched[row]!, atLeast: atLeast[row]!, atMost: atMost[row]! };
  });
  const whole = (tally: Tally, counts: (typeof atLeast)[number]): FoundCounts => {
    const affected = tally.affectedRows;
    const advertisers = new Set(affected.map((row) => partsOf(lists[row - 1]!)[0]));
    return { ...counts, audiences: affected.length, lists: affected.length, advertisers: advertisers.size };
  };
  const noticeRows = new Float64Array(notices.book.size);
  for (const one of closed) addTo(noticeRows, one.noticeRows);
  const { byIdentifier, byEveryContact, identifierMissing, valueMissing, endMissing } = verdicts;
  return {
    format: AUDIT_FORMAT,
    madeAt: new Date().toISOString(),
    until: new Date(untilMs).toISOString(),
    claim: claim ?? null,
    atLeast: whole(least, atLeast[0]!),
    atMost: whole(most, atMost[0]!),
    certain: { byIdentifier, byEveryContact },
    open: { identifierMissing, valueMissing, endMissing },
    unexplained: { people: verdicts.unexplainedPeople, matches: verdicts.unexplainedMatches },
    tangled: verdicts.tangled,
    matchedPeople: matched[0]!,
    tables,
    notices: notices.found(noticeRows),
    lists: found.sort((a, b) => b.atMost.people - a.atMost.people || order(a, b)),
    assumptions: assumptionsOf(parts),
  };
}

function addTo(sums: Float64Array, counts: Float64Array): void {
  for (let i = 0; i < counts.length; i++) sums[i]! += counts[i]!;
}

function order(a: FoundList, b: FoundList): number {
  const [one, other] = [`${a.advertiser}\0${a.list}`, `${b.advertiser}\0${b.list}`];
  return one < other ? -1 : 1;
}

function assumptionsOf({ closed, hasEnds, untilMs }: FoundParts): string[] {
  const sum = (of: (one: Closed) => number): number => closed.reduce((all, one) => all + of(one), 0);
  const times = (count: number): string => `${count.toLocaleString("en")} ${count === 1 ? "time" : "times"}`;
  const [withoutOffset, days, unverified, endless, early] = [
    sum((one) => one.withoutOffset),
    sum((one) => one.days),
    sum((one) => one.takenAsVerified),
    sum((one) => one.unknownEnds),
    sum((one) => one.endsBefore),
  ];
  return [
    ...(hasEnds
      ? []
      : [
          `Memberships that nothing ended go on until the latest instant of any row, ${new Date(untilMs).toISOString()}.`,
        ]),
    ...(endless > 0
      ? [`Of ${endless.toLocaleString("en")} matches nobody knows when they ended: at least at once, at most never.`]
      : []),
    ...(early > 0
      ? [`${early.toLocaleString("en")} matches ended before they began, and count at their instant alone.`]
      : []),
    ...(unverified > 0
      ? [
          `${unverified.toLocaleString("en")} contacts come from sources that don't say which are verified, and count as verified.`,
        ]
      : []),
    ...(withoutOffset > 0 ? [`${times(withoutOffset)} without an offset were taken as UTC.`] : []),
    ...(days > 0 ? [`${times(days)} that are days alone were taken as their first instant, in UTC.`] : []),
  ];
}
