/**
 * The purpose gate's permit: proof that these ordinals may be used for one purpose at one ledger position.
 *
 * Whatever uses a contact takes a permit. The constructor is private to this file and every permit that it
 * made is remembered, so that code without one does not compile, and an object made to look like one does
 * not run.
 */
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import { PurposeError } from "./error.js";
import type { Purpose } from "./purposes.js";

const made = new WeakSet<object>();

export interface Permit<P extends Purpose> {
  readonly purpose: P;
  /**
   * What may be used, now; a live view, so that a withdrawal counts at once. Of a permit for single contact points, their
   * numbers, as they were judged when it was made.
   */
  readonly ordinals: ReadonlyOrdinalSet;
  /** Ledger position (number of leaves) that the permit was made at. */
  readonly asOf: number;
}

/** The one place where permits are made. */
export class PurposeGate {
  readonly #permitted: ReadonlyMap<Purpose, ReadonlyOrdinalSet>;
  readonly #position: () => number;
  readonly #requireOpen: () => void;
  readonly #mayUse: (number: number, purpose: Purpose) => boolean;

  /**
   * @param permitted live sets of ordinals, one for each purpose that has an index
   * @param position ledger position (number of leaves) that these sets are at
   * @param requireOpen throws while nothing may be used at all: then nothing is matched, exported, served, revealed or released
   * @param mayUse whether a contact point may be used for a purpose now
   */
  constructor(
    permitted: ReadonlyMap<Purpose, ReadonlyOrdinalSet>,
    position: () => number,
    requireOpen: () => void = () => {},
    mayUse: (number: number, purpose: Purpose) => boolean = () => false,
  ) {
    this.#permitted = permitted;
    this.#position = position;
    this.#requireOpen = requireOpen;
    this.#mayUse = mayUse;
  }

  /**
   * What may be used for `purpose` now.
   *
   * Cost: none; the sets are kept as facts are committed.
   * @throws {PurposeError} code `unknown-purpose` when nothing is ever permitted for it here; and what `requireOpen`
   * throws
   */
  permit<P extends Purpose>(purpose: P): Permit<P> {
    this.#requireOpen();
    const ordinals = this.#permitted.get(purpose);
    if (ordinals === undefined) throw new PurposeError("unknown-purpose", `nothing is permitted for ${purpose} here`);
    return this.#make(purpose, ordinals);
  }

  /**
   * Which of these contact points may be used for `purpose` now.
   *
   * Cost: their histories.
   * @throws what `requireOpen` throws
   */
  permitOf<P extends Purpose>(purpose: P, numbers: readonly number[]): Permit<P> {
    this.#requireOpen();
    const permitted = numbers.filter((number) => this.#mayUse(number, purpose));
    return this.#make(purpose, OrdinalSet.from(Uint32Array.from(permitted)));
  }

  #make<P extends Purpose>(purpose: P, ordinals: ReadonlyOrdinalSet): Permit<P> {
    const proof: Permit<P> = Object.freeze({ purpose, ordinals, asOf: this.#position() });
    made.add(proof);
    return proof;
  }
}

/**
 * Stops whoever comes with a permit that the gate did not make, or made for another purpose.
 * @throws {PurposeError} code `forged-permit` or `wrong-purpose`
 */
export function requirePermit<P extends Purpose>(proof: Permit<P>, purpose: P): void {
  if (!made.has(proof)) throw new PurposeError("forged-permit", "this permit was not made by the purpose gate");
  if (proof.purpose !== purpose)
    throw new PurposeError("wrong-purpose", `a permit for ${proof.purpose} is none for ${purpose}`);
}
