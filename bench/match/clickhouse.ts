/**
 * ClickHouse's engine (npm's `chdb`): contacts in a MergeTree by token; the list, read by `file()`, into a semi join or an IN,
 * or looked up in a Join table that is held hashed in memory.
 */
import { freemem } from "node:os";
import { type Chdb, peerPackage } from "../../test/peer-package.js";
import { type EngineKind, THREADS } from "./engine.js";
import type { Answer, Form, List } from "./population.js";

/** 16 bytes of the digest of `cell`. */
const token: Readonly<Record<Form, string>> = {
  hashed: "unhex(substring(cell, 1, 32))",
  raw: "substring(SHA256(cell), 1, 16)",
  dirty:
    "if(length(cell) = 64 AND position(cell, '@') = 0, unhex(substring(cell, 1, 32)), substring(SHA256(cell), 1, 16))",
};

const tokens = ({ form, file }: List): string => {
  const path = `'${file.replaceAll("'", "\\'")}'`;
  const cells =
    form === "dirty"
      ? `(SELECT lower(trimBoth(email)) AS cell FROM file(${path}, 'CSVWithNames', 'name String, email String'))`
      : `file(${path}, 'CSV', 'cell String')`;
  return `SELECT toFixedString(${token[form]}, 16) AS token FROM ${cells}`;
};

/** A Join table takes about so much memory for each contact. */
const JOIN_TABLE_BYTES = 125;
/** Share of the memory that is free which it may take. */
const JOIN_TABLE_SHARE = 0.75;

export const clickHouse: EngineKind = {
  name: "ClickHouse",
  bytesPerContact: 25,
  open: async (contacts, scratch) => {
    const chdb = peerPackage<Chdb>("chdb");
    if ("skipped" in chdb) return chdb;
    const session = new chdb.Session(scratch);
    const ask = (sql: string): string => session.query(sql, "TSV").trim();
    const version = ask("SELECT version()");
    for (const sql of [
      "CREATE DATABASE bench ENGINE = Atomic",
      "USE bench",
      `SET max_threads = ${THREADS}, max_insert_threads = ${THREADS}`,
      "CREATE TABLE contacts (token FixedString(16), i UInt32) ENGINE = MergeTree ORDER BY token",
      `INSERT INTO contacts SELECT substring(SHA256(concat('u', toString(number), '@example.com')), 1, 16), number
        FROM numbers(${contacts})`,
      "OPTIMIZE TABLE contacts FINAL",
    ]) {
      ask(sql);
    }
    const answer = async (sql: string): Promise<Answer> => {
      const [found, sum] = ask(`SELECT count(), sum(i) FROM ${sql}`).split("\t");
      return { contacts: Number(found), sum: sum! };
    };
    const ways = {
      "semi join": (list: List) => answer(`contacts SEMI LEFT JOIN (${tokens(list)}) AS list USING token`),
      IN: (list: List) => answer(`contacts WHERE token IN (${tokens(list)})`),
    };
    const close = async () => session.close();
    if (contacts * JOIN_TABLE_BYTES > freemem() * JOIN_TABLE_SHARE)
      return { name: `ClickHouse ${version}`, ways, close };
    ask("CREATE TABLE hashed (token FixedString(16), i UInt32) ENGINE = Join(ANY, INNER, token)");
    ask("INSERT INTO hashed SELECT * FROM contacts");
    const joined = (list: List) =>
      answer(`(SELECT DISTINCT i FROM (${tokens(list)}) AS list ANY INNER JOIN hashed USING token)`);
    return { name: `ClickHouse ${version}`, ways: { ...ways, "Join table": joined }, close };
  },
};
