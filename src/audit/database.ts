/**
 * The other system's database, read-only: each query in a transaction that can't write, its rows as CSV.
 *
 * It is not Solely's own: nothing is kept there, and nothing but what the map's queries name is read.
 */
import { Client } from "pg";
import { to as copyTo } from "pg-copy-streams";
import { AuditError } from "./error.js";

/** Does work in a session that can read alone. The address, which holds a password, is in no message. */
export async function readOnly<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  let client: Client;
  try {
    client = new Client({ connectionString: url, options: "-c default_transaction_read_only=on" });
    client.on("error", () => undefined);
    await client.connect();
  } catch (cause) {
    throw failed("the database can't be reached", cause);
  }
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * The rows of a query as CSV with a header.
 * @throws {AuditError} code `database-failed`
 */
export async function* rowsOfQuery(client: Client, sql: string, name: string): AsyncGenerator<Uint8Array> {
  const query = sql.trim().replace(/;\s*$/, "");
  try {
    const stream = client.query(copyTo(`COPY (${query}\n) TO STDOUT WITH (FORMAT csv, HEADER, ENCODING 'UTF8')`));
    // Each block is its own: what reads them overwrites them.
    for await (const block of stream) yield Uint8Array.from(block as Buffer);
  } catch (cause) {
    throw failed(`${name}: the query failed`, cause);
  }
}

function failed(what: string, cause: unknown): AuditError {
  const { code } = cause as { code?: unknown };
  const told = typeof code === "string" ? ` (${code})` : "";
  return new AuditError(
    "database-failed",
    `${what}${told}`,
    "try the query, and the address, with the database's own client",
  );
}
