// Installs what is missing, builds, and audits the export of a made-up platform that matched security contacts; the files and the
// report are in audit-sample/. With arguments it is `solely audit` itself: npm run audit -- DIR --report report.html
import { join } from "node:path";
import { installPackages, root, run } from "./install.mjs";

installPackages();
run(process.execPath, ["scripts/build.mjs"], { stdio: ["inherit", 2, 2] });
const args = process.argv.slice(2);
run(process.execPath, [
  join(root, "dist/src/cli/program/solely.js"),
  "audit",
  ...(args.length > 0 ? args : ["sample"]),
]);
