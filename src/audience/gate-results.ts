/** What the gate returned for lists, told to who waits for it, whatever way a list came; for the platform's own checks. */
import type { ReadonlyOrdinalSet } from "../set/index.js";

type Tell = (reached: ReadonlyOrdinalSet) => void;

export class GateResults {
  readonly #waiting = new Map<string, Set<Tell>>();

  /**
   * Tells of an advertiser's list, and of each of its parts, before anything comes of what the gate returned.
   * @returns ends it
   */
  watch(advertiser: string, name: string, tell: Tell): () => void {
    const key = keyOf(advertiser, name);
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting.add(tell));
    return () => {
      waiting.delete(tell);
      if (waiting.size === 0) this.#waiting.delete(key);
    };
  }

  tell(advertiser: string, name: string, reached: ReadonlyOrdinalSet): void {
    for (const tell of this.#waiting.get(keyOf(advertiser, name)) ?? []) tell(reached);
  }
}

const keyOf = (advertiser: string, name: string): string => JSON.stringify([advertiser, name]);
