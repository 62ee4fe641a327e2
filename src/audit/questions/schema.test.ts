/** A schema from a file of columns, as the tools of databases export it. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { columnsCsv, SOCIAL_NETWORK } from "../../../test/platform-schemas.js";
import { MAX_COLUMNS, readSchema, type SchemaTable, SchemaTables } from "./schema.js";

const folder = mkdtempSync(join(tmpdir(), "solely-schema-"));
after(() => rmSync(folder, { recursive: true }));

async function read(name: string, content: string): Promise<{ tables: SchemaTable[]; warnings: string[] }> {
  const file = join(folder, name);
  writeFileSync(file, content);
  const warnings: string[] = [];
  const tables = await readSchema(file, (warning) => warnings.push(warning.replace(file, name)));
  return { tables, warnings };
}
const inOrder = (tables: readonly SchemaTable[]) =>
  [...tables].sort((a, b) => (`${a.schema}\0${a.name}` < `${b.schema}\0${b.name}` ? -1 : 1));
const users = {
  schema: "app",
  name: "users",
  columns: [
    { name: "id", type: "int" },
    { name: "email", type: "text" },
  ],
};

test("CSV gives back the tables that it was made of", async () => {
  const { tables, warnings } = await read("columns.csv", columnsCsv(SOCIAL_NETWORK));
  assert.deepEqual([tables, warnings], [inOrder(SOCIAL_NETWORK), []]);
});

test("columns of the file come in any order and case, others are ignored, and tabs and NDJSON do too", async () => {
  const csv =
    "Data_Type;ordinal_position;COLUMN_NAME;Table_Name;TABLE_SCHEMA\nint;1;id;users;app\ntext;2;email;users;app\n";
  assert.deepEqual(await read("odd.csv", csv), { tables: [users], warnings: [] });
  const tabs = "table_schema\ttable_name\tcolumn_name\tdata_type\napp\tusers\tid\tint\napp\tusers\temail\ttext\n";
  assert.deepEqual((await read("mysql.csv", tabs)).tables, [users]);
  const ndjson = ["id", "email"].map((column, i) =>
    JSON.stringify({
      TABLE_SCHEMA: "app",
      TABLE_NAME: "users",
      COLUMN_NAME: column,
      DATA_TYPE: ["int", "text"][i],
      X: 1,
    }),
  );
  assert.deepEqual((await read("columns.ndjson", ndjson.join("\n"))).tables, [users]);
});

test("schema and type may lack, a column that comes twice is one, and what names no column is told", async () => {
  const csv = "table_name,column_name\nusers,email\nusers,email\nusers,\n,x\n";
  const { tables, warnings } = await read("short.csv", csv);
  assert.deepEqual(tables, [{ schema: "", name: "users", columns: [{ name: "email", type: "" }] }]);
  assert.deepEqual(warnings, ["2 rows of short.csv name no table and column, and are left out: line 4, 5"]);
});

test("a file that is no schema is refused, and says what it should be", async () => {
  await assert.rejects(read("wrong.csv", "account,kind\nu1,email\n"), { code: "missing-column", field: "table_name" });
  await assert.rejects(read("empty.csv", "table_name,column_name\n"), { code: "no-columns" });
  await assert.rejects(read("none.ndjson", '{"account":"u1"}\n'), { code: "no-columns" });
});

test("a schema may have so many columns, and no more", () => {
  const tables = new SchemaTables();
  for (let i = 0; i < MAX_COLUMNS; i++) tables.add("s", `t${i % 1000}`, `c${i}`, "int");
  tables.add("s", "t0", "c0", "int");
  assert.equal(tables.take().length, 1000);
  assert.throws(() => tables.add("s", "t0", "one more", "int"), { code: "too-many-columns" });
});
