/**
 * T1. A list of one: Faizullabhoy and Korolova (ConPro 2018) reached single people in spite of minimum sizes.
 *
 * Recipe: upload a list that only the victim can match, once alone and once with a thousand rows that match nobody, so
 * that the list is long enough. What is shown of either is 0 or 1.
 */
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";

const NOBODY = Array.from({ length: 1200 }, (_, i) => `nobody-${i}@nowhere.example`);

export const listOfOne = attack({
  id: "T1",
  title: "list of one",
  source: "Faizullabhoy, Korolova 2018",
  naive: { isFloorOnRows: true },
  short: 60,
  tellsNothing: true,
  known: victimOf,
  world: onPlatform,
  async guess({ advertiser, mechanism, wait, coin }, { email }) {
    const evidence = new Evidence(mechanism);
    const views = await Promise.all([
      advertiser.upload({ name: "alone", rows: emails(email) }),
      advertiser.upload({ name: "among nobody", rows: emails(NOBODY, email) }),
    ]);
    await wait("first-release");
    for (const view of views) {
      const read = await advertiser.read(view);
      if (read.status === "ready") evidence.add(read, 0, 1);
    }
    return evidence.guess(coin);
  },
});
