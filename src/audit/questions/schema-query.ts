/** The tables of another system's database, asked of PostgreSQL itself. */
import { reading } from "../database.js";
import { type SchemaTable, SchemaTables } from "./schema.js";

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

/**
 * The tables of a database.
 * @param url `postgres://…`
 * @throws {AuditError} codes `database-failed`, `no-columns`, `too-many-columns`
 */
export async function readSchemaFrom(url: string): Promise<SchemaTable[]> {
  const rows = await reading(url, ({ ask }) => ask(SCHEMA_QUERY));
  const tables = new SchemaTables();
  for (const { table_schema, table_name, column_name, data_type } of rows)
    tables.add(String(table_schema), String(table_name), String(column_name), String(data_type));
  return tables.take();
}
