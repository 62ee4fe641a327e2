/**
 * A size is released, not read: drawn once for an epoch and kept, whatever is asked, restarted or set back; and what is not
 * released, or is too small, is served by no way out.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { addAdvertiser, deleteAudience, takeAccounts } from "../../src/index.js";
import { LeafKind } from "../../src/ledger/index.js";
import { payloadOf } from "../../src/log/index.js";
import { changesSince, exportToFile } from "../../src/serve/index.js";
import { releaseDue } from "../../src/size/index.js";
import { ndjson } from "../fresh-store.js";
import { EPOCH_MS, HOUR_MS, SizedStore } from "../sized-store.js";

let sized: SizedStore;
afterEach(() => sized.remove());

/** Facts of releases, as they are stored. */
async function releases(): Promise<{ audience: string; at: string; draws: { node: string; value: number }[] }[]> {
  const { store, log } = sized.solely;
  const facts = [];
  for await (const { body } of store.facts(0, { to: log.position, kinds: [LeafKind.release] })) {
    facts.push(JSON.parse(Buffer.from(payloadOf(body)).toString("utf8")));
  }
  return facts;
}

const exported = async (audience: string, isUnreleased = false) => {
  const out = join(sized.store.folder, `${audience}.csv`);
  const made = await exportToFile(sized.solely, { audience, out, actor: "test", expiryHours: 1, isUnreleased });
  const [header, ...rows] = readFileSync(out, "utf8").trimEnd().split("\n");
  return { made, header, rows, beside: JSON.parse(readFileSync(`${out}.json`, "utf8")) };
};

test("the first size shows an hour after the last part, and what a list changes waits for the epoch", async () => {
  sized = await SizedStore.make(1400);
  const audience = await sized.list("list", [0, 1200]);
  assert.equal(await sized.pass(58 * 60_000), 0);
  assert.deepEqual([sized.view(audience).status, sized.view(audience).size], ["pending", null]);
  await sized.list("list", [1200, 1250], { operation: "append" });
  sized.nowMs = Date.now();
  assert.equal(await sized.pass(59 * 60_000), 0, "the hour begins with the last part");
  assert.equal(sized.isServed(0, audience), false);
  assert.equal(await sized.pass(2 * 60_000), 1);
  const { status, size } = sized.view(audience);
  assert.equal(status, "ready");
  assert.ok(Math.abs(size!.value - 1250) <= 300, "within rounding and twelve standard deviations");
  assert.ok(size!.lower <= size!.value && size!.value <= size!.upper);
  assert.ok(sized.isServed(0, audience) && sized.isServed(1249, audience));

  await sized.list("list", [1250, 1400], { operation: "append" });
  assert.equal(await sized.pass(2 * HOUR_MS), 0);
  assert.deepEqual(sized.view(audience).size, size);
  assert.equal(sized.isServed(1300, audience), false, "nor is it served yet");
  assert.equal(await sized.nextEpoch(), 1);
  assert.notEqual(sized.view(audience).size!.releasedAt, size!.releasedAt);
  assert.ok(sized.isServed(1300, audience));
});

test("what was drawn shows at the next tick, however long the drawing took, and a withdrawal counts at once", async () => {
  sized = await SizedStore.make(1200);
  const audience = await sized.list("list", [0, 1200]);
  const made = await sized.combine("made", { include: [audience, await sized.list("other", [0, 1200])] });
  const shown = () => [[audience, made].map((one) => sized.view(one)), sized.budget()];
  const before = shown();
  await releaseDue(sized.solely, Date.now() + 2 * HOUR_MS);
  assert.equal((await releases()).length, 3);
  assert.deepEqual(shown(), before);
  sized.solely.releases.show();
  const { size } = sized.view(audience);
  assert.deepEqual(
    [audience, made].map((one) => sized.view(one).status),
    ["ready", "ready"],
  );
  await sized.withdraw(7);
  assert.equal(sized.isServed(7, audience), false);
  assert.deepEqual(sized.view(audience).size, size, "the size stays as it was drawn");
});

