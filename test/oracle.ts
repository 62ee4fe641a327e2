/**
 * An independent oracle: who may be matched, list by list, computed by DuckDB in SQL from a world's files.
 *
 * Shares nothing with the product or the generator: notices are read from the YAML, rows and events from
 * their files, the normal forms, the last specific promise and the join are SQL. Only the dirty list is cut
 * into cells here first, by a splitter of its own, because SQL can't read bytes that are no UTF-8.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

const noticeSchema = z.object({
  id: z.string(),
  version: z.number(),
  purposes: z.array(z.string()),
  exclusive: z.boolean(),
  subject: z.string(),
  effective_from: z.string(),
});
const listsSchema = z.object({
  lists: z.array(
    z.object({
      name: z.string(),
      file: z.string(),
      scheme: z.enum(["plain", "x", "meta", "google"]),
      region: z.string().optional(),
      hasHeader: z.boolean(),
    }),
  ),
});
type OracleList = z.infer<typeof listsSchema>["lists"][number];

/** What a column is, by its header; `*` is a digest of any kind. */
const kindOfHeader: Readonly<Record<string, string>> = {
  email: "email",
  email_sha256: "email",
  phone: "phone",
  phone_sha256: "phone",
  madid: "maid",
  maid: "maid",
  uid: "user_id",
  extern_id: "external_id",
};

const macros = String.raw`
CREATE MACRO trimmed(v) AS regexp_replace(v, '^[\s\x{00a0}]+|[\s\x{00a0}]+$', '', 'g');
CREATE MACRO is_digest(v) AS regexp_full_match(trimmed(v), '[0-9a-fA-F]{64}');
CREATE MACRO local_part(e) AS split_part(e, '@', 1);
CREATE MACRO domain_part(e) AS split_part(e, '@', 2);
CREATE MACRO is_gmail(e) AS domain_part(e) IN ('gmail.com', 'googlemail.com');
CREATE MACRO untagged(e) AS regexp_replace(local_part(e), '\+.*$', '');
CREATE MACRO google_email(e) AS
  CASE WHEN is_gmail(e) THEN replace(untagged(e), '.', '') || '@' || domain_part(e) ELSE e END;
CREATE MACRO coarsest_email(e) AS
  CASE WHEN is_gmail(e) THEN replace(untagged(e), '.', '') || '@gmail.com' ELSE untagged(e) || '@' || domain_part(e) END;
CREATE MACRO digits(v) AS regexp_replace(v, '[^0-9]', '', 'g');
CREATE MACRO country_code(region) AS
  CASE region WHEN 'US' THEN '1' WHEN 'DE' THEN '49' WHEN 'GB' THEN '44' WHEN 'FR' THEN '33' END;
CREATE MACRO phone_digits(v, region) AS CASE
  WHEN starts_with(trimmed(v), '+') THEN digits(v)
  WHEN starts_with(digits(v), '00') THEN digits(v)[3:]
  WHEN starts_with(digits(v), '0') THEN country_code(region) || digits(v)[2:]
  ELSE country_code(region) || digits(v) END;
CREATE MACRO form(kind, scheme, v, region) AS CASE kind
  WHEN 'email' THEN CASE WHEN scheme = 'google' THEN google_email(lower(trimmed(v))) ELSE lower(trimmed(v)) END
  WHEN 'phone' THEN CASE WHEN scheme = 'meta' THEN '' ELSE '+' END || phone_digits(v, region)
  WHEN 'maid' THEN lower(trimmed(v))
  WHEN 'handle' THEN lower(regexp_replace(trimmed(v), '^@', ''))
  ELSE trimmed(v) END;
CREATE MACRO coarsest(kind, v) AS CASE kind
  WHEN 'email' THEN coarsest_email(lower(trimmed(v)))
  WHEN 'phone' THEN digits(v)
  ELSE form(kind, 'plain', v, NULL) END;
CREATE MACRO at_ms(t) AS epoch_ms(CAST(t AS TIMESTAMPTZ));
`;

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** Contacts as grants with their notice, and `standing`: those that may be matched. */
const foldSql = (dir: string): string => `
CREATE TABLE grants AS
WITH row_of_file AS (
  SELECT account, kind, value, notice AS reference, at_ms(given_at) AS given_ms,
    given_by IS NULL OR given_by = '' OR given_by = account AS is_own
  FROM read_csv(${text(join(dir, "contacts.csv"))}, header = true, all_varchar = true, delim = ',', quote = '"')
), resolved AS (
  SELECT r.*, n.names_ads, n.is_exclusive, n.subject
  FROM row_of_file r JOIN notices n ON r.reference = n.id || '@' || n.version
  UNION ALL
  SELECT r.*, n.names_ads, n.is_exclusive, n.subject
  FROM row_of_file r ASOF JOIN notices n ON r.reference = n.id AND r.given_ms >= n.effective_ms
)
SELECT account, kind, value, coarsest(kind, value) AS identity, given_ms,
  is_own AND subject = 'self' AND names_ads AS is_for_ads,
  is_own AND subject = 'self' AND is_exclusive AND NOT names_ads AS is_promise
FROM resolved;

CREATE TABLE events AS
SELECT account, kind, coarsest(kind, value) AS identity, at_ms("at") AS event_ms
FROM read_json(${text(join(dir, "events.ndjson"))}, format = 'newline_delimited', columns = {
  type: 'VARCHAR', account: 'VARCHAR', kind: 'VARCHAR', value: 'VARCHAR', purpose: 'VARCHAR', "at": 'VARCHAR'})
WHERE type IN ('erase', 'disown') OR purpose IS NULL OR purpose = 'ads.match';

CREATE TABLE taken AS
SELECT account, kind, identity, max(ms) AS taken_ms FROM (
  SELECT account, kind, identity, given_ms AS ms FROM grants WHERE is_promise
  UNION ALL SELECT account, kind, identity, event_ms FROM events WHERE kind IS NOT NULL)
GROUP BY ALL;
CREATE TABLE taken_whole AS SELECT account, max(event_ms) AS taken_ms FROM events WHERE kind IS NULL GROUP BY ALL;

CREATE TABLE standing AS
SELECT DISTINCT g.account, g.kind, g.value, g.identity
FROM grants g LEFT JOIN taken t USING (account, kind, identity) LEFT JOIN taken_whole w ON g.account = w.account
WHERE g.is_for_ads AND g.given_ms > coalesce(t.taken_ms, -9e15) AND g.given_ms > coalesce(w.taken_ms, -9e15);
`;

