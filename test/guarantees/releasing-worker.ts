/**
 * The process that `sizes-lost.test.ts` kills: opens the store and lets one epoch after the other pass, as fast as it can,
 * saying each. It ends only by being killed.
 */
import { writeSync } from "node:fs";
import { Solely } from "../../src/index.js";
import { releaseDue } from "../../src/size/index.js";
import { EPOCH_MS } from "../sized-store.js";

const [, script, data, databaseUrl] = process.argv;
if (script === new URL(import.meta.url).pathname) {
  const solely = await Solely.open({ data: data!, databaseUrl: databaseUrl || undefined });
  writeSync(1, "opened\n");
  for (let nowMs = Math.max(Date.now(), solely.releases.durable.lastAtMs); ; nowMs += EPOCH_MS) {
    const { released } = await releaseDue(solely, nowMs);
    writeSync(1, `released ${released}\n`);
  }
}
