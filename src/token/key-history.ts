/**
 * What the facts say of keys: the check values that they had when they were made, and rotations, family by family.
 */
import { LeafKind } from "../ledger/index.js";
import { type Fold, type Log, payloadOf } from "../log/index.js";
import type { FactRow } from "../store/index.js";
import { TokenError } from "./error.js";
import { type KeyFamily, type KeyFolder, type KeyName, keyCheck } from "./keys.js";

type KeyFact =
  | { readonly type: "setup"; readonly actor: string; readonly checks: Readonly<Record<string, string>> }
  | {
      readonly type: "rotation-begun" | "rotation-ended";
      readonly actor: string;
      /** Of the ads key when it is absent. */
      readonly family?: KeyFamily;
      readonly from: number;
      readonly to: number;
      readonly check: string;
    };

/** A rotation that has begun and not ended. */
export interface Rotation {
  readonly from: number;
  readonly to: number;
}

export const keyName = (family: KeyFamily, epoch: number): KeyName => `${family}.${epoch}`;
/** Name of the ads key of an epoch; a rotation begins the next one. */
export const adsKeyName = (epoch: number): KeyName => keyName(ADS, epoch);

const ADS = "ads.match";
const FIRST_EPOCH = 1;
/** Keys that a store is made with, beside those of the vault's compartments. */
const KEY_NAMES: readonly KeyName[] = ["identity", "batch", "snapshot", "tombstone", "ledger", adsKeyName(FIRST_EPOCH)];

/** The keys that a store has, with one of each of these families. */
export const firstKeyNames = (families: readonly KeyFamily[]): readonly KeyName[] => [
  ...KEY_NAMES,
  ...families.map((family) => keyName(family, FIRST_EPOCH)),
];

/** Makes keys; returns the payload of the fact that holds their check values. */
export function createKeys(keys: KeyFolder, names: readonly KeyName[], actor: string): Uint8Array {
  const checks: Record<string, string> = {};
  for (const name of names) checks[name] = keyCheck(keys.create(name));
  return payload({ type: "setup", actor, checks });
}

export class KeyHistory implements Fold {
  readonly kinds = [LeafKind.setup, LeafKind.rotation];
  readonly #checks = new Map<string, string>();
  readonly #epochs = new Map<KeyFamily, number>();
  readonly #rotations = new Map<KeyFamily, Rotation>();

  apply({ body }: FactRow): void {
    const fact: KeyFact = JSON.parse(Buffer.from(payloadOf(body)).toString("utf8"));
    if (fact.type === "setup") {
      for (const [name, check] of Object.entries(fact.checks)) this.#checks.set(name, check);
      return;
    }
    const { family = ADS, from, to } = fact;
    this.#checks.set(keyName(family, to), fact.check);
    if (fact.type === "rotation-begun") this.#rotations.set(family, { from, to });
    else {
      this.#rotations.delete(family);
      this.#epochs.set(family, to);
    }
  }

  check(name: KeyName): string | undefined {
    return this.#checks.get(name);
  }

  /** Epoch whose key is in force. */
  epochOf(family: KeyFamily): number {
    return this.#epochs.get(family) ?? FIRST_EPOCH;
  }

  rotationOf(family: KeyFamily): Rotation | undefined {
    return this.#rotations.get(family);
  }

  /** Epoch of the ads key that is in force. */
  get epoch(): number {
    return this.epochOf(ADS);
  }

  /** A rotation of the ads key that has begun and not ended. */
  get rotation(): Rotation | undefined {
    return this.rotationOf(ADS);
  }

  /** Epochs of a family whose keys are needed: the one in force, and the one that a rotation leads to. */
  neededEpochs(family: KeyFamily): number[] {
    const rotation = this.rotationOf(family);
    return rotation === undefined ? [this.epochOf(family)] : [this.epochOf(family), rotation.to];
  }

  /**
   * Stops if a key that is needed is missing or wrong, or if two purposes have one key. Keys of the vault are read by it.
   * @throws {TokenError} codes `missing-key`, `malformed-key`, `wrong-key`, `shared-key`
   */
  require(keys: KeyFolder): void {
    const needed: KeyName[] = ["identity", "batch", "snapshot"];
    // A store of an older version gets these only when it is opened.
    for (const name of ["tombstone", "ledger"] as const) if (this.#checks.has(name)) needed.push(name);
    for (const epoch of this.neededEpochs(ADS)) needed.push(adsKeyName(epoch));
    for (const name of needed) keys.read(name, this.#checks.get(name));
    keys.requireDistinct(needed);
    this.#requireDistinctChecks();
  }

  #requireDistinctChecks(): void {
    const seen = new Map<string, string>();
    for (const [name, check] of this.#checks) {
      const other = seen.get(check);
      if (other === undefined) seen.set(check, name);
      else throw new TokenError("shared-key", `${other} and ${name} have one key`, "restore the right key files");
    }
  }

  /** Destroys a family's keys of epochs that are over: a rotation may have been cut off just before it came to that. */
  destroyOutdated(keys: KeyFolder, family: KeyFamily): void {
    for (let epoch = FIRST_EPOCH; epoch < this.epochOf(family); epoch++) keys.destroy(keyName(family, epoch));
  }

  /** Makes the beginning or the end of a rotation durable. */
  async record(log: Log, fact: Exclude<KeyFact, { type: "setup" }>): Promise<void> {
    await log.record(LeafKind.rotation, () => payload(fact));
  }

  /** Makes keys that a store of an older version lacks, or takes those that a try before left, and says so in the ledger. */
  async addMissing(log: Log, keys: KeyFolder, names: readonly KeyName[], actor: string): Promise<void> {
    const missing = names.filter((name) => this.#checks.get(name) === undefined);
    if (missing.length === 0) return;
    const checks: Record<string, string> = {};
    for (const name of missing) checks[name] = keyCheck(keys.has(name) ? keys.read(name) : keys.create(name));
    await log.record(LeafKind.setup, () => payload({ type: "setup", actor, checks }));
  }
}

const payload = (fact: KeyFact): Uint8Array => Buffer.from(JSON.stringify(fact));
