/**
 * Through a server or without one: what a command tells when the server is killed under it, a server's file that tells
 * of nobody, two commands at once, and where no contact value is ever left.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CommandLine, contactsCsv, type Failure, program } from "./command-line.js";

const solely = new CommandLine();
const serverFile = join(solely.data, "run", "server.json");

before(async () => {
  await solely.done(["init", "--operator", "alice", "--operator", "bob"]);
  await solely.adopt([{ id: "ads", purposes: ["ads.match"] }]);
});
after(() => solely.remove());

const row = (account: string, value: string, notice = "ads"): string =>
  `${account},email,${value},${notice},2020-01-01T00:00:00Z`;
/** So many rows of this length are more than a command reads before it begins with them. */
const MANY = 150;
const FILLER = "x".repeat(60_000);
/** Rows with a column that a reader warns of: then it is heard that the command has begun. */
const noted = (rows: readonly string[]): string =>
  contactsCsv(...rows.map((cells) => `${cells},${FILLER}`)).replace("given_at\n", "given_at,extra\n");
const rowsOf = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => row(`${name}${n}`, `${name}${n}@example.com`));

interface Health {
  readonly isHealthy: boolean;
  readonly accounts: number;
}

test("when the server is killed in the middle of a command, the command says so, and the store is whole", async () => {
  const server = await solely.serve();
  const call = solely.begin<Failure>(["ingest", "-", "--json"]);
  call.child.stdin.write(noted(rowsOf("killed", MANY)));
  await call.hasSaid(/warning: ignored columns: extra/);
  await server.stop("SIGKILL");
  call.child.stdin.end();
  const outcome = await call.outcome;
  assert.equal(outcome.status, 1);
  assert.equal(outcome.json.error.code, "server-gone");
  assert.match(outcome.stderr, /^error: the server ended before it answered/m);
  assert.ok(existsSync(serverFile), "a killed server takes nothing back");
  const { isHealthy } = await solely.done<Health>(["doctor"]);
  assert.ok(isHealthy);
});

test("a server's file that is stale or torn is passed over, and a new server's takes its place", async () => {
  const stale = readFileSync(serverFile, "utf8");
  await solely.done(["source", "list"]);
  for (const torn of ["", stale.slice(0, 20), '{"url":"http://127.0.0.1:1"}']) {
    solely.write("data/run/server.json", torn);
    await solely.done(["source", "list"]);
  }
  const server = await solely.serve();
  const { pid, url, key } = JSON.parse(readFileSync(serverFile, "utf8")) as { pid: number; url: string; key: string };
  assert.deepEqual([pid, url], [server.pid, server.url]);
  assert.ok(!stale.includes(key), "each run of a server has a key of its own");
  assert.equal(statSync(serverFile).mode & 0o777, 0o600);
  assert.equal((await server.stop()).status, 0);
  assert.ok(!existsSync(serverFile));
});

test("without a server a second command waits until the first is done, and both are", async () => {
  const first = solely.begin<{ accepted: number }>(["ingest", "-", "--json"]);
  first.child.stdin.write(noted(rowsOf("first", MANY)));
  await first.hasSaid(/warning: ignored columns: extra/);
  const second = solely.begin<{ accepted: number }>(["ingest", "-", "--json"], {
    stdin: contactsCsv(...rowsOf("second", 10)),
  });
  const soon = new Promise<string>((resolve) => setTimeout(() => resolve("waits"), 2000));
  assert.equal(await Promise.race([soon, second.outcome]), "waits");
  first.child.stdin.end();
  const [one, other] = await Promise.all([first.outcome, second.outcome]);
  assert.deepEqual([one.status, other.status], [0, 0], one.stderr + other.stderr);
  assert.deepEqual([one.json.accepted, other.json.accepted], [MANY, 10]);
  const { isHealthy } = await solely.done<Health>(["doctor"]);
  assert.ok(isHealthy);
});

