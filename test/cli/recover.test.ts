/** A backup that was put back, as operators see it on the command line: refused, told again, recovered by two. */
import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CommandLine, contactsCsv } from "./command-line.js";

let solely: CommandLine;
before(async () => {
  solely = await CommandLine.withStore();
  await solely.adopt([{ id: "ads", purposes: ["ads.match"] }]);
  const rows = contactsCsv("u1,email,u1@example.com,ads,2024-01-01T00:00:00Z");
  await solely.done(["ingest", solely.write("contacts.csv", rows)]);
});
after(() => solely.remove());

test("a restored store says that it is behind, serves nothing, and is current when two operators have signed", async () => {
  const list = solely.write("list.csv", "email\nu1@example.com\n");
  const match = (name: string) => ["match", list, "--advertiser", "acme", "--name", name];
  const { checkpoint } = await solely.done<{ checkpoint: string }>(
    ["init", "--operator", "carol", "--operator", "dave", "--checkpoint", join(solely.folder, "kept"), "--json"],
    { env: { SOLELY_DATA: join(solely.folder, "second") } },
  );
  assert.equal(checkpoint, join(solely.folder, "kept"));
  assert.equal((await solely.done<{ isCurrent: boolean }>(["recover"])).isCurrent, true);
  await solely.done(["backup", "a.backup"]);
  await solely.done(["withdraw", "--account", "u1"]);
  cpSync(join(solely.data, "keys"), join(solely.folder, "keys"), { recursive: true });
  rmSync(solely.data, { recursive: true });
  cpSync(join(solely.folder, "keys"), join(solely.data, "keys"), { recursive: true });

  const restored = await solely.run(["restore", "a.backup"]);
  assert.equal(restored.status, 0, restored.stderr);
  assert.match(restored.stderr, /serves nothing until it is recovered: the ledger has \d+ leaves, and had \d+/);
  const { code, fix } = await solely.refused(match("one"));
  assert.equal(code, "behind-checkpoint");
  assert.match(fix!, /solely recover/);
  const shown = await solely.run(["recover"]);
  assert.equal(shown.status, 1);
  assert.match(shown.stdout, /^NOT CURRENT: the ledger has/);
  assert.equal((await solely.run(["doctor"])).status, 1);

  await solely.done(["withdraw", "--account", "u1"]);
  const proposed = await solely.run<{ proposal: string; waiting: boolean }>(["recover", "--as", "alice", "--json"]);
  assert.equal(proposed.status, 1);
  assert.match(
    proposed.stderr,
    /accept the ledger of \d+ leaves \(.*\), and give up the kept checkpoint of \d+ leaves/,
  );
  const { proposal } = proposed.json;
  assert.equal((await solely.refused(["approve", proposal, "--as", "alice"])).code, "same-operator");
  await solely.done(["approve", proposal, "--as", "bob"]);
  assert.equal((await solely.done<{ isCurrent: boolean }>(["recover"])).isCurrent, true);
  await solely.done(match("two"));
  assert.equal((await solely.run(["doctor"])).status, 0);
});
