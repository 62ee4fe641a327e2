/**
 * Turns: long work on the one thread lets everybody else have theirs.
 */
import { setImmediate } from "node:timers/promises";

/** Others wait no longer than this, and the longest step of the work. */
const TURN_MS = 50;

export class Turns {
  #sinceMs = performance.now();

  /** To be called between the steps. */
  async giveWay(): Promise<void> {
    if (performance.now() - this.#sinceMs < TURN_MS) return;
    await setImmediate();
    this.#sinceMs = performance.now();
  }
}
