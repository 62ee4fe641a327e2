/**
 * When people were affected, in which audience: columns of spans, in the order of accounts. Showings are held against them.
 */
import { grown } from "../column/index.js";

export class AffectedSpans {
  count = 0;
  account: Uint32Array = new Uint32Array(1 << 10);
  /** Place of the audience. */
  audience: Uint32Array = new Uint32Array(1 << 10);
  /** Inclusive. */
  fromMs: Float64Array = new Float64Array(1 << 10);
  /** Exclusive. */
  toMs: Float64Array = new Float64Array(1 << 10);
  /** By place of the audience: whether anybody was ever affected in it. */
  readonly isTouched: Uint8Array;

  constructor(audiences: number) {
    this.isTouched = new Uint8Array(audiences);
  }

  /** @param account no lower than those before */
  add(account: number, audience: number, fromMs: number, toMs: number): void {
    const at = this.count++;
    if (at === this.account.length) {
      this.account = grown(this.account, at + 1);
      this.audience = grown(this.audience, at + 1);
      this.fromMs = grown(this.fromMs, at + 1);
      this.toMs = grown(this.toMs, at + 1);
    }
    this.account[at] = account;
    this.audience[at] = audience;
    this.fromMs[at] = fromMs;
    this.toMs[at] = toMs;
    this.isTouched[audience] = 1;
  }

  /** Whether an instant lies in one of the spans [from, to) of an audience. */
  holds(from: number, to: number, audience: number, atMs: number): boolean {
    for (let span = from; span < to; span++) {
      if (this.audience[span] === audience && this.fromMs[span]! <= atMs && atMs < this.toMs[span]!) return true;
    }
    return false;
  }

  /** Forgets the spans. */
  clear(): void {
    this.count = 0;
  }
}
