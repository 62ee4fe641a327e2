import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PurposeError } from "./error.js";
import { FREED_WINDOW_MS, Sources, sourceSchema } from "./source.js";

const DAY_MS = 24 * 3600 * 1000;
const isUnknown = (error: unknown) => error instanceof PurposeError && error.code === "unknown-source";

test("a store begins with the source local, which vouches and has no limit, and with no other", () => {
  const sources = new Sources();
  assert.deepEqual(sources.list(), [{ name: "local", vouches: true, freedLimit: null }]);
  assert.equal(sources.get("local"), sources.list()[0]);
});

test("a source that nobody set is refused, whatever its name", () => {
  const sources = new Sources();
  for (const name of ["shop", "Local", "local ", "", "constructor", "__proto__"]) {
    assert.throws(() => sources.get(name), isUnknown, name);
  }
  assert.equal(sources.freed("shop", 0), 0);
});

test("a source set again replaces the one before, and keeps its place and what it freed", () => {
  const sources = new Sources();
  sources.set({ name: "shop", vouches: false, freedLimit: 5 });
  sources.set({ name: "crm", vouches: false, freedLimit: 0 });
  sources.charge("shop", 3, DAY_MS);
  sources.set({ name: "shop", vouches: true, freedLimit: 100 });
  assert.deepEqual(sources.get("shop"), { name: "shop", vouches: true, freedLimit: 100 });
  assert.deepEqual(
    sources.list().map(({ name }) => name),
    ["local", "shop", "crm"],
  );
  assert.equal(sources.freed("shop", DAY_MS), 3);
});

test("what is left out when a source is set is the careful choice: it vouches for nothing and frees nothing", () => {
  assert.deepEqual(sourceSchema.parse({ name: "shop" }), { name: "shop", vouches: false, freedLimit: 0 });
});

test("a source of another form is refused", () => {
  const good = { name: "shop", vouches: false, freedLimit: 5 };
  for (const name of ["a", "0", "a.b-c_d", "a".repeat(64)]) sourceSchema.parse({ ...good, name });
  const names = ["", "a".repeat(65), "Shop", "a b", "a@b", ".a", "-a", "_a", "é", "a\n", 7, null];
  const limits = [-1, 0.5, Number.POSITIVE_INFINITY, Number.NaN, "5", 2 ** 53];
  const malformed = [
    ...names.map((name) => ({ ...good, name })),
    ...limits.map((freedLimit) => ({ ...good, freedLimit })),
    ...[{ ...good, vouches: "no" }, { ...good, more: 1 }, {}, null, []],
  ];
  for (const value of malformed) assert.equal(sourceSchema.safeParse(value).success, false, JSON.stringify(value));
});

test("a charge counts for exactly 30 days, and is gone at the end of the last", () => {
  assert.equal(FREED_WINDOW_MS, 30 * DAY_MS);
  const sources = new Sources();
  sources.charge("shop", 7, 1000);
  assert.equal(sources.freed("shop", 1000), 7);
  assert.equal(sources.freed("shop", 1000 + 30 * DAY_MS - 1), 7);
  assert.equal(sources.freed("shop", 1000 + 30 * DAY_MS), 0);
  assert.equal(sources.freed("crm", 1000), 0);
});

const anyRun = fc.record({
  source: fc.constantFrom("local", "shop", "crm"),
  count: fc.oneof(fc.constant(0), fc.nat(1000)),
  /** Since the run before; often such that runs lie exactly 30 days apart. */
  afterMs: fc.oneof(
    fc.integer({ min: 0, max: 8 }).map((days) => days * 5 * DAY_MS),
    fc.integer({ min: 0, max: 40 * DAY_MS }),
  ),
});

test("what a source freed is the plain sum over its runs of the 30 days before, also after a snapshot", () => {
  fc.assert(
    fc.property(fc.array(anyRun, { maxLength: 20 }), fc.nat(), fc.integer({ min: -1, max: 1 }), (runs, cut, offMs) => {
      let sources = new Sources();
      const charged: { source: string; count: number; atMs: number }[] = [];
      let nowMs = 0;
      runs.forEach(({ source, count, afterMs }, i) => {
        nowMs += afterMs;
        sources.charge(source, count, nowMs);
        charged.push({ source, count, atMs: nowMs });
        if (i === cut % runs.length) {
          const kept: typeof sources.charges = JSON.parse(JSON.stringify(sources.charges));
          sources = new Sources();
          sources.restoreCharges(kept);
        }
        for (const asked of [nowMs, nowMs + 10 * DAY_MS, nowMs + 30 * DAY_MS + offMs]) {
          for (const name of ["local", "shop", "crm"]) {
            const counting = charged.filter((run) => run.source === name && asked - run.atMs < 30 * DAY_MS);
            const sum = counting.reduce((total, run) => total + run.count, 0);
            assert.equal(sources.freed(name, asked), sum);
          }
        }
      });
    }),
  );
});

test("a clock that was ahead once takes no charge out of the sum", () => {
  const sources = new Sources();
  sources.charge("shop", 1000, 0);
  sources.charge("shop", 1, 60 * DAY_MS);
  assert.equal(sources.freed("shop", DAY_MS), 1001);
});

test("an approved run is let past for its source and its bytes alone", () => {
  const sources = new Sources();
  const [digest, other] = ["a".repeat(64), "b".repeat(64)];
  sources.approveRun("shop", digest, 5);
  assert.equal(sources.isApproved("shop", digest, 5), true);
  assert.equal(sources.isApproved("shop", other, 5), false);
  assert.equal(sources.isApproved("crm", digest, 5), false);
  assert.equal(sources.isApproved("shop", digest, 6), false, "more than they saw");
  sources.charge("shop", 10, 0);
  assert.equal(sources.isApproved("shop", digest, 5), true, "it may be fed again after a crash");
});
