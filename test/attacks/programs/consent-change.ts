/**
 * T6. The difference that a withdrawal makes: nobody changes the list, yet its size drops when somebody on it withdraws, and
 * the advertiser, who knows whom it wrote to that day, learns who. (Our own; T5 with the world's hand.)
 *
 * Recipe: hold an audience at an edge with the victim in it, and read before and after the day in question, at once and
 * over the next epochs. The secret: whether the victim withdrew.
 */
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";

const WEEKS = 4;

export const consentChange = attack({
  id: "T6",
  title: "consent-change difference",
  source: "after T5",
  naive: {},
  short: 60,
  known: victimOf,
  world: (victim, withdraws) => ({
    ...onPlatform(victim, true),
    ...(withdraws ? { meanwhile: { withdraw: [victim.account] } } : {}),
  }),
  async guess({ advertiser, mechanism, own, wait, coin }, { email }) {
    const edge = mechanism.edge(950, 1250);
    const view = await advertiser.upload({ name: "watched", rows: emails(own(edge), email) });
    const evidence = new Evidence(mechanism);
    await wait("first-release");
    evidence.add(await advertiser.read(view), edge + 1, edge + 1);
    await wait("moment");
    evidence.add(await advertiser.read(view), edge + 1, edge);
    for (let week = 1; week <= WEEKS; week++) {
      await wait("epoch");
      evidence.add(await advertiser.read(view), edge + 1, edge, week);
    }
    return evidence.guess(coin);
  },
});
