/**
 * T7. Set algebra: A minus B is one person, and only the last set is held against the floor. (Audience builders of all large
 * platforms have include and exclude; the floor on inner nodes and complements is what Venkatadri et al. 2018 ask for.)
 *
 * Recipe: a list of one's own accounts with the victim, a list of half of them, and a list of the victim alone. The first without
 * the second, without the third, the two joined: sets that are large or not, of which some would differ by one person.
 */
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";

export const setAlgebra = attack({
  id: "T7",
  title: "include and exclude",
  source: "after Venkatadri et al. 2018",
  naive: {},
  short: 60,
  known: victimOf,
  world: onPlatform,
  async guess({ advertiser, mechanism, own, wait, coin }, { email }) {
    const edge = mechanism.edge(1120, 1250);
    const [all, half, alone] = await Promise.all([
      advertiser.upload({ name: "all", rows: emails(own(2 * edge), email) }),
      advertiser.upload({ name: "half", rows: emails(own(edge, edge)) }),
      advertiser.upload({ name: "alone", rows: emails(email) }),
    ]);
    const [a, h, v] = [all.audience, half.audience, alone.audience];
    const nodes = [
      { view: all, count: 2 * edge },
      { view: await advertiser.combine({ name: "other half", include: [a], exclude: [h] }), count: edge },
      { view: await advertiser.combine({ name: "half and one", include: [h, v] }), count: edge },
      { view: await advertiser.combine({ name: "other half and one", include: [a, v], exclude: [h] }), count: edge },
    ];
    await wait("first-release");
    const evidence = new Evidence(mechanism);
    for (const { view, count } of nodes) {
      if (view === undefined) continue;
      const read = await advertiser.read(view);
      // What is made of a set that is too small may be so for that alone.
      if (read.status === "ready" || view === all) evidence.add(read, count, count + 1);
    }
    return evidence.guess(coin);
  },
});
