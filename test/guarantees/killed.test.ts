/**
 * Nothing acknowledged is lost: the process that writes, its database, or both are killed with -9 at random points of
 * intake, matching, showing, withdrawal, erasure and containment, again and again on one store. After each opening everything
 * that was acknowledged is there, nothing is half there, and the store goes on.
 *
 * A seeded plan; 40 kills, or as many as SOLELY_KILLS says.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { doctor } from "../../src/index.js";
import { FreshStore } from "../fresh-store.js";
import { CONTACTS, ERASED, type Said, type StepState, stateOf, WITHDRAWN } from "./killed-worker.js";

const KILLS = Number(process.env.SOLELY_KILLS ?? 40);
const SEED = Number(process.env.SOLELY_SEED ?? 20190917);
const WORKER = fileURLToPath(new URL("./killed-worker.js", import.meta.url));
/** How long a worker works before the kill, at most; and after its database was killed. */
const WORK_MS = 500;
const AFTER_MS = 900;

let store: FreshStore;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match"] });
  await store.close();
});
after(() => store.remove());

/** What was acknowledged, step by step. */
const acknowledged: {
  ingest?: boolean;
  match?: boolean;
  show?: boolean;
  withdraw?: boolean;
  erase?: boolean;
  contain?: boolean;
}[] = [];

let seed = SEED;
function draw(below: number): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % below;
}

function startWorker(): {
  child: ChildProcess;
  opened: Promise<readonly StepState[]>;
  ended: Promise<void>;
  errors: string[];
} {
  const args = [WORKER, store.data, store.databaseUrl ?? "", String(acknowledged.length)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const errors: string[] = [];
  child.stderr.on("data", (bytes: Buffer) => errors.push(bytes.toString()));
  let opens: (states: readonly StepState[]) => void;
  const opened = new Promise<readonly StepState[]>((resolve, reject) => {
    opens = resolve;
    child.once("exit", (code) => reject(new Error(`the worker ended with ${code}: ${errors.join("")}`)));
  });
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    let said: Said;
    try {
      said = JSON.parse(line);
    } catch {
      return; // cut off by the kill
    }
    if ("opened" in said) opens(said.opened);
    else if ("failed" in said) acknowledged[said.step] ??= {};
    else acknowledged[said.step] = { ...acknowledged[said.step], [said.done]: true };
  });
  const ended = Promise.all([
    new Promise((resolve) => child.once("exit", resolve)),
    new Promise((resolve) => lines.once("close", resolve)),
  ]).then(() => {});
  return { child, opened, ended, errors };
}

function killDatabase(): void {
  const file = join(store.data, "postgres", "cluster", "postmaster.pid");
  if (!existsSync(file)) return;
  process.kill(Number(readFileSync(file, "utf8").split("\n")[0]), "SIGKILL");
}

function assertWhole(states: readonly StepState[], after: string): void {
  for (const [step, { known, masked, permitted, served, shown, isContained }] of states.entries()) {
    const { ingest, match, show, withdraw, erase, contain } = acknowledged[step] ?? {};
    const state = { known, masked, permitted, served, shown, isContained, ...acknowledged[step] };
    const what = `step ${step} after ${after}: ${JSON.stringify(state)}`;
    const isErased = known === CONTACTS - ERASED;
    assert.ok(isErased || (known === CONTACTS && erase !== true) || (known === 0 && ingest !== true), what);
    assert.equal(masked, known, what);
    const isWithdrawn = permitted === known - WITHDRAWN;
    assert.ok(shown === CONTACTS || (shown === 0 && show !== true), what);
    assert.ok(isContained || contain !== true, what);
    const isDenied = known === 0 || isContained;
    assert.ok(isDenied ? permitted === 0 : isWithdrawn || (permitted === known && withdraw !== true), what);
    assert.ok(served >= 0 || match !== true, what);
    // A list that was matched when nothing was there reaches nobody.
    if (served >= 0) assert.ok(served === permitted || (served === 0 && ingest !== true), what);
  }
}

test(`after each of ${KILLS} kills at random points what was acknowledged is there, and nothing is half there`, async () => {
  const kills = { process: 0, database: 0 };
  for (let kill = 0; kill < KILLS; kill++) {
    const { child, opened, ended } = startWorker();
    const steps = acknowledged.length;
    assertWhole((await opened).slice(0, steps), `kill ${kill}`);
    // The step that the kill falls into is one that nothing may be known of.
    await sleep(draw(WORK_MS));
    if (store.databaseUrl === undefined && draw(2) === 0) {
      killDatabase();
      kills.database++;
      await sleep(draw(AFTER_MS));
    } else kills.process++;
    child.kill("SIGKILL");
    await ended;
    if (acknowledged.length > steps) acknowledged.push({});
  }
  assert.ok(kills.process > 0.3 * KILLS);
  assert.ok(acknowledged.filter(({ withdraw }) => withdraw).length > KILLS / 2, "there was work between the kills");
  const solely = await store.open();
  assertWhole(await Promise.all(acknowledged.map((_, step) => stateOf(solely, step))), "the last kill");
  const { isHealthy, findings } = await doctor(solely);
  assert.ok(isHealthy, JSON.stringify(findings));
});
