/**
 * Showings are planned while earlier ones are on their way to the disk: none is counted twice or told as taken before it is
 * durable, and what can't be made durable takes with it all that was planned behind it, so that the same rows can be sent again.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { doctor, ingest, matchList } from "../../src/index.js";
import { takeShowings } from "../../src/showing/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

const ACCOUNTS = 40;
const ROWS = 12_000;
const FROM_MS = Date.parse("2024-03-01T00:00:00Z");
/** So long that a batch of 8 MiB has some thousand rows: enough for a thread, and few enough for a test. */
const REMARK = "x".repeat(3000);

let store: FreshStore;
let audience: string;
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match"] });
  const given = { kind: "email", notice: "ads", given_at: "2024-01-01T00:00:00Z", verified_at: "2024-01-01T00:00:00Z" };
  const rows = Array.from({ length: ACCOUNTS }, (_, i) => ({ ...given, account: `u${i}`, value: `u${i}@example.com` }));
  await ingest(store.solely, ndjson(rows), { source: "local", format: "ndjson", actor: "test" });
  const list = `email\n${rows.map(({ value }) => value).join("\n")}\n`;
  const atMs = Date.parse("2024-02-01T00:00:00Z");
  const made = await matchList(store.solely, streamOf(list), { advertiser: "acme", name: "one", actor: "test", atMs });
  audience = made.audience;
});
after(() => store.remove());

const showing = (campaign: string, account: number, ms: number) => ({
  ...{ advertiser: "acme", audience, campaign, account: `u${account}` },
  at: new Date(FROM_MS + ms).toISOString(),
});

/** Several batches of one campaign, each row once. */
async function* several(campaign: string): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < ROWS; i++) {
    const row = { ...showing(campaign, i % ACCOUNTS, Math.floor(i / ACCOUNTS)), remark: REMARK };
    yield Buffer.from(`${JSON.stringify(row)}\n`);
  }
}

type Leaves = FreshStore["solely"]["showingLeaves"];
type Planned = Parameters<Leaves["make"]>[0];
type Made = ReturnType<Leaves["make"]>;

/** Takes showings, the making of whose leaves something comes between. */
function take(
  input: AsyncIterable<Uint8Array>,
  make: (count: number, planned: Planned) => Made = (_, planned) => ours(planned),
  admit?: () => void,
) {
  let count = 0;
  const leaves = { make: (planned: Planned) => make(++count, planned) };
  const rooms = Object.create(store.solely, { showingLeaves: { value: leaves } });
  return takeShowings(rooms, input, { actor: "test", format: "ndjson", admit });
}

const ours = (planned: Planned): Made => store.solely.showingLeaves.make(planned);

