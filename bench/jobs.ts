/** The jobs that the bench runs, in this order, and what is measured besides. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { copyShare } from "./copy.js";
import type { DuckDbPeer } from "./duckdb.js";
import { accountsAnswer, type Job, type Measure, type Setting, type Side } from "./job.js";
import { intakeSide, type ListName, type OursBench } from "./ours.js";
import { intakeShare, revealP99, sealingRate, vaultBytesPerContact } from "./vault.js";
import { withdrawalP99 } from "./withdrawals.js";

/** Engines, opened when the first job needs them. */
export interface Engines {
  ours(setting: Setting): OursBench;
  peer(setting: Setting): Promise<DuckDbPeer>;
}

export function jobs(engines: Engines): readonly Job[] {
  const match = (name: string, list: ListName): Job => ({
    name,
    rows: ({ listRows }) => listRows,
    prepare: async (setting) => ({
      ours: await engines.ours(setting).side(list),
      peer: (await engines.peer(setting)).side(list),
    }),
    expected: (setting) => truthAnswer(setting, list),
  });
  const intake: Job = {
    name: "durable-intake",
    rows: ({ contactRows }) => contactRows,
    rounds: 2,
    prepare: async (setting) => ({ ours: intakeSide(setting), peer: duckDbIntake(setting) }),
    expected: async ({ contactRows }) => `${contactRows} rows`,
  };
  return [match("match-hashed-list", "hashed"), match("match-raw-list", "raw"), intake];
}

export function measures(engines: Engines): readonly Measure[] {
  return [
    {
      name: "memory-per-contact",
      unit: "bytes",
      target: "< 72",
      take: (setting) => engines.ours(setting).bytesPerContact(),
    },
    {
      name: "reopen-after-kill",
      unit: "s",
      target: "< 10",
      take: (setting) => engines.ours(setting).reopenSeconds(),
    },
    { name: "sealing-rate", unit: "values/s", target: "> 10 M", take: sealingRate },
    { name: "intake-with-vault", unit: "% of without", target: ">= 60", take: intakeShare },
    {
      name: "intake-of-copy",
      unit: "% of COPY",
      target: "100",
      take: (setting) => copyShare(setting, true),
    },
    {
      name: "intake-of-copy-without-vault",
      unit: "% of COPY",
      target: "100",
      take: (setting) => copyShare(setting, false),
    },
    { name: "reveal-p99", unit: "ms", target: "< 20", take: revealP99 },
    { name: "vault-per-contact", unit: "bytes", target: "-", take: vaultBytesPerContact },
    { name: "withdrawal-acknowledged-p99", unit: "ms", target: "< 50", take: withdrawalP99 },
    {
      name: "showings-intake",
      unit: "rows/s",
      target: "> 1 M",
      take: (setting) => engines.ours(setting).showings(),
    },
    {
      name: "eligibility-p99-at-1000-audiences",
      unit: "ms",
      target: "< 5",
      take: (setting) => engines.ours(setting).eligibilityMs(),
    },
  ];
}

/** What the world itself says that a list's match must find. */
async function truthAnswer({ worldDir }: Setting, list: ListName): Promise<string> {
  const lines = (await readFile(join(worldDir, "truth", `${list}.csv`), "utf8")).trimEnd().split("\n");
  return accountsAnswer(lines.slice(1));
}

/** DuckDB keeps the same rows as they are in a file of its own: no identities, tokens, ledger or permission. */
function duckDbIntake({ worldDir, scratchDir }: Setting): Side {
  const file = join(scratchDir, "intake.duckdb");
  let instance: DuckDBInstance | undefined;
  let rows = 0;
  const discard = async () => {
    instance?.closeSync();
    instance = undefined;
    await rm(file, { force: true });
  };
  return {
    name: "DuckDB, rows as they are",
    ready: async () => {
      await discard();
      instance = await DuckDBInstance.create(file);
    },
    run: async () => {
      const connection = await instance!.connect();
      const csv = join(worldDir, "contacts.csv").replaceAll("'", "''");
      await connection.run(
        `CREATE TABLE contacts AS SELECT * FROM read_csv('${csv}', header = true, all_varchar = true)`,
      );
      await connection.run("CHECKPOINT");
      rows = Number((await connection.runAndReadAll("SELECT count(*) FROM contacts")).getRows()[0]![0]);
      connection.closeSync();
    },
    answer: async () => `${rows} rows`,
    close: discard,
  };
}
