/**
 * A process of its own that opens a store: `open` says how long that took, `memory` how much it holds afterwards, `hold`
 * keeps it until it is killed.
 */
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Solely } from "../src/index.js";

const [, , what, data] = process.argv;
const from = performance.now();
const solely = await Solely.open({ data: data! });
const seconds = (performance.now() - from) / 1000;
if (what === "memory") {
  // The collector of the workers' memory runs by itself.
  await sleep(2000);
  globalThis.gc?.();
  await sleep(500);
}
writeSync(1, `${JSON.stringify({ seconds, rss: process.memoryUsage.rss() })}\n`);
if (what === "hold") await sleep(3_600_000);
await solely.close();
