// Installs what is missing, builds, and on first run makes a sample world and does the main job on it in front of you:
// notices, contacts in, advertisers' lists in, audiences out, the first size of one, and the proof that no security contact is
// in one. Then serves.
//
//     npm start                     sample in ./solely-sample, API at http://127.0.0.1:7400
//     npm start -- --port 8000      elsewhere
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installPackages, root, run } from "./install.mjs";

const ACCOUNTS = 20_000;
/** The sample's terms of sizes: the first is drawn at the next whole minute. */
const SIZES = { firstReleaseMinutes: 0 };
/** A size is drawn at a whole minute, and shows at the next one. */
const LONGEST_WAIT_S = 150;
const data = process.env.SOLELY_DATA ?? join(root, "solely-sample");
const sample = join(data, "sample");
const world = join(sample, "world");
const cli = join(root, "dist/src/cli/main.js");
// The sample's operators are nobody's: their keys lie beside it, not among yours.
const env = {
  ...process.env,
  SOLELY_DATA: data,
  SOLELY_OPERATORS: process.env.SOLELY_OPERATORS ?? `${data}-operators`,
};

installPackages();
run(process.execPath, ["scripts/build.mjs"]);
// Written when the job is done: a start that was cut off before begins anew.
const done = join(sample, "done");
if (existsSync(sample) && !existsSync(done)) rmSync(data, { recursive: true, force: true });
const isFirst = !existsSync(join(data, "solely.json"));
if (isFirst) makeStore();
const server = await startServer();
process.once("SIGINT", () => server.kill("SIGINT"));
process.once("SIGTERM", () => server.kill("SIGTERM"));
try {
  if (isFirst) {
    await doTheMainJob();
    writeFileSync(done, "");
  }
} catch (error) {
  server.kill("SIGINT");
  throw error;
}
console.log(`
Serving; the API is in docs/api.md. Look around in another terminal:

  export SOLELY_DATA=${data} SOLELY_OPERATORS=${env.SOLELY_OPERATORS}
  npx solely audience list
  npx solely doctor
  npx solely key create --scope serve

Stop with Ctrl-C. To begin anew, delete ${relative(process.cwd(), data) || data}.`);
process.exitCode = await new Promise((resolve) => server.once("exit", (code) => resolve(code ?? 0)));

function makeStore() {
  title("A store, with two operators: nothing is loosened unless both sign");
  mkdirSync(sample, { recursive: true });
  // Of a sample that is no more.
  if (process.env.SOLELY_OPERATORS === undefined) rmSync(env.SOLELY_OPERATORS, { recursive: true, force: true });
  solely("init", "--operator", "alice", "--operator", "bob");
  const config = join(data, "solely.json");
  writeFileSync(config, `${JSON.stringify({ ...JSON.parse(readFileSync(config, "utf8")), sizes: SIZES }, null, 2)}\n`);
  console.log(`  in ${shown(config)}: "sizes": ${JSON.stringify(SIZES)}, the sample's alone; the default is an hour`);
  title(
    `A sample world of ${ACCOUNTS.toLocaleString("en")} accounts; of five contacts two were given for security alone`,
  );
  solely("world", "--accounts", String(ACCOUNTS), "--seed", "7", "--out", world);
}

async function doTheMainJob() {
  title("Notices: what people were told when they gave a contact; alice proposes, bob approves");
  const { proposals } = solelyJson("notice", "propose", join(world, "notices.yaml"), "--as", "alice");
  const ids = [...new Set(proposals.map(({ review }) => review.notice.id))];
  solely("notice", "approve", ...ids, "--as", "bob", "--yes");
  title("Contacts in, as people gave them; what the platform knows of accounts; what people took back");
  solely("ingest", join(world, "contacts.csv"));
  solely("accounts", join(world, "accounts.csv"));
  solely("event", join(world, "events.ndjson"));
  title("An advertiser's list in, an audience out; operators can look at its members before anything of it is served");
  const audience = matchAndCheck("meta-template");
  title("A list of nothing but contacts that people gave for security: two-factor, recovery, unlocking, login alerts");
  matchAndCheck("security-contacts");
  await showSizes();
  title("What is large enough is served, and only that: the export is for serving now");
  const out = join(sample, "for-serving.csv");
  solely("audience", "export", audience, "--out", out);
  checkAgainst("meta-template", out, "account");
  title("The proof over everything, from the facts");
  solely("doctor");
}