test("a size is drawn once for an epoch: not again when asked, started anew from anything, or the clock is set back", async () => {
  sized = await SizedStore.make(1200);
  const audience = await sized.list("list", [0, 1200]);
  sized.nowMs = firstOfNextMonth(sized.nowMs);
  await sized.pass(2 * HOUR_MS);
  await sized.nextEpoch();
  await sized.store.keepSnapshot();
  await sized.nextEpoch();
  const view = sized.view(audience);
  const drawn = await releases();
  assert.equal(drawn.length, 3);
  for (const from of ["newest", "kept", "facts"] as const) {
    await sized.store.reopen(from);
    for (const back of [0, HOUR_MS, EPOCH_MS, 60 * EPOCH_MS])
      assert.equal(await releaseDue(sized.solely, sized.nowMs - back).then(({ released }) => released), 0);
    assert.deepEqual(sized.view(audience), view, from);
    assert.equal(sized.budget().month.spent, 0.0025);
    assert.equal(sized.budget().year.spent, 0.0025);
  }
  assert.deepEqual(await releases(), drawn);
});

test("the budget is the legal entity's: no race, other name or new audience gets a draw more, and a month later all do", async () => {
  sized = await SizedStore.make(1200, { budget: { month: 0.05, releases: 3, year: 0.6 } });
  const { solely } = sized;
  for (const name of ["acme", "acme-shoes"]) await addAdvertiser(solely, { name, entity: "Acme Inc", actor: "test" });
  const audiences: string[] = [];
  for (let i = 0; i < 4; i++) audiences.push(await sized.list(`list ${i}`, [0, 1200]));
  audiences.push(await sized.list("list", [0, 1200], { advertiser: "acme-shoes" }));
  const other = await sized.list("list", [0, 1200], { advertiser: "beta" });
  sized.nowMs = firstOfNextMonth(sized.nowMs) + HOUR_MS;
  await Promise.all([sized.pass(0), sized.pass(0), sized.pass(0)]);
  await sized.pass(60_000);
  const statuses = () => audiences.map((audience) => sized.view(audience).status);
  assert.deepEqual(statuses(), ["ready", "ready", "ready", "unfunded", "unfunded"]);
  assert.equal(sized.view(other).status, "ready");
  assert.deepEqual([sized.budget().month.spent, sized.budget("acme-shoes").draw.left], [0.05, 0]);
  assert.equal(sized.isServed(0, audiences[3]!), false, "what is not funded is not served");

  await deleteAudience(solely, { audience: audiences[0]!, advertiser: "acme", actor: "test" });
  audiences[0] = await sized.list("list 0", [0, 1200]);
  assert.equal(await sized.pass(2 * HOUR_MS), 0, "a deletion gives nothing back");
  await sized.store.reopen("facts");
  assert.equal(sized.budget().draw.left, 0);
  assert.equal(await sized.pass(2 * HOUR_MS), 0);
  assert.deepEqual(statuses(), ["unfunded", "ready", "ready", "unfunded", "unfunded"]);

  sized.nowMs = firstOfNextMonth(sized.nowMs);
  await sized.pass(HOUR_MS);
  assert.deepEqual(statuses(), Array(5).fill("ready"), "first sizes come before newer ones of the others");
  assert.equal(sized.budget().draw.left, 0);
});

test("who was taken off a list is not served for months because the budget is spent", async () => {
  sized = await SizedStore.make(2400, { budget: { month: 0.05, releases: 3, year: 0.6 } });
  sized.nowMs = firstOfNextMonth(sized.nowMs);
  const kept = await sized.list("kept", [0, 1200]);
  const grown = await sized.list("grown", [0, 1200]);
  const shrunk = await sized.list("shrunk", [0, 2400]);
  await sized.pass(2 * HOUR_MS);
  await sized.list("grown", [1200, 2400], { operation: "append" });
  await sized.list("shrunk", [0, 1200], { operation: "remove" });
  assert.ok(sized.isServed(0, shrunk));
  await sized.nextEpoch();
  assert.deepEqual(
    [kept, grown, shrunk].map((one) => sized.view(one).status),
    ["ready", "ready", "unfunded"],
  );
  assert.deepEqual(
    [sized.isServed(0, shrunk), sized.isServed(2000, shrunk), sized.isServed(0, kept)],
    [false, false, true],
  );
  await sized.store.reopen("facts");
  assert.equal(sized.view(shrunk).status, "unfunded");
  assert.equal(await sized.nextEpoch(), 0, "that is said once");
  sized.nowMs = firstOfNextMonth(sized.nowMs);
  await sized.pass(EPOCH_MS);
  assert.deepEqual(
    [sized.isServed(0, shrunk), sized.isServed(2000, shrunk), sized.isServed(2000, grown)],
    [false, true, true],
  );
});

