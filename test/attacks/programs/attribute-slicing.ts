/**
 * T4. Slicing by attributes: what the same team showed in March 2018, when about 1,200 attributes of one person could be
 * read, and Korolova (2010) before them from campaigns that differ in one attribute.
 *
 * Recipe: the victim is known to be on the platform, and of one's own accounts some like sports. List both kinds, so that
 * neither part is small, with the victim; ask for those who like sports, and for those who don't, each padded so that one
 * person more shows. Here the secret is the attribute.
 */
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";
import { LONG_AGO } from "../own-accounts.js";

export const attributeSlicing = attack({
  id: "T4",
  title: "attribute slicing",
  source: "Korolova 2010",
  naive: {},
  short: 60,
  known: victimOf,
  world: (victim, likesSports) => ({
    ...onPlatform(victim, true),
    accounts: [{ account: victim.account, createdAt: LONG_AGO, lastActiveAt: new Date(), likesSports }],
  }),
  async guess({ advertiser, mechanism, own, others, wait, coin }, { email }) {
    const edge = mechanism.edge(1120, 1250);
    const list = await advertiser.upload({ name: "known", rows: emails(own(edge), others(edge), email) });
    const include = [list.audience];
    const parts = [
      await advertiser.combine({ name: "likes", include, with: ["likes_sports"] }),
      await advertiser.combine({ name: "likes not", include, without: ["likes_sports"] }),
    ];
    await wait("first-release");
    const evidence = new Evidence(mechanism);
    for (const [i, part] of parts.entries()) {
      if (part !== undefined) evidence.add(await advertiser.read(part), edge + i, edge + 1 - i);
    }
    return evidence.guess(coin);
  },
});
