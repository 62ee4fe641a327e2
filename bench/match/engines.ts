/** The engines by the names that `--peers` takes. */
import { clickHouse } from "./clickhouse.js";
import { duckDb } from "./duckdb.js";
import type { EngineKind } from "./engine.js";
import { plainNode } from "./node.js";
import { ours } from "./ours.js";
import { polars } from "./polars.js";
import { postgreSql } from "./postgresql.js";

export const PEERS = {
  duckdb: duckDb,
  clickhouse: clickHouse,
  polars,
  postgresql: postgreSql,
  node: plainNode,
} as const satisfies Record<string, EngineKind>;
export type PeerName = keyof typeof PEERS;

export const ENGINES = { ours, ...PEERS } as const;
export type EngineName = keyof typeof ENGINES;
