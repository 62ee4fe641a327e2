/** DuckDB: contacts in memory with tokens as UUID, which it holds in 16 bytes as one number; the list's file into a semi join. */
import { DuckDBInstance } from "@duckdb/node-api";
import { type EngineKind, quoted, THREADS } from "./engine.js";
import type { Form } from "./population.js";

/** The token, as hex digits, of `cell`. */
const digits: Readonly<Record<Form, string>> = {
  hashed: "cell[1:32]",
  raw: "sha256(cell)[1:32]",
  dirty: "CASE WHEN length(cell) = 64 AND NOT contains(cell, '@') THEN cell[1:32] ELSE sha256(cell)[1:32] END",
};

const cells = (form: Form, file: string): string =>
  form === "dirty"
    ? `(SELECT lower(trim(email)) AS cell FROM read_csv(${quoted(file)}, header = true, auto_detect = false, delim = ',',
        quote = '"', escape = '"', columns = {'name': 'VARCHAR', 'email': 'VARCHAR'}))`
    : `read_csv(${quoted(file)}, header = false, auto_detect = false, delim = ',', quote = '"', columns = {'cell': 'VARCHAR'})`;

export const duckDb: EngineKind = {
  name: "DuckDB",
  bytesPerContact: 45,
  open: async (contacts) => {
    const instance = await DuckDBInstance.create(":memory:", { threads: String(THREADS) });
    const connection = await instance.connect();
    const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRows()[0]!;
    const [version] = await ask("SELECT version()");
    await connection.run(`CREATE TABLE contacts AS SELECT range::UINTEGER AS i,
      sha256('u' || range || '@example.com')[1:32]::UUID AS token FROM range(${contacts})`);
    return {
      name: `DuckDB ${String(version)}`,
      ways: {
        "semi join": async ({ form, file }) => {
          const [found, sum] = await ask(`SELECT count(*), coalesce(sum(i), 0) FROM contacts SEMI JOIN
            (SELECT (${digits[form]})::UUID AS token FROM ${cells(form, file)}) USING (token)`);
          return { contacts: Number(found), sum: String(sum) };
        },
      },
      close: async () => {
        connection.closeSync();
        instance.closeSync();
      },
    };
  },
};