test("an audience whose size is old, since no newer one can be paid for, is served no more", async () => {
  sized = await SizedStore.make(1200, { budget: { month: 0.05, releases: 2, year: 0.05 } });
  const audience = await sized.list("list", [0, 1200]);
  for (let weeks = 0; weeks < 7; weeks++) {
    assert.equal(sized.isServed(0, audience), weeks > 0, `week ${weeks}`);
    await sized.nextEpoch();
  }
  await sized.nextEpoch();
  assert.deepEqual([sized.view(audience).status, sized.isServed(0, audience)], ["unfunded", false]);
  assert.equal((await releases()).filter(({ draws }) => draws.length > 0).length, 2);
});

test("who changes a list just when it is counted does not hold its next size off", async () => {
  sized = await SizedStore.make(1300);
  const audience = await sized.list("list", [0, 1200]);
  await sized.pass(2 * HOUR_MS);
  const { writer } = sized.solely.log;
  let letGo = () => {};
  const held = writer.exclusive(() => new Promise<void>((resolve) => (letGo = resolve)));
  const appended = sized.list("list", [1200, 1300], { operation: "append" });
  await sleep(500); // until it waits for its turn
  const released = sized.pass(2 * EPOCH_MS);
  await sleep(200); // until it has counted, and waits behind it
  letGo();
  await Promise.all([held, appended]);
  assert.equal(await released, 1);
  assert.ok(sized.isServed(1250, audience), "what is counted is what is served");
});

test("an attribute that may not be named any more makes nobody out of what it was named in", async () => {
  sized = await SizedStore.make(2400, { attributes: ["sporty"] });
  const sporty = Array.from({ length: 2400 }, (_, i) => ({ account: `u${i}`, sporty: i % 2 === 0 }));
  await takeAccounts(sized.solely, ndjson(sporty), { actor: "test", format: "ndjson" });
  const made = await sized.combine("made", { include: [await sized.list("all", [0, 2400])], with: ["sporty"] });
  await sized.pass(2 * HOUR_MS);
  assert.ok(sized.isServed(0, made));
  sized.store.configure({ sizes: {} });
  await sized.store.reopen("newest");
  await sized.nextEpoch();
  assert.deepEqual([sized.view(made).status, sized.isServed(0, made)], ["too-small", false]);
});

