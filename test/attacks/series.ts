/** Series of trials: on a naive platform for each attack, and on the system under attack, family by family. */
import { say } from "../../bench/figures.js";
import type { Attack } from "./attack.js";
import type { Bed, OpenBed } from "./bed.js";
import { openNaive } from "./naive.js";
import { seedOwnAccounts } from "./own-accounts.js";
import { type Outcome, type Portion, play } from "./referee.js";
import { type Score, scoreOf } from "./report.js";

export type TrialsOf = (attack: Attack) => number;

/** Attacks that take the same steps of simulated time. */
export type Family = readonly Attack[];

const startedAt = performance.now();

/** Plays each attack on a platform that is naive as it needs. */
export async function onNaive(attacks: readonly Attack[], trialsOf: TrialsOf): Promise<Map<Attack, Score>> {
  const scores = new Map<Attack, Score>();
  for (const attack of attacks) {
    const bed = await openNaive(attack.naive);
    try {
      await seedOwnAccounts(bed, { areIdle: false });
      const outcomes: Outcome[] = [];
      for (const some of portionsOf([attack], trialsOf, attack.atOnce?.naive))
        outcomes.push(...(await play(some, bed)));
      scores.set(attack, told(attack, bed.name, outcomes));
    } finally {
      await bed.close();
    }
  }
  return scores;
}

/**
 * Plays families of attacks on beds of one system.
 * @param isControl all of them without noise, to see what noise holds off
 */
export async function onSystem(
  families: readonly Family[],
  trialsOf: TrialsOf,
  openBed: OpenBed,
  isControl = false,
): Promise<Map<Attack, Score>> {
  const scores = new Map<Attack, Score>();
  const settingOf = (attack: Attack): string => settingFor(attack, isControl || attack.tellsNothing === true);
  for (const setting of new Set(families.flat().map(settingOf))) {
    const beds = new Beds(openBed, setting);
    try {
      for (const all of families) {
        const family = all.filter((attack) => settingOf(attack) === setting);
        for (const [attack, score] of await playFamily(family, trialsOf, beds)) scores.set(attack, score);
      }
    } finally {
      await beds.close();
    }
  }
  return scores;
}

/** A budget of which each draw may cost so much that its noise is none. */
const NO_NOISE = { month: 6e6, releases: 60, year: 6e8 };

/** How the system is set up for an attack, as a text: the same for attacks that can share a bed. */
function settingFor({ needs }: Attack, isNoiseless: boolean): string {
  const sizes = { attributes: ["likes_sports"], ...(isNoiseless ? { budget: NO_NOISE } : {}), ...needs?.sizes };
  return JSON.stringify({ sizes, areIdle: needs?.areIdle ?? false });
}

/** Trials that a bed takes, where an attack does not say how many at once. */
const TRIALS_OF_A_BED = 14_000;

async function playFamily(family: Family, trialsOf: TrialsOf, beds: Beds): Promise<Map<Attack, Score>> {
  const atOnce = family[0]?.atOnce?.system;
  const outcomes: Outcome[] = [];
  let name = "";
  for (const portions of portionsOf(family, trialsOf, atOnce)) {
    const trials = portions.reduce((sum, { from, to }) => sum + to - from, 0);
    const bed = await beds.take(trials / (atOnce ?? TRIALS_OF_A_BED));
    name = bed.name;
    outcomes.push(...(await play(portions, bed)));
  }
  const ofAttack = (attack: Attack) => outcomes.filter((outcome) => outcome.attack === attack);
  return new Map(family.map((attack) => [attack, told(attack, name, ofAttack(attack))]));
}

/** Trials of a family, so many of each attack at once. */
function portionsOf(family: Family, trialsOf: TrialsOf, atOnce = Number.POSITIVE_INFINITY): Portion[][] {
  const portions: Portion[][] = [];
  const most = Math.max(0, ...family.map(trialsOf));
  for (let from = 0; from < most; from += atOnce) {
    const some = family.filter((attack) => trialsOf(attack) > from);
    portions.push(some.map((attack) => ({ attack, from, to: Math.min(trialsOf(attack), from + atOnce) })));
  }
  return portions;
}

/** Beds of one configuration: a new one when the last has seen so much that it would be slow. */
class Beds {
  readonly #openBed: OpenBed;
  readonly #setting: string;
  #bed: Bed | undefined;
  #used = 0;

  constructor(openBed: OpenBed, setting: string) {
    this.#openBed = openBed;
    this.#setting = setting;
  }

  /** @param share of what a bed can take */
  async take(share: number): Promise<Bed> {
    if (this.#used + share > 1) await this.close();
    this.#used += share;
    if (this.#bed === undefined) {
      const { sizes, areIdle } = JSON.parse(this.#setting);
      this.#bed = await this.#openBed(sizes);
      await seedOwnAccounts(this.#bed, { areIdle });
    }
    return this.#bed;
  }

  async close(): Promise<void> {
    await this.#bed?.close();
    this.#bed = undefined;
    this.#used = 0;
  }
}

function told({ id, title }: Attack, on: string, outcomes: readonly Outcome[]): Score {
  const score = scoreOf(outcomes);
  const { hits, trials, spent } = score;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const cost = spent === null ? "" : `, rho ${spent.toFixed(4)}`;
  say(`${seconds} s: ${id} ${title}, on ${on}: ${hits} of ${trials}${cost}`);
  return score;
}
