/** One account changes a count by at most one, whatever it is and wherever it comes from; and the count is a plain one's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OrdinalSet } from "../set/index.js";
import { countAccounts } from "./count.js";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);
const ACCOUNTS = 40;

const account = fc.record({
  isIn: fc.boolean(),
  /** Days ago; none where it is not known. */
  made: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  active: fc.option(fc.integer({ min: 0, max: 200 }), { nil: undefined }),
  /** 0 for none. */
  cohort: fc.integer({ min: 0, max: 3 }),
});
const terms = fc.record({
  minAgeDays: fc.option(fc.integer({ min: 0, max: 40 })),
  activeWithinDays: fc.option(fc.integer({ min: 1, max: 120 })),
  cohortCap: fc.integer({ min: 1, max: 5 }),
});
type Account = { isIn: boolean; made: number | undefined; active: number | undefined; cohort: number };
type Terms = { minAgeDays: number | null; activeWithinDays: number | null; cohortCap: number };

async function counted(accounts: readonly Account[], by: Terms): Promise<number> {
  const set = OrdinalSet.from(Uint32Array.from([...accounts.keys()].filter((i) => accounts[i]!.isIn)));
  const ago = (days: number | undefined) => (days === undefined ? 0 : NOW_MS - days * DAY_MS);
  // Shorter than the accounts, as the columns of a platform that told of few are.
  const told = accounts.findLastIndex(
    ({ made, active, cohort }) => made !== undefined || active !== undefined || cohort > 0,
  );
  const known = accounts.slice(0, told + 1);
  try {
    return await countAccounts(
      set,
      {
        createdAtMs: Float64Array.from(known, ({ made }) => ago(made)),
        lastActiveAtMs: Float64Array.from(known, ({ active }) => ago(active)),
        cohort: Uint32Array.from(known, ({ cohort }) => cohort),
      },
      by,
      NOW_MS,
    );
  } finally {
    set.dispose();
  }
}

function model(accounts: readonly Account[], { minAgeDays, activeWithinDays, cohortCap }: Terms): number {
  const good = accounts.filter(({ isIn, made, active }) => {
    if (!isIn) return false;
    if (minAgeDays !== null && (made === undefined || made < minAgeDays)) return false;
    return activeWithinDays === null || (active !== undefined && active <= activeWithinDays);
  });
  let count = good.filter(({ cohort }) => cohort === 0).length;
  for (const burst of [1, 2, 3]) count += Math.min(cohortCap, good.filter(({ cohort }) => cohort === burst).length);
  return count;
}

const world = fc.array(account, { maxLength: ACCOUNTS });

test("accounts are counted as a plain count of them does", async () => {
  const isSame = async (accounts: Account[], by: Terms) =>
    assert.equal(await counted(accounts, by), model(accounts, by));
  await fc.assert(fc.asyncProperty(world, terms, isSame));
});

test("an account that comes, goes, or is another one changes the count by at most one each time it comes or goes", async () => {
  await fc.assert(
    fc.asyncProperty(world, terms, account, fc.nat(), async (accounts, by, other, place) => {
      const at = accounts.length === 0 ? 0 : place % accounts.length;
      const without = accounts.toSpliced(at, 1, { ...(accounts[at] ?? other), isIn: false });
      const replaced = accounts.toSpliced(at, 1, other);
      const base = await counted(without, by);
      const [all, changed] = [await counted(accounts, by), await counted(replaced, by)];
      assert.ok([0, 1].includes(all - base), `${base} became ${all}`);
      assert.ok([0, 1].includes(changed - base), `${base} became ${changed}`);
    }),
  );
});

test("a thousand accounts that were made in one burst count as ten", async () => {
  const burst = Array.from({ length: 1000 }, () => ({ isIn: true, made: 1, active: 0, cohort: 1 }));
  assert.equal(await counted(burst, { minAgeDays: null, activeWithinDays: null, cohortCap: 10 }), 10);
});
