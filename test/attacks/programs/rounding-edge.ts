/**
 * T3. Padding to a rounding edge: the inner step of Venkatadri et al. (IEEE S&P 2018; PETS 2019).
 *
 * Recipe: pad a list with accounts of one's own, up to where one person more changes the number that is shown; add the
 * victim.
 */
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";

export const roundingEdge = attack({
  id: "T3",
  title: "padding to an edge",
  source: "Venkatadri et al. 2018, 2019",
  naive: {},
  short: 60,
  known: victimOf,
  world: onPlatform,
  async guess({ advertiser, mechanism, own, wait, coin }, { email }) {
    const edge = mechanism.edge(1020, 1250);
    const view = await advertiser.upload({ name: "edge", rows: emails(own(edge), email) });
    await wait("first-release");
    const evidence = new Evidence(mechanism);
    evidence.add(await advertiser.read(view), edge, edge + 1);
    return evidence.guess(coin);
  },
});
