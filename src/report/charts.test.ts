import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type FirstDays, overTime, periodsOf } from "./charts.js";

const DAYS = ["2018-12-30", "2018-12-31", "2019-01-01", "2019-01-20", "2019-02-03"] as const;
const LENGTHS = [10, 7, 4] as const;

/** Each person's possible first days; null is not being affected. */
const person = fc.uniqueArray(fc.constantFrom(...DAYS, null), { minLength: 1 });

function daysOf(people: readonly (readonly (string | null)[])[]): FirstDays {
  const [least, most]: [Record<string, number>, Record<string, number>] = [{}, {}];
  for (const day of DAYS) {
    least[day] = people.filter((days) => days.length === 1 && days[0] === day).length;
    most[day] = people.filter((days) => days.includes(day)).length;
  }
  const atLeast = people.filter((days) => !days.includes(null)).length;
  const atMost = people.filter((days) => days.some((day) => day !== null)).length;
  return { people: { atLeast, atMost }, least, most };
}

test("whichever of their days people were first affected on, periods and sums hold it", () => {
  const one = person.chain((days) => fc.tuple(fc.constant(days), fc.constantFrom(...days)));
  fc.assert(
    fc.property(fc.array(one, { maxLength: 12 }), fc.constantFrom(...LENGTHS), (drawn, length) => {
      const firsts = drawn.map(([, first]) => first).filter((day) => day !== null);
      const days = daysOf(drawn.map(([possible]) => possible));
      for (const { period, people, inSum } of periodsOf(days, length)) {
        const added = firsts.filter((day) => day.slice(0, length) === period).length;
        const total = firsts.filter((day) => day.slice(0, length) <= period).length;
        assert.ok(people.atLeast <= added && added <= people.atMost, `${period}: ${added}`);
        assert.ok(inSum.atLeast <= total && total <= inSum.atMost, `${period}: ${total} in sum`);
      }
      const last = periodsOf(days, length).at(-1);
      assert.deepEqual(last!.inSum, days.people);
    }),
  );
});

test("exact days give exact periods, without gaps between them", () => {
  const exact = { "2018-12-31": 2, "2019-02-03": 5 };
  const periods = periodsOf({ people: { atLeast: 7, atMost: 7 }, least: exact, most: exact }, 7);
  assert.deepEqual(
    periods.map(({ period, people, inSum }) => [period, people.atLeast, people.atMost, inSum.atLeast, inSum.atMost]),
    [
      ["2018-12", 2, 2, 2, 2],
      ["2019-01", 0, 0, 2, 2],
      ["2019-02", 5, 5, 7, 7],
    ],
  );
});

test("a single day is drawn; nothing is not", async () => {
  const one = { "2019-09-17": 3 };
  const { text } = await overTime({ people: { atLeast: 3, atMost: 3 }, least: one, most: one });
  assert.equal(text.match(/<svg role="img"/g)!.length, 2);
  assert.match(text, /<th scope="row">2019-09-17<\/th>/);
  assert.equal((await overTime({ people: { atLeast: 0, atMost: 0 }, least: {}, most: {} })).text, "");
});
