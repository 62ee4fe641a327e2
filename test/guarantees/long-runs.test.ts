/**
 * Long runs: what changes while a run is read counts for what of it is still to come, and batches that cross on their way
 * leave in the index exactly the tokens that stand.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { doctor, explain, ingest, matchList } from "../../src/index.js";
import { IntakeError } from "../../src/intake/index.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

type Row = Readonly<Record<string, string>>;

let store: FreshStore;
const sources = ["local", "app"];
before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "ads", purposes: ["ads.match"], sources });
  await store.adopt({ id: "old", purposes: ["ads.match"], sources });
  await store.adopt({ id: "mfa", purposes: ["security.mfa"], exclusive: true, sources });
});
after(() => store.remove());

const row = (account: string, value: string, notice: string, given_at: string, more: Row = {}): Row => ({
  ...{ account, kind: "email", value, notice, given_at },
  ...more,
});
const feed = (rows: AsyncIterable<Uint8Array>, source: string, admit?: () => void) =>
  ingest(store.solely, rows, { source, actor: "test", format: "ndjson", ...(admit === undefined ? {} : { admit }) });
const setLimit = (freedLimit: number | null) =>
  store.decide({ type: "source.set", name: "app", vouches: true, freedLimit });
const isPermitted = async (account: string): Promise<boolean> =>
  (await explain(store.solely, { account })).contactPoints[0]!.isPermitted;

/** The rows, but only once something else has happened after the stream was opened. */
async function* heldOpen(rows: readonly Row[], meanwhile: () => Promise<unknown>): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(Buffer.from("\n"));
  await meanwhile();
  yield* ndjson(rows);
}

test("a stream that is held open until a security contact is known does not free it past the limit", async () => {
  await setLimit(0);
  const guarded = ndjson([row("held", "held@example.com", "mfa", "2024-01-01T00:00:00Z")]);
  const wanted = [row("held", "held@example.com", "ads", "2024-02-01T00:00:00Z")];
  await assert.rejects(
    feed(
      heldOpen(wanted, () => feed(guarded, "local")),
      "app",
    ),
    (error) => error instanceof IntakeError && error.code === "freed-limit",
  );
  assert.equal(await isPermitted("held"), false);
});

test("what comes after the source's terms changed, a notice was retired or the key revoked is not taken", async () => {
  const late = (account: string) => [row(account, `${account}@example.com`, "old", "2024-01-01T00:00:00Z")];
  const isChanged = (error: unknown) => error instanceof IntakeError && error.code === "terms-changed";
  await setLimit(null);
  await assert.rejects(
    feed(
      heldOpen(late("late1"), () => setLimit(5)),
      "app",
    ),
    isChanged,
  );
  const retire = () =>
    store.decide({ type: "notice.retire", id: "old", from: new Date(Date.now() + 500).toISOString() });
  await assert.rejects(feed(heldOpen(late("late2"), retire), "local"), isChanged);
  const revoked = new Error("revoked");
  let isRevoked = false;
  const admit = () => {
    if (isRevoked) throw revoked;
  };
  const revoke = async () => void (isRevoked = true);
  await assert.rejects(feed(heldOpen(late("late3"), revoke), "local", admit), (error) => error === revoked);
  for (const account of ["late1", "late2", "late3"]) {
    assert.equal(store.solely.contacts.findAccount(account), undefined);
  }
});

/** More than a batch of rows that lie between two others. */
const between = (name: string): Row[] =>
  Array.from({ length: 150 }, (_, i) =>
    row(`${name}${i}`, `${name}${i}@example.com`, "ads", "2024-01-01T00:00:00Z", { note: "x".repeat(60_000) }),
  );

for (const [source, limit] of [
  ["local", null],
  ["app", 1000],
] as const) {
  const way = limit === null ? "as it comes" : "as a whole";
  test(`a spelling that one batch takes out and the next gives back has its token: ${way}`, async () => {
    await setLimit(limit);
    const [dotted, plain] = [`a.${source}@gmail.com`, `a${source}@gmail.com`];
    const account = `crossing-${source}`;
    const first = [
      row(account, dotted, "ads", "2024-01-01T00:00:00Z"),
      row(account, plain, "ads", "2024-05-01T00:00:00Z"),
    ];
    await feed(ndjson(first), "local");
    const promise = row(account, plain, "mfa", "2024-03-01T00:00:00Z");
    const again = row(account, dotted, "ads", "2024-06-01T00:00:00Z");
    await feed(ndjson([promise, ...between(`c${source}`), again]), source);
    const list = { advertiser: "acme", actor: "test", name: `crossing ${source}` };
    const { audience } = await matchList(store.solely, streamOf(`email\n${dotted}\n`), list);
    assert.equal(store.solely.audiences.get(audience).matched.size, 1);
    assert.equal((await doctor(store.solely)).isHealthy, true);
  });

  test(`a row that comes again in a later batch adds neither an entry nor a token: ${way}`, async () => {
    await setLimit(limit);
    const twice = row(`twice-${source}`, `twice-${source}@example.com`, "ads", "2024-01-01T00:00:00Z");
    const before = await store.solely.matcher.size();
    const rows = [twice, ...between(`t${source}`), twice];
    const { accepted, duplicates } = await feed(ndjson(rows), source);
    assert.deepEqual([accepted, duplicates], [rows.length - 1, 1]);
    assert.equal((await explain(store.solely, { account: `twice-${source}` })).contactPoints[0]!.history.length, 1);
    assert.equal((await store.solely.matcher.size()) - before, rows.length - 1);
  });
}
