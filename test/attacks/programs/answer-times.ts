/**
 * T13b. What an answer tells by its time: work that is done for a match only (Kocher 1996, and every oracle since).
 *
 * Recipe: three lists of one's own accounts. Add to them in turn, in an order that is drawn anew each time, the victim, an
 * account that one knows to be there, and nobody. Which of the two do the victim's times lie nearer to? Each kind
 * stands for itself by its second-best time. No absolute time.
 */
import { randomInt } from "node:crypto";
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";

const ROUNDS = 5;
const BASE = 1200;
/** All that a likelihood needs here is which is nearer. */
const NEARER = 2;

export const answerTimes = attack({
  id: "T13b",
  title: "times of the answers",
  source: "Kocher 1996",
  naive: {},
  short: 50,
  tellsNothing: true,
  atOnce: { naive: 1, system: 150 },
  known: victimOf,
  world: onPlatform,
  async guess({ advertiser, mechanism, own, coin }, { email }) {
    const rows = [own(BASE + 1).at(-1)!, email.replace("@victim", "@nobody"), email];
    await Promise.all(rows.map((_, i) => advertiser.upload({ name: `list ${i}`, rows: emails(own(BASE)) })));
    const times: number[][] = rows.map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const i of shuffled(rows.map((_, i) => i))) {
        const list = { name: `list ${i}`, operation: "append", rows: emails(rows[i]!) } as const;
        times[i]!.push((await advertiser.answerToUpload(list)).ms);
      }
    }
    const [there, nobody, victim] = times.map(typical) as [number, number, number];
    const evidence = new Evidence(mechanism);
    evidence.weigh(1, Math.abs(victim - nobody) > Math.abs(victim - there) ? NEARER : 1 / NEARER);
    return evidence.guess(coin);
  },
});

/** The second of those that were least disturbed. */
const typical = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[1]!;

function shuffled<T>(values: readonly T[]): T[] {
  const result: T[] = [];
  for (const value of values) result.splice(randomInt(result.length + 1), 0, value);
  return result;
}
