/** A queue that serves those who wait in turn, one each: who has much to do does not hold up who has little. */
export class FairQueue<Owner, Item> {
  /** Who waits, the next first. */
  readonly #waiting = new Map<Owner, Item[]>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  push(owner: Owner, item: Item): void {
    const items = this.#waiting.get(owner);
    if (items === undefined) this.#waiting.set(owner, [item]);
    else items.push(item);
  }

  /** The next item, if there is one; its owner goes behind the others. */
  take(): Item | undefined {
    const next = this.#waiting.entries().next();
    if (next.done === true) return undefined;
    const [owner, items] = next.value;
    this.#waiting.delete(owner);
    const item = items.shift();
    if (items.length > 0) this.#waiting.set(owner, items);
    return item;
  }

  /** Takes out all that an owner has. */
  drop(owner: Owner): Item[] {
    const items = this.#waiting.get(owner) ?? [];
    this.#waiting.delete(owner);
    return items;
  }
}
