/** Shadow mode as an operator runs it: through a running server and without one, its files, and what it refuses. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Comparison } from "../../src/shadow/index.js";
import { CommandLine, contactsCsv, type Failure } from "./command-line.js";

let shell: CommandLine;
let file: string;
before(async () => {
  shell = await CommandLine.withStore();
  await shell.adopt([
    { id: "ads", purposes: ["ads.match"] },
    { id: "mfa", purposes: ["security.mfa"], exclusive: true },
  ]);
  const row = (account: string, notice: string) =>
    `${account},email,${account}@example.com,${notice},2019-01-01T00:00:00Z`;
  await shell.done(["ingest", shell.write("contacts.csv", contactsCsv(row("ann", "ads"), row("ben", "mfa")))]);
  const list = shell.write("list.csv", "email\nann@example.com\nben@example.com\n");
  await shell.done(["match", list, "--advertiser", "acme", "--name", "customers"]);
  const rows = ["ann", "ben"].map((account) => `acme,customers,${account},email,${account}@example.com\n`).join("");
  file = shell.write("matched.csv", `advertiser,list,account,kind,value\n${rows}acme,customers,,,\n`);
});
after(() => shell.remove());

test("it says the same through a server and without one, writes what was asked for, and names nobody on a terminal", async () => {
  const [html, json, people] = ["reach.html", "reach.json", "lost.csv"].map((name) => join(shell.folder, name));
  const { madeAt: _, ...alone } = await shell.done<Comparison>(["audit", "--shadow", file, "--report", json!]);
  assert.deepEqual([alone.there, alone.here, alone.byRule, alone.refused], [2, 1, { "never-for-ads": 1 }, 1]);
  const written: Comparison = JSON.parse(readFileSync(json!, "utf8"));
  assert.deepEqual({ ...written, madeAt: "" }, { ...alone, madeAt: "" });
  const rejected = readFileSync(`${file}.rejects.csv`, "utf8");
  assert.match(rejected, /^4,account,missing-field,/m);
  const server = await shell.serve();
  try {
    const said = await shell.run(["audit", "--shadow", "-", "--report", html!, "--people", people!], {
      stdin: readFileSync(file),
    });
    assert.deepEqual([said.status, said.stderr], [0, ""]);
    assert.match(said.stdout, /^ {2}never-for-ads +1$/m);
    assert.doesNotMatch(said.stdout, /ben|@example/);
    assert.match(readFileSync(html!, "utf8"), /<h1>What it costs in reach/);
    assert.match(readFileSync(people!, "utf8"), /^ben,acme,l[0-9a-f]{16},there,never-for-ads,email,mfa@1,/m);
    for (const path of [html!, people!]) assert.equal(statSync(path).mode & 0o777, 0o600);
  } finally {
    const { stdout, stderr } = await server.stop();
    assert.doesNotMatch(stdout + stderr, /@example|\bben\b/);
  }
});

test("what is typed wrong, or can't be read or written, is said, and nothing is written", async () => {
  const fails = async (code: string, status: number, ...args: string[]) => {
    const outcome = await shell.run<Failure>(["audit", ...args, "--json"]);
    assert.deepEqual([outcome.json.error.code, outcome.status], [code, status], `${outcome}`);
  };
  const wrong = join(shell.folder, "reach.pdf");
  await fails("usage", 2);
  await fails("usage", 2, shell.folder, "--shadow", file);
  await fails("usage", 2, "--shadow", file, "--claim", file);
  await fails("usage", 2, "--shadow", file, "--report", wrong);
  await fails("unwritable-file", 1, "--shadow", file, "--people", wrong);
  await fails("unwritable-file", 1, "--shadow", file, "--report", join(shell.folder, "no", "such.html"));
  await fails("unreadable-file", 1, "--shadow", join(shell.folder, "no-such.csv"));
  await fails("missing-column", 1, "--shadow", shell.write("short.csv", "advertiser,list\nacme,customers\n"));
  assert.ok(!existsSync(wrong));
  const none = await shell.run(["audit", "--shadow", shell.write("none.csv", "advertiser,list,account\nacme,,ann\n")]);
  assert.equal(none.status, 1);
  assert.match(none.stderr, /no row could be read/);
});
