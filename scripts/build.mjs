// Builds dist/: the WASM kernels (AssemblyScript), everything TypeScript, the console, the command line and the threads. What has no source any more is removed.
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundleProgram, bundleThreads } from "./bundles.mjs";
import { buildConsole } from "./console.mjs";
import { root, run } from "./install.mjs";

const bin = (name) => join(root, "node_modules", ".bin", name);
const modifiedMs = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const assembly = join(root, "src/kernel/assembly");
const newest = Math.max(
  0,
  ...readdirSync(assembly, { recursive: true }).map((file) => modifiedMs(join(assembly, file))),
);
/** A WASM module of its own for each kind of memory that kernels work in. */
function buildKernels(entry, module, options) {
  const wasm = join(root, "dist/src/kernel", module);
  if (newest <= modifiedMs(wasm)) return;
  mkdirSync(dirname(wasm), { recursive: true });
  run(bin("asc"), [
    join(assembly, entry),
    ...["--outFile", wasm, "--optimizeLevel", "3", "--converge", "--runtime", "stub"],
    ...["--noAssert", "--importMemory", ...options],
  ]);
}
buildKernels("index.ts", "kernel.wasm", ["--enable", "simd", "--zeroFilledMemory"]);
const sharedOptions = ["--enable", "simd,threads,bulk-memory", "--sharedMemory", "--maximumMemory", "65536"];
buildKernels("tokens/index.ts", "tokens.wasm", sharedOptions);

for (const folder of ["src", "test", "bench"]) {
  const dist = join(root, "dist", folder);
  for (const file of existsSync(dist) ? readdirSync(dist, { recursive: true }) : []) {
    if (folder === "src" && file.startsWith("web")) continue;
    const source = /^(.*)\.(?:d\.ts|js|js\.map)$/.exec(file)?.[1];
    if (source !== undefined && !existsSync(join(root, folder, `${source}.ts`))) rmSync(join(dist, file));
  }
}
run(bin("tsc"), ["-p", "tsconfig.json"]);
await Promise.all([buildConsole(), bundleProgram(), bundleThreads()]);
