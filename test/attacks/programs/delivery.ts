/**
 * T11. Delivery reports and bills: Korolova (2010), and Faizullabhoy and Korolova (2018), read private facts of single people
 * from what their campaigns were billed for.
 *
 * Recipe: an audience of a thousand idle accounts of one's own, which never see an ad, and the victim. One impression,
 * one line on the bill, and the victim is on the platform. The platform here gives each advertiser exact rows
 * without any floor: whoever serves only what may be served has no row to give.
 */
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";
import { LONG_AGO } from "../own-accounts.js";

const IDLE = 1200;

export const delivery = attack({
  id: "T11",
  title: "delivery and billing rows",
  source: "Korolova 2010",
  naive: {},
  needs: { sizes: { activeWithinDays: 90 }, areIdle: true, why: "only who has been active lately is to count" },
  short: 60,
  tellsNothing: true,
  known: victimOf,
  world: (victim, isThere) => ({
    ...onPlatform(victim, isThere),
    ...(isThere ? { accounts: [{ account: victim.account, createdAt: LONG_AGO, lastActiveAt: new Date() }] } : {}),
    online: isThere ? [victim.account] : [],
  }),
  async guess({ advertiser, mechanism, own, delivered, wait, coin }, { email }) {
    const { audience } = await advertiser.upload({ name: "idle", rows: emails(own(IDLE), email) });
    await wait("first-release");
    await wait("epoch");
    const impressions = delivered()
      .filter((row) => row.audience === audience)
      .reduce((sum, row) => sum + row.impressions, 0);
    const evidence = new Evidence(mechanism);
    if (impressions > 0) evidence.weigh(1e-9, 1);
    // Nobody else of the audience is ever online; silence speaks where ads are shown at all.
    const view = await advertiser.read({ audience });
    if (impressions === 0 && view.status === "ready") evidence.weigh(1, 1e-9);
    return evidence.guess(coin);
  },
});
