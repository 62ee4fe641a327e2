/** The jobs that the bench runs, in this order. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDbPeer, ListName } from "./duckdb.js";
import { accountsAnswer, type Job, type Setting } from "./job.js";
import { ours } from "./ours.js";

/** @param peer opened when the first job needs it */
export function jobs(peer: (setting: Setting) => Promise<DuckDbPeer>): readonly Job[] {
  const match = (name: string, list: ListName): Job => ({
    name,
    rows: ({ listRows }) => listRows,
    async prepare(setting) {
      const open = ours[name];
      const theirs = (await peer(setting)).side(list);
      return open === undefined ? { peer: theirs } : { ours: await open(setting), peer: theirs };
    },
    answersEqual: (a, b) => a === b,
    expected: (setting) => truthAnswer(setting, list),
  });
  return [match("match-hashed-list", "hashed"), match("match-raw-list", "raw")];
}

/** What the world itself says that a list's match must find. */
async function truthAnswer({ worldDir }: Setting, list: ListName): Promise<string> {
  const lines = (await readFile(join(worldDir, "truth", `${list}.csv`), "utf8")).trimEnd().split("\n");
  return accountsAnswer(lines.slice(1));
}
