/** Steps of time that all attackers take together: time passes when all that still play wait. */
import type { Stretch } from "./bed.js";

/** How long an attacker waits; in a moment things happen, and no time passes. */
export type Wait = Stretch | "moment";

export class Steps {
  readonly #waiting: { goOn(): void; giveUp(error: unknown): void }[] = [];
  #wait: Wait | undefined;

  constructor(
    private playing: number,
    private readonly pass: (wait: Wait) => Promise<void>,
  ) {}

  wait(wait: Wait): Promise<void> {
    if (this.#wait !== undefined && this.#wait !== wait) throw new Error("attackers wait for different things");
    this.#wait = wait;
    return new Promise((goOn, giveUp) => {
      this.#waiting.push({ goOn, giveUp });
      void this.#passIfAllWait();
    });
  }

  /** An attacker has done. */
  leave(): void {
    this.playing--;
    void this.#passIfAllWait();
  }

  async #passIfAllWait(): Promise<void> {
    if (this.#wait === undefined || this.#waiting.length < this.playing) return;
    const waiting = this.#waiting.splice(0);
    const wait = this.#wait;
    this.#wait = undefined;
    try {
      await this.pass(wait);
      for (const { goOn } of waiting) goOn();
    } catch (error) {
      for (const { giveUp } of waiting) giveUp(error);
    }
  }
}