export interface OracleCounts {
  readonly rows: number;
  readonly contactPoints: number;
  readonly permitted: number;
}

/** A world, read into an in-memory DuckDB. */
export class Oracle {
  private constructor(
    readonly dir: string,
    readonly connection: DuckDBConnection,
    readonly lists: readonly OracleList[],
    readonly close: () => void,
  ) {}

  static async open(worldDir: string): Promise<Oracle> {
    const { lists } = listsSchema.parse(JSON.parse(await readFile(join(worldDir, "lists.json"), "utf8")));
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run(macros);
    await connection.run(
      "CREATE TABLE notices (id VARCHAR, version INTEGER, names_ads BOOLEAN, is_exclusive BOOLEAN, subject VARCHAR, effective_ms BIGINT)",
    );
    for (const document of parseAllDocuments(await readFile(join(worldDir, "notices.yaml"), "utf8"))) {
      const notice = noticeSchema.parse(document.toJS());
      const values = [
        text(notice.id),
        notice.version,
        notice.purposes.includes("ads.match"),
        notice.exclusive,
        text(notice.subject),
        `at_ms(${text(notice.effective_from)})`,
      ];
      await connection.run(`INSERT INTO notices VALUES (${values.join(", ")})`);
    }
    await connection.run(foldSql(worldDir));
    return new Oracle(worldDir, connection, lists, () => {
      connection.closeSync();
      instance.closeSync();
    });
  }

