/**
 * What the facts say of keys: the check values that they had when they were made, and rotations of the ads key.
 */
import { LeafKind } from "../ledger/index.js";
import { type Fold, type Log, payloadOf } from "../log/index.js";
import type { FactRow } from "../store/index.js";
import { type KeyFolder, type KeyName, keyCheck } from "./keys.js";

type KeyFact =
  | { readonly type: "setup"; readonly actor: string; readonly checks: Readonly<Record<string, string>> }
  | {
      readonly type: "rotation-begun" | "rotation-ended";
      readonly actor: string;
      readonly from: number;
      readonly to: number;
      readonly check: string;
    };

/** Name of the ads key of an epoch; a rotation begins the next one. */
export const adsKeyName = (epoch: number): KeyName => `ads.match.${epoch}`;

const FIRST_EPOCH = 1;
/** Keys that a store is made with. */
const KEY_NAMES: readonly KeyName[] = ["identity", "batch", "snapshot", adsKeyName(FIRST_EPOCH)];

/** Makes the keys of a new store; returns the payload of the fact that holds their check values. */
export function createKeys(keys: KeyFolder, actor: string): Uint8Array {
  const checks: Record<string, string> = {};
  for (const name of KEY_NAMES) checks[name] = keyCheck(keys.create(name));
  return payload({ type: "setup", actor, checks });
}

export class KeyHistory implements Fold {
  readonly kinds = [LeafKind.setup, LeafKind.rotation];
  readonly #checks = new Map<string, string>();
  /** Epoch whose key is in force. */
  epoch = FIRST_EPOCH;
  /** A rotation that has begun and not ended. */
  rotation: { readonly from: number; readonly to: number } | undefined;

  apply({ body }: FactRow): void {
    const fact: KeyFact = JSON.parse(Buffer.from(payloadOf(body)).toString("utf8"));
    if (fact.type === "setup") {
      for (const [name, check] of Object.entries(fact.checks)) this.#checks.set(name, check);
      return;
    }
    this.#checks.set(adsKeyName(fact.to), fact.check);
    this.rotation = fact.type === "rotation-begun" ? { from: fact.from, to: fact.to } : undefined;
    if (fact.type === "rotation-ended") this.epoch = fact.to;
  }

  check(name: KeyName): string | undefined {
    return this.#checks.get(name);
  }

  /**
   * Stops if a key that is needed is missing or wrong, or if two purposes have one key.
   * @throws {TokenError} codes `missing-key`, `malformed-key`, `wrong-key`, `shared-key`
   */
  require(keys: KeyFolder): void {
    const needed: KeyName[] = ["identity", "batch", "snapshot", adsKeyName(this.epoch)];
    if (this.rotation !== undefined) needed.push(adsKeyName(this.rotation.to));
    for (const name of needed) keys.read(name, this.#checks.get(name));
    keys.requireDistinct(needed);
  }

  /** Destroys the ads keys of epochs that are over: a rotation may have been cut off just before it came to that. */
  destroyOutdated(keys: KeyFolder): void {
    for (let epoch = FIRST_EPOCH; epoch < this.epoch; epoch++) {
      if (keys.has(adsKeyName(epoch))) keys.destroy(adsKeyName(epoch));
    }
  }

  /** Makes the beginning or the end of a rotation durable. */
  async record(log: Log, fact: Exclude<KeyFact, { type: "setup" }>): Promise<void> {
    await log.record(LeafKind.rotation, () => payload(fact));
  }
}

const payload = (fact: KeyFact): Uint8Array => Buffer.from(JSON.stringify(fact));
