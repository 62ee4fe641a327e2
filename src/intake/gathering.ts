/**
 * Gathers events that come while earlier ones are being made durable: all that one actor's requests bring meanwhile become
 * one leaf, with one plan and one transaction.
 *
 * Each request is acknowledged when its leaf is durable, as if it had come alone, and what fails fails for all that were
 * gathered. The first one never waits.
 */
import { type EventColumns, joinEvents } from "../grant/index.js";

interface Waiting {
  readonly batch: EventColumns;
  resolve(): void;
  reject(error: unknown): void;
}

/** Rows of one leaf beyond which no more are gathered. */
const MAX_ROWS = 1 << 16;

export class EventGathering {
  /** What waits, by actor; an actor is here while a leaf of theirs is under way. */
  readonly #waiting = new Map<string, Waiting[]>();

  /**
   * Has events committed, alone or with others of the same actor.
   * @param commit makes a batch durable and counting
   */
  add(batch: EventColumns, actor: string, commit: (batch: EventColumns) => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const one = { batch, resolve, reject };
      const others = this.#waiting.get(actor);
      if (others === undefined) {
        this.#waiting.set(actor, [one]);
        void this.#commitAll(actor, commit);
      } else others.push(one);
    });
  }

  async #commitAll(actor: string, commit: (batch: EventColumns) => Promise<void>): Promise<void> {
    const waiting = this.#waiting.get(actor)!;
    while (waiting.length > 0) {
      let [count, rows] = [0, 0];
      while (count < waiting.length && (count === 0 || rows + waiting[count]!.batch.rows <= MAX_ROWS)) {
        rows += waiting[count++]!.batch.rows;
      }
      const taken = waiting.splice(0, count);
      try {
        await commit(joinEvents(taken.map(({ batch }) => batch)));
        for (const { resolve } of taken) resolve();
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    this.#waiting.delete(actor);
  }
}
