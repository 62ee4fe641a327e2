/**
 * Runs the published attacks, for real and over HTTP: on the naive system, to show that each works, and on the system
 * under attack, to show what is left of it.
 *
 *     npm run attacks                      all, 1,000 trials each
 *     npm run attacks -- --short           fewer trials, some minutes
 *     npm run attacks -- --only T5,T8      these alone (`T10` means all its sources)
 *     npm run attacks -- --trials 5000     another number of them
 *     npm run attacks -- --on naive        one of the two systems alone: `naive` or `system`
 *     npm run attacks -- --bed my-bed.js   a system of your own in place of Solely: a module that exports `openBed`
 *     npm run attacks -- --json            one JSON object on stdout
 *
 * Exits 1 when the success is, with 99.9 %, above what the spent budget allows, when an ad reaches whom it must not, or when
 * an attack does not work (over 90 %) on the naive system, or, where noise is to hold it off, on the system without noise. What the short form finds so is played once more with 1,000
 * trials, which decide: of so many rows, one would else fail by chance now and then.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { say } from "../../bench/figures.js";
import type { Attack } from "./attack.js";
import type { OpenBed } from "./bed.js";
import { families } from "./programs/index.js";
import { faultsOf, jsonOf, type Result, tableOf } from "./report.js";
import { type Family, onNaive, onSystem, type TrialsOf } from "./series.js";

const TRIALS = 1000;
const CONTROL_TRIALS = 10;

const { values: flags } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    only: { type: "string" },
    trials: { type: "string" },
    on: { type: "string" },
    bed: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

const wanted = flags.only?.split(",").map((id) => id.trim().toUpperCase());
const isWanted = ({ id }: Attack): boolean =>
  wanted === undefined || wanted.some((one) => new RegExp(`^${one}[A-Z]?$`).test(id.toUpperCase()));
const trialsOf: TrialsOf = ({ short }) => Number(flags.trials ?? (flags.short ? short : TRIALS));

async function openBedOf(file: string | undefined): Promise<OpenBed> {
  const { openBed } = await import(file === undefined ? "./solely.js" : pathToFileURL(resolve(file)).href);
  return openBed;
}

async function resultsOf(played: readonly Family[], trialsOf: TrialsOf): Promise<Result[]> {
  const naive = flags.on === "system" ? undefined : await onNaive(played.flat(), trialsOf);
  if (flags.on === "naive") return played.flat().map((attack) => ({ attack, naive: naive?.get(attack) }));
  const openBed = await openBedOf(flags.bed);
  const system = await onSystem(played, trialsOf, openBed);
  const heldByNoise = played.map((family) => family.filter(({ tellsNothing }) => tellsNothing !== true));
  const controls = await onSystem(heldByNoise, () => CONTROL_TRIALS, openBed, true);
  return played.flat().map((attack) => {
    return { attack, naive: naive?.get(attack), system: system.get(attack), control: controls.get(attack) };
  });
}

const isFaulty = (result: Result): boolean => faultsOf(result).length > 0;

let results = await resultsOf(
  families.map((family) => family.filter(isWanted)),
  trialsOf,
);
const doubtful = results.filter(isFaulty).map(({ attack }) => attack);
if (flags.short && doubtful.length > 0) {
  say(`once more, with ${TRIALS} trials: ${doubtful.map(({ id }) => id).join(", ")}`);
  const again = families.map((family) => family.filter((attack) => doubtful.includes(attack)));
  const decided = await resultsOf(again, () => TRIALS);
  results = results.map((result) => decided.find(({ attack }) => attack === result.attack) ?? result);
}
const failed = results.filter(isFaulty);
if (flags.json) process.stdout.write(`${JSON.stringify({ attacks: jsonOf(results) })}\n`);
else {
  process.stdout.write(`\n${tableOf(results)}\n\n`);
  for (const result of failed) process.stdout.write(`${result.attack.id}: ${faultsOf(result).join("; ")}\n`);
  process.stdout.write(`attacks: ${results.length - failed.length} passed, ${failed.length} failed\n`);
}
process.exitCode = failed.length === 0 && results.length > 0 ? 0 : 1;
