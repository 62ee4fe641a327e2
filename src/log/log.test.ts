/** The log and its writer over a real store, on the embedded PostgreSQL, which is also killed while they work. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { decodeLeaf, factRoot, LeafKind, SALT_BYTES } from "../ledger/index.js";
import { Paging } from "../paging/index.js";
import { clusterFiles } from "../store/cluster.js";
import { type Append, type FactRow, Store, StoreError, writeSnapshot } from "../store/index.js";
import { startPostgres } from "../store/postgres.js";
import {
  type Fold,
  jsonSection,
  type Kept,
  Log,
  LogError,
  type LogErrorCode,
  payloadOf,
  readJson,
  recordEntry,
  type Sealed,
  type Writer,
} from "./index.js";

const home = mkdtempSync(join(tmpdir(), "solely-log-"));
const dataDir = join(home, "data");
const key = randomBytes(32);
const HANG_MS = 10_000;
let store: Store;
let folders = 0;
const newFolder = () => join(home, `snapshots${folders++}`);

before(async () => {
  store = await Store.open({ dataDir });
  await store.acquireWriter({ pid: process.pid });
});
after(async () => {
  await store?.close();
  killDatabase(); // what a failed test left
  rmSync(home, { recursive: true, force: true });
});

/** kill -9 of the server and of all its processes. */
function killDatabase(): void {
  const pidFile = join(clusterFiles(dataDir).cluster, "postmaster.pid");
  if (!existsSync(pidFile)) return;
  const pid = readFileSync(pidFile, "utf8").split("\n")[0]!;
  const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", pid], { encoding: "utf8" });
  for (const each of [pid, ...stdout.split("\n").filter(Boolean)].map(Number)) {
    try {
      process.kill(each, "SIGKILL");
    } catch {
      // it ended with its parent
    }
  }
}

const textOf = ({ body }: { body: Uint8Array }) => Buffer.from(payloadOf(body)).toString("utf8");

/** Keeps the texts of its facts. */
class Texts implements Fold {
  readonly kinds: readonly number[];
  readonly texts: string[] = [];
  readonly facts: FactRow[] = [];

  constructor(...kinds: number[]) {
    this.kinds = kinds;
  }

  apply(fact: FactRow): void {
    const text = textOf(fact);
    if (text === "bad") throw new RangeError("a bad fact");
    this.texts.push(text);
    this.facts.push(fact);
  }
}

/** Keeps them in snapshots, too. */
class KeptTexts extends Texts {
  isRestored = false;
  readonly kept: Kept;

  constructor(name = "runs", ...kinds: number[]) {
    super(...kinds);
    const restore = (sections: ReadonlyMap<string, Uint8Array>) => {
      assert.deepEqual([...sections.keys()], ["texts"], "its own sections alone");
      const texts = readJson(sections, "texts");
      if (Array.isArray(texts)) this.texts.push(...texts);
      this.isRestored = true;
    };
    this.kept = { name, save: () => [jsonSection("texts", this.texts)], restore };
  }
}

const decisions = () => new Texts(LeafKind.advertiser);
const data = () => new KeptTexts("runs", LeafKind.run);

async function open(folds: readonly Fold[] = [], folder = newFolder(), beside: readonly Kept[] = []): Promise<Log> {
  await store.length().catch(() => store.reopen()); // a test before may have failed while the database was down
  return Log.open({ store, folds, folder, key, beside });
}

async function stored(from: number): Promise<string[]> {
  const texts: string[] = [];
  for await (const fact of store.facts(from)) texts.push(textOf(fact));
  return texts;
}

const failedWith = (code: LogErrorCode) => (error: unknown) => error instanceof LogError && error.code === code;
const made = (text: string): Append => recordEntry(LeafKind.run, Buffer.from(text), Date.now());
/** What the store refuses before it sends a byte. */
const unstorable = (text: string): Append => ({ ...made(text), timeMs: -1 });

