/**
 * The referee: draws each trial's secret, sets its world up on a bed, lets the attackers play all at once, step by step of
 * simulated time, and scores their guesses. Attack programs never see a bed or a secret.
 */
import { randomInt } from "node:crypto";
import { Advertiser } from "./advertiser.js";
import type { Attack, Attacker, World } from "./attack.js";
import type { Bed, DeliveryRow } from "./bed.js";
import { otherEmail, ownEmail } from "./own-accounts.js";
import { Steps } from "./steps.js";

/** What became of one trial. */
export interface Outcome {
  readonly attack: Attack;
  readonly isRight: boolean;
  /** What all legal entities in it spent together (those that collude add their budgets); null where no books are kept. */
  readonly spent: number | null;
  /** Whether ads could reach a victim whom they must not reach, or could not reach one whom they must. */
  readonly isMisreached: boolean;
}

interface Trial {
  readonly name: string;
  readonly attack: Attack;
  readonly secret: boolean;
  readonly known: unknown;
  readonly world: World;
  /** All advertisers that work together in it; the first is the attacker. */
  readonly advertisers: Advertiser[];
  /** One advertiser of each legal entity. */
  readonly entities: Advertiser[];
  readonly delivered: DeliveryRow[];
  isRight: boolean;
}

/** Some trials of an attack, by their numbers. */
export interface Portion {
  readonly attack: Attack;
  readonly from: number;
  readonly to: number;
}

/** Plays trials of attacks that take the same steps of time, side by side. */
export async function play(portions: readonly Portion[], bed: Bed): Promise<Outcome[]> {
  const trials = portions.flatMap(({ attack, from, to }) =>
    Array.from({ length: to - from }, (_, i) => draw(attack, from + i)),
  );
  const isEpochAwaited = await playTogether(bed, trials);
  const misreached = await whoIsMisreached(bed, trials);
  const outcomes: Outcome[] = [];
  await inParallel(trials, async (trial) => {
    const { attack, isRight } = trial;
    outcomes.push({ attack, isRight, spent: await spentIn(bed, trial), isMisreached: misreached.has(trial) });
  });
  // What is left would have new sizes at each epoch that others wait for.
  if (isEpochAwaited) await inParallel(trials, async ({ advertisers }) => inTurn(advertisers, tidy));
  return outcomes;
}

async function inTurn<T>(all: readonly T[], each: (one: T) => Promise<void>): Promise<void> {
  for (const one of all) await each(one);
}

const inParallel = async <T>(all: readonly T[], each: (one: T) => Promise<void>): Promise<void> =>
  void (await Promise.all(all.map(each)));

const coin = (): boolean => randomInt(2) === 1;

function draw(attack: Attack, number: number): Trial {
  const name = `${attack.id.toLowerCase()}-${number}`;
  const secret = coin();
  const known = attack.known(name);
  const world = attack.world(known, secret);
  return { name, attack, secret, known, world, advertisers: [], entities: [], delivered: [], isRight: false };
}

/** @returns whether some attacker waited for an epoch */
async function playTogether(bed: Bed, trials: readonly Trial[]): Promise<boolean> {
  let isEpochAwaited = false;
  await setUp(
    bed,
    trials.map(({ world }) => world),
  );
  await inParallel(trials, async (trial) => {
    await join(bed, trial, trial.name, entityOf(trial));
    await uploadStrangersList(bed, trial);
  });
  const steps = new Steps(trials.length, async (stretch) => {
    isEpochAwaited ||= stretch === "epoch";
    if (stretch !== "moment") await bed.pass(stretch);
    else {
      await setUp(
        bed,
        trials.map(({ world }) => world.meanwhile ?? {}),
      );
    }
    await goOnline(bed, trials);
  });
  await inParallel(trials, async (trial) => {
    const { attack, known, secret } = trial;
    const guess = await attack.guess(attackerOf(trial, bed, steps), known).finally(() => steps.leave());
    trial.isRight = guess === secret;
  });
  return isEpochAwaited;
}

