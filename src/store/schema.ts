/**
 * The tables of the store, in a PostgreSQL schema of their own, brought up to date step by step.
 *
 * A step, once released, never changes; a new one is added at the end. `leaf` has positions 0, 1, 2, … without gaps;
 * `fact` and `token` hold bodies that only their rooms understand, `fact_key` and `token_key` the small keys that open
 * what is erasable in them: apart, so that an erasure rewrites a few bytes and not a body; `sealed` holds the vault's
 * chunks (see sealed.ts), `erased_fact` the hashes of entries whose salts an erasure destroyed, `tile` and `checkpoint` what is derived of the leaves (see tiles.ts); `writer` says where the process that writes is.
 */
import { StoreError } from "./failure.js";
import type { Session } from "./session.js";

/** First key of our advisory locks ("SOLY"); the second one says which. */
const LOCK_SPACE = 0x534f4c59;
/** Held by the one process that writes. */
export const WRITER_LOCK = `${LOCK_SPACE}, 1`;
/** Held, shared, by every open store of an embedded server; who can have it alone may stop the server. */
export const USE_LOCK = `${LOCK_SPACE}, 2`;
const MIGRATION_LOCK = `${LOCK_SPACE}, 3`;

/** SQL condition on `pg_locks` that finds the writer's lock of this database. */
export const WRITER_LOCK_IS_HELD = `EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
  AND classid = ${LOCK_SPACE} AND objid = 1 AND objsubid = 2
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`;

/**
 * Kinds of facts below this number are decisions: few, and read from the first at every start, so they have an index
 * of their own.
 */
export const CONTROL_KIND_LIMIT = 64;

/** SQL for a leaf's kind, which its second byte says. */
export const LEAF_KIND = "get_byte(body, 1)";

const STEPS: readonly string[] = [
  `CREATE TABLE solely.leaf (position bigint PRIMARY KEY, body bytea NOT NULL);
   CREATE INDEX leaf_control ON solely.leaf (position) WHERE ${LEAF_KIND} < ${CONTROL_KIND_LIMIT};
   CREATE TABLE solely.fact (position bigint, part int, kind smallint NOT NULL, time bigint NOT NULL,
     body bytea NOT NULL, PRIMARY KEY (position, part));
   ALTER TABLE solely.fact ALTER body SET STORAGE EXTERNAL;
   CREATE INDEX fact_control ON solely.fact (position, part) WHERE kind < ${CONTROL_KIND_LIMIT};
   CREATE TABLE solely.fact_key (position bigint, part int, body bytea NOT NULL, PRIMARY KEY (position, part));
   CREATE TABLE solely.token (position bigint, part int, epoch int NOT NULL, body bytea NOT NULL,
     PRIMARY KEY (position, part));
   ALTER TABLE solely.token ALTER body SET STORAGE EXTERNAL;
   CREATE TABLE solely.token_key (position bigint, part int, body bytea NOT NULL, PRIMARY KEY (position, part));
   CREATE TABLE solely.writer (single boolean PRIMARY KEY CHECK (single), pid bigint NOT NULL, url text,
     since timestamptz NOT NULL)`,
  `CREATE TABLE solely.sealed (position bigint, compartment smallint, first bigint, epoch int NOT NULL,
     data_epoch int NOT NULL, wrapped bytea NOT NULL, body bytea NOT NULL, PRIMARY KEY (position, compartment, first));
   ALTER TABLE solely.sealed ALTER body SET STORAGE EXTERNAL`,
  `CREATE TABLE solely.tile (level smallint, index bigint, body bytea NOT NULL, PRIMARY KEY (level, index));
   ALTER TABLE solely.tile ALTER body SET STORAGE EXTERNAL;
   CREATE TABLE solely.checkpoint (single boolean PRIMARY KEY CHECK (single), note text NOT NULL)`,
  `CREATE TABLE solely.erased_fact (position bigint, fact int, hash bytea NOT NULL, PRIMARY KEY (position, fact))`,
];

export const SCHEMA_VERSION = STEPS.length;

/**
 * Brings the schema up to date; any number of processes may do it at once.
 *
 * @throws {StoreError} code `schema-newer`
 */
export async function migrate(session: Session): Promise<void> {
  if ((await schemaVersion(session)) === STEPS.length) return;
  // Before the transaction, not in it: only a new transaction is sure to see the tables that another process made.
  await session.run(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
  try {
    await session.run("BEGIN");
    await takeSteps(session);
    await session.run("COMMIT");
  } catch (thrown) {
    if (!session.isBroken) await session.run("ROLLBACK");
    throw thrown;
  } finally {
    if (!session.isBroken) await session.run(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`);
  }
}

async function takeSteps(session: Session): Promise<void> {
  const version = await schemaVersion(session);
  if (version > STEPS.length) {
    throw new StoreError("schema-newer", `the store has schema ${version}; this version knows ${STEPS.length}`, {
      fix: "use the newer version of solely that wrote it",
    });
  }
  if (version === 0) {
    await session.run("CREATE SCHEMA IF NOT EXISTS solely");
    await session.run("CREATE TABLE solely.solely_schema (version int NOT NULL)");
    await session.run("INSERT INTO solely.solely_schema VALUES (0)");
  }
  for (const step of STEPS.slice(version)) {
    for (const statement of step.split(";")) await session.run(statement);
  }
  await session.run("UPDATE solely.solely_schema SET version = $1", [STEPS.length]);
}

async function schemaVersion(session: Session): Promise<number> {
  const [there] = await session.rows("SELECT to_regclass('solely.solely_schema') IS NOT NULL AS there");
  if (there?.there !== true) return 0;
  const [row] = await session.rows("SELECT version FROM solely.solely_schema");
  return typeof row?.version === "number" ? row.version : 0;
}
