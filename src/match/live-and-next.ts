/** What goes with the key in force, and while the key is rotated with the next one. */
import type { IndexName } from "./protocol.js";

export class LiveAndNext<T> {
  live: T;
  #next: T | undefined;

  constructor(live: T) {
    this.live = live;
  }

  of(name: IndexName): T {
    if (name === "live") return this.live;
    if (this.#next === undefined) throw new Error("no rotation is under way");
    return this.#next;
  }

  /** Both, or the one that there is. */
  get all(): readonly T[] {
    return this.#next === undefined ? [this.live] : [this.live, this.#next];
  }

  begin(next: T): void {
    this.#next = next;
  }

  /** The next one is in force; nothing changes where there is none. */
  end(): void {
    this.live = this.#next ?? this.live;
    this.#next = undefined;
  }
}
