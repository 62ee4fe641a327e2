/**
 * T21. Late join: rows that match nobody are kept, and match when somebody signs up (what one platform was said to do, and
 * said that it does not). An advertiser learns when a person joins.
 *
 * Recipe: list somebody who is not on the platform, at an edge; read before the day in question, and after it, at once
 * and over the next epochs. The secret: whether the victim signed up. Ads must never reach it by that old list.
 */
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";

const WEEKS = 4;

export const lateJoin = attack({
  id: "T21",
  title: "late join",
  source: "platforms' own papers",
  naive: {},
  short: 60,
  tellsNothing: true,
  reaches: false,
  known: victimOf,
  world: (victim, signsUp) => ({ meanwhile: onPlatform(victim, signsUp) }),
  async guess({ advertiser, mechanism, own, wait, coin }, { email }) {
    const edge = mechanism.edge(1120, 1250);
    const view = await advertiser.upload({ name: "old", rows: emails(own(edge), email) });
    const evidence = new Evidence(mechanism);
    await wait("first-release");
    evidence.add(await advertiser.read(view), edge, edge);
    await wait("moment");
    evidence.add(await advertiser.read(view), edge, edge + 1);
    for (let week = 1; week <= WEEKS; week++) {
      await wait("epoch");
      evidence.add(await advertiser.read(view), edge, edge + 1, week);
    }
    return evidence.guess(coin);
  },
});
