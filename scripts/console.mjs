// Builds the console's files: scripts, styles and the kernels for browsers, named by what is in them, each beside its compressed
// forms; index.html names them.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "./install.mjs";

const source = join(root, "src/web");
const out = join(root, "dist/src/web");
/** Reads lists in a thread of its own. */
const LIST_WORKER = "src/web/advertiser/list-worker.ts";
const common = {
  absWorkingDir: root,
  outdir: out,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  ...{ bundle: true, format: "esm", target: "es2022", minify: true, metafile: true, legalComments: "linked" },
};

export async function buildConsole() {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const kernel = readFileSync(join(root, "dist/src/kernel/kernel.wasm"));
  const kernelName = `kernel-${createHash("sha256").update(kernel).digest("hex").slice(0, 8).toUpperCase()}.wasm`;
  writeFileSync(join(out, kernelName), kernel);
  const worker = await build({
    ...common,
    entryPoints: [LIST_WORKER],
    define: { KERNEL_URL: JSON.stringify(`/${kernelName}`) },
    // The rooms' other files are for Node; of them nothing is left in the bundle.
    platform: "node",
  });
  const pages = await build({
    ...common,
    define: { LIST_WORKER_URL: JSON.stringify(`/${nameOf(worker, LIST_WORKER)}`) },
    entryPoints: ["src/web/console.tsx", "src/web/style.css"],
    ...{ splitting: true, jsx: "automatic", jsxImportSource: "preact" },
  });
  const page = readFileSync(join(source, "index.html"), "utf8")
    .replace("console.js", nameOf(pages, "src/web/console.tsx"))
    .replace("style.css", nameOf(pages, "src/web/style.css"));
  writeFileSync(join(out, "index.html"), page);
  for (const file of readdirSync(out)) {
    const bytes = readFileSync(join(out, file));
    writeFileSync(join(out, `${file}.br`), brotliCompressSync(bytes));
    writeFileSync(join(out, `${file}.gz`), gzipSync(bytes, { level: 9 }));
  }
}

/** What the build named an entry. */
function nameOf({ metafile }, entry) {
  const [path] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === entry);
  return path.split("/").at(-1);
}
