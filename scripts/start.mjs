// Installs what is missing, builds, and serves. On first run that is a sample: a made-up world on which the main job is done in front of
// you, and in which each page of the console has something to show. One click there makes a clean start: a store of your own, in
// another folder, which is what later starts serve.
//
//     npm start                     sample in ./solely-sample, console and API at http://localhost:7400
//     npm start -- --sample         the sample again, after a clean start
//     npm start -- --port 8000      elsewhere
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { installPackages, root, run } from "./install.mjs";
import { Sample } from "./sample.mjs";
import { ScriptedStore, shown, title } from "./store.mjs";

/** The server ended because an operator left the sample. */
const SAMPLE_ENDED = 3;
const { SOLELY_DATA, SOLELY_OPERATORS } = process.env;
const isSampleAsked = process.argv.includes("--sample");
const serveArgs = process.argv.slice(2).filter((arg) => arg !== "--sample");

const sample = new Sample(SOLELY_DATA ?? join(root, "solely-sample"), SOLELY_OPERATORS);
const own = new ScriptedStore(SOLELY_DATA === undefined ? join(root, "solely-data") : `${SOLELY_DATA}-own`);

installPackages();
run(process.execPath, ["scripts/build.mjs"]);

let server;
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => server?.stop(signal));
process.exitCode = await (own.isThere && !isSampleAsked ? serveOwn(serveArgs) : serveSample());

/** @returns the code that the server ended with, or that of the store that came in its place */
async function serveSample() {
  const { store } = sample;
  // Written when the job is done: a start that was cut off before begins anew.
  if (existsSync(sample.folder) && !existsSync(sample.doneFile)) rmSync(store.data, { recursive: true, force: true });
  const isFirst = !store.isThere;
  if (isFirst) sample.makeStore();
  server = await store.serve(...serveArgs, "--clean-start");
  const { url, ended } = server;
  try {
    if (isFirst) await sample.doTheMainJob(server);
    tellSample();
  } catch (error) {
    server.stop("SIGINT");
    throw error;
  }
  const code = await ended;
  return code === SAMPLE_ENDED ? serveOwn([...withoutPort(serveArgs), "--port", new URL(url).port]) : code;
}

async function serveOwn(args) {
  if (!own.isThere) {
    title("A clean start: an empty store, with two operators; the sample stays as it is");
    own.run("init", "--operator", "alice", "--operator", "bob");
  }
  server = await own.serve(...args);
  tellOwn();
  return server.ended;
}

function withoutPort(args) {
  const at = args.indexOf("--port");
  return at === -1 ? args : args.toSpliced(at, 2);
}

/** One-time links, by which each of the three gets in; without them nobody does. */
function waysIn(store, people) {
  const of = (...args) => store.asked(...args).url;
  const operators = ["alice", "bob"].map((name) => [`operator ${name}`, of("operator", "sign-in", "--as", name)]);
  return [...operators, ...people.map(([who, ...args]) => [who, of(...args)])];
}

function tellWays(ways) {
  console.log(
    "\nEach of these links lets somebody into the console, once, within minutes. A browser is one person at a time: open a second " +
      "one\nin a private window.\n",
  );
  for (const [who, url] of ways) console.log(`  ${who.padEnd(44)} ${url}`);
}

function tellSample() {
  const { store } = sample;
  const { affected, contained, rightly } = sample.people();
  console.log(`
The console is at ${server.origin}. Everything in it is made up, and says so; "Make a clean start" there leaves it for a store of your own.`);
  tellWays(
    waysIn(store, [
      ["advertiser acme", "advertiser", "invite", "acme", "mary"],
      ["somebody the open incident affected", "person", "link", affected],
      ["somebody the contained incident affected", "person", "link", contained],
      ["somebody who was matched rightly", "person", "link", rightly],
    ]),
  );
  console.log(`
The API is in docs/api.md. Look around in another terminal, where a link is had again, too:

${exports(store)}
  npx solely operator sign-in --as alice
  npx solely audience list
  npx solely incident assess security-screens-2021

Stop with Ctrl-C. To begin anew, delete ${shown(store.data)}.`);
}

function tellOwn() {
  console.log(`\nYour own store is served, in ${shown(own.data)}; the console is at ${server.origin}.`);
  tellWays(waysIn(own, []));
  console.log(`
In another terminal, where a link is had again, too:

${exports(own)}
  npx solely operator sign-in --as alice
  npx solely notice propose notices.yaml --as alice      # README.md goes on from here

Both operators' keys are in ${shown(own.operators)}, for trying it out: in earnest each operator has their own (docs/operations.md).
Stop with Ctrl-C. npm start -- --sample comes back to the sample.`);
}

function exports({ data, operators }) {
  return `  export SOLELY_DATA=${data} SOLELY_OPERATORS=${operators}`;
}
