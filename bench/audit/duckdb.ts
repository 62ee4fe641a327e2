/**
 * The peer: the same question in SQL, from the same files. Whether each contact that a match may have been of was permitted
 * all the time, then what that comes to for the match, the account and the list. It is right for this export alone, in which
 * a kind has one contact at most and memberships go on.
 */
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { auditAnswer, type ListCounts } from "./answer.js";
import { UNTIL } from "./world.js";

export async function auditByDuckDb(dir: string, memoryGb: number, scratch: string): Promise<string> {
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: `${memoryGb}GB`,
    temp_directory: scratch,
    preserve_insertion_order: "false",
  });
  const db = await instance.connect();
  const table = (name: string): string => `read_parquet('${join(dir, name).replaceAll("'", "''")}')`;
  await db.run(`CREATE TEMP TABLE judged AS
    WITH objected AS (SELECT account, max("at") AS objected_at FROM ${table("events.parquet")} GROUP BY account),
    points AS (
      SELECT c.account, c.kind, c.given_at, c.notice <> 'signup' OR coalesce(o.objected_at >= c.given_at, false) AS is_wrong
      FROM ${table("contacts-*.parquet")} c LEFT JOIN objected o USING (account))
    SELECT m.advertiser, m.list, m.account, bool_and(p.is_wrong) AS is_certain, bool_or(p.is_wrong) AS is_possible
    FROM ${table("matches.parquet")} m JOIN points p ON p.account = m.account
    WHERE m.matched_at < TIMESTAMPTZ '${UNTIL}' AND (
      (m.kind IS NULL AND p.given_at <= m.matched_at) OR (p.kind = m.kind AND p.given_at <= m.matched_at))
    GROUP BY m.advertiser, m.list, m.account, m.matched_at`);
  const people = await db.runAndReadAll(
    `SELECT count(*) FILTER (is_certain)::DOUBLE, count(*) FILTER (is_possible)::DOUBLE
     FROM (SELECT bool_or(is_certain) AS is_certain, bool_or(is_possible) AS is_possible FROM judged GROUP BY account)`,
  );
  const lists = await db.runAndReadAll(
    `SELECT advertiser || ' ' || list, (count(DISTINCT account) FILTER (is_certain))::DOUBLE,
       (count(DISTINCT account) FILTER (is_possible))::DOUBLE
     FROM judged WHERE is_possible GROUP BY ALL`,
  );
  const [least, most] = people.getRows()[0] as [number, number];
  db.closeSync();
  instance.closeSync();
  return auditAnswer(least, most, lists.getRows() as unknown as ListCounts[]);
}