const entityOf = ({ name }: Trial): string => `${name} and company`;

async function setUp(bed: Bed, worlds: readonly (World & NonNullable<World["meanwhile"]>)[]): Promise<void> {
  const contacts = worlds.flatMap((world) => world.contacts ?? []);
  const accounts = worlds.flatMap((world) => world.accounts ?? []);
  const withdraw = worlds.flatMap((world) => world.withdraw ?? []);
  if (contacts.length > 0) await bed.feed(contacts);
  if (accounts.length > 0) await bed.describe(accounts);
  if (withdraw.length > 0) await bed.withdraw(withdraw);
}

/** Registers an advertiser that works for the attacker. */
async function join(bed: Bed, trial: Trial, name: string, entity: string): Promise<Advertiser> {
  const advertiser = new Advertiser(await bed.advertiser(name, entity));
  trial.advertisers.push(advertiser);
  if (trial.entities.length === 0 || entity !== entityOf(trial)) trial.entities.push(advertiser);
  return advertiser;
}

async function uploadStrangersList(bed: Bed, { name, world }: Trial): Promise<void> {
  if (world.strangersList === undefined) return;
  const stranger = new Advertiser(await bed.advertiser(`${name}-stranger`, `${name} stranger`));
  await stranger.upload({ name: "customers", rows: world.strangersList });
}

/** People go online; each trial's advertisers get their rows. */
async function goOnline(bed: Bed, trials: readonly Trial[]): Promise<void> {
  const online = trials.flatMap(({ world }) => world.online ?? []);
  if (online.length === 0) return;
  const rows = await bed.show(online);
  const byName = byAdvertiser(trials);
  for (const row of rows) byName.get(row.advertiser)?.delivered.push(row);
}

const byAdvertiser = (trials: readonly Trial[]): Map<string, Trial> =>
  new Map(trials.flatMap((trial) => trial.advertisers.map(({ name }) => [name, trial] as const)));

/** Whether in the end ads can reach victims by what their own attackers made. */
async function whoIsMisreached(bed: Bed, trials: readonly Trial[]): Promise<ReadonlySet<Trial>> {
  const judged = trials.filter(({ attack }) => attack.reaches !== undefined);
  if (judged.length === 0) return new Set();
  const byName = byAdvertiser(judged);
  const victims = judged.map(({ known }) => (known as { readonly account: string }).account);
  const reached = new Set((await bed.show(victims)).map(({ advertiser }) => byName.get(advertiser)));
  return new Set(judged.filter((trial) => reached.has(trial) !== (trial.attack.reaches === true && trial.secret)));
}

function attackerOf(trial: Trial, bed: Bed, steps: Steps): Attacker {
  const [advertiser] = trial.advertisers as [Advertiser];
  return {
    mechanism: bed.mechanism,
    advertiser,
    another: () => join(bed, trial, `${trial.name}-${trial.advertisers.length}`, entityOf(trial)),
    broker: async () => {
      const broker = await join(bed, trial, `${trial.name}-broker`, `${trial.name} brokers`);
      return { advertiser: broker, path: bed.brokerPath(broker.credentials, advertiser.credentials) };
    },
    own: (count, from = 0) => Array.from({ length: count }, (_, i) => ownEmail(from + i)),
    others: (count) => Array.from({ length: count }, (_, i) => otherEmail(i)),
    wait: (stretch) => steps.wait(stretch),
    delivered: () => trial.delivered,
    coin,
  };
}

async function spentIn(bed: Bed, { entities }: Trial): Promise<number | null> {
  const spent = await Promise.all(entities.map(({ credentials }) => bed.spent(credentials)));
  return spent.reduce((sum: number | null, rho) => (sum === null || rho === null ? null : sum + rho), 0);
}

async function tidy(advertiser: Advertiser): Promise<void> {
  // What is made of others goes before them.
  for (const audience of (await advertiser.audiences()).toReversed()) await advertiser.delete(audience);
}
