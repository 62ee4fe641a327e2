/**
 * T12. Planted accounts: a floor of a thousand people is met by 999 accounts that one made oneself, and one person
 * (Faizullabhoy and Korolova 2018; the reason why X and Google count active people only).
 *
 * Recipe: make accounts in one burst, list 999 of them with the victim: the audience is ready exactly if the victim
 * counts. Then list more of them, and see whether an ad reaches anybody else than oneself.
 */
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";
import { PLANTED, plantedEmail } from "../own-accounts.js";

const planted = (count: number): string[] => Array.from({ length: count }, (_, i) => plantedEmail(i));

export const plantedAccounts = attack({
  id: "T12",
  title: "planted accounts",
  source: "Faizullabhoy, Korolova 2018",
  naive: {},
  short: 60,
  tellsNothing: true,
  known: victimOf,
  world: (victim, isThere) => ({ ...onPlatform(victim, isThere), online: isThere ? [victim.account] : [] }),
  async guess({ advertiser, mechanism, delivered, wait, coin }, { email }) {
    const edge = mechanism.edge(950, 1050);
    const [held, lifted] = await Promise.all([
      advertiser.upload({ name: "held", rows: emails(planted(edge), email) }),
      advertiser.upload({ name: "lifted", rows: emails(planted(PLANTED), email) }),
    ]);
    await wait("first-release");
    const evidence = new Evidence(mechanism);
    const view = await advertiser.read(held);
    // Too small may be read two ways: where planted accounts don't count, it says nothing.
    if ((await advertiser.read(lifted)).status === "ready") evidence.add(view, edge, edge + 1);
    if (delivered().some(({ audience }) => audience === lifted.audience)) evidence.weigh(1e-9, 1);
    return evidence.guess(coin);
  },
});
