/** The store on both ways in: the embedded PostgreSQL and a server by DATABASE_URL. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type PostgresServer, startPostgresServer } from "../../test/postgres-server.js";
import { clusterFiles } from "./cluster.js";
import { type Append, Store, StoreError, type StoreOptions } from "./index.js";
import { startPostgres } from "./postgres.js";

/** Fresh, empty stores, and a way to kill the database below them. */
interface WayIn {
  fresh(): Promise<StoreOptions>;
  kill(options: StoreOptions): Promise<void>;
  revive(): Promise<void>;
}

const home = mkdtempSync(join(tmpdir(), "solely-store-"));
let folders = 0;
const newFolder = () => join(home, `data${folders++}`);

const embedded: WayIn = {
  fresh: async () => ({ dataDir: newFolder() }),
  kill: async ({ dataDir }) => {
    const pid = postmasterOf(dataDir);
    if (pid === undefined) return;
    for (const each of [pid, ...childrenOf(pid)]) killIfThere(each);
    await sleep(50);
  },
  revive: async () => {},
};

let server: PostgresServer | { readonly skipped: string } = { skipped: "not started" };
before(async () => {
  server = await startPostgresServer();
});
after(async () => {
  if (!("skipped" in server)) await server.stop();
  for (let i = 0; i < folders; i++) await embedded.kill({ dataDir: join(home, `data${i}`) }); // what a failed test left
  rmSync(home, { recursive: true, force: true });
});

function serverWay(running: PostgresServer): WayIn {
  return {
    fresh: async () => ({ dataDir: newFolder(), databaseUrl: await running.newDatabase() }),
    kill: () => running.kill(),
    revive: () => running.restart(),
  };
}

function postmasterOf(dataDir: string): number | undefined {
  const pidFile = join(clusterFiles(dataDir).cluster, "postmaster.pid");
  return existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8").split("\n")[0]) : undefined;
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" });
  return stdout.split("\n").filter(Boolean).map(Number);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended with its parent
  }
}

function entry(bytes: number, tokens = 1): Append {
  return {
    leaf: randomBytes(42),
    timeMs: 1_700_000_000_123,
    facts: [
      { kind: 1, body: randomBytes(bytes) },
      { kind: 80, body: randomBytes(3), keys: randomBytes(36) },
    ],
    tokens: Array.from({ length: tokens }, () => ({ epoch: 1, body: randomBytes(16), keys: randomBytes(36) })),
  };
}

async function sql({ dataDir, databaseUrl }: StoreOptions, text: string): Promise<void> {
  const client = new pg.Client(databaseUrl ?? (await startPostgres(dataDir)).connection);
  await client.connect();
  await client.query(text);
  await client.end();
}

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** A process to kill: appends one leaf after the other, and reports each acknowledged length. */
const ENDLESS_WRITER = `
  import { randomBytes } from "node:crypto";
  import { writeSync } from "node:fs";
  const { Store } = await import(${JSON.stringify(new URL("./index.js", import.meta.url))});
  const store = await Store.open(JSON.parse(process.argv[1]));
  await store.acquireWriter({ pid: process.pid });
  for (let length = await store.length(); ; length++) {
    const facts = [{ kind: 1, body: randomBytes(200_000) }];
    await store.append(length, [{ leaf: randomBytes(42), timeMs: 0, facts, tokens: [] }]);
    writeSync(1, length + 1 + "\\n");
  }`;

const code = (wanted: string) => (thrown: unknown) => thrown instanceof StoreError && thrown.code === wanted;

