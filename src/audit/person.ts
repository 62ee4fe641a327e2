/** What one person comes to, in a list or in all; as counted, and as the least and the most of several ways. */

/** What a person adds to a row. */
export interface Person {
  isAffected: boolean;
  points: number;
  /** Bits by code. */
  purposes: number;
  kinds: number;
  isRight: boolean;
  otherwise: number;
  late: number;
  showings: number;
  firstMs: number;
  lastMs: number;
}

export const nobody = (): Person => ({
  ...{ isAffected: false, points: 0, purposes: 0, kinds: 0, isRight: false, otherwise: 0, late: 0, showings: 0 },
  ...{ firstMs: Number.POSITIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY },
});

export function clear(person: Person): void {
  person.isAffected = false;
  person.points = 0;
  person.purposes = 0;
  person.kinds = 0;
  person.isRight = false;
  person.otherwise = 0;
  person.late = 0;
  person.showings = 0;
  person.firstMs = Number.POSITIVE_INFINITY;
  person.lastMs = Number.NEGATIVE_INFINITY;
}

/** Takes the least of two. */
export function takeLeast(to: Person, from: Person): void {
  to.isAffected &&= from.isAffected;
  to.points = Math.min(to.points, from.points);
  to.purposes &= from.purposes;
  to.kinds &= from.kinds;
  to.isRight &&= from.isRight;
  to.otherwise = Math.min(to.otherwise, from.otherwise);
  to.late = Math.min(to.late, from.late);
  to.showings = Math.min(to.showings, from.showings);
  to.firstMs = Math.max(to.firstMs, from.firstMs);
  to.lastMs = Math.min(to.lastMs, from.lastMs);
}

/** Takes the most of two. */
export function takeMost(to: Person, from: Person): void {
  to.isAffected ||= from.isAffected;
  to.points = Math.max(to.points, from.points);
  to.purposes |= from.purposes;
  to.kinds |= from.kinds;
  to.isRight ||= from.isRight;
  to.otherwise = Math.max(to.otherwise, from.otherwise);
  to.late = Math.max(to.late, from.late);
  to.showings = Math.max(to.showings, from.showings);
  to.firstMs = Math.min(to.firstMs, from.firstMs);
  to.lastMs = Math.max(to.lastMs, from.lastMs);
}
