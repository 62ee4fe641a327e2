/** The finding, put together from what the threads counted. */
import type { Claim } from "../incident/index.js";
import { AUDIT_FORMAT, type Finding, type FoundCounts, type FoundList, type ReadTable } from "./finding.js";
import { noVerdicts, type Verdicts } from "./judge.js";
import { partsOf } from "./names.js";
import type { AuditedNotices } from "./notices.js";
import { Tally } from "./tally.js";
import type { Closed, Judged } from "./worker.js";

interface FoundParts {
  readonly claim: Claim | undefined;
  readonly untilMs: number;
  /** Whether somebody said until when memberships go on. */
  readonly isUntilGiven: boolean;
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
  const wanted = [0, ...most.affectedRows];
  const [atLeast, atMost] = [least.assessed(wanted, countries), most.assessed(wanted, countries)];
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

function assumptionsOf({ closed, isUntilGiven, untilMs }: FoundParts): string[] {
  const said: string[] = [];
  const say = (of: (one: Closed) => number, one: string, several: string): void => {
    const count = closed.reduce((sum, thread) => sum + of(thread), 0);
    if (count > 0) said.push(count === 1 ? `One ${one}.` : `${count.toLocaleString("en")} ${several}.`);
  };
  if (!isUntilGiven) {
    const until = new Date(untilMs).toISOString();
    said.push(`Memberships that nothing ended go on until the latest instant of any row, ${until}.`);
  }
  say(
    ({ unknownEnds }) => unknownEnds,
    "match has no end that is known: at least at once, at most never",
    "matches have no end that is known: at least at once, at most never",
  );
  say(
    ({ endsBefore }) => endsBefore,
    "match ended before it began, and counts at its instant alone",
    "matches ended before they began, and count at their instant alone",
  );
  say(
    ({ takenAsVerified }) => takenAsVerified,
    "contact comes from a source that doesn't say which are verified, and counts as verified",
    "contacts come from sources that don't say which are verified, and count as verified",
  );
  say(
    ({ withoutOffset }) => withoutOffset,
    "time without an offset was taken as UTC",
    "times without an offset were taken as UTC",
  );
  say(
    ({ days }) => days,
    "day was taken as its first instant, in UTC",
    "days were taken as their first instant, in UTC",
  );
  say(
    ({ numbers }) => numbers,
    "number was taken as seconds or milliseconds since 1970",
    "numbers were taken as seconds or milliseconds since 1970",
  );
  return [...said, ...closed.flatMap(({ late }) => late.map((sentence) => `${sentence}.`))];
}
