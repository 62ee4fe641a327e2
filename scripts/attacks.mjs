// Builds, then runs the published attacks on a naive system and on this one; see test/attacks/run.ts.
import { join } from "node:path";
import { installPackages, root, run } from "./install.mjs";

installPackages();
run(process.execPath, ["scripts/build.mjs"], { stdio: ["inherit", 2, 2] });
run(process.execPath, [join(root, "dist/test/attacks/run.js"), ...process.argv.slice(2)]);
