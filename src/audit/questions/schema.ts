/**
 * Schema: the tables of a database and their columns, names and types alone, read from a file of its
 * `information_schema.columns`. No row of any table is looked at.
 */
import { InputError, tableBatches } from "../../input/index.js";
import { AuditError } from "../error.js";

export interface SchemaColumn {
  readonly name: string;
  /** As the database spells it; empty where it was not told. */
  readonly type: string;
}

export interface SchemaTable {
  /** Empty where it was not told. */
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly SchemaColumn[];
}

/** Columns of a database with more are asked about schema by schema. */
export const MAX_COLUMNS = 1_000_000;

const COLUMNS = ["table_schema", "table_name", "column_name", "data_type"] as const;
const REQUIRED = [1, 2];

/** Gathers columns into tables, whatever order they come in. */
export class SchemaTables {
  readonly #tables = new Map<string, Map<string, Map<string, string>>>();
  #columns = 0;

  /** @throws {AuditError} code `too-many-columns` */
  add(schema: string, table: string, column: string, type: string): void {
    const tables = entryOf(this.#tables, schema, () => new Map<string, Map<string, string>>());
    const columns = entryOf(tables, table, () => new Map<string, string>());
    if (columns.has(column)) return;
    if (this.#columns++ === MAX_COLUMNS) {
      throw new AuditError(
        "too-many-columns",
        `the schema has more than ${MAX_COLUMNS.toLocaleString("en")} columns`,
        "ask about a few schemas at a time",
      );
    }
    columns.set(column, type);
  }

  /**
   * The tables by schema and name, columns in the order they came.
   * @throws {AuditError} code `no-columns`
   */
  take(): SchemaTable[] {
    if (this.#columns === 0) {
      throw new AuditError(
        "no-columns",
        "the schema has no columns",
        "check that the user who asked the database for them may see its tables",
      );
    }
    const inOrder = <T>(of: Map<string, T>) => [...of].sort(([a], [b]) => (a < b ? -1 : 1));
    return inOrder(this.#tables).flatMap(([schema, tables]) =>
      inOrder(tables).map(([name, columns]) => ({
        schema,
        name,
        columns: [...columns].map(([column, type]) => ({ name: column, type })),
      })),
    );
  }
}

function entryOf<T>(of: Map<string, T>, key: string, make: () => T): T {
  const known = of.get(key);
  if (known !== undefined) return known;
  const made = make();
  of.set(key, made);
  return made;
}

/**
 * The tables that a file of columns names: CSV, NDJSON or Parquet with `table_schema`, `table_name`, `column_name` and
 * `data_type`, of which the first and the last may lack.
 * @throws {InputError} while it is read
 * @throws {AuditError} codes `no-columns`, `too-many-columns`
 */
export async function readSchema(file: string, onWarning: (warning: string) => void): Promise<SchemaTable[]> {
  const rows = new SchemaRows();
  for await (const _ of tableBatches(file, rows, {}));
  if (rows.unreadable.length > 0) {
    const lines = rows.unreadable.slice(0, 5).join(", ");
    onWarning(`${rows.unreadable.length} rows of ${file} name no table and column, and are left out: line ${lines}`);
  }
  return rows.tables.take();
}

class SchemaRows {
  readonly tables = new SchemaTables();
  /** Lines of rows that could not be taken. */
  readonly unreadable: number[] = [];
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #named = new Set<number>();

  columnOf(name: string): number {
    const column = (COLUMNS as readonly string[]).indexOf(name.toLowerCase());
    if (column >= 0) this.#named.add(column);
    return column;
  }

  checkHeader(): void {
    const missing = REQUIRED.find((column) => !this.#named.has(column));
    if (missing === undefined) return;
    throw new InputError("missing-column", `the schema's file has no column ${COLUMNS[missing]}`, {
      field: COLUMNS[missing]!,
      fix: `export it with the columns ${COLUMNS.join(", ")}; docs/audit-questions.md has the query`,
    });
  }

  row(src: Uint8Array, starts: Int32Array, ends: Int32Array, line: number): void {
    const texts = COLUMNS.map((_, column) => {
      if (!(starts[column]! >= 0)) return "";
      try {
        return this.#decoder.decode(src.subarray(starts[column], ends[column]));
      } catch {
        return undefined;
      }
    });
    const [schema, table, column, type] = texts;
    if (!table || !column || schema === undefined || type === undefined) this.unreadable.push(line);
    else this.tables.add(schema, table, column, type);
  }

  refuse(line: number, _column: number, _code: number): void {
    this.unreadable.push(line);
  }

  refusalColumn(column: number): number {
    return column;
  }

  take(): undefined {
    return undefined;
  }
}
