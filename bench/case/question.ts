/**
 * The same question as SQL, from the meaning of an assessment alone: for every contact point that was given under a
 * claimed notice, its states from each of its facts to the next; where it was permitted as believed and not as
 * corrected; and which memberships and showings that overlaps.
 *
 * The tables are laid out as an expert would: whole numbers only, contact points as account × 4 + slot, sorted by
 * what they are joined by; times in seconds. The engines' dialects differ in a few words.
 */
import { END, FIRST_SIGN_UP, SECURITY, SLOTS } from "./person.js";
import type { CaseTruth } from "./truth.js";
import { FOR_GOOD } from "./world.js";

export const TABLES = {
  grants: ["point", "notice", "moment"],
  events: ["point", "moment"],
  memberships: ["list", "point", "from_at", "to_at"],
  showings: ["list", "campaign", "account", "moment"],
} as const;
export type Table = keyof typeof TABLES;

export interface Dialect {
  /** Whole part of a division. */
  readonly divide: (a: string, b: number) => string;
}

/** The totals that are compared, in the order of the answer's columns. */
export const TOTALS = [
  "people",
  "contactPoints",
  ...SECURITY.map(({ purpose }) => purpose),
  "audiences",
  "campaigns",
  "showings",
  "firstAt",
] as const;

export function totalsOf(truth: CaseTruth): number[] {
  const { people, contactPoints, byPurpose, audiences, campaigns, showings, firstAt } = truth;
  const purposes = SECURITY.map(({ purpose }) => byPurpose[purpose] ?? 0);
  return [people, contactPoints, ...purposes, audiences, campaigns, showings, Date.parse(firstAt) / 1000];
}

/** A part of the question, by the name under which later parts read it. */
export interface Step {
  readonly name: string;
  readonly sql: string;
}

/** The parts in order; the last is the answer, one row of TOTALS. */
export function steps({ divide }: Dialect): Step[] {
  const claimed = `notice BETWEEN 1 AND 3 AND moment >= ${FIRST_SIGN_UP} AND moment < ${END}`;
  const window = "OVER (PARTITION BY point ORDER BY moment)";
  return [
    {
      name: "claimed",
      sql: `SELECT point, notice, moment FROM grants WHERE ${claimed}`,
    },
    {
      name: "facts",
      sql: `SELECT point, moment, max(was_claimed) AS restricts, max(was_ads) AS permits, max(was_withdrawn) AS takes FROM (
    SELECT point, moment, CASE WHEN ${claimed} THEN 1 ELSE 0 END AS was_claimed,
      CASE WHEN ${claimed} THEN 0 ELSE 1 END AS was_ads, 0 AS was_withdrawn
    FROM grants WHERE point IN (SELECT point FROM claimed)
    UNION ALL
    SELECT point, moment, 0, 0, 1 FROM events WHERE point IN (SELECT point FROM claimed)
  ) AS learned GROUP BY point, moment`,
    },
    {
      name: "states",
      sql: `SELECT point, moment AS from_at,
    coalesce(min(moment) OVER (PARTITION BY point ORDER BY moment ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING), ${FOR_GOOD}) AS to_at,
    max(CASE WHEN permits = 1 OR restricts = 1 THEN moment ELSE -1 END) ${window} AS believed,
    max(CASE WHEN permits = 1 THEN moment ELSE -1 END) ${window} AS permitted,
    max(CASE WHEN restricts = 1 THEN moment ELSE -1 END) ${window} AS restricted,
    max(CASE WHEN takes = 1 THEN moment ELSE -1 END) ${window} AS withdrawn
  FROM facts`,
    },
    {
      name: "wrong",
      sql: `SELECT point, from_at, CASE WHEN to_at = 0 THEN ${FOR_GOOD} ELSE to_at END AS to_at FROM states
  WHERE believed > withdrawn AND NOT (permitted > restricted AND permitted > withdrawn)`,
    },
    {
      name: "affected",
      sql: `SELECT m.list AS list, m.point AS point, ${divide("m.point", SLOTS)} AS account,
    CASE WHEN m.from_at > w.from_at THEN m.from_at ELSE w.from_at END AS from_at,
    CASE WHEN m.to_at < w.to_at THEN m.to_at ELSE w.to_at END AS to_at
  FROM memberships m JOIN wrong w ON m.point = w.point
  WHERE m.from_at < w.to_at AND w.from_at < m.to_at`,
    },
    {
      name: "seen",
      sql: `SELECT DISTINCT s.list AS list, s.campaign AS campaign, s.account AS account, s.moment AS moment
  FROM showings s JOIN affected a ON s.list = a.list AND s.account = a.account
  WHERE s.moment >= a.from_at AND s.moment < a.to_at`,
    },
    {
      name: "purposes",
      sql: `SELECT c.notice AS notice, count(DISTINCT a.account) AS people
  FROM affected a JOIN claimed c ON a.point = c.point WHERE c.moment < a.to_at GROUP BY c.notice`,
    },
    {
      name: "totals",
      sql: `SELECT count(DISTINCT account) AS people, count(DISTINCT point) AS points, count(DISTINCT list) AS lists,
    min(from_at) AS first_at FROM affected`,
    },
    {
      name: "answer",
      sql: `SELECT people, points,
  ${[1, 2, 3].map((notice) => `(SELECT coalesce(sum(people), 0) FROM purposes WHERE notice = ${notice})`).join(", ")},
  lists, (SELECT count(DISTINCT campaign) FROM seen), (SELECT count(*) FROM seen), first_at
FROM totals`,
    },
  ];
}

/** All parts as one statement. */
export function question(dialect: Dialect): string {
  const parts = steps(dialect);
  const named = parts.slice(0, -1).map(({ name, sql }) => `${name} AS (${sql})`);
  return `WITH ${named.join(",\n")}\n${parts.at(-1)!.sql}`;
}