/** What must come to an end; long enough for the database to start again. */
async function ends<T>(work: Promise<T>): Promise<T> {
  const inTime = new AbortController();
  const late = sleep(HANG_MS, undefined, { signal: inTime.signal }).then(() => {
    throw new Error(`still waiting after ${HANG_MS} ms`);
  });
  return Promise.race([work, late]).finally(() => inTime.abort());
}

const record = (log: Log, text: string) => log.record(LeafKind.run, () => Buffer.from(text));

test("a record is durable before it is applied, under a leaf that commits to it", async () => {
  const lengths: Promise<number>[] = [];
  const fold = data();
  const apply = (fact: FactRow) => {
    lengths.push(store.length());
    fold.apply(fact);
  };
  const log = await open([{ kinds: fold.kinds, apply }]);
  const { position } = log;
  for (const text of ["one", "", "three"]) await record(log, text);
  assert.deepEqual(fold.texts, ["one", "", "three"]);
  assert.ok((await Promise.all(lengths)).every((length, i) => length > position + i));
  assert.equal(log.position, position + 3);
  for await (const { position: at, body } of store.leaves(position)) {
    const fact = fold.facts[at - position]!;
    const salt = fact.body.subarray(0, SALT_BYTES);
    const payload = payloadOf(fact.body);
    const root = factRoot(salt, payload, payload.length, 1);
    assert.deepEqual(decodeLeaf(body), { kind: LeafKind.run, timeMs: fact.timeMs, root });
    assert.equal(fact.position, at);
  }
  assert.equal(new Set(fold.facts.map(({ body }) => body.slice(0, SALT_BYTES).join())).size, 3, "a salt each");
});

test("a record that its maker refuses leaves nothing, and the next takes its place", async () => {
  const fold = data();
  const log = await open([fold]);
  const { position } = log;
  const refusal = new Error("not now");
  const refuse = () => {
    throw refusal;
  };
  await assert.rejects(log.record(LeafKind.run, refuse), (error) => error === refusal);
  assert.deepEqual([log.position, await store.length()], [position, position]);
  assert.equal(await record(log, "next"), position);
  assert.deepEqual([fold.texts.at(-1), await stored(position)], ["next", ["next"]]);
});

test("records asked for at once are made one by one, each when those before it are applied", async () => {
  const fold = data();
  const log = await open([fold]);
  const { position } = log;
  const before = fold.texts.length;
  const make = () => Buffer.from(String(fold.texts.length - before));
  const positions = await Promise.all(Array.from({ length: 20 }, () => log.record(LeafKind.run, make)));
  const wanted = Array.from({ length: 20 }, (_, i) => i);
  assert.deepEqual(
    positions.map((each) => each - position),
    wanted,
  );
  assert.deepEqual(await stored(position), wanted.map(String));
});

test("a large record is applied as the store has it", async () => {
  const fold = data();
  const log = await open([fold]);
  const text = "x".repeat(100_000);
  await record(log, text);
  assert.deepEqual(await stored(log.position - 1), [text]);
  assert.equal(fold.texts.at(-1)?.length, text.length);
});

test("decisions are folded from the first fact, data from the snapshot on", async () => {
  const folder = newFolder();
  const [first, firstData, beside] = [decisions(), data(), new KeptTexts("beside")];
  const log = await open([first, firstData], folder, [beside.kept]);
  assert.equal(log.snapshotPosition, 0);
  beside.texts.push("kept beside");
  await log.record(LeafKind.advertiser, () => Buffer.from("d0"));
  await record(log, "r1");
  assert.equal(log.isSnapshotStale, true);
  await log.snapshotIfDue();
  assert.equal(log.snapshotPosition, 0, "a few bytes are not worth one");
  await log.snapshot();
  assert.deepEqual([log.isSnapshotStale, log.snapshotPosition], [false, log.position]);
  const { snapshotPosition } = log;
  await record(log, "r2");
  await log.record(LeafKind.advertiser, () => Buffer.from("d3"));
  await log.record(LeafKind.export, () => Buffer.from("for no fold"));

  const [again, againData, againBeside] = [decisions(), data(), new KeptTexts("beside")];
  const reopened = await open([again, againData], folder, [againBeside.kept]);
  assert.deepEqual([reopened.position, reopened.snapshotPosition], [log.position, snapshotPosition]);
  assert.deepEqual(again.texts, first.texts);
  assert.deepEqual(again.texts.slice(-2), ["d0", "d3"]);
  assert.deepEqual(againData.texts, firstData.texts);
  assert.deepEqual(
    againData.facts.map((fact) => [fact.position, textOf(fact)]),
    [[snapshotPosition, "r2"]],
  );
  assert.deepEqual(againBeside.texts, ["kept beside"]);
  assert.equal(reopened.isSnapshotStale, true);
});

