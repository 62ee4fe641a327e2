/**
 * The peer: DuckDB matches a list against a table of contacts that it holds ready.
 *
 * The table is made from the world's files by SQL before anything is timed: account number, digest of the
 * plain form as BLOB, and whether the spelling may be matched now; e-mail addresses and phones alike. Timed
 * is what a good SQL user would run: the list's file straight into a semi join, distinct accounts out.
 */
import { join } from "node:path";
import { Oracle } from "../test/oracle.js";
import { accountsAnswer, type Setting, type Side } from "./job.js";

/** SQL for the digests of a list, as BLOB, from its file. */
const listDigests = {
  hashed: "unhex(cell)",
  raw: "unhex(sha256(lower(trim(cell))))",
} as const;
export type ListName = keyof typeof listDigests;

const path = (...parts: string[]): string => `'${join(...parts).replaceAll("'", "''")}'`;

/** A world in DuckDB; one engine serves all jobs. */
export class DuckDbPeer {
  private constructor(
    readonly oracle: Oracle,
    readonly version: string,
  ) {}

  static async open({ worldDir }: Setting): Promise<DuckDbPeer> {
    const oracle = await Oracle.open(worldDir);
    const { connection } = oracle;
    await connection.run(`
      CREATE TABLE account_names AS
        SELECT account AS name, (row_number() OVER () - 1)::UINTEGER AS account FROM (SELECT DISTINCT account FROM grants);
      CREATE TABLE contacts AS
        WITH known AS (
          SELECT DISTINCT account, kind, form(kind, 'plain', value, NULL) AS form FROM grants WHERE kind IN ('email', 'phone')
        ), permitted AS (
          SELECT DISTINCT account, kind, form(kind, 'plain', value, NULL) AS form FROM standing WHERE kind IN ('email', 'phone')
        )
        SELECT n.account, unhex(sha256(k.form)) AS digest, p.form IS NOT NULL AS may_match
        FROM known k JOIN account_names n ON n.name = k.account LEFT JOIN permitted p ON k.account = p.account AND k.kind = p.kind AND k.form = p.form;
      DROP TABLE grants; DROP TABLE standing; DROP TABLE taken; DROP TABLE events;`);
    const version = (await connection.runAndReadAll("SELECT version()")).getRows()[0]?.[0];
    return new DuckDbPeer(oracle, `DuckDB ${String(version)}`);
  }

  /** The match of one list. */
  side(list: ListName): Side {
    const { connection, dir } = this.oracle;
    const match = `
      CREATE OR REPLACE TEMP TABLE members AS
      SELECT DISTINCT account FROM contacts
      WHERE may_match AND digest IN (
        SELECT ${listDigests[list]} FROM read_csv(${path(dir, "lists", `${list}.csv`)},
          header = false, auto_detect = false, delim = ',', quote = '"', columns = {'cell': 'VARCHAR'}))`;
    return {
      name: this.version,
      run: async () => {
        await connection.run(match);
      },
      answer: async () => {
        const names = await connection.runAndReadAll("SELECT name FROM members JOIN account_names USING (account)");
        return accountsAnswer((names.getColumns()[0] ?? []).map(String));
      },
      close: async () => {},
    };
  }

  close(): void {
    this.oracle.close();
  }
}
