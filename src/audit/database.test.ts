/** A real PostgreSQL that is asked for its schema: the same as from its export, and nothing can be written. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import pg from "pg";
import { columnsCsv, SOCIAL_NETWORK } from "../../test/platform-schemas.js";
import { startPostgres } from "../store/postgres.js";
import { reading } from "./database.js";
import { AuditError } from "./error.js";
import { askAbout } from "./questions/questions.js";
import { readSchema } from "./questions/schema.js";
import { readSchemaFrom, SCHEMA_QUERY } from "./questions/schema-query.js";

let folder: string;
let server: Awaited<ReturnType<typeof startPostgres>>;
let url: string;
let owner: pg.Client;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "solely-other-"));
  server = await startPostgres(folder);
  const { host, port, user, password, database } = server.connection;
  url = `postgres://${user}:${password}@/${database}?host=${encodeURIComponent(String(host))}&port=${port}`;
  owner = new pg.Client(server.connection);
  await owner.connect();
  await owner.query("CREATE SCHEMA dwh");
  for (const { schema, name, columns } of SOCIAL_NETWORK) {
    await owner.query(
      `CREATE TABLE ${schema}.${name} (${columns.map((column) => `"${column.name}" ${column.type}`).join(", ")})`,
    );
  }
  await owner.query(`CREATE TABLE "odd ""table""" ("e-mail" text, "a,b" varchar(20), gone int)`);
  await owner.query(`ALTER TABLE "odd ""table""" DROP COLUMN gone`);
  await owner.query("CREATE MATERIALIZED VIEW matchable AS SELECT id, email FROM users");
  await owner.query("CREATE TABLE logins (user_id bigint, at date) PARTITION BY RANGE (at)");
  await owner.query("CREATE TABLE logins_2019 PARTITION OF logins FOR VALUES FROM ('2019-01-01') TO ('2020-01-01')");
  await owner.query("CREATE TABLE touched (at timestamptz)");
  await owner.query(
    "CREATE FUNCTION touch() RETURNS int LANGUAGE sql VOLATILE AS 'INSERT INTO touched VALUES (now()); SELECT 1'",
  );
});
after(async () => {
  await owner?.end();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("--from gives the tables that the CSV of its query gives, and the same questions", async () => {
  const tables = await readSchemaFrom(url);
  const { rows } = await owner.query<Record<string, string>>(SCHEMA_QUERY);
  const exported = rows.map((row) => ({
    schema: row.table_schema!,
    name: row.table_name!,
    columns: [{ name: row.column_name!, type: row.data_type! }],
  }));
  const file = join(folder, "columns.csv");
  writeFileSync(file, columnsCsv(exported));
  const read = await readSchema(file, (warning) => assert.fail(warning));
  assert.deepEqual(tables, read);
  assert.deepEqual(askAbout(tables, "sql"), askAbout(read, "sql"));
  for (const table of SOCIAL_NETWORK)
    assert.deepEqual(
      tables.find(({ schema, name }) => schema === table.schema && name === table.name),
      table,
    );
});

test("materialised views are there, dropped columns, partitions and the system's tables are not", async () => {
  const tables = await readSchemaFrom(url);
  const names = tables.map(({ name }) => name);
  assert.ok(names.includes("matchable") && names.includes("logins"));
  assert.ok(!names.includes("logins_2019") && !names.includes("pg_class") && !names.includes("columns"));
  assert.deepEqual(tables.find(({ name }) => name === 'odd "table"')?.columns, [
    { name: "e-mail", type: "text" },
    { name: "a,b", type: "character varying(20)" },
  ]);
});

test("the SQL of the map is what this database takes", async () => {
  const { map } = askAbout(await readSchemaFrom(url), "sql");
  const statements = [...map.matchAll(/sql: (select .*)$/gm)].map(([, sql]) => sql!);
  assert.ok(statements.length > 15);
  await reading(url, async ({ ask }) => {
    for (const sql of statements) assert.deepEqual(await ask(sql), []);
  });
});

test("nothing can be written: no function with an effect, no second statement, no way out of the transaction", async () => {
  const tries = [
    "SELECT touch()",
    "INSERT INTO touched VALUES (now())",
    "CREATE TABLE mine (x int)",
    "SELECT 1; INSERT INTO touched VALUES (now())",
    "ROLLBACK; INSERT INTO touched VALUES (now())",
  ];
  for (const statement of tries)
    await assert.rejects(
      reading(url, ({ ask }) => ask(statement)),
      (thrown: unknown) => thrown instanceof AuditError && thrown.code === "database-failed",
      statement,
    );
  // Whatever is tried with the transaction first.
  const ways = [
    "ROLLBACK",
    "COMMIT",
    "COMMIT AND CHAIN",
    "SET TRANSACTION READ WRITE",
    "SET transaction_read_only = off",
  ];
  for (const way of [...ways, "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"])
    await assert.rejects(
      reading(url, async ({ ask }) => {
        await ask(way);
        await ask("SELECT touch()");
      }),
      AuditError,
      way,
    );
  const { rows } = await owner.query("SELECT count(*)::int AS rows FROM touched");
  assert.deepEqual(rows, [{ rows: 0 }]);
  const [mode] = await reading(url, ({ ask }) =>
    ask("SELECT current_setting('transaction_read_only') AS is_read_only"),
  );
  assert.deepEqual(mode, { is_read_only: "on" });
});

test("a query's rows come as CSV, and one that would do more is refused", async () => {
  const csvOf = (query: string): Promise<string> =>
    reading(url, async ({ csv }) => {
      const parts: Uint8Array[] = [];
      for await (const part of csv(query)) parts.push(part);
      return Buffer.concat(parts).toString();
    });
  assert.equal(await csvOf("SELECT 1 AS a, 'x,y' AS b, NULL AS c;"), 'a,b,c\n1,"x,y",\n');
  for (const query of [
    "SELECT touch()",
    "INSERT INTO touched VALUES (now()) RETURNING 1",
    "SELECT 1) TO STDOUT; ROLLBACK; INSERT INTO touched VALUES (now()); COPY (SELECT 1",
    "SELECT 1) AS asked LIMIT 0; INSERT INTO touched VALUES (now()) --",
    "SELECT 1; SELECT 2",
  ]) {
    await assert.rejects(
      csvOf(query),
      (thrown: unknown) => thrown instanceof AuditError && thrown.code === "database-failed",
    );
  }
  const { rows } = await owner.query("SELECT count(*)::int AS rows FROM touched");
  assert.deepEqual(rows, [{ rows: 0 }]);
});

test("what fails says so without address, user or password", async () => {
  const secret = "hunter2-secret";
  const wrong = [
    url.replace(/:[^:@/]+@/, `:${secret}@`),
    `postgres://someone:${secret}@127.0.0.1:1/nowhere`,
    `postgres://someone:${secret}@[nonsense/x`,
    `mysql://someone:${secret}@127.0.0.1/x`,
    `postgres://someone:${secret}@127.0.0.1:1/x?sslmode=verify-full&sslrootcert=/no/such/${secret}`,
  ];
  for (const one of wrong) {
    await assert.rejects(readSchemaFrom(one), (thrown: unknown) => {
      assert.ok(thrown instanceof AuditError, String(thrown));
      assert.equal(thrown.code, "database-failed");
      assert.doesNotMatch(`${thrown.message} ${thrown.fix} ${thrown.stack}`, /hunter2|someone|nowhere|no\/such/);
      return true;
    });
  }
});