test("sections that are seldom looked at lie in files once they are restored, and others do not", {
  skip: process.platform === "linux" ? false : "memory is mapped on Linux alone",
}, async () => {
  const folder = newFolder();
  // Up to 32 MiB nothing is paged.
  const bytes = new Uint8Array(33 * 2 ** 20).map((_, at) => at * 7);
  const kept = (): Kept & { restored: Map<string, Uint8Array> } => ({
    ...{ name: "large", restored: new Map() },
    isPaged: (section) => section === "seldom/1",
    save: () => ["often", "seldom/1"].map((name) => ({ name, bytes })),
    restore(sections) {
      for (const [name, section] of sections) this.restored.set(name, section);
    },
  });
  const log = await open([], folder, [kept()]);
  await record(log, "something");
  await log.snapshot();
  const paging = new Paging({ folder: join(folder, "paged"), fromBytes: 2 ** 26 });
  const again = kept();
  await Log.open({ store, folds: [], folder, key, beside: [again], paging });
  for (const name of ["often", "seldom/1"]) assert.deepEqual(again.restored.get(name), bytes);
  const mapped = readFileSync("/proc/self/maps", "utf8").match(new RegExp(`.*${join(folder, "paged")}.*`, "g")) ?? [];
  assert.equal(mapped.length, 1);
  assert.equal(paging.failure, undefined);
});

test("a snapshot that is flipped, missing, of another key or ahead of the store is not believed", async () => {
  const folder = newFolder();
  const whole = data();
  const log = await open([whole], folder);
  await record(log, "before");
  const length = log.position;
  await log.snapshot();
  const [name] = readdirSync(folder);
  const file = join(folder, name!);
  const sound = readFileSync(file);
  const isBelieved = async () => {
    const fold = data();
    const { snapshotPosition } = await open([fold], folder);
    assert.equal(snapshotPosition, fold.isRestored ? length : 0);
    assert.deepEqual(fold.texts, whole.texts);
    assert.equal(fold.facts.length, fold.isRestored ? 0 : fold.texts.length);
    return fold.isRestored;
  };
  assert.equal(await isBelieved(), true);
  for (let i = 0; i < 8; i++) {
    const at = Math.floor((i * sound.length) / 8);
    writeFileSync(file, sound.with(at, sound[at]! ^ 1));
    assert.equal(await isBelieved(), false, `byte ${at} is flipped`);
  }
  writeFileSync(file, sound.subarray(0, -1));
  assert.equal(await isBelieved(), false, "torn");
  const sections = [{ name: "runs/texts", bytes: Buffer.from('["a lie"]') }];
  await writeSnapshot(folder, name!, { position: length, key: randomBytes(32), sections });
  assert.equal(await isBelieved(), false, "another key");
  await writeSnapshot(folder, name!, { position: length + 1, key, sections });
  assert.equal(await isBelieved(), false, "ahead of the store, which is an older backup");
  rmSync(file);
  assert.equal(await isBelieved(), false, "missing");
  writeFileSync(file, sound);
  assert.equal(await isBelieved(), true);
});

test("two folds that apply facts of one kind are refused", async () => {
  await assert.rejects(open([data(), new Texts(LeafKind.export, LeafKind.run)]), failedWith("two-folds"));
  await assert.rejects(open([new Texts(LeafKind.run, LeafKind.run)]), failedWith("two-folds"));
});

