// Writes docs/api.md from the table of routes.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./install.mjs";

run(process.execPath, ["scripts/build.mjs"]);
const { apiReference } = await import("../dist/src/http/index.js");
writeFileSync(join(root, "docs/api.md"), apiReference());
