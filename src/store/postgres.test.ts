/** The supervisor: one embedded server per data folder, whoever starts, dies or races. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import pg from "pg";
import { clusterFiles } from "./cluster.js";
import { Store, StoreError } from "./index.js";
import { type RunningPostgres, startPostgres } from "./postgres.js";

const home = mkdtempSync(join(tmpdir(), "solely-postgres-"));
const started: RunningPostgres[] = [];
after(async () => {
  for (const postgres of started) await postgres.stop();
  rmSync(home, { recursive: true, force: true });
});

async function start(dataDir: string): Promise<RunningPostgres> {
  const postgres = await startPostgres(dataDir);
  started.push(postgres);
  return postgres;
}

async function ask(postgres: RunningPostgres, question: string): Promise<string> {
  const client = new pg.Client(postgres.connection);
  await client.connect();
  try {
    const { rows } = await client.query<{ answer: string }>(question);
    return rows[0]?.answer ?? "";
  } finally {
    await client.end();
  }
}

const pidFileOf = (dataDir: string) => join(clusterFiles(dataDir).cluster, "postmaster.pid");

test("two first starts at once, in two processes each, end with one server that all of them use", async () => {
  const dataDir = join(home, "race");
  const module = JSON.stringify(new URL("./postgres.js", import.meta.url));
  const script = `const { startPostgres } = await import(${module});
    process.stdout.write(String((await startPostgres(process.argv[1])).pid));`;
  const elsewhere = [1, 2].map(
    () =>
      new Promise<string>((done) => {
        const child = spawn(process.execPath, ["--input-type=module", "-e", script, dataDir]);
        let said = "";
        child.stdout.on("data", (text: Buffer) => {
          said += text.toString();
        });
        child.on("close", () => done(said));
      }),
  );
  const [a, b] = await Promise.all([start(dataDir), start(dataDir)]);
  assert.equal(a.pid, b.pid);
  assert.deepEqual(await Promise.all(elsewhere), [String(a.pid), String(a.pid)]);
  assert.deepEqual(
    spawnSync("ls", ["-A", dataDir], { encoding: "utf8" }).stdout.trim().split("\n"),
    ["postgres"],
    "nothing is left of the cluster that came second",
  );
});

test("the server is durable, checked, unreachable from a network, and logs no statement", async () => {
  const postgres = await start(join(home, "race"));
  const wanted = {
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    data_checksums: "on",
    listen_addresses: "",
    log_statement: "none",
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    log_parameter_max_length: "0",
    log_parameter_max_length_on_error: "0",
    password_encryption: "scram-sha-256",
    server_encoding: "UTF8",
  };
  for (const [name, value] of Object.entries(wanted)) {
    assert.equal(await ask(postgres, `SELECT current_setting('${name}') AS answer`), value, name);
  }
  assert.equal(statSync(clusterFiles(join(home, "race")).password).mode & 0o777, 0o600);
  const wrong = new pg.Client({ ...postgres.connection, password: "wrong" });
  await assert.rejects(wrong.connect());
});

test("a server that nobody owns any more is adopted, not started twice", async () => {
  const dataDir = join(home, "race");
  const first = await start(dataDir);
  const second = await start(dataDir);
  assert.equal(second.pid, first.pid);
  await second.stop();
  assert.equal(existsSync(pidFileOf(dataDir)), false);
  assert.notEqual((await start(dataDir)).pid, first.pid);
});

test("a pid file left by kill -9 does not stop the next start, though its number belongs to another process", async () => {
  const dataDir = join(home, "race");
  const { pid } = await start(dataDir);
  const text = readFileSync(pidFileOf(dataDir), "utf8");
  process.kill(pid, "SIGKILL");
  const again = await start(dataDir);
  assert.notEqual(again.pid, pid);
  await again.stop();
  const bystander = spawn("sleep", ["100"], { uid: statSync(clusterFiles(dataDir).cluster).uid });
  try {
    writeFileSync(pidFileOf(dataDir), text.replace(/^\d+/, String(bystander.pid)));
    assert.equal(await ask(await start(dataDir), "SELECT 'yes' AS answer"), "yes");
    assert.equal(bystander.exitCode, null);
  } finally {
    bystander.kill();
  }
});

test("a data folder whose path is too long for a socket still gets one", async () => {
  const dataDir = join(home, "deep".repeat(20), "folder".repeat(10));
  const postgres = await start(dataDir);
  assert.equal(await ask(postgres, "SELECT 'yes' AS answer"), "yes");
  assert.equal((await start(dataDir)).pid, postgres.pid);
  await postgres.stop();
  assert.equal(existsSync(String(postgres.connection.host)), false);
});

test("a cluster without its password file is refused with a way out", async () => {
  const dataDir = join(home, "no-password");
  await (await start(dataDir)).stop();
  rmSync(clusterFiles(dataDir).password);
  await assert.rejects(start(dataDir), (thrown) => thrown instanceof StoreError && thrown.code === "access-refused");
});

test("the last store to close stops the server, an earlier one does not", async () => {
  const dataDir = join(home, "last");
  const [a, b] = await Promise.all([Store.open({ dataDir }), Store.open({ dataDir })]);
  await a.close();
  assert.equal(await b.length(), 0);
  await b.close();
  assert.equal(existsSync(pidFileOf(dataDir)), false);
  const opens = Array.from({ length: 6 }, async () => {
    const store = await Store.open({ dataDir });
    assert.equal(await store.length(), 0);
    await store.close();
  });
  await Promise.all(opens);
  assert.equal(existsSync(pidFileOf(dataDir)), false);
});

test("on a full disk an append is refused whole, and goes on when there is room", async (t) => {
  const dataDir = join(home, "small-disk");
  mkdirSync(dataDir);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=320m", "none", dataDir]).status !== 0) {
    return t.skip("cannot mount a small file system here");
  }
  const store = await Store.open({ dataDir });
  try {
    await store.acquireWriter({ pid: process.pid });
    const entry = () => ({
      timeMs: 0,
      leaf: new Uint8Array(42),
      facts: [{ kind: 1, body: new Uint8Array(6_000_000).fill(7) }],
      tokens: [],
    });
    let acknowledged = 0;
    const fill = async () => {
      for (;;) {
        await store.append(acknowledged, [entry(), entry()]);
        acknowledged += 2;
      }
    };
    writeFileSync(join(dataDir, "ballast"), new Uint8Array(120_000_000));
    await assert.rejects(fill(), (thrown) => {
      assert.ok(thrown instanceof StoreError);
      assert.equal(thrown.code, "disk-full");
      assert.match(thrown.fix ?? "", /make room/);
      return true;
    });
    rmSync(join(dataDir, "ballast"));
    await store.reopen();
    assert.equal(await store.length(), acknowledged);
    await store.append(acknowledged, [entry()]);
    let facts = 0;
    for await (const { body } of store.facts(0)) facts += body.length / 6_000_000;
    assert.equal(facts, acknowledged + 1);
  } finally {
    await store.close();
    spawnSync("umount", ["-l", dataDir]);
  }
});
