// Installs what is missing, then checks, builds and runs every test: once on the embedded PostgreSQL, and those that open
// a store once more on a PostgreSQL server. The last line is the count; before it, what failed is said once more.
//
//     npm test                      everything
//     npm test -- src/list          tests whose path contains one of the words, on the embedded PostgreSQL only
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { run as runTests } from "node:test";
import { spec } from "node:test/reporters";
import { installChromium, installPackages, installPostgres, installSoftHsm, root, run } from "./install.mjs";

/** A test that takes longer hangs. */
const LIMIT_MS = 15 * 60_000;
const CONCURRENCY = 2;
const SLOWEST = 25;

const wanted = process.argv.slice(2);
installPackages();
run(process.execPath, ["scripts/build.mjs"]);
const isChecked = spawnSync(process.execPath, ["scripts/check.mjs"], { cwd: root, stdio: "inherit" }).status === 0;
const total = { pass: isChecked ? 1 : 0, fail: isChecked ? 0 : 1, skipped: 0 };
const failed = isChecked ? [] : ["types, lint and rooms: npm run check"];

const files = ["src", "test"]
  .flatMap((folder) => readdirSync(join(root, "dist", folder), { recursive: true }).map((file) => join(folder, file)))
  .filter((file) => file.endsWith(".test.js"))
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
  .sort()
  .map((file) => join(root, "dist", file));
const withoutHsm = files.some((file) => file.includes("key-service")) ? installSoftHsm() : undefined;
if (withoutHsm !== undefined) console.log(`a key service behind PKCS#11 is not tested: ${withoutHsm}`);
const withoutBrowser = files.some((file) => /(audit|report)-page|browser|console/.test(file))
  ? installChromium()
  : undefined;
if (withoutBrowser !== undefined) console.log(`nothing is opened in a browser: ${withoutBrowser}`);
await runAll(files);
/** Random histories and worlds, sizes, pages, and routes but those that take rows: they ask of a server what they asked of the embedded database. */
const ASKED_ONCE =
  /(last-promise|as-known|affected-histories|two-times|shadow-world|sizes|million)\.test\.js$|\/console\/|\/http\/(?!lists|showings)/;
/** A server is killed by nobody: what dies there is the process alone. */
const KILLS_ON_SERVER = "15";
if (wanted.length === 0) {
  const opensStore = (file) => /(fresh|served|world)-store\.js/.test(readFileSync(file, "utf8"));
  await runOnServer(files.filter((file) => opensStore(file) && !ASKED_ONCE.test(file)));
}

for (const what of failed) console.log(`failed: ${what}`);
console.log(`${total.pass} passed, ${total.fail} failed, ${total.skipped} skipped`);
process.exit(total.fail === 0 && total.pass > 1 ? 0 : 1);

async function runAll(files) {
  const events = runTests({ files, concurrency: CONCURRENCY, timeout: LIMIT_MS });
  const seconds = new Map();
  const note = ({ nesting, file, details }) => {
    if (nesting === 0 && file !== undefined) seconds.set(file, (seconds.get(file) ?? 0) + details.duration_ms / 1000);
  };
  events.on("test:pass", note);
  events.on("test:fail", note);
  events.on("test:fail", ({ name, file, details: { error } }) => {
    if (error.code === "ERR_TEST_FAILURE" && error.failureType === "subtestsFailed") return;
    const [why] = String(error.cause?.message ?? error.message).split("\n");
    failed.push(`${relative(join(root, "dist"), file ?? root)}: ${name}: ${why}`);
  });
  events.on("test:diagnostic", ({ nesting, message }) => {
    const [, what, number] = /^(pass|fail|cancelled|skipped) (\d+)$/.exec(message) ?? [];
    if (nesting !== 0 || what === undefined) return;
    total[what === "cancelled" ? "fail" : what] += Number(number);
  });
  const report = events.compose(new spec());
  report.pipe(process.stdout);
  await new Promise((resolve) => report.on("end", resolve));
  const slowest = [...seconds].sort(([, a], [, b]) => b - a).slice(0, SLOWEST);
  console.log("\nthe slowest files, in seconds:");
  for (const [file, took] of slowest)
    console.log(`${took.toFixed(0).padStart(6)}  ${relative(join(root, "dist"), file)}`);
}

async function runOnServer(files) {
  const reason = installPostgres();
  const { startPostgresServer } = await import("../dist/test/postgres-server.js");
  const server = reason === undefined ? await startPostgresServer() : { skipped: reason };
  if ("skipped" in server) {
    console.log(`skipped: ${files.length} test files on a PostgreSQL server: ${server.skipped}`);
    total.skipped += files.length;
    return;
  }
  console.log(`\nthe tests that open a store, on a PostgreSQL server:`);
  process.env.SOLELY_TEST_DATABASE = await server.newDatabase();
  process.env.SOLELY_KILLS ??= KILLS_ON_SERVER;
  await runAll(files);
  await server.stop();
}
