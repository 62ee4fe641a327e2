/**
 * T16. Off by one at the floor: the papers say "at least a thousand", the code says more than that (Snowflake corrected
 * such a comparison in its clean rooms on 20 November 2025). Padding by the papers then misses the edge by one.
 *
 * Recipe: lists of 999 and of 1,000 own accounts, each with the victim: whichever rule it is, one of them turns. A list of
 * 1,000 own accounts alone tells the rule. Both rules are likely alike beforehand.
 */
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";

/** Where the floor lies. */
const FROM = 950;
const TO = 1050;

export const offByOne = attack({
  id: "T16",
  title: "off by one at the floor",
  source: "Snowflake 2025-11-20",
  naive: { isOffByOne: true },
  short: 60,
  known: victimOf,
  world: onPlatform,
  async guess({ advertiser, mechanism, own, wait, coin }, { email }) {
    const edge = mechanism.edge(FROM, TO);
    const lists = [
      { name: "below", rows: emails(own(edge), email), ifNot: edge, ifSo: edge + 1 },
      { name: "at", rows: emails(own(edge + 1), email), ifNot: edge + 1, ifSo: edge + 2 },
      { name: "rule", rows: emails(own(edge + 1)), ifNot: edge + 1, ifSo: edge + 1 },
    ];
    const views = await Promise.all(lists.map((list) => advertiser.upload(list)));
    await wait("first-release");
    const read = await Promise.all(views.map((view) => advertiser.read(view)));
    const likelihood = (isThere: boolean, shift: 0 | 1): number => {
      const shown = read.map((view, i) => {
        const { ifNot, ifSo } = lists[i]!;
        return mechanism.likelihood(view, (isThere ? ifSo : ifNot) - shift);
      });
      return shown.reduce((product, one) => product * one, 1);
    };
    const evidence = new Evidence(mechanism);
    evidence.weigh(likelihood(false, 0) + likelihood(false, 1), likelihood(true, 0) + likelihood(true, 1));
    return evidence.guess(coin);
  },
});
