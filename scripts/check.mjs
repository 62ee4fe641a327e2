// Types, lint and the order of the rooms, in seconds.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { installPackages, root } from "./install.mjs";

installPackages();
const bin = (name) => join(root, "node_modules", ".bin", name);
const checks = [
  ["types", bin("tsc"), ["-p", "tsconfig.json", "--noEmit"]],
  ["types of pages", bin("tsc"), ["-p", "src/web/tsconfig.json"]],
  ["lint", bin("biome"), ["check", "--error-on-warnings"]],
  ["rooms", bin("depcruise"), ["src", "--config", ".dependency-cruiser.cjs", "--output-type", "err"]],
];
let failed = 0;
for (const [name, command, args] of checks) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status === 0) continue;
  console.error(`check: ${name} failed`);
  failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
