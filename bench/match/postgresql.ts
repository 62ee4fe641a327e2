/** PostgreSQL: contacts with an index on the token, a UUID, that also holds the number; the list is copied in and joined. */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { startPostgresServer } from "../../test/postgres-server.js";
import { type EngineKind, THREADS } from "./engine.js";
import type { Answer, Form, List } from "./population.js";

const sha256 = (text: string): string => `left(encode(sha256(convert_to(${text}, 'UTF8')), 'hex'), 32)`;
const token: Readonly<Record<Form, string>> = {
  hashed: "left(cell, 32)::uuid",
  raw: `${sha256("cell")}::uuid`,
  dirty: `(CASE WHEN length(cell) = 64 AND position('@' in cell) = 0 THEN left(cell, 32) ELSE ${sha256("cell")} END)::uuid`,
};
const MAX_CONTACTS = 100_000_000;

export const postgreSql: EngineKind = {
  name: "PostgreSQL",
  bytesPerContact: 40,
  refuses: (_, contacts) =>
    contacts > MAX_CONTACTS ? "its table and index would have 30 GB, and take an hour to make" : undefined,
  open: async (contacts) => {
    const server = await startPostgresServer();
    if ("skipped" in server) return server;
    const url = await server.newDatabase();
    const settings = ["shared_buffers = '4GB'", "max_wal_size = '16GB'", "checkpoint_timeout = '1h'"];
    const admin = new pg.Client(url);
    admin.on("error", () => {});
    await admin.connect();
    for (const setting of settings) await admin.query(`ALTER SYSTEM SET ${setting}`);
    await admin.end();
    await server.kill();
    await server.restart();
    const client = new pg.Client(url);
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    await client.query(`SET work_mem = '1GB'; SET maintenance_work_mem = '2GB'; SET random_page_cost = 1.1; SET jit = off;
      SET effective_cache_size = '12GB'; SET max_parallel_workers_per_gather = ${THREADS};
      SET max_parallel_maintenance_workers = ${THREADS}`);
    await client.query(`CREATE UNLOGGED TABLE contacts AS
      SELECT ${sha256("'u' || i || '@example.com'")}::uuid AS token, i::int AS i FROM generate_series(0, ${contacts - 1}) AS i`);
    await client.query("CREATE UNIQUE INDEX ON contacts (token) INCLUDE (i)");
    await client.query("VACUUM (ANALYZE) contacts");
    /** @param create of the list's table; a temporary one is read by one process alone, a plain one by several */
    const copyAndJoin =
      (create: string) =>
      async ({ file, form }: List): Promise<Answer> => {
        await client.query("BEGIN");
        const isDirty = form === "dirty";
        await client.query(`CREATE ${create} TABLE list (${isDirty ? "name text, " : ""}cell text)`);
        const copy = `COPY list FROM STDIN${isDirty ? " WITH (FORMAT csv, HEADER true)" : ""}`;
        await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), client.query(copyFrom(copy)));
        await client.query("ANALYZE list");
        const cells = isDirty ? "(SELECT lower(trim(cell)) AS cell FROM list) AS cells" : "list";
        const { rows } = await client.query<{ contacts: string; sum: string }>(
          `WITH wanted AS (SELECT DISTINCT ${token[form]} AS token FROM ${cells})
           SELECT count(*) AS contacts, coalesce(sum(i), 0) AS sum FROM wanted JOIN contacts USING (token)`,
        );
        await client.query("ROLLBACK");
        return { contacts: Number(rows[0]!.contacts), sum: rows[0]!.sum };
      };
    return {
      name: `PostgreSQL ${rows[0]!.server_version.split(" ")[0]}`,
      ways: { "COPY to temporary, join": copyAndJoin("TEMP"), "COPY to unlogged, join": copyAndJoin("UNLOGGED") },
      close: async () => {
        await client.end();
        await server.stop();
      },
    };
  },
};
