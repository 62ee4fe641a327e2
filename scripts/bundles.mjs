// Bundles the command line, and each of the threads: a few files start in a fraction of the time of the hundreds that they are
// made of. What is loaded only when it is needed, or brings files of its own, stays a package.
import { readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build } from "esbuild";
import { root } from "./install.mjs";

const BUNDLED = [
  "cli-progress",
  "commander",
  "hyparquet",
  "hyparquet-compressors",
  "hyparquet-writer",
  "libphonenumber-js",
  "yaml",
  "zod",
];
const THREADS = [
  "audit/worker",
  "intake/leaf-worker",
  "intake/worker",
  "list/worker",
  "match/keeper",
  "match/worker",
  "showing/leaf-worker",
  "showing/worker",
  "store/writer-worker",
];
const src = join(root, "src");
const dist = join(root, "dist/src");
const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const external = Object.keys(dependencies).filter((name) => !BUNDLED.includes(name));

/** In a folder of its own. */
export async function bundleProgram() {
  const outdir = join(dist, "cli/program");
  rmSync(outdir, { recursive: true, force: true });
  await bundle(outdir, { entryPoints: [{ in: "src/cli/main.ts", out: "solely" }], splitting: true });
}

/** Each in place of the file that the compiler made of its module. */
export async function bundleThreads() {
  const maps = { sourcemap: true, sourcesContent: false };
  await Promise.all(
    THREADS.map((thread) => bundle(dirname(join(dist, thread)), { entryPoints: [`src/${thread}.ts`], ...maps })),
  );
}

function bundle(outdir, options) {
  return build({
    absWorkingDir: root,
    outdir,
    ...{ bundle: true, platform: "node", format: "esm", target: "node20" },
    external,
    // Packages that are CommonJS ask for Node's modules by it.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    plugins: [{ name: "where-it-was", setup: (plugin) => keepPlaces(plugin, outdir) }],
    ...options,
  });
}

/** A module finds its threads and kernels beside where it would be, not beside the bundle. */
function keepPlaces({ onLoad }, outdir) {
  onLoad({ filter: /\.m?ts$/ }, ({ path }) => {
    const place = relative(outdir, join(dist, relative(src, path)).replace(/ts$/, "js"));
    const url = `new URL(${JSON.stringify(place)}, import.meta.url).href`;
    return { contents: readFileSync(path, "utf8").replaceAll("import.meta.url", url), loader: "ts" };
  });
}
