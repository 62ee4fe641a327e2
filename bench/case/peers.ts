/** The engines that answer the same question by SQL: DuckDB and ClickHouse's engine in this process, PostgreSQL in its own. */
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { type Chdb, peerPackage } from "../../test/peer-package.js";
import { startPostgresServer } from "../../test/postgres-server.js";
import { question, steps, TABLES, type Table, TOTALS } from "./question.js";
import type { CaseWorld } from "./world.js";

export interface PeerResult {
  readonly peer: string;
  /** Why it was left out. */
  readonly skipped?: string;
  readonly loadSeconds?: number;
  /** Of each run, in order. */
  readonly seconds?: readonly number[];
  /** TOTALS. */
  readonly answer?: readonly number[];
}

const RUNS = 3;
const names = Object.keys(TABLES) as Table[];
const file = ({ folder }: CaseWorld, table: Table): string => join(folder, "tables", `${table}.csv`);
const secondsSince = (from: number): number => (performance.now() - from) / 1000;

export type Peer = (world: CaseWorld, scratch: string) => Promise<PeerResult>;

/** A load, then the question a few times. */
async function measured(
  peer: string,
  load: () => Promise<void>,
  ask: () => Promise<readonly unknown[]>,
): Promise<PeerResult> {
  const from = performance.now();
  await load();
  const loadSeconds = secondsSince(from);
  const seconds: number[] = [];
  let answer: readonly unknown[] = [];
  for (let run = 0; run < RUNS; run++) {
    const asked = performance.now();
    answer = await ask();
    seconds.push(secondsSince(asked));
  }
  return { peer, loadSeconds, seconds, answer: answer.map(Number) };
}

export const duckDb: Peer = async (world, scratch) => {
  const path = join(scratch, "case.duckdb");
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  // -1 stands for "never": whole numbers with a sign, wherever times are compared.
  const sql = question({ divide: (a, b) => `(${a} // ${b})` }).replaceAll(
    "THEN moment ELSE -1",
    "THEN moment::BIGINT ELSE -1",
  );
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRows()[0] ?? [];
  try {
    const [version] = await ask("SELECT version()");
    const load = async () => {
      for (const table of names) {
        const columns = TABLES[table];
        const types = columns.map((column) => `'${column}': 'UINTEGER'`).join(", ");
        const key = table === "showings" ? "list, account" : "point";
        await connection.run(
          `CREATE TABLE ${table} AS SELECT * FROM read_csv('${file(world, table).replaceAll("'", "''")}',
           header = false, auto_detect = false, columns = {${types}}) ORDER BY ${key}`,
        );
      }
      await connection.run("CHECKPOINT");
    };
    return await measured(`DuckDB ${String(version)}`, load, () => ask(sql));
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(path, { force: true });
  }
};

export const postgreSql: Peer = async (world) => {
  const server = await startPostgresServer();
  if ("skipped" in server) return { peer: "PostgreSQL", skipped: server.skipped };
  const client = new pg.Client(await server.newDatabase());
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    await client.query(
      "SET work_mem = '1GB'; SET maintenance_work_mem = '1GB'; SET max_parallel_workers_per_gather = 2",
    );
    const load = async () => {
      for (const table of names) {
        const types = TABLES[table].map(
          (column) => `${column} ${column === "notice" ? "smallint" : "bigint"} NOT NULL`,
        );
        await client.query(`CREATE UNLOGGED TABLE ${table} (${types.join(", ")})`);
        await pipeline(
          createReadStream(file(world, table)),
          client.query(copyFrom(`COPY ${table} FROM STDIN WITH (FORMAT csv)`)),
        );
      }
      await client.query(`CREATE INDEX ON grants (notice, moment) INCLUDE (point); CREATE INDEX ON grants (point) INCLUDE (notice, moment);
        CREATE INDEX ON events (point) INCLUDE (moment); CREATE INDEX ON memberships (point) INCLUDE (list, from_at, to_at);
        CREATE INDEX ON showings (list, account) INCLUDE (campaign, moment)`);
      for (const table of names) await client.query(`VACUUM (ANALYZE) ${table}`);
    };
    const text = question({ divide: (a, b) => `(${a} / ${b})` });
    const ask = async () => (await client.query({ text, rowMode: "array" })).rows[0] as unknown[];
    return await measured(`PostgreSQL ${rows[0]!.server_version.split(" ")[0]}`, load, ask);
  } finally {
    await client.end().catch(() => {});
    await server.stop();
  }
};

export const clickHouse: Peer = async (world, scratch) => {
  const chdb = peerPackage<Chdb>("chdb");
  if ("skipped" in chdb) return { peer: "ClickHouse (chdb)", skipped: chdb.skipped };
  const session = new chdb.Session(join(scratch, "chdb"));
  const run = (sql: string): string => session.query(sql, "TSV").trim();
  try {
    const version = run("SELECT version()");
    const load = async () => {
      run("CREATE DATABASE IF NOT EXISTS bench ENGINE = Atomic");
      run("USE bench");
      for (const table of names) {
        const columns = TABLES[table].map((name) => `${name} ${name === "notice" ? "UInt8" : "UInt32"}`).join(", ");
        const key = table === "showings" ? "list, account" : table === "grants" ? "notice, point, moment" : "point";
        run(`CREATE TABLE ${table} (${columns}) ENGINE = MergeTree ORDER BY (${key})`);
        const path = file(world, table).replaceAll("'", "\\'");
        run(`INSERT INTO ${table} SELECT * FROM file('${path}', 'CSV', '${columns}')`);
        run(`OPTIMIZE TABLE ${table} FINAL`);
      }
    };
    // It would work a named part out again wherever it is read: its experts keep such parts in memory.
    const parts = steps({ divide: (a, b) => `intDiv(${a}, ${b})` }).map(({ name, sql }) => {
      const text = sql.replaceAll("THEN moment ELSE -1", "THEN toInt64(moment) ELSE -1");
      return name === "answer" ? text : `CREATE OR REPLACE TABLE ${name} ENGINE = Memory AS ${text}`;
    });
    const ask = async () => {
      let last = "";
      for (const part of parts) last = run(part);
      return last.split("\t");
    };
    return await measured(`ClickHouse ${version} (chdb)`, load, ask);
  } finally {
    session.close();
  }
};

/** Whether a peer's answer is the truth, and where it is not. */
export function differences(answer: readonly number[], truth: readonly number[]): string[] {
  return TOTALS.flatMap((name, i) => (answer[i] === truth[i] ? [] : [`${name}: ${answer[i]} and not ${truth[i]}`]));
}