test("sealed leaves become durable in the order of sealing, and count one after the other when they are", async () => {
  const { writer, position } = await open();
  const published: string[] = [];
  const lengths: number[] = [];
  const seal = (text: string) =>
    writer.seal({
      entries: [made(`${text} a`), made(`${text} b`)],
      publish: async () => {
        lengths.push((await store.length()) - position);
        assert.equal(writer.durablePosition - position, 2 * published.length);
        published.push(text);
      },
      undo: () => assert.fail("nothing failed"),
    });
  const names = Array.from({ length: 30 }, (_, i) => String(i));
  const done = names.map((text) => writer.exclusive(() => ({ done: seal(text) })));
  for (const each of await Promise.all(done)) await each.done;
  assert.deepEqual(published, names);
  assert.ok(lengths.every((length, i) => length >= 2 * (i + 1)));
  assert.deepEqual(
    await stored(position),
    names.flatMap((text) => [`${text} a`, `${text} b`]),
  );
});

async function transactionsFrom(position: number): Promise<number[]> {
  const client = new pg.Client((await startPostgres(dataDir)).connection);
  await client.connect();
  const text =
    "SELECT count(*)::int AS leaves FROM solely.leaf WHERE position >= $1 GROUP BY xmin ORDER BY min(position)";
  const { rows } = await client.query<{ leaves: number }>(text, [position]);
  await client.end();
  return rows.map(({ leaves }) => leaves);
}

test("what waits becomes durable in one transaction, of 4096 leaves at most", async () => {
  const { writer, position } = await open();
  const count = 4096 + 10;
  const sealed: Promise<void>[] = [];
  await writer.exclusive(() => {
    for (let i = 0; i < count; i++) sealed.push(writer.seal({ entries: [made("x")], publish() {}, undo() {} }));
  });
  await Promise.all(sealed);
  assert.deepEqual(await transactionsFrom(position), [4096, 10]);
  assert.equal(writer.position, position + count);
});

test("bytes that became durable are counted, whatever their size", async () => {
  const { writer } = await open();
  for (const bytes of [10, 1000, 100_000]) {
    const before = writer.factBytes;
    const entry = made("x".repeat(bytes));
    const wanted = entry.facts[0]!.body.byteLength;
    await (await writer.exclusive(() => ({ done: writer.seal({ entries: [entry], publish() {}, undo() {} }) }))).done;
    assert.equal(writer.factBytes - before, wanted);
  }
});

test("sections run alone, and a settled one after everything before it counts", async () => {
  const { writer } = await open();
  let inside = 0;
  let published = 0;
  const section = async () => {
    assert.equal(++inside, 1);
    await sleep(1);
    void writer.seal({ entries: [made("x")], publish: () => sleep(5).then(() => void published++), undo() {} });
    inside--;
  };
  const sections = Array.from({ length: 5 }, () => writer.exclusive(section));
  const settled = writer.exclusiveSettled(() => published);
  await assert.rejects(writer.exclusive(() => Promise.reject(new Error("a section may fail"))));
  await Promise.all(sections);
  assert.equal(await settled, 5);
});

test("whoever asks for capacity waits while more than 64 MiB wait for the database", async () => {
  for (const [bytes, wanted] of [
    [64 * 1024 * 1024, ["capacity", "durable"]],
    [64 * 1024 * 1024 + 1, ["durable", "capacity"]],
  ] as const) {
    const { writer } = await open();
    const order: string[] = [];
    const large = { ...unstorable("large"), facts: [{ kind: LeafKind.run, body: new Uint8Array(bytes) }] };
    const { first, second } = await writer.exclusive(async () => {
      const first = writer.seal({ entries: [made("small")], publish: () => void order.push("durable"), undo() {} });
      await Promise.resolve().then(() => {}); // the first is on its way
      return { first, second: writer.seal({ entries: [large], publish() {}, undo() {} }) };
    });
    const refused = assert.rejects(second, StoreError);
    await writer.capacity();
    order.push("capacity");
    await first;
    await ends(refused);
    assert.deepEqual(order, wanted);
  }
});

