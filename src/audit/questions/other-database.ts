/**
 * Another system's database, PostgreSQL, asked for its schema. It is read and nothing else: in one read-only transaction,
 * which is rolled back. Each statement goes alone, so that none can bring a second; once the transaction has ended nothing
 * is asked any more. Nothing of the session is changed, which through a pool would stay for others. No message holds the
 * address, the user or the password.
 */
import type pg from "pg";
import { QuestionsError } from "./error.js";
import { type SchemaTable, SchemaTables } from "./schema.js";

const CONNECT_LIMIT_MS = 15_000;
const STATEMENT_LIMIT_MS = 120_000;

/**
 * Columns of all tables, views, materialised views and foreign tables, also of those that the user may not read. A
 * partition is its table's.
 */
export const SCHEMA_QUERY = `SELECT n.nspname AS table_schema, c.relname AS table_name, a.attname AS column_name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS data_type
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY n.nspname, c.relname, a.attnum`;

/** The rows of one statement. */
export type Ask = (statement: string) => Promise<readonly Record<string, unknown>[]>;

/**
 * The tables of a database.
 * @param url `postgres://…`
 * @throws {QuestionsError} codes `database-failed`, `no-columns`, `too-many-columns`
 */
export async function readSchemaFrom(url: string): Promise<SchemaTable[]> {
  const rows = await reading(url, (ask) => ask(SCHEMA_QUERY));
  const tables = new SchemaTables();
  for (const { table_schema, table_name, column_name, data_type } of rows)
    tables.add(String(table_schema), String(table_name), String(column_name), String(data_type));
  return tables.take();
}

/**
 * Runs what only asks, in one read-only transaction.
 * @throws {QuestionsError} code `database-failed`
 */
export async function reading<T>(url: string, work: (ask: Ask) => Promise<T>): Promise<T> {
  if (!/^postgres(?:ql)?:\/\//.test(url)) {
    throw new QuestionsError(
      "database-failed",
      "the database's address is not postgres://…",
      "give PostgreSQL's address",
    );
  }
  let client: pg.Client | undefined;
  try {
    const { default: driver } = await import("pg");
    client = new driver.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      query_timeout: STATEMENT_LIMIT_MS,
      application_name: "solely audit",
    });
    client.on("error", () => {});
    const connected = client;
    await connected.connect();
    const run = async (text: string) => {
      // One statement alone: the driver's types do not know of this, its documentation does.
      const query = { text, queryMode: "extended" } as pg.QueryConfig;
      return (await connected.query<Record<string, unknown>>(query)).rows;
    };
    const ask: Ask = async (statement) => {
      if (connected.getTransactionStatus() === "T") return run(statement);
      throw new QuestionsError("database-failed", "the read-only transaction has ended", "an audit only reads");
    };
    await run("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // Once it has read, a transaction can't be made to write any more.
    await run("SELECT 1");
    const result = await work(ask);
    await run("ROLLBACK");
    return result;
  } catch (thrown) {
    if (thrown instanceof QuestionsError) throw thrown;
    throw databaseFailed(thrown);
  } finally {
    await client?.end().catch(() => {});
  }
}

/** The driver's own messages may quote a row, a user or an address: only its code goes on. */
function databaseFailed(thrown: unknown): QuestionsError {
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? String(thrown.code) : "";
  const told = /^[0-9A-Z_]{5,40}$/.test(code) ? code : "no answer";
  if (told === "25006") {
    return new QuestionsError("database-failed", "the database refused to write (25006)", "an audit only reads");
  }
  return new QuestionsError(
    "database-failed",
    `the database could not be asked (${told})`,
    "check address, user and password (PGPASSWORD or ~/.pgpass keep it out of the command line)",
  );
}
