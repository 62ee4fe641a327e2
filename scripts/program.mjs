// Bundles the command line: a few files start in less than half the time of the 700 that it is made of. What is loaded only when
// it is needed, or brings files of its own, stays a package.
import { readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
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
const out = join(root, "dist/src/cli/program");

export async function buildProgram() {
  rmSync(out, { recursive: true, force: true });
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  await build({
    absWorkingDir: root,
    entryPoints: [{ in: "dist/src/cli/main.js", out: "solely" }],
    outdir: out,
    ...{ bundle: true, splitting: true, platform: "node", format: "esm", target: "node20" },
    external: Object.keys(dependencies).filter((name) => !BUNDLED.includes(name)),
    // Packages that are CommonJS ask for Node's modules by it.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    plugins: [{ name: "where-it-was", setup: keepPlaces }],
  });
}

/** A module finds its threads and kernels beside where it was, not beside the bundle. */
function keepPlaces({ onLoad }) {
  onLoad({ filter: /\/dist\/src\/.*\.m?js$/ }, ({ path }) => {
    const place = JSON.stringify(relative(out, path));
    const contents = readFileSync(path, "utf8").replaceAll(
      "import.meta.url",
      `new URL(${place}, import.meta.url).href`,
    );
    return { contents };
  });
}