for (const name of ["embedded", "DATABASE_URL"]) {
  describe(`the store, ${name}`, () => {
    const on = (title: string, body: (way: WayIn) => Promise<void>) =>
      test(title, async (t) => {
        if (name === "embedded") return body(embedded);
        if ("skipped" in server) return t.skip(server.skipped);
        return body(serverWay(server));
      });

    on("what was appended comes back in order, byte for byte, by range and kind", async (way) => {
      const store = await Store.open(await way.fresh());
      try {
        assert.equal(await store.length(), 0);
        assert.equal(await store.acquireWriter({ pid: process.pid }), true);
        const entries = [entry(10), entry(300_000, 3), entry(0, 0), entry(70_000)];
        await store.append(0, structuredClone(entries.slice(0, 3)));
        await store.append(3, structuredClone(entries.slice(3)));
        assert.equal(await store.length(), 4);
        const leaves = await collect(store.leaves(0));
        assert.deepEqual(
          leaves.map(({ position }) => position),
          [0, 1, 2, 3],
        );
        for (const [i, { body }] of leaves.entries()) assert.ok(Buffer.from(entries[i]!.leaf).equals(body));
        const facts = await collect(store.facts(0));
        const wanted = entries.flatMap(({ facts }, position) =>
          facts.map((fact, part) => ({ position, part, ...fact })),
        );
        assert.deepEqual(
          facts.map(({ position, part, kind }) => [position, part, kind]),
          wanted.map(({ position, part, kind }) => [position, part, kind]),
        );
        for (const [i, { body, keys, timeMs }] of facts.entries()) {
          assert.ok(Buffer.from(wanted[i]!.body).equals(body));
          assert.ok(Buffer.from(wanted[i]!.keys ?? "").equals(keys));
          assert.equal(timeMs, 1_700_000_000_123);
          assert.equal(body.byteOffset % 8, 0);
        }
        for (const [only, kind] of [
          ["control", 1],
          ["data", 80],
        ] as const) {
          const some = await collect(store.facts(1, { to: 3, only }));
          assert.deepEqual(
            some.map((fact) => [fact.position, fact.kind]),
            [
              [1, kind],
              [2, kind],
            ],
          );
        }
        assert.equal((await collect(store.tokens(0))).length, 5);
        assert.equal((await collect(store.tokens(1, 2))).length, 3);
      } finally {
        await store.close();
      }
    });

    on("an append that does not continue the log is refused and leaves nothing", async (way) => {
      const store = await Store.open(await way.fresh());
      try {
        await assert.rejects(store.append(0, [entry(1)]), code("not-writer"));
        await store.acquireWriter({ pid: process.pid });
        await store.append(0, [entry(1)]);
        await assert.rejects(store.append(0, [entry(1)]), code("position-conflict"));
        await assert.rejects(store.append(2, [entry(1)]), code("position-conflict"));
        await store.append(1, [entry(1)]);
        assert.equal(await store.length(), 2);
        assert.equal((await collect(store.facts(0))).length, 4);
      } finally {
        await store.close();
      }
    });

    on("a row that the server refuses in the middle of a COPY takes the whole append with it", async (way) => {
      const options = await way.fresh();
      const store = await Store.open(options);
      try {
        await store.acquireWriter({ pid: process.pid });
        await sql(options, "ALTER TABLE solely.fact ADD CHECK (kind <> 99)");
        const good = () => entry(9_000_000);
        const bad: Append = { ...good(), facts: [{ kind: 99, body: randomBytes(9) }, ...good().facts] };
        await assert.rejects(store.append(0, [good(), bad, good(), good()]), code("refused"));
        await assert.rejects(
          store.append(0, [{ ...good(), facts: [{ kind: 2 ** 15, body: randomBytes(9) }] }]),
          code("malformed"),
        );
        assert.equal(await store.length(), 0);
        await store.append(0, [good()]);
        assert.equal((await collect(store.facts(0))).length, 2);
      } finally {
        await store.close();
      }
    });

    on("a second writer is refused until the first one lets go, and sees where that one is", async (way) => {
      const options = await way.fresh();
      const [first, second] = await Promise.all([Store.open(options), Store.open(options)]);
      assert.equal(await first.writer(), undefined);
      assert.equal(await first.acquireWriter({ pid: process.pid, url: "http://127.0.0.1:1" }), true);
      assert.equal(await second.acquireWriter({ pid: process.pid }), false);
      assert.deepEqual(await second.writer(), { pid: process.pid, url: "http://127.0.0.1:1" });
      await first.close();
      assert.equal(await second.writer(), undefined);
      assert.equal(await second.acquireWriter({ pid: process.pid }), true);
      await second.append(0, [entry(1)]);
      await second.close();
    });

    on("tokens are rewritten all or none, and counted by epoch", async (way) => {
      const store = await Store.open(await way.fresh());
      try {
        await store.acquireWriter({ pid: process.pid });
        await store.append(0, [entry(1, 4), entry(1, 4)]);
        const old = await collect(store.tokens(0));
        assert.equal(await store.countTokens(2), 8);
        await store.rewriteTokens(
          old.slice(0, 5).map((row) => ({
            ...{ ...row, epoch: 2, body: Buffer.from("new"), keys: Buffer.from("k") },
            replaces: row.keys,
          })),
        );
        assert.equal(await store.countTokens(2), 3);
        const absent = { position: 9, part: 0, epoch: 2, body: Buffer.from("x"), keys: Buffer.from("k") };
        const rest = (await collect(store.tokens(0, undefined, 2))).map((row) => ({ ...row, replaces: row.keys }));
        assert.equal(rest.length, 3);
        await assert.rejects(
          store.rewriteTokens([...rest, { ...absent, replaces: absent.keys }]),
          code("position-conflict"),
        );
        const [first] = rest;
        await assert.rejects(
          store.rewriteTokens([{ ...first!, replaces: Buffer.from("others") }]),
          code("position-conflict"),
        );
        assert.equal(await store.countTokens(2), 3);
        assert.equal((await collect(store.tokens(0))).length, 8);
      } finally {
        await store.close();
      }
    });

    on(
      "a compaction does not wait to the end for who reads what it rewrites, and is done when they are",
      async (way) => {
        const store = await Store.open(await way.fresh());
        try {
          await store.acquireWriter({ pid: process.pid });
          const keys = randomBytes(1024 * 1024);
          const tokens = Array.from({ length: 48 }, () => ({ epoch: 1, body: Buffer.from("x"), keys }));
          await store.append(0, [{ leaf: Buffer.from("leaf"), timeMs: 0, facts: [], tokens }]);
          const reading = store.tokens(0);
          await reading.next();
          const startedMs = performance.now();
          await assert.rejects(store.compact(), code("busy"));
          assert.ok(performance.now() - startedMs < 30_000);
          await reading.return(undefined);
          await store.compact();
          assert.equal((await collect(store.tokens(0))).length, 48);
        } finally {
          await store.close();
        }
      },
    );

    on("after kill -9 of the database every acknowledged append is there and no half one", async (way) => {
      const options = await way.fresh();
      const store = await Store.open(options);
      try {
        await store.acquireWriter({ pid: process.pid });
        let acknowledged = 0;
        for (let round = 0; round < 3; round++) {
          const killing = sleep(20 + 60 * round).then(() => way.kill(options));
          try {
            for (;;) {
              await store.append(acknowledged, [entry(500_000), entry(10)]);
              acknowledged += 2;
            }
          } catch (thrown) {
            assert.ok(thrown instanceof StoreError);
            assert.ok(["unavailable", "lost-lock"].includes(thrown.code), thrown.code);
            await killing;
            await assert.rejects(store.append(acknowledged, [entry(1)]), StoreError);
            await way.revive();
            await store.reopen();
            const length = await store.length();
            assert.ok(length === acknowledged || (thrown.mayBeCommitted && length === acknowledged + 2));
            acknowledged = length;
          }
          assert.equal((await collect(store.facts(0))).length, 2 * acknowledged);
          assert.equal((await collect(store.tokens(0))).length, acknowledged);
        }
      } finally {
        await store.close();
      }
    });

    on("a database that dies while facts are read ends the reading with an error", async (way) => {
      const options = await way.fresh();
      const store = await Store.open(options);
      try {
        await store.acquireWriter({ pid: process.pid });
        await store.append(0, [entry(20_000_000), entry(20_000_000), entry(20_000_000)]);
        await assert.rejects(async () => {
          for await (const _ of store.facts(0)) await way.kill(options);
        }, StoreError);
        await assert.rejects(store.length(), code("unavailable"));
        await way.revive();
        await store.reopen();
        for await (const { position } of store.facts(0)) {
          assert.equal(position, 0);
          break; // leaving early must not disturb the store
        }
        assert.equal(await store.length(), 3);
      } finally {
        await store.close();
      }
    });

    on("a process that is killed while it holds the lock leaves it free and its appends whole", async (way) => {
      const options = await way.fresh();
      const child = spawn(process.execPath, ["--input-type=module", "-e", ENDLESS_WRITER, JSON.stringify(options)]);
      let acknowledged = 0;
      child.stdout.on("data", (lengths: Buffer) => {
        acknowledged = Number(lengths.toString().trim().split("\n").at(-1));
      });
      while (acknowledged < 5 && child.exitCode === null) await sleep(5);
      assert.equal(child.exitCode, null);
      child.kill("SIGKILL");
      await new Promise((ended) => child.once("exit", ended));
      const store = await Store.open(options);
      try {
        assert.equal(await store.acquireWriter({ pid: process.pid }), true);
        const length = await store.length();
        assert.ok(length >= acknowledged && length <= acknowledged + 1, `${length} for ${acknowledged}`);
        assert.equal((await collect(store.facts(0))).length, length);
        await store.append(length, [entry(1)]);
      } finally {
        await store.close();
      }
    });

    on("a store that lost its lock to another process cannot append and says so", async (way) => {
      const options = await way.fresh();
      const [store, other] = await Promise.all([Store.open(options), Store.open(options)]);
      await store.acquireWriter({ pid: process.pid });
      await way.kill(options);
      await way.revive();
      await other.reopen();
      assert.equal(await other.acquireWriter({ pid: process.pid }), true);
      assert.equal(store.isWriter, false, "it has noticed");
      await assert.rejects(store.append(0, [entry(1)]), code("lost-lock"));
      await assert.rejects(store.reopen(), code("lost-lock"));
      await assert.rejects(store.append(0, [entry(1)]), code("lost-lock"));
      assert.equal(await store.length(), 0);
      await other.append(0, [entry(1)]);
      await other.close();
      await store.close();
      await assert.rejects(store.length(), code("closed"));
    });
  });
}

test("no value that was stored or refused is in the embedded server's log", async () => {
  const options = await embedded.fresh();
  const store = await Store.open(options);
  await store.acquireWriter({ pid: process.pid });
  const secret = Buffer.from("mary@example.com");
  await store.append(0, [{ timeMs: 0, leaf: secret, facts: [{ kind: 1, body: secret }], tokens: [] }]);
  await assert.rejects(
    store.append(1, [{ timeMs: 0, leaf: secret, facts: [{ kind: 70_000, body: secret }], tokens: [] }]),
  );
  await store.close();
  const { home: folder } = clusterFiles(options.dataDir);
  for (const name of readdirSync(folder).filter((each) => each.startsWith("log"))) {
    assert.ok(!readFileSync(join(folder, name), "latin1").includes("mary"));
  }
});
