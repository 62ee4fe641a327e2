// Builds and runs the benches; see bench/run.ts, and bench/NAME/run.ts for `accuracy`, `audit`, `case`, `console`, `index`, `match` and `sets`. The short form has all.
import { join } from "node:path";
import { installChromium, installPackages, installPeers, installPostgres, root, run } from "./install.mjs";

const [first, ...rest] = process.argv.slice(2);
const names = ["accuracy", "audit", "case", "console", "index", "match", "sets"];
const isNamed = names.includes(first);
const args = isNamed ? rest : process.argv.slice(2);
const isShort = args.includes("--short");

installPackages();
if (["case", "match"].includes(first)) installPostgres();
if (first === "console") installChromium();
if (["case", "match", "sets"].includes(first) && !isShort) installPeers();
run(process.execPath, ["scripts/build.mjs"], { stdio: ["inherit", 2, 2] });
const bench = (name) => run(process.execPath, [join(root, `dist/bench/${name}.js`), ...args]);
if (isNamed) bench(`${first}/run`);
else bench("run");
if (!isNamed && args.join() === "--short") for (const name of names) bench(`${name}/run`);
