/**
 * T5. The difference over time: two readings of one audience, before and after one row (Korolova 2010 in campaigns;
 * LinkedIn 2023 of live counts).
 *
 * Recipe: read an audience with the victim in it, take the row out, read, put it in again, read, and so on for two months.
 */
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";

const WEEKS = 8;

export const differenceOverTime = attack({
  id: "T5",
  title: "difference over time",
  source: "LinkedIn 2023",
  naive: {},
  short: 60,
  known: victimOf,
  world: onPlatform,
  async guess({ advertiser, mechanism, own, wait, coin }, { email }) {
    const edge = mechanism.edge(950, 1250);
    const name = "changing";
    const view = await advertiser.upload({ name, rows: emails(own(edge), email) });
    const evidence = new Evidence(mechanism);
    await wait("first-release");
    evidence.add(await advertiser.read(view), edge, edge + 1);
    for (let week = 1; week <= WEEKS; week++) {
      const isIn = week % 2 === 0;
      await advertiser.upload({ name, operation: isIn ? "append" : "remove", rows: emails(email) });
      const ifSo = edge + (isIn ? 1 : 0);
      // What a change shows at once; where that is the last epoch's size, it was read before.
      evidence.add(await advertiser.read(view), edge, ifSo, week - 1);
      await wait("epoch");
      evidence.add(await advertiser.read(view), edge, ifSo, week);
    }
    return evidence.guess(coin);
  },
});