/** Plans that must be undone the last first; what a hot state would be. */
class Plans {
  readonly hot: string[] = [];
  readonly undone: string[] = [];

  constructor(readonly writer: Writer) {}

  seal(text: string, entry: Append | Promise<Append> = made(text)): Promise<void> {
    this.hot.push(text);
    const sealed: Sealed = {
      entries: [entry],
      publish: () => {},
      undo: () => {
        assert.equal(this.hot.pop(), text);
        this.undone.push(text);
      },
    };
    return this.writer.seal(sealed);
  }
}

test("a group that can't be stored is undone in reverse order, and after that it goes on", async () => {
  const { writer, position } = await open();
  const plans = new Plans(writer);
  const sealed = await writer.exclusive(() => [plans.seal("a"), plans.seal("b", unstorable("b")), plans.seal("c")]);
  for (const each of await ends(Promise.allSettled(sealed))) assert.equal(each.status, "rejected");
  assert.deepEqual(plans.undone, ["c", "b", "a"]);
  await (await writer.exclusive(() => ({ done: plans.seal("d") }))).done;
  assert.deepEqual([plans.hot, await stored(position)], [["d"], ["d"]]);
  assert.deepEqual([writer.position, writer.durablePosition], [position + 1, position + 1]);
});

for (const [how, entry, fail] of [
  ["could not be stored", unstorable("first"), () => {}],
  ["was lost with the database", made("first"), killDatabase],
] as const) {
  test(`what a section seals after an earlier leaf of it ${how} is taken back too`, async () => {
    const { writer, position } = await open();
    const plans = new Plans(writer);
    const sealed = writer.exclusive(async () => {
      fail();
      const first = plans.seal("first", entry);
      await Promise.race([first.catch(() => {}), sleep(200)]); // still planning when the failure comes
      return [first, plans.seal("second")];
    });
    const outcomes = await ends(sealed.then((each) => Promise.allSettled(each)));
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    assert.deepEqual(plans.undone, ["second", "first"]);
    await (await writer.exclusive(() => ({ done: plans.seal("third") }))).done;
    assert.deepEqual(await stored(position), ["third"]);
  });
}

/** A leaf that another thread is yet to make, as far as the writer can tell. */
function later(text: string) {
  let [resolve, reject] = [(_: Append) => {}, (_: unknown) => {}];
  const promise = new Promise<Append>((made, failed) => {
    [resolve, reject] = [made, failed];
  });
  return { promise, make: () => resolve(made(text)), fail: () => reject(new RangeError(`${text} can't be made`)) };
}

test("leaves that are made later, in whatever order, become durable in the order of sealing", async () => {
  const { writer, position } = await open();
  const plans = new Plans(writer);
  const [a, c] = [later("a"), later("c")];
  const sealed = await writer.exclusive(() => [
    plans.seal("a", a.promise),
    plans.seal("b"),
    plans.seal("c", c.promise),
    plans.seal("d"),
  ]);
  assert.equal(writer.position, position + 4);
  c.make();
  await sleep(50);
  assert.equal(await store.length(), position, "what waits for the first stays where it is");
  a.make();
  await ends(Promise.all(sealed));
  assert.deepEqual(await stored(position), ["a", "b", "c", "d"]);
  assert.equal(writer.durablePosition, position + 4);
});