/** Matches a list of the world, and holds the members of its audience against the truth that the world was written with. */
function matchAndCheck(name) {
  const { lists } = JSON.parse(readFileSync(join(world, "lists.json"), "utf8"));
  const { file, scheme } = lists.find((list) => list.name === name);
  const { audience } = solelyJson(
    ...["match", join(world, "lists", file), "--advertiser", "acme", "--name", name, "--scheme", scheme],
  );
  const out = join(sample, `${name}.csv`);
  solely("audience", "export", audience, "--out", out, "--unreleased");
  checkAgainst(name, out, "account_not_for_serving");
  return audience;
}

function checkAgainst(name, out, header) {
  const truth = join(world, "truth", `${name}.csv`);
  const accounts = readFileSync(truth, "utf8").replace(/^account\n/, "");
  if (readFileSync(out, "utf8") !== `${header}\n${accounts}`) throw new Error(`${out} is not who is in ${name}`);
  console.log(`  the same accounts, to the byte, as the truth: ${shown(truth)}`);
}

/** Waits until the sizes of all audiences are released. */
async function showSizes() {
  title(
    "Sizes: counted and drawn with noise once, at a whole minute, and shown at the next; below 1,000 nothing is told",
  );
  const list = () => JSON.parse(asked("audience", "list", "--json")).audiences;
  const isPending = ({ status }) => status === "pending";
  const showsMs = Math.max(...list().map(({ nextReleaseAt }) => Date.parse(nextReleaseAt)));
  const seconds = Math.max(0, Math.ceil((showsMs - Date.now()) / 1000));
  console.log(`  waiting for them to show, about ${seconds} s (at most ${LONGEST_WAIT_S})`);
  const deadlineMs = Date.now() + LONGEST_WAIT_S * 1000;
  while (list().some(isPending)) {
    if (Date.now() > deadlineMs) throw new Error(`no size shows after ${LONGEST_WAIT_S} s`);
    await sleep(2000);
  }
  solely("audience", "list");
  title("What that has cost of the advertiser's budget of privacy");
  solely("budget");
}

function title(text) {
  console.log(`\n\x1b[1m${text}\x1b[0m`);
}

/** Runs a command as you would type it. */
function solely(...args) {
  console.log(`$ solely ${args.map(shown).join(" ")}`);
  const { status } = spawnSync(process.execPath, [cli, ...args], { stdio: "inherit", env });
  if (status !== 0) throw new Error(`solely ${args[0]} exited with ${status}`);
}

function solelyJson(...args) {
  console.log(`$ solely ${args.map(shown).join(" ")}`);
  return JSON.parse(asked(...args, "--json"));
}

/** What a command answers. */
function asked(...args) {
  const { status, stdout } = spawnSync(process.execPath, [cli, ...args], {
    stdio: ["inherit", "pipe", "inherit"],
    env,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`solely ${args[0]} exited with ${status}`);
  return stdout.toString();
}

/** Paths from here. */
function shown(arg) {
  return arg.startsWith(root) ? relative(process.cwd(), arg) : arg;
}

/** The server, once it answers. */
async function startServer() {
  const child = spawn(process.execPath, [cli, "serve", "--json", ...process.argv.slice(2)], {
    stdio: ["ignore", "pipe", "inherit"],
    env,
  });
  const { url } = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (bytes) => {
      text += bytes;
      if (text.endsWith("\n")) resolve(JSON.parse(text));
    });
    child.once("exit", (code) => reject(new Error(`solely serve exited with ${code}`)));
  });
  console.log(`\nserver at ${url}`);
  return child;
}
