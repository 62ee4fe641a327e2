/** The fact of a release: what was drawn, and what that cost whom. It is stored, charged and in the ledger by being written. */
import type { FractionParts } from "./fraction.js";

/** The count of one node with its noise. */
export interface Draw {
  /** `size`, or a step of an expression. */
  readonly node: string;
  readonly value: number;
}

export interface ReleaseFact {
  readonly type: "release";
  readonly actor: string;
  /** The legal entity that is charged for each draw. */
  readonly entity: string;
  readonly audience: string;
  /** RFC 3339: the tick that it was due at. */
  readonly at: string;
  /** Of the noise. */
  readonly variance: FractionParts;
  /** rho of the month's budget that it was drawn under. */
  readonly month: FractionParts;
  /** None where an operand was below its own floor, or the budget had nothing left. */
  readonly draws: readonly Draw[];
  /** The size of the whole; null without draws. */
  readonly value: number | null;
  /** Whether every draw reached the floor as it was then. */
  readonly isReady: boolean;
  /** Whether it was due, could not be paid for, and may not go on as it was: it is served no more until it can. */
  readonly isUnfunded?: boolean;
}

export const encodeRelease = (fact: ReleaseFact): Uint8Array => Buffer.from(JSON.stringify(fact));

export const decodeRelease = (payload: Uint8Array): ReleaseFact => JSON.parse(Buffer.from(payload).toString("utf8"));