  /** The accounts that may be served when this list is matched, sorted by their bytes. */
  async members(listName: string): Promise<string[]> {
    const list = this.lists.find(({ name }) => name === listName);
    if (list === undefined) throw new Error(`the world has no list ${listName}`);
    await this.connection.run(await this.#cellsSql(list));
    const scheme = text(list.scheme);
    const members = `
      WITH named AS (
        SELECT DISTINCT kind, is_digest(cell) AND kind IN ('*', 'email', 'phone', 'maid', 'handle') AS is_digest,
          CASE WHEN is_digest(cell) AND kind IN ('*', 'email', 'phone', 'maid', 'handle') THEN lower(trimmed(cell))
          ELSE form(kind, ${scheme}, cell, region) END AS form
        FROM cells
      ), known AS (
        SELECT DISTINCT account, kind, form(kind, ${scheme}, value, NULL) AS form, sha256(form(kind, ${scheme}, value, NULL)) AS digest
        FROM standing
      )
      SELECT account FROM known JOIN named ON known.kind = named.kind AND known.form = named.form AND NOT named.is_digest
      UNION
      SELECT account FROM known JOIN named ON known.digest = named.form AND named.is_digest
        AND (known.kind = named.kind OR named.kind = '*' AND known.kind IN ('email', 'phone', 'maid', 'handle'))
      ORDER BY account`;
    return this.#column(members);
  }

  async counts(): Promise<OracleCounts> {
    const of = async (sql: string): Promise<number> => Number((await this.#column(sql))[0]);
    return {
      rows: await of("SELECT count(*)::VARCHAR FROM grants"),
      contactPoints: await of("SELECT count(*)::VARCHAR FROM (SELECT DISTINCT account, kind, identity FROM grants)"),
      permitted: await of("SELECT count(*)::VARCHAR FROM (SELECT DISTINCT account, kind, identity FROM standing)"),
    };
  }

  async #column(sql: string): Promise<string[]> {
    const reader = await this.connection.runAndReadAll(sql);
    return (reader.getColumns()[0] ?? []).map(String);
  }

  /** SQL that makes `cells (kind, cell, region)` of a list. */
  async #cellsSql(list: OracleList): Promise<string> {
    const path = join(this.dir, "lists", list.file);
    if (list.name === "mixed-dirty") await this.#readDirty(path);
    else {
      const delimiter = list.name === "phones" ? ";" : ",";
      await this.connection.run(
        `CREATE OR REPLACE TABLE list_file AS SELECT * FROM read_csv(${text(path)}, header = ${list.hasHeader}, ` +
          `all_varchar = true, delim = ${text(delimiter)}, quote = '"', auto_detect = true, null_padding = true)`,
      );
    }
    const columns = await this.#column("SELECT column_name FROM (DESCRIBE list_file)");
    const region = columns.includes("country")
      ? `coalesce(country, ${text(list.region ?? "")})`
      : text(list.region ?? "");
    const parts: string[] = [];
    for (const column of columns) {
      const kind = list.hasHeader
        ? kindOfHeader[column.toLowerCase().replace(/_\d$/, "")]
        : (await this.#column(`SELECT 1 FROM list_file WHERE NOT is_digest("${column}") LIMIT 1`)).length === 0
          ? "*"
          : "email";
      if (kind === undefined) continue;
      parts.push(
        `SELECT '${kind}' AS kind, "${column}" AS cell, ${region} AS region FROM list_file WHERE "${column}" <> ''`,
      );
    }
    return `CREATE OR REPLACE TABLE cells AS ${parts.join(" UNION ALL ")}`;
  }

  /** Cuts the dirty list into its first column; keeps only what could be an identifier at all. */
  async #readDirty(path: string): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "solely-oracle-"));
    try {
      const cells = firstCells(await readFile(path)).slice(1);
      const lines = cells
        .filter(isUtf8WithoutBlanksInside)
        .map((cell) => JSON.stringify({ email: cell.toString("utf8") }));
      await writeFile(join(folder, "cells.ndjson"), lines.join("\n"));
      await this.connection.run(
        `CREATE OR REPLACE TABLE list_file AS SELECT email FROM read_json(${text(join(folder, "cells.ndjson"))}, ` +
          "format = 'newline_delimited', columns = {email: 'VARCHAR'})",
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}

/** The first cell of each record; quotes as in RFC 4180, any line end. */
function firstCells(file: Buffer): Buffer[] {
  const bytes = file.toString("latin1").replace(/^\u00ef\u00bb\u00bf/, "");
  const cells: Buffer[] = [];
  const record = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))((?:,(?:"(?:[^"]|"")*"|[^,\r\n]*))*)(\r\n|\n|\r|$)/gy;
  while (record.lastIndex < bytes.length) {
    const found = record.exec(bytes);
    if (found === null) throw new Error("the dirty list is dirtier than this reader can read");
    cells.push(Buffer.from(found[1]?.replaceAll('""', '"') ?? found[2] ?? "", "latin1"));
  }
  return cells;
}

function isUtf8WithoutBlanksInside(cell: Buffer): boolean {
  const decoded = cell.toString("utf8");
  return Buffer.from(decoded, "utf8").equals(cell) && decoded.trim() !== "" && !/\s/.test(decoded.trim());
}

/** The accounts that may be served when a list of a world is matched, sorted by their bytes. */
export async function membersByOracle(worldDir: string, list: string): Promise<string[]> {
  const oracle = await Oracle.open(worldDir);
  try {
    return await oracle.members(list);
  } finally {
    oracle.close();
  }
}
