/** The smallest set of points that has one of each is what trying all sets finds; of very many, no more than that. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { smallestMeeting } from "./smallest-meeting.js";

const POINTS = 7;
const anySets = fc.array(fc.array(fc.nat({ max: POINTS - 1 }), { minLength: 1, maxLength: 4 }), { maxLength: 6 });

function byTrying(sets: readonly (readonly number[])[]): number {
  let least = POINTS;
  for (let chosen = 0; chosen < 1 << POINTS; chosen++) {
    if (!sets.every((set) => set.some((point) => ((chosen >> point) & 1) === 1))) continue;
    least = Math.min(least, [...chosen.toString(2)].filter((bit) => bit === "1").length);
  }
  return least;
}

test("the smallest set is what trying all of them finds", () => {
  fc.assert(fc.property(anySets, (sets) => assert.equal(smallestMeeting(sets), byTrying(sets))));
});

test("of very many points it is bounded from below, at once", () => {
  const pairs = Array.from({ length: 3000 }, (_, i) => [i, i + 1]);
  const bound = smallestMeeting(pairs);
  // Each second point meets all.
  assert.ok(bound <= 1500 && bound >= 1000, String(bound));
  assert.equal(smallestMeeting(pairs.map(([one]) => [one!, one!])), 3000);
});
