// Builds dist/: the WASM kernels (AssemblyScript) and everything TypeScript.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, "node_modules", ".bin", name);

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const modifiedMs = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const assembly = join(root, "src/kernel/assembly");
const wasm = join(root, "dist/src/kernel/kernel.wasm");
const newest = Math.max(0, ...readdirSync(assembly).map((file) => modifiedMs(join(assembly, file))));
if (newest > modifiedMs(wasm)) {
  mkdirSync(dirname(wasm), { recursive: true });
  run(bin("asc"), [
    join(assembly, "index.ts"),
    ...[
      "--outFile",
      wasm,
      "--optimizeLevel",
      "3",
      "--converge",
      "--runtime",
      "stub",
      "--enable",
      "simd",
      "--noAssert",
      "--importMemory",
    ],
  ]);
}
run(bin("tsc"), ["-p", "tsconfig.json"]);
