/**
 * What every command has in common, found by walking the program's own help; what exit codes and counts mean; and that
 * a contact's value is never taken from an argument.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { makePasskey } from "../authenticator.js";
import { CommandLine, contactsCsv, type Failure, Outcome, program, type Serving } from "./command-line.js";

/** Calls at a time, as many as are worth it on two cores. */
const AT_ONCE = 3;

interface Leaf {
  /** Such as `notice propose`. */
  readonly path: string;
  readonly help: string;
}

const store = new CommandLine();
/** Has a folder of its own, but no store in it. */
const nowhere = new CommandLine();
let server: Serving;
let leaves: Leaf[];

before(async () => {
  [leaves] = await Promise.all([
    allLeaves(),
    store.done(["init", "--operator", "alice", "--operator", "bob"]).then(async () => {
      server = await store.serve();
      await store.adopt([{ id: "ads", purposes: ["ads.match"] }]);
    }),
  ]);
});
after(async () => {
  await server?.stop();
  await Promise.all([store.remove(), nowhere.remove()]);
});

/** Calls one after the other, a few at a time. */
async function each<T>(items: readonly T[], one: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await one(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Names under `Commands:` of a help text; none of a leaf's. */
function commandsIn(help: string): string[] {
  const [listed = ""] = (help.split(/^Commands:\n/m)[1] ?? "").split("\n\n");
  return [...listed.matchAll(/^ {2}([a-z-]+)(?: |$)/gm)].map(([, name]) => name!).filter((name) => name !== "help");
}

/** All commands, asked for level by level. */
async function allLeaves(): Promise<Leaf[]> {
  const found: Leaf[] = [];
  for (let level: string[][] = [[]]; level.length > 0; ) {
    const below: string[][] = [];
    await each(level, async (path) => {
      const { status, stdout: help, stderr } = await nowhere.run([...path, "--help"]);
      assert.deepEqual([status, stderr], [0, ""], `solely ${path.join(" ")} --help`);
      below.push(...commandsIn(help).map((name) => [...path, name]));
      // A command may have others below it.
      if (help.includes("\nExample:\n")) found.push({ path: path.join(" "), help });
    });
    level = below;
  }
  return found;
}

/** Nothing but warnings, reasons and what to do about them. */
function assertQuiet({ stderr, args }: Outcome<unknown>): void {
  const lines = stderr.split("\n").slice(0, -1);
  const isQuiet = lines.every((line) =>
    /^(warning: |error: |waiting for a second signature: | {2}\S|\(--help )/.test(line),
  );
  assert.ok(isQuiet, `solely ${args.join(" ")} says more than reasons:\n${stderr}`);
}

/** The one object, whose reason is also what stderr says. */
function assertFailure(outcome: Outcome<Failure>, code: string): void {
  const { error } = outcome.json;
  assert.equal(error.code, code, `${outcome}`);
  assert.ok(outcome.stderr.includes(`error: ${error.message}\n`), outcome.stderr);
  assert.ok(error.fix === undefined || outcome.stderr.includes(`  ${error.fix}\n`), outcome.stderr);
  assertQuiet(outcome);
}

test("the program has the commands that scripts know", () => {
  const known = [
    ..."init doctor serve world ingest accounts event withdraw erase disown match explain budget proposals approve".split(
      " ",
    ),
    ...["add", "remove", "replace", "passkey", "end-passkey", "sign-in", "list"].map((name) => `operator ${name}`),
    ...["add", "list", "free"].map((name) => `source ${name}`),
    ...["propose", "approve", "list", "show", "retire"].map((name) => `notice ${name}`),
    ...["list", "show", "export", "combine", "delete", "changes"].map((name) => `audience ${name}`),
    ...["add", "list"].map((name) => `advertiser ${name}`),
    ...["create", "list", "revoke"].map((name) => `key ${name}`),
    ...["list", "rotate"].map((name) => `keys ${name}`),
    ..."reveal backup restore compact recover".split(" "),
    "person export",
    ..."audit,audit questions,audit sample".split(","),
    ...["open", "list", "show", "contain", "approve", "undo", "rescan", "tell", "template", "report", "evidence"].map(
      (name) => `incident ${name}`,
    ),
    ...["head", "proof", "export", "verify", "cosign", "audit", "fact-proof"].map((name) => `ledger ${name}`),
  ];
  const paths = leaves.map(({ path }) => path);
  assert.deepEqual(
    known.filter((path) => !paths.includes(path)),
    [],
  );
});

test("every command takes --data and --json, and its help shows an example of it", () => {
  for (const { path, help } of leaves) {
    for (const option of ["--data <dir>", "--json", "--help"]) assert.ok(help.includes(option), `${path}: ${option}`);
    const [, example = ""] = help.split("\nExample:\n");
    assert.ok(example.includes(`solely ${path} `) || example.trim() === `solely ${path}`, `${path}: ${help}`);
  }
});

test("every command's example is right usage, and with --json a failure is one object on stdout", async () => {
  const { publicKey } = nowhere.keyOf("carol", ".");
  for (const name of [
    "carol-2026.pub",
    "contacts.csv",
    "accounts.csv",
    "events.ndjson",
    "customers.csv",
    "unlock-2019.yaml",
  ])
    nowhere.write(name, readFileSync(publicKey));
  const { credential, publicKey: coseKey, host } = makePasskey("ES256");
  nowhere.write("bob.passkey", JSON.stringify({ operator: "bob", credential, publicKey: coseKey, host }));
  nowhere.keyOf("alice", "operators");
  nowhere.keyOf("bob", "operators");
  nowhere.write("canary.ndjson", '{"kind":"email","value":"staff@example.com","for":"security"}\n');
  nowhere.write("notices.yaml", readFileSync(nowhere.notices({ id: "signup", purposes: ["ads.match"] })));
  await each(leaves, async ({ path, help }) => {
    const [, example = ""] = help.split("\nExample:\n");
    const outcome = await inShell(example.trim());
    // These need no store: some find that what they need is not there, others do what they are for.
    const isDone = ["world", "incident template", "audit questions", "audit sample"].includes(path);
    if (isDone) assert.deepEqual([outcome.status, outcome.stderr], [0, ""]);
    else if (path === "init") assertFailure(outcome, "key-exists");
    else if (path === "restore") assertFailure(outcome, "malformed");
    else if (path === "audit") assertFailure(outcome, "unreadable-file");
    else if (["ledger verify", "ledger cosign"].includes(path)) assertFailure(outcome, "no-log");
    else assertFailure(outcome, "not-initialised");
    if (!isDone) assert.equal(outcome.status, 1, `${outcome}`);
  });
  assert.ok(existsSync(join(nowhere.folder, "world", "truth")));
});

const groupOf = (path: string): string => path.split(" ")[0]!;

/** Runs a line as it is typed in a shell, each solely in it with --json. */
function inShell(line: string): Promise<Outcome<Failure>> {
  const script = `solely() { "${process.execPath}" "${program}" "$@" --json; }\n${line}\n`;
  const child = spawn("/bin/sh", ["-c", script], {
    cwd: nowhere.folder,
    env: {
      ...process.env,
      DATABASE_URL: "",
      SOLELY_DATA: nowhere.data,
      SOLELY_OPERATORS: nowhere.operators,
      EMAIL: "",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].setEncoding("utf8").on("data", (text: string) => (said[stream] += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(new Outcome<Failure>([line], status, said.stdout, said.stderr)));
  });
}

test("a command of every group exits 2 when it is used wrongly, says why, and does nothing", async () => {
  // All are declared in one way; the first of each group stands for it.
  const first = leaves.filter(({ path }, i) => i === leaves.findIndex((one) => groupOf(one.path) === groupOf(path)));
  await each(first, async ({ path }) => {
    const outcome = await nowhere.run([...path.split(" "), "--no-such-option"]);
    assert.deepEqual([outcome.status, outcome.stdout], [2, ""], `${outcome}`);
    assert.match(outcome.stderr, /^error: .+\n\(--help shows how it is used\)\n$/);
  });
  assert.ok(!existsSync(nowhere.data) || !existsSync(join(nowhere.data, "solely.json")));
});

test("too few, too many and malformed arguments, unknown commands and bare groups exit 2", async () => {
  const wrong = [
    ["no-such-command"],
    ["notice"],
    ["ingest"],
    ["doctor", "too", "many"],
    ["source", "add", "app", "--freed-limit", "-1", "--as", "alice"],
    ["match", "list.csv", "--advertiser", "acme", "--name", "n", "--append", "--remove"],
    ["match", "list.csv", "--advertiser", "acme", "--name", "n", "--scheme", "no-such-scheme"],
    ["audience", "changes", "--since", "yesterday"],
    ["withdraw", "--account", "u1", "--at", "yesterday"],
    ["serve", "--port", "http"],
    ["keys", "rotate", "share.partner"],
    ["explain", "--account", "u1", "--kind", "email"],
  ];
  await each(wrong, async (args) => {
    const outcome = await store.run(args);
    assert.equal(outcome.status, 2, `${outcome} exits with ${outcome.status}`);
    assert.equal(outcome.stdout, "");
    assert.notEqual(outcome.stderr, "");
  });
});

test("a contact's value that is typed as an argument is refused, and told to nobody", async () => {
  const typed = ["withdraw", "erase", "disown", "explain"].map((command) => [command, "--value", "x@y.example"]);
  await each([...typed, ["explain", "--value=x@y.example"]], async ([command, ...value]) => {
    const args = [command!, "--account", "u1", "--kind", "email", ...value, "--json"];
    const outcome = await store.run<Failure>(args);
    assert.equal(outcome.status, 2, `${outcome}`);
    assertFailure(outcome, "usage");
    assert.doesNotMatch(outcome.stdout + outcome.stderr, /x@y/);
  });
});

interface Counts {
  readonly rows: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly rejectFile: string | null;
}

const row = (n: number, notice = "ads"): string => `u${n},email,p${n}@example.com,${notice},2020-01-01T00:00:00Z`;

test("where some rows are refused the exit is 0, every row is counted once, and the reject file says why", async () => {
  const file = store.write(
    "some.csv",
    contactsCsv(row(1), row(2, "no-such-notice"), row(1), "u3,email,nonsense,ads,1"),
  );
  const ingested = await store.run<Counts>(["ingest", file, "--json"]);
  assert.deepEqual([ingested.status, ingested.stderr], [0, ""]);
  const { rows, accepted, duplicates, refused, rejectFile } = ingested.json;
  assert.deepEqual([rows, accepted, duplicates, refused], [4, 1, 1, 2]);
  assert.equal(rejectFile, `${file}.rejects.csv`);
  const [header, ...lines] = readFileSync(rejectFile!, "utf8").trimEnd().split("\n");
  assert.equal(header, "line,column,code,reason,fix");
  assert.match(lines[0]!, /^3,notice,unknown-notice,.+,.+$/);
  assert.match(lines[1]!, /^5,value,not-an-email,.+,.+$|^5,given_at,bad-time,.+,.+$/);
  assert.equal(lines.length, 2);

  const events = [`{"type":"withdraw","account":"u1","at":"2021-01-01T00:00:00Z"}`, `{"type":"forget","account":"u1"}`];
  const taken = await store.done<Counts>(["event", store.write("some.ndjson", events.join("\n"))]);
  assert.deepEqual([taken.rows, taken.accepted, taken.refused], [2, 1, 1]);
  const accounts = await store.done<Counts>([
    "accounts",
    store.write("accounts.csv", "account,country\nu1,DE\nu2,Germany\n"),
  ]);
  assert.deepEqual([accounts.rows, accounts.accepted, accounts.refused], [2, 1, 1]);
  const list = store.write("list.csv", "email\np1@example.com\nnonsense\n");
  const matched = await store.done<{ rows: number; usable: number; refused: number }>([
    "match",
    list,
    "--advertiser",
    "acme",
    "--name",
    "some",
  ]);
  assert.deepEqual([matched.rows, matched.usable, matched.refused], [2, 1, 1]);
});

test("where no row is accepted, what is refused, waits or fails, the exit is 1, and stderr says why", async () => {
  const none = store.write("none.csv", contactsCsv(row(9, "no-such-notice")));
  const events = store.write("none.ndjson", `{"type":"forget","account":"u1"}\n`);
  const list = store.write("none-list.csv", "email\nnonsense\n");
  const match = ["match", list, "--advertiser", "acme", "--name"];
  const calls: readonly (readonly [RegExp, readonly string[]])[] = [
    [/no row was accepted/, ["ingest", none]],
    [/no row was accepted/, ["event", events]],
    [/no row was accepted/, ["accounts", store.write("none-accounts.csv", "account,country\nu1,Germany\n")]],
    [/no row was usable/, [...match, "none"]],
    [/email address|e-mail address/, ["withdraw", "--account", "u1", "--kind", "email", "--value", "-"]],
    [/no list of this name/, [...match, "new", "--append"]],
    [/can't be opened/, ["ingest", "no-such-file.csv"]],
    [/no source is named/, ["ingest", none, "--source", "no-such-source"]],
    [/no such audience/, ["audience", "export", "a0", "--out", "x.csv"]],
    [/no such account/, ["explain", "--account", "nobody"]],
    [/waiting for a second signature/, ["source", "add", "app", "--as", "alice"]],
    [/no key file/, ["source", "add", "app", "--as", "mallory"]],
    [/no proposal that waits/, ["approve", "00000000", "--as", "bob"]],
    [/is a Solely data folder already/, ["init", "--operator", "carol", "--operator", "dave"]],
  ];
  await each(calls, async ([reason, args]) => {
    const outcome = await store.run(args, { stdin: "nonsense" });
    assert.equal(outcome.status, 1, `${outcome} exits with ${outcome.status}: ${outcome.stderr}`);
    assert.match(outcome.stderr, reason);
    assertQuiet(outcome);
  });
  // A list of a name that is there.
  const again = await store.run<Failure>([...match, "none", "--json"]);
  assert.equal(again.status, 1);
  assertFailure(again, "name-exists");
  const waiting = await store.run<{ proposal: string; waiting: boolean }>([
    "source",
    "add",
    "b",
    "--as",
    "bob",
    "--json",
  ]);
  assert.deepEqual([waiting.status, waiting.json.waiting], [1, true]);
  assert.match(waiting.json.proposal, /^[0-9a-f]{64}$/);
});

test("canaries: what is wrong with their file is told without it, and with none nothing was looked at", async () => {
  const register = (file: string) => store.run(["canary", "register", "--account", "u1", "--contacts", file]);
  const calls: readonly (readonly [RegExp, string])[] = [
    [/the file of contacts is empty/, store.write("none-canary.ndjson", "\n")],
    [/can't be read as JSON lines/, store.write("bad-canary.ndjson", "staff@example.com\n")],
    [/no-such-canary.ndjson can't be read/, "no-such-canary.ndjson"],
  ];
  for (const [reason, file] of calls) {
    const { status, stderr } = await register(file);
    assert.equal(status, 2);
    assert.match(stderr, reason);
    assert.doesNotMatch(stderr, /staff@/);
  }
  const { status, stdout } = await store.run(["canary", "check"]);
  assert.deepEqual([status, stdout], [0, "no canary is registered: nothing was looked at\n"]);
});

test("--data is stronger than SOLELY_DATA, which is stronger than the current folder", async () => {
  const from = (data: string | undefined, variable: string) =>
    store.run(["source", "list", "--json", ...(data === undefined ? [] : ["--data", data])], {
      env: { SOLELY_DATA: variable },
      cwd: nowhere.folder,
    });
  const [first, second, third, last] = await Promise.all([
    from(store.data, nowhere.data),
    from(undefined, store.data),
    from(nowhere.data, store.data),
    from(undefined, ""),
  ]);
  assert.deepEqual([first.status, second.status, third.status, last.status], [0, 0, 1, 1]);
  assert.ok(last.stderr.includes(join(nowhere.folder, "solely-data")), last.stderr);
});

test("long work shows no progress where stderr is no terminal", async () => {
  const args = ["world", "--accounts", "800000", "--seed", "1", "--lists", "bench", "--out", "long"];
  const outcome = await nowhere.run([...args, "--json"]);
  assert.deepEqual([outcome.status, outcome.stderr], [0, ""]);
  assert.ok(readdirSync(join(nowhere.folder, "long", "lists")).length === 2);
});

test("what is written for its owner alone can be read by nobody else", async () => {
  const { audiences } = await store.done<{ audiences: { audience: string }[] }>(["audience", "list"]);
  const out = join(store.folder, "out.csv");
  await store.done(["audience", "export", audiences[0]!.audience, "--out", out]);
  for (const file of [out, join(store.folder, "some.csv.rejects.csv"), join(store.operators, "alice.pem")])
    assert.equal(statSync(file).mode & 0o777, 0o600, file);
});
