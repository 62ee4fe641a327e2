/**
 * T15. The split of normal forms: `a.b+codes@gmail.com` was given for two-factor login alone, `ab@gmail.com` is what an
 * advertiser lists; one box, one person. A table by value, whose purposes are the union of all that share it, makes the
 * first targetable by the second. (Our own; platforms' list templates ask for exactly this normal form.)
 *
 * Recipe: list the plain form in the scheme that takes dots and tags out, at an edge. The secret: whether the victim
 * gave the tagged form for security. Ads must never reach it.
 */
import { attack, emails } from "../attack.js";
import { Evidence } from "../mechanism.js";

export const normalForm = attack({
  id: "T15",
  title: "split of normal forms",
  source: "platforms' templates",
  naive: {},
  short: 60,
  tellsNothing: true,
  reaches: false,
  known: (trial) => ({ account: `victim-${trial}`, box: trial.replaceAll("-", "") }),
  world: ({ account, box }, isThere) => {
    const value = `${box[0]}.${box.slice(1)}+codes@gmail.com`;
    return { contacts: isThere ? [{ account, kind: "email", value, source: "two-factor" }] : [] };
  },
  async guess({ advertiser, mechanism, own, wait, coin }, { box }) {
    const edge = mechanism.edge(1120, 1250);
    const rows = emails(own(edge), `${box}@gmail.com`);
    const view = await advertiser.upload({ name: "plain", scheme: "google", rows });
    await wait("first-release");
    const evidence = new Evidence(mechanism);
    evidence.add(await advertiser.read(view), edge, edge + 1);
    return evidence.guess(coin);
  },
});
