/** nodejs-polars: contacts as a frame in memory, the token as 32 hex digits (it joins no binary keys); a semi join of the scanned list. */
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { peerPackage } from "../../test/peer-package.js";
import { type EngineKind, quoted, THREADS } from "./engine.js";

interface Expr {
  readonly str: { slice(from: number, length: number): Expr };
  alias(name: string): Expr;
  cast(type: unknown): Expr;
  count(): Expr;
  sum(): Expr;
}
interface Frame {
  select(...columns: Expr[]): Frame;
  join(other: Frame, options: { on: string; how: string }): Frame;
  collectSync(): { rows(): (number | bigint)[][] };
  lazy(): Frame;
}
interface Polars {
  readonly default: {
    readonly version: string;
    readonly Int64: unknown;
    col(name: string): Expr;
    scanCSV(file: string, options: { hasHeader: boolean }): Frame;
    readParquet(file: string): Frame;
  };
}

export const polars: EngineKind = {
  name: "nodejs-polars",
  bytesPerContact: 90,
  refuses: (form) => (form === "hashed" ? undefined : "it has no SHA-256"),
  open: async (contacts, scratch) => {
    process.env.POLARS_MAX_THREADS = String(THREADS);
    const found = peerPackage<Polars>("nodejs-polars");
    if ("skipped" in found) return found;
    const pl = found.default;
    // It can't make digests, so another engine writes the table that it reads.
    const file = join(scratch, "contacts.parquet");
    const instance = await DuckDBInstance.create(":memory:", { threads: String(THREADS) });
    const connection = await instance.connect();
    await connection.run(`COPY (SELECT range::UINTEGER AS i, sha256('u' || range || '@example.com')[1:32] AS token
      FROM range(${contacts})) TO ${quoted(file)} (FORMAT parquet, COMPRESSION uncompressed)`);
    connection.closeSync();
    instance.closeSync();
    const table = pl.readParquet(file).lazy();
    return {
      name: `nodejs-polars ${pl.version}`,
      ways: {
        "semi join": async (list) => {
          const cell = pl.col("column_1").str.slice(0, 32).alias("token");
          const members = table.join(pl.scanCSV(list.file, { hasHeader: false }).select(cell), {
            on: "token",
            how: "semi",
          });
          const found = members.select(
            pl.col("i").count().alias("contacts"),
            pl.col("i").cast(pl.Int64).sum().alias("sum"),
          );
          const [row] = found.collectSync().rows();
          return { contacts: Number(row![0]), sum: String(row![1]) };
        },
      },
      close: async () => {},
    };
  },
};