/** A leaf that is made, or not, when the test says so. */
class HeldLeaf {
  resolve = (_: Made): void => {};
  reject = (_: unknown): void => {};
  readonly made = new Promise<Awaited<Made>>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

const counted = (campaign: string): number =>
  [...store.solely.showings.days(audience)]
    .filter((day) => day.campaign === campaign)
    .reduce((sum, { showings }) => sum + showings, 0);

/** What the store holds of a campaign. */
async function held(campaign: string): Promise<number> {
  const { showings, log } = store.solely;
  const days = [...showings.days(audience)].filter((day) => day.campaign === campaign);
  const rows = new Set<string>();
  for await (const { account, atMs } of showings.rows(log, days)) {
    for (const [row, number] of account.entries()) rows.add(`${number} ${atMs[row]}`);
  }
  return rows.size;
}

/** The same input brings what is missing, and all of it is there from the facts. */
async function assertGoesOn(campaign: string): Promise<void> {
  const there = counted(campaign);
  assert.equal(await held(campaign), there);
  const { accepted, duplicates } = await take(several(campaign));
  assert.deepEqual([accepted, duplicates], [ROWS - there, there]);
  assert.equal(counted(campaign), ROWS);
  await store.reopen("facts");
  assert.deepEqual([counted(campaign), await held(campaign)], [ROWS, ROWS]);
  const { isHealthy } = await doctor(store.solely);
  assert.ok(isHealthy);
}

test("a batch whose leaf can't be made is taken back with those that were planned behind it", async () => {
  const { position } = store.solely.log;
  const second = new HeldLeaf();
  let asked = 0;
  const failing = take(several("unmade"), (count, planned) => {
    asked = count;
    if (count === 4) second.reject(new RangeError("no leaf"));
    return count === 2 ? second.made : ours(planned);
  });
  await assert.rejects(failing, RangeError);
  assert.ok(asked >= 4, "others were planned meanwhile");
  assert.equal(store.solely.log.position, position + 1, "the one before it stands");
  assert.ok(counted("unmade") > 0 && counted("unmade") < ROWS);
  await assertGoesOn("unmade");
});

test("what is on its way when the database goes away counts for nothing", async () => {
  const { position } = store.solely.log;
  const first = new HeldLeaf();
  const cut = take(several("cut"), (count, planned) => {
    const made = ours(planned);
    if (count === 1) void Promise.resolve(made).then(async (one) => first.resolve(await afterCut(one)));
    return count === 1 ? first.made : made;
  });
  const afterCut = async <T>(one: T): Promise<T> => {
    await store.cutConnections();
    return one;
  };
  await assert.rejects(cut);
  assert.deepEqual([store.solely.log.position, counted("cut")], [position, 0]);
  await assertGoesOn("cut");
});

test("a thread that ends with batches in its hands takes none of the store with it", async () => {
  const ending = take(several("ended"), (count, planned) => {
    const made = ours(planned);
    if (count === 3) void store.solely.showingLeaves.close();
    return made;
  });
  await assert.rejects(ending, { code: "leaf-failed" });
  await assertGoesOn("ended");
});

for (const fails of [false, true]) {
  test(`who sends what is on its way is told ${fails ? "that it failed" : "when it is durable"}`, async () => {
    const campaign = `twice ${fails}`;
    const rows = [1, 2, 3].map((account) => showing(campaign, account, account));
    const leaf = new HeldLeaf();
    let planned: Planned | undefined;
    const mine = take(ndjson(rows), (_, one) => {
      planned = one;
      return leaf.made;
    });
    let isAdmitted = () => {};
    const admitted = new Promise<void>((resolve) => (isAdmitted = resolve));
    let isTold = false;
    const theirs = take(ndjson(rows), undefined, () => isAdmitted()).finally(() => (isTold = true));
    const told = Promise.allSettled([mine, theirs]);
    await admitted;
    // When another section runs, theirs is planned.
    await store.solely.log.writer.exclusive(() => {});
    assert.deepEqual([isTold, counted(campaign)], [false, 0]);
    if (fails) leaf.reject(new RangeError("no leaf"));
    else leaf.resolve(ours(planned!));
    const [one, other] = await told;
    if (fails) {
      assert.deepEqual([one.status, other.status, counted(campaign)], ["rejected", "rejected", 0]);
      assert.equal((await take(ndjson(rows))).accepted, rows.length);
    } else {
      assert.ok(one.status === "fulfilled" && other.status === "fulfilled");
      assert.deepEqual([one.value.accepted, other.value.accepted, other.value.duplicates], [3, 0, 3]);
    }
    assert.equal(counted(campaign), rows.length);
  });
}

test("of rows that many send at once each counts once", async () => {
  const row = fc.record({ campaign: fc.nat(1), account: fc.nat(2), ms: fc.nat(5).map((n) => n * 40_000_000) });
  const model = new Set<string>();
  const campaignOf = (campaign: number) => `at once ${campaign}`;
  const senders = fc.array(fc.array(row, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 6 });
  let offset = 0;
  await fc.assert(
    fc.asyncProperty(senders, async (sent) => {
      // Some of the rows are as late as those of the time before, others are later.
      offset += 20_000_000;
      const known = model.size;
      const lines = sent.map((rows) =>
        rows.map(({ campaign, account, ms }) => ({ campaign, account, ms: ms + offset })),
      );
      for (const { campaign, account, ms } of lines.flat()) model.add(`${campaign} ${account} ${ms}`);
      const results = await Promise.all(
        lines.map((rows) => {
          const input = ndjson(rows.map(({ campaign, account, ms }) => showing(campaignOf(campaign), account, ms)));
          return take(input, async (_, planned) => {
            await new Promise((resolve) => setImmediate(resolve));
            return ours(planned);
          });
        }),
      );
      assert.equal(
        results.reduce((sum, { accepted }) => sum + accepted, 0),
        model.size - known,
      );
      assert.equal(counted(campaignOf(0)) + counted(campaignOf(1)), model.size);
    }),
    { numRuns: 30, endOnFailure: true },
  );
  assert.equal((await held(campaignOf(0))) + (await held(campaignOf(1))), model.size);
});