test("a leaf that can't be made is taken back with those behind it, even one that is still being made", async () => {
  const { writer, position } = await open();
  const plans = new Plans(writer);
  const [bad, unmade] = [later("bad"), later("unmade")];
  const sealed = await writer.exclusive(() => [
    plans.seal("before"),
    plans.seal("bad", bad.promise),
    plans.seal("behind"),
    plans.seal("unmade", unmade.promise),
  ]);
  const settled = ends(Promise.allSettled(sealed));
  bad.fail();
  assert.deepEqual(
    (await settled).map((each) => (each.status === "rejected" ? String(each.reason) : "stands")),
    ["stands", ...Array.from({ length: 3 }, () => "RangeError: bad can't be made")],
  );
  assert.deepEqual(plans.undone, ["unmade", "behind", "bad"]);
  unmade.fail(); // nobody waits for it any more
  assert.ok(store.isWriter, "the database has nothing to do with it");
  await (await writer.exclusive(() => ({ done: plans.seal("after") }))).done;
  assert.deepEqual(
    [plans.hot, await stored(position)],
    [
      ["before", "after"],
      ["before", "after"],
    ],
  );
  assert.deepEqual([writer.position, writer.durablePosition], [position + 2, position + 2]);
});

for (const what of ["make", "fail"] as const) {
  test(`when the database dies while a leaf is being made (to ${what}), all of it is taken back, and it goes on`, async () => {
    const { writer, position } = await open();
    const plans = new Plans(writer);
    const slow = later("slow");
    const sealed = await writer.exclusive(() => [plans.seal("slow", slow.promise), plans.seal("next")]);
    killDatabase();
    const settled = Promise.allSettled(sealed);
    slow[what]();
    assert.ok((await ends(settled)).every(({ status }) => status === "rejected"));
    assert.deepEqual(plans.undone, ["next", "slow"]);
    // The first to find the database gone is refused.
    const after = async () => (await writer.exclusive(() => ({ done: plans.seal("after") }))).done;
    await ends(after().catch(after));
    assert.deepEqual([plans.hot, await stored(position)], [["after"], ["after"]]);
    assert.equal(writer.position, position + 1);
  });
}

test("a record that the database dies under is refused, and the next one stands", async () => {
  const fold = data();
  const log = await open([fold]);
  const { position } = log;
  killDatabase();
  await ends(assert.rejects(record(log, "lost"), StoreError));
  await ends(record(log, "kept"));
  assert.deepEqual([await stored(position), fold.texts.at(-1)], [["kept"], "kept"]);
});

test("after kill -9 under load what was acknowledged is there, what failed was undone, and it goes on", async () => {
  const { writer, position } = await open();
  const plans = new Plans(writer);
  const acknowledged: string[] = [];
  const failed: string[] = [];
  let isOver = false;
  let next = 0;
  const feed = async () => {
    while (!isOver) {
      await writer.capacity();
      const text = `${next++} ${"x".repeat(5000)}`;
      try {
        await (await writer.exclusive(() => ({ done: plans.seal(text) }))).done;
        acknowledged.push(text);
      } catch (error) {
        assert.ok(error instanceof StoreError, String(error));
        failed.push(text);
      }
    }
  };
  const feeding = Promise.all(Array.from({ length: 16 }, feed));
  const more = async () => {
    for (const before = acknowledged.length; !isOver && acknowledged.length < before + 50; ) await sleep(5);
  };
  try {
    for (let kills = 0; kills < 2; kills++) {
      await ends(more());
      killDatabase();
    }
    await ends(more());
  } finally {
    isOver = true;
  }
  await ends(feeding);
  const there = await stored(position);
  assert.ok(failed.length >= 2);
  assert.deepEqual(there, plans.hot);
  assert.deepEqual([...acknowledged].sort(), [...there].sort());
  assert.ok(plans.undone.every((text) => failed.includes(text) && !there.includes(text)));
  assert.equal(writer.position, position + there.length);
});

test("a fact of data that can't be applied stops the opening, and so does one that can't be when it is recorded", async () => {
  const log = await open([data()]);
  const { position } = log;
  const isBad = (error: unknown) =>
    failedWith("unfoldable-fact")(error) &&
    error instanceof LogError &&
    error.message.includes(`position ${position}`) &&
    error.cause instanceof RangeError;
  await assert.rejects(record(log, "bad"), isBad);
  await record(log, "more");
  await assert.rejects(open([data()]), isBad);
  await open([new Texts(LeafKind.export)]); // who does not apply it does not mind
});
