/**
 * TR. Deletion and re-creation: noise that an audience keeps for its life is drawn anew when it is deleted and made again, and a
 * budget that is given back on deletion never ends. (Our own; T8 with one account.)
 *
 * Recipe: make copies of an audience (joined with a part of itself), read them, delete them, make them again under the same
 * names, for as long as the published budget lasts, and a tenth longer.
 */
import type { View } from "../advertiser.js";
import { attack, emails, onPlatform, victimOf } from "../attack.js";
import { Evidence } from "../mechanism.js";

const COPIES = 16;
const MOST_ROUNDS = 9;

export const reCreation = attack({
  id: "TR",
  title: "deletion and re-creation",
  source: "after T8",
  naive: { noise: "per-audience" },
  short: 20,
  atOnce: { naive: 120, system: 120 },
  known: victimOf,
  world: onPlatform,
  async guess({ advertiser, mechanism, own, wait, coin }, { email }) {
    const edge = mechanism.edge(1120, 1250);
    const [list, part] = await Promise.all([
      advertiser.upload({ name: "list", rows: emails(own(edge), email) }),
      advertiser.upload({ name: "part", rows: emails(own(edge)) }),
    ]);
    const rounds = Math.min(MOST_ROUNDS, Math.ceil((1.1 * mechanism.releases) / COPIES));
    const evidence = new Evidence(mechanism);
    for (let round = 0; round < rounds; round++) {
      const copy = (i: number) => advertiser.combine({ name: `copy ${i}`, include: [list.audience, part.audience] });
      const copies = await Promise.all(Array.from({ length: COPIES }, (_, i) => copy(i)));
      await wait("first-release");
      const readAndDelete = async (made: View): Promise<void> => {
        evidence.add(await advertiser.read(made), edge, edge + 1);
        await advertiser.delete(made);
      };
      await Promise.all(copies.filter((made) => made !== undefined).map(readAndDelete));
    }
    evidence.add(await advertiser.read(list), edge, edge + 1);
    return evidence.guess(coin);
  },
});
