/**
 * The table of audiences: what people came to in each audience, noted while they are gone through, in columns of a row for
 * each affected person in an audience; counted audience by audience when that is over.
 */
import { grown, Numbers } from "../column/index.js";
import { OrdinalSet } from "../set/index.js";
import type { AffectedCounts } from "./assessment.js";
import { dayOf } from "./day.js";
import { Breakdown, PeopleCounts, type Run } from "./people-counts.js";

export interface AudienceRow extends Omit<AffectedCounts, "campaigns" | "showings"> {
  /** Place of the audience. */
  readonly place: number;
  /** Its affected contact points; the reader's own until the next row. */
  readonly affected: OrdinalSet;
}

export class AudienceTable {
  readonly #counts: readonly PeopleCounts[];
  /** By row: place of the audience, what the person's bits are, day first affected, country. */
  readonly #audience = new Numbers();
  #bits: Uint16Array = new Uint16Array(1 << 10);
  #day: Uint16Array = new Uint16Array(1 << 10);
  #country: Uint16Array = new Uint16Array(1 << 10);
  /** Affected contact points, and the audience of each. */
  readonly #points = new Numbers();
  readonly #pointAudience = new Numbers();

  constructor(audiences: number) {
    this.#counts = Array.from({ length: audiences }, () => new PeopleCounts());
  }

  /** Notes what a person came to in one audience. */
  add(place: number, run: Run, country: number): void {
    const counts = this.#counts[place]!;
    counts.add(run);
    const { affected, bits, firstMs } = run;
    if (affected === 0) return;
    if (run.isRightBeside) counts.addRight();
    const row = this.#audience.count;
    if (row === this.#bits.length) {
      this.#bits = grown(this.#bits, row + 1);
      this.#day = grown(this.#day, row + 1);
      this.#country = grown(this.#country, row + 1);
    }
    this.#audience.push(place);
    this.#bits[row] = bits;
    this.#day[row] = dayOf(firstMs);
    this.#country[row] = country;
    for (const number of run.affectedPoints) {
      this.#points.push(number);
      this.#pointAudience.push(place);
    }
  }

  /** Audiences with somebody affected, in order. */
  *rows(): Generator<AudienceRow> {
    const rows = grouped(this.#audience.values, this.#counts.length);
    const points = grouped(this.#pointAudience.values, this.#counts.length);
    const numbers = this.#points.values;
    const breakdown = new Breakdown();
    for (const [place, counts] of this.#counts.entries()) {
      if (counts.people === 0) continue;
      for (const row of rows.of(place)) breakdown.add(this.#bits[row]!, this.#day[row]!, this.#country[row]!);
      const affected = OrdinalSet.from(points.of(place).map((row) => numbers[row]!));
      try {
        yield { place, ...counts.counts(breakdown), affected };
      } finally {
        affected.dispose();
      }
    }
  }
}

/** Rows by group, those of one in order. */
function grouped(groupOf: Uint32Array, groups: number): { of(group: number): Uint32Array } {
  const ends = new Uint32Array(groups + 1);
  for (const group of groupOf) ends[group + 1]!++;
  for (let group = 0; group < groups; group++) ends[group + 1]! += ends[group]!;
  const starts = ends.slice();
  const rows = new Uint32Array(groupOf.length);
  for (let row = 0; row < rows.length; row++) rows[starts[groupOf[row]!]!++] = row;
  return { of: (group) => rows.subarray(ends[group]!, ends[group + 1]!) };
}