test("no contact value, and no digest of one, is in a file of the data folder, on stderr or in an argument", async () => {
  const values = ["given", "refused", "guarded", "listed", "unlisted", "withdrawn", "asked"].map(
    (name) => `Very.Own-${name}@Values.example`,
  );
  const [given, refused, guarded, listed, unlisted, withdrawn, asked] = values as [string, ...string[]];
  const needles = values.flatMap((value) =>
    [value, value.toLowerCase()].flatMap((form) => {
      const digest = createHash("sha256").update(form).digest();
      return [Buffer.from(form), digest, Buffer.from(digest.toString("hex"))];
    }),
  );
  const found = (bytes: Buffer): boolean => needles.some((needle) => bytes.includes(needle));
  const list = `email\n${listed}\n${unlisted}\n${unlisted}@\n${guarded}\n`;
  const said: string[] = [];
  const tell = async (stdin: string, ...args: readonly string[]): Promise<void> => {
    const { stdout, stderr } = await solely.run(args, { stdin });
    said.push(stdout, stderr);
  };
  const inArguments = await argumentsDuring(found, async () => {
    const server = await solely.serve();
    await solely.adopt([{ id: "two-factor", purposes: ["security.mfa"], exclusive: true }]);
    const rows = [row("v1", given!), row("v2", `${refused}@`), row("v3", refused!, "no-such"), row("v4", withdrawn!)];
    await tell(contactsCsv(...rows, row("v5", guarded!, "two-factor"), row("v6", listed!)), "ingest", "-");
    await tell(list, "match", "-", "--advertiser", "acme", "--name", "values");
    const of = (account: string): string[] => ["--account", account, "--kind", "email", "--value", "-"];
    await tell(`${withdrawn}\n`, "withdraw", ...of("v4"));
    await tell(`${withdrawn}@\n`, "withdraw", ...of("v4"));
    await tell(asked!, "explain", ...of("v1"));
    await tell(given!, "explain", ...of("v1"), "--json");
    await tell("{}", "explain", ...of("v1"));
    said.push((await server.stop()).stderr);
  });

  assert.match(said.join(""), /"isPermitted":true/);
  assert.ok(!said.some((text) => found(Buffer.from(text))), said.join(""));
  assert.ok(found(Buffer.from(list)), "what is looked for is not what came in");
  assert.deepEqual(inArguments, []);
  const files = filesIn(solely.data);
  assert.ok(files.length > 500);
  for (const file of [...files, join(solely.folder, "stdin.rejects.csv")])
    assert.ok(!found(readFileSync(file)), `a value is in ${file}`);
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name));
}

/** Arguments of processes in which something was found while work was done; where there is no /proc, none are seen. */
async function argumentsDuring(found: (bytes: Buffer) => boolean, work: () => Promise<void>): Promise<string[]> {
  const seen = new Set<string>();
  const look = () => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        const args = readFileSync(`/proc/${pid}/cmdline`);
        if (found(args)) seen.add(args.toString().replaceAll("\0", " "));
      } catch {
        // it has ended
      }
    }
  };
  const timer = existsSync("/proc/self/cmdline") ? setInterval(look, 20) : undefined;
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return [...seen];
}

/** An ordinary user to run as; or why there is none. */
function ordinaryUser(): { readonly user?: number } | { readonly skip: string } {
  if (process.getuid?.() !== 0) return {};
  const user = 65534;
  const canRead = spawnSync(process.execPath, [program, "--version"], { uid: user, gid: user, cwd: "/" });
  if (canRead.error !== undefined) return { skip: `root can't become another user here: ${canRead.error.message}` };
  return canRead.status === 0 ? { user } : { skip: "another user can't read the program here" };
}

test("refused rows are told beside the input, or in the data folder where that can't be written", async (t) => {
  const found = ordinaryUser();
  if ("skip" in found) return t.skip(found.skip);
  const theirs = new CommandLine();
  try {
    const input = join(theirs.folder, "input");
    const home = join(theirs.folder, "home");
    for (const folder of [input, home]) mkdirSync(folder);
    const file = theirs.write("input/contacts.csv", contactsCsv(row("u1", "Secret.Value@there.example", "no-such")));
    const env = { SOLELY_DATA: join(home, "data"), SOLELY_OPERATORS: join(home, "operators"), HOME: home };
    const as = { ...found, env, cwd: input };
    if (found.user !== undefined) {
      chmodSync(theirs.folder, 0o711);
      for (const folder of [input, home]) chownSync(folder, found.user, found.user);
    }
    await theirs.done(["init", "--operator", "alice", "--operator", "bob"], as);

    const beside = await theirs.run(["ingest", file], as);
    assert.equal(beside.status, 1);
    const expected = [
      { mode: 0o755, rejectFile: `${file}.rejects.csv` },
      { mode: 0o555, rejectFile: join(env.SOLELY_DATA, "rejects", "contacts.csv.rejects.csv") },
    ];
    rmSync(`${file}.rejects.csv`);
    for (const { mode, rejectFile } of expected) {
      chmodSync(input, mode);
      const { status, stdout } = await theirs.run(["ingest", file], as);
      assert.equal(status, 1);
      assert.ok(stdout.includes(`refused rows, and why: ${rejectFile}\n`), stdout);
      const told = readFileSync(rejectFile, "utf8");
      assert.match(told, /^line,column,code,reason,fix\n2,notice,unknown-notice,/);
      assert.doesNotMatch(told + stdout, /secret\.value/i);
      assert.equal(statSync(rejectFile).mode & 0o777, 0o600);
    }
    chmodSync(input, 0o755);
  } finally {
    await theirs.remove();
  }
});
