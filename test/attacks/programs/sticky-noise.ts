/**
 * T9. Noise that sticks: Gadotti et al., "When the Signal is in the Noise" (USENIX Security 2019), against Diffix. Noise that is
 * the same whenever the same is asked can't be averaged, it was thought.
 *
 * Recipe of the cloning attack, for noise that is seeded by what is asked: add conditions that change nothing (here:
 * leave out lists that match nobody, or, where they would be too small, join lists of people who are in it anyway; in all
 * combinations), and each clone has new noise to average.
 * Recipe for noise that is seeded by who matched: ask with the victim and without; the same answer says the same set.
 */
import type { View } from "../advertiser.js";
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";

const DUMMIES = 7;
const PAIRS = 3;

export const stickyByContent = attack({
  id: "T9a",
  title: "sticky noise, cloning",
  source: "Gadotti et al. 2019",
  naive: { noise: "per-content" },
  short: 20,
  atOnce: { naive: 150, system: 150 },
  known: victimOf,
  world: onPlatform,
  async guess({ advertiser, mechanism, own, wait, coin }, { email }) {
    const edge = mechanism.edge(1120, 1250);
    const list = await advertiser.upload({ name: "list", rows: emails(own(edge), email) });
    const { holdsEveryNode } = mechanism;
    const dummies = await Promise.all(
      Array.from({ length: DUMMIES }, (_, i) => {
        const rows = holdsEveryNode ? own(edge - 1 - i) : [`nobody-${i}@nowhere.example`];
        return advertiser.upload({ name: `dummy ${i}`, rows: emails(rows) });
      }),
    );
    const clones = Math.min(2 ** DUMMIES, mechanism.releases - DUMMIES);
    const cloned = (clone: number): Promise<View | undefined> => {
      const some = dummies.filter((_, i) => ((clone >> i) & 1) === 1).map(({ audience }) => audience);
      const include = [list.audience, ...(holdsEveryNode ? some : [])];
      return advertiser.combine({ name: `clone ${clone}`, include, exclude: holdsEveryNode ? [] : some });
    };
    const made = await Promise.all(Array.from({ length: clones - 1 }, (_, i) => cloned(i + 1)));
    await wait("first-release");
    const evidence = new Evidence(mechanism);
    const views = [list, ...made.filter((view) => view !== undefined)];
    for (const view of await Promise.all(views.map((view) => advertiser.read(view))))
      evidence.add(view, edge, edge + 1);
    return evidence.guess(coin);
  },
});

export const stickyBySet = attack({
  id: "T9b",
  title: "sticky noise, same answer",
  source: "Gadotti et al. 2019",
  naive: { noise: "per-set" },
  short: 60,
  known: victimOf,
  world: onPlatform,
  async guess({ advertiser, mechanism, own, wait, coin }, { email }) {
    const edge = mechanism.edge(1020, 1250);
    const upload = (name: string, rows: readonly string[]) => advertiser.upload({ name, rows });
    const pairs = await Promise.all(
      Array.from({ length: PAIRS }, async (_, pair) => {
        const count = edge - pair;
        const without = upload(`without ${pair}`, emails(own(count)));
        const joined = upload(`with ${pair}`, emails(own(count), email));
        return { without: await without, joined: await joined, count };
      }),
    );
    await wait("first-release");
    const evidence = new Evidence(mechanism);
    for (const { without, joined, count } of pairs) {
      const [one, other] = [await advertiser.read(without), await advertiser.read(joined)];
      if (!mechanism.isStickyBySet) evidence.add(other, count, count + 1);
      else if (one.size?.value === other.size?.value) evidence.weigh(1, chanceOfSame(mechanism.sigma));
      else evidence.weigh(1e-9, 1);
    }
    return evidence.guess(coin);
  },
});

/** That two draws of whole numbers are the same. */
const chanceOfSame = (sigma: number): number => 1 / (2 * sigma * Math.sqrt(Math.PI));
