/** `serve ENGINE CONTACTS SCRATCH`: opens an engine, says so, and matches what it is sent, one list after the other. */
import { readFile } from "node:fs/promises";
import type { Ask, Failed, Matched, Opened, Skipped } from "./engine-process.js";
import { ENGINES, type EngineName } from "./engines.js";
import type { Answer } from "./population.js";

const [engine, contacts, scratch] = process.argv.slice(2) as [EngineName, string, string];
const said = (answer: Opened | Skipped | Matched | Failed): void => {
  process.send?.(answer);
};
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300);

const from = performance.now();
const opened = await ENGINES[engine].open(Number(contacts), scratch).catch((error) => ({ skipped: textOf(error) }));
if ("skipped" in opened) said(opened);
else {
  const { name, ways, matchBytes } = opened;
  const match = async ({ list, way = Object.keys(ways)[0]!, fromMemory }: Ask): Promise<Matched> => {
    const bytes = fromMemory === true ? await readFile(list.file) : undefined;
    const from = performance.now();
    const answer: Answer | undefined = bytes === undefined ? await ways[way]?.(list) : await matchBytes?.(bytes);
    const seconds = (performance.now() - from) / 1000;
    if (answer === undefined) throw new Error("it has no such way");
    return { seconds, answer };
  };
  process.on("message", (ask: Ask) => {
    match(ask).then(said, (error) => said({ failed: textOf(error) }));
  });
  process.on("disconnect", () => {
    opened.close().finally(() => process.exit(0));
  });
  said({
    name,
    ways: Object.keys(ways),
    buildSeconds: (performance.now() - from) / 1000,
    rssBytes: process.memoryUsage.rss(),
  });
}
