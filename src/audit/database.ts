/**
 * The other system's database, PostgreSQL: read and nothing else, in one read-only transaction, which is rolled back. Each
 * statement goes alone, so that none can bring a second; once the transaction has ended nothing is asked any more. Nothing of
 * the session is changed, which through a pool would stay for others. No message holds the address, the user or the password.
 */
import type pg from "pg";
import { InputError } from "../input/index.js";
import { AuditError } from "./error.js";

const CONNECT_LIMIT_MS = 15_000;

/** What may be asked of the database while it is open. */
export interface Reader {
  /** The rows of one statement. */
  ask(statement: string): Promise<readonly Record<string, unknown>[]>;
  /**
   * The rows of one query as CSV with a header, as they come.
   * @throws {AuditError} code `database-failed`
   */
  csv(query: string): AsyncGenerator<Uint8Array>;
}

/**
 * Runs what only asks, in one read-only transaction.
 * @throws {AuditError} code `database-failed`
 */
export async function reading<T>(url: string, work: (reader: Reader) => Promise<T>): Promise<T> {
  if (!/^postgres(?:ql)?:\/\//.test(url)) {
    throw new AuditError("database-failed", "the database's address is not postgres://…", "give PostgreSQL's address");
  }
  let client: pg.Client | undefined;
  try {
    const { default: driver } = await import("pg");
    client = new driver.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
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
    const checked = () => {
      if (connected.getTransactionStatus() === "T") return;
      throw new AuditError("database-failed", "the read-only transaction has ended", "an audit only reads");
    };
    const reader: Reader = {
      ask: async (statement) => {
        checked();
        return run(statement);
      },
      csv: async function* (query) {
        checked();
        const inner = `(${query.trim().replace(/;\s*$/, "")}\n)`;
        // As one statement first: what is more than one, or none that gives rows, ends here.
        await run(`SELECT * FROM ${inner} AS asked LIMIT 0`);
        const { to: copyTo } = await import("pg-copy-streams");
        const rows = connected.query(copyTo(`COPY ${inner} TO STDOUT WITH (FORMAT csv, HEADER, ENCODING 'UTF8')`));
        // Each block is its own: who reads them overwrites them.
        for await (const block of rows) yield Uint8Array.from(block as Buffer);
      },
    };
    await run("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // Once it has read, a transaction can't be made to write any more.
    await run("SELECT 1");
    const result = await work(reader);
    await run("ROLLBACK");
    return result;
  } catch (thrown) {
    if (thrown instanceof AuditError || thrown instanceof InputError) throw thrown;
    throw databaseFailed(thrown);
  } finally {
    await client?.end().catch(() => {});
  }
}

/** The driver's own messages may quote a row, a user or an address: only its code goes on. */
function databaseFailed(thrown: unknown): AuditError {
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? String(thrown.code) : "";
  const told = /^[0-9A-Z_]{5,40}$/.test(code) ? code : "no answer";
  if (told === "25006") {
    return new AuditError("database-failed", "the database refused to write (25006)", "an audit only reads");
  }
  return new AuditError(
    "database-failed",
    `the database could not be asked (${told})`,
    "check address, user and password (PGPASSWORD or ~/.pgpass keep it out of the command line)",
  );
}
