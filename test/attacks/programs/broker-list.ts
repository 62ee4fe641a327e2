/**
 * T20. A broker's list: "Partner Audiences" of 2014 to 2019 came from data brokers by a way of their own (complaint
 * United States v. Twitter, 2022, paragraph 26), and what is checked in one way is forgotten in the other.
 *
 * Recipe: a broker lists the number that the victim gave for two-factor login, alone and among one's own accounts, for
 * the attacker's use; both read what they can, and the attacker tries to build on the broker's audiences. The secret:
 * whether the platform has the number. Ads must never reach it.
 */
import { attack } from "../attack.js";
import { Evidence } from "../mechanism.js";

let numbers = 0;

export const brokerList = attack({
  id: "T20",
  title: "broker's list",
  source: "US v. Twitter 2022",
  naive: { areBrokersUnchecked: true },
  short: 60,
  tellsNothing: true,
  reaches: false,
  known: (trial) => ({ account: `victim-${trial}`, phone: `+49170${1_000_000 + numbers++}` }),
  world: ({ account, phone }, isThere) => ({
    contacts: isThere ? [{ account, kind: "phone", value: phone, source: "two-factor" }] : [],
  }),
  async guess({ advertiser, broker, mechanism, own, wait, coin }, { phone }) {
    const edge = mechanism.edge(1120, 1250);
    const { advertiser: seller, path } = await broker();
    const lists = [
      { name: "one", rows: ["phone", phone], count: 0 },
      { name: "many", rows: ["email,phone", `,${phone}`, ...own(edge).map((address) => `${address},`)], count: edge },
    ];
    const sent = await Promise.all(lists.map((list) => seller.answerToUpload(list, path)));
    const ids = sent.map((answer) => (answer.json as { audience: string }).audience);
    const derived = await advertiser.combine({ name: "derived", include: ids });
    await wait("first-release");
    const evidence = new Evidence(mechanism);
    for (const view of [...(await advertiser.audiences()), ...(await seller.audiences())]) {
      if (view.audience === derived?.audience) evidence.add(view, edge, edge + 1);
      const list = lists[ids.indexOf(view.audience)];
      if (list !== undefined) evidence.add(view, list.count, list.count + 1);
    }
    return evidence.guess(coin);
  },
});
