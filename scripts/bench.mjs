// Builds and runs the benches; see bench/run.ts, and bench/case/run.ts for `case`. The short form has both.
import { join } from "node:path";
import { installPackages, installPostgres, root, run } from "./install.mjs";

installPackages();
if (process.argv[2] === "case") installPostgres();
run(process.execPath, ["scripts/build.mjs"], { stdio: ["inherit", 2, 2] });
const args = process.argv.slice(2);
const bench = (name, options) => run(process.execPath, [join(root, `dist/bench/${name}.js`), ...options]);
if (args[0] === "case") bench("case/run", args.slice(1));
else bench("run", args);
if (args.join() === "--short") bench("case/run", args);
