/**
 * T8. Colluding accounts: fresh noise goes away in the mean, and a budget for each account is no budget (every text on
 * differential privacy; Lindell and Omri 2011 for advertising).
 *
 * Recipe: four advertisers of one legal entity upload the same list, copy it (joined with a part of itself) as often as the
 * published budget lets them, and a tenth more, and read all of them several times. All that one entity can spend in a
 * month goes on one victim: the strongest attack there is.
 */
import type { Advertiser, View } from "../advertiser.js";
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";

const ACCOUNTS = 4;
const MOST_COPIES = 18;
const READINGS = 4;

export const colludingAccounts = attack({
  id: "T8",
  title: "colluding accounts, averaging",
  source: "Lindell, Omri 2011",
  naive: { noise: "fresh" },
  short: 30,
  atOnce: { naive: 150, system: 150 },
  known: victimOf,
  world: onPlatform,
  async guess({ advertiser, another, mechanism, own, wait, coin }, { email }) {
    const edge = mechanism.edge(1120, 1250);
    const accounts = [advertiser];
    while (accounts.length < ACCOUNTS) accounts.push(await another());
    const copies = Math.min(MOST_COPIES, Math.ceil((1.1 * mechanism.releases) / ACCOUNTS));
    const fill = async (account: Advertiser): Promise<void> => {
      const [list, part] = await Promise.all([
        account.upload({ name: "list", rows: emails(own(edge), email) }),
        account.upload({ name: "part", rows: emails(own(edge)) }),
      ]);
      const include = [list.audience, part.audience];
      const names = Array.from({ length: copies - include.length }, (_, i) => `copy ${i}`);
      await Promise.all(names.map((name) => account.combine({ name, include })));
    };
    await Promise.all(accounts.map(fill));
    await wait("first-release");
    const views: View[] = [];
    for (let reading = 0; reading < READINGS; reading++) {
      for (const account of accounts) views.push(...(await account.audiences()));
    }
    const evidence = new Evidence(mechanism);
    for (const view of views) evidence.add(view, edge, view.name === "part" ? edge : edge + 1);
    return evidence.guess(coin);
  },
});