function firstOfNextMonth(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

test("what is too small is served by no way out, and looks the same whether it is empty or nearly large enough", async () => {
  sized = await SizedStore.make(1200);
  const [empty, nearly, large] = [
    await sized.list("list 0", [1200, 1300]),
    await sized.list("list 1", [0, 800]),
    await sized.list("list 2", [0, 1200]),
  ];
  const before = sized.solely.log.position;
  await sized.pass(2 * HOUR_MS);
  assert.deepEqual(
    [empty, nearly, large].map((one) => sized.view(one).status),
    ["too-small", "too-small", "ready"],
  );
  const told = (audience: string) => {
    const { audience: _, list: __, name: ___, createdAt: ____, updatedAt: _____, ...rest } = sized.view(audience);
    return rest;
  };
  assert.deepEqual({ ...told(empty), nextReleaseAt: "" }, { ...told(nearly), nextReleaseAt: "" });
  assert.equal(JSON.stringify(sized.view(empty)).length, JSON.stringify(sized.view(nearly)).length);

  assert.equal(sized.isServed(0, nearly), false);
  const { changes, notServed } = changesSince(sized.solely, before);
  assert.deepEqual(new Set(changes.map(({ audience }) => audience)), new Set([large]));
  assert.deepEqual(
    notServed,
    [empty, nearly].map((audience) => ({ audience, reason: "too-small" })),
  );
  const closed = await exported(nearly);
  assert.deepEqual([closed.rows, closed.made.notServed, closed.beside.notServed], [[], "too-small", "too-small"]);

  const { position } = sized.solely.log;
  const looked = await exported(nearly, true);
  assert.deepEqual([looked.rows.length, looked.header], [800, "account_not_for_serving"]);
  assert.equal(looked.beside.isForServing, false);
  for await (const { body } of sized.solely.store.facts(position, { kinds: [LeafKind.export] })) {
    assert.equal(JSON.parse(Buffer.from(payloadOf(body)).toString("utf8")).isUnreleased, true);
  }
  assert.equal(sized.solely.log.position, position + 1, "looking is a leaf");
});

test("a list that was large enough serves nobody alone when it is replaced by one person, or all but one are removed", async () => {
  sized = await SizedStore.make(1500);
  const [replaced, removed] = [await sized.list("list 0", [0, 1500]), await sized.list("list 1", [0, 1500])];
  await sized.pass(2 * HOUR_MS);
  await sized.list("list 0", [42, 43], { operation: "replace" });
  await sized.list("list 1", [0, 42], { operation: "remove" });
  await sized.list("list 1", [43, 1500], { operation: "remove" });
  for (const audience of [replaced, removed]) {
    assert.ok(sized.isServed(42, audience) && sized.isServed(1400, audience), "it goes on as it was released");
  }
  await sized.nextEpoch();
  for (const audience of [replaced, removed]) {
    assert.equal(sized.view(audience).status, "too-small");
    assert.equal(sized.isServed(42, audience), false);
  }
});

test("every node of an expression and what it leaves out must be large enough, and each is paid for", async () => {
  sized = await SizedStore.make(2700, { attributes: ["sporty"] });
  const sporty = Array.from({ length: 2700 }, (_, i) => ({ account: `u${i}`, sporty: i % 2 === 0, secret: i < 5 }));
  await takeAccounts(sized.solely, ndjson(sporty), { actor: "test", format: "ndjson" });
  const all = await sized.list("all", [0, 2700]);
  const half = await sized.list("half", [0, 1350]);
  const butFew = await sized.list("all but ten", [0, 2690]);
  const few = await sized.list("few", [0, 10]);
  const without = await sized.combine("the other half", { include: [all], exclude: [half] });
  const tenLeft = await sized.combine("ten are left", { include: [all], exclude: [butFew] });
  const tooSmall = await sized.combine("of too few", { include: [all], exclude: [few] });
  const fromHalf = await sized.combine("sporty half", { include: [half], with: ["sporty"] });
  const fromAll = await sized.combine("sporty", { include: [all, half], with: ["sporty"] });
  await assert.rejects(sized.combine("secret", { include: [all], with: ["secret"] }), { code: "malformed-expression" });
  await assert.rejects(sized.combine("alone", { include: [all] }), { code: "malformed-expression" });
  await assert.rejects(sized.combine("unknown", { include: [all, "a0"] }), { code: "unknown-audience" });
  await assert.rejects(deleteAudience(sized.solely, { audience: all, actor: "test" }), { code: "audience-in-use" });
  sized.nowMs = firstOfNextMonth(sized.nowMs);
  await sized.pass(2 * HOUR_MS);
  const status = (audience: string) => sized.view(audience).status;
  assert.deepEqual([without, tenLeft, tooSmall, fromHalf, fromAll].map(status), [
    ...["ready", "too-small", "too-small", "too-small", "ready"],
  ]);
  // 4 lists; two nodes each of the expressions, a union more in the last; none where an operand is too small.
  assert.equal(60 - sized.budget().draw.left, 4 + 2 + 2 + 0 + 2 + 3);
  assert.deepEqual(
    (await releases()).find(({ audience }) => audience === fromAll)!.draws.map(({ node }) => node),
    ["include", "with sporty", "with sporty, left out"],
  );
  assert.deepEqual([sized.isServed(0, without), sized.isServed(1400, without)], [false, true]);
  assert.deepEqual([sized.isServed(2, fromAll), sized.isServed(3, fromAll)], [true, false]);
  assert.equal(sized.isServed(2695, tenLeft), false);
  await sized.withdraw(1400);
  assert.equal(sized.isServed(1400, without), false, "who takes back is out at once");
  await sized.store.reopen("facts");
  assert.deepEqual([sized.isServed(1400, without), sized.isServed(1401, without)], [false, true]);
});
