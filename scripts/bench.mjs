// Builds and runs the benches; see bench/run.ts.
import { join } from "node:path";
import { installPackages, root, run } from "./install.mjs";

installPackages();
run(process.execPath, ["scripts/build.mjs"], { stdio: ["inherit", 2, 2] });
run(process.execPath, [join(root, "dist/bench/run.js"), ...process.argv.slice(2)]);
