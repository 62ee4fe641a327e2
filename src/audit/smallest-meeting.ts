/** Hitting sets (Karp 1972), of the few contact points of one account. */

/** Of more points than this the smallest set is not searched for, but bounded from below. */
const MAX_SEARCHED = 12;

/** Size of the smallest set of points that has one of each; of very many, a size that it has at least. */
export function smallestMeeting(sets: readonly (readonly number[])[]): number {
  const sure = new Set(sets.flatMap((set) => (set.every((point) => point === set[0]) ? [set[0]!] : [])));
  const open = sets.filter((set) => !set.some((point) => sure.has(point)));
  const points = new Set(open.flat()).size;
  if (points > MAX_SEARCHED) return sure.size + disjoint(open);
  let size = 0;
  while (!meets(open, [], size)) size++;
  return sure.size + size;
}

/** Whether some chosen points and `more` others have one of each set. */
function meets(sets: readonly (readonly number[])[], chosen: readonly number[], more: number): boolean {
  const missed = sets.find((set) => !set.some((point) => chosen.includes(point)));
  if (missed === undefined) return true;
  return more > 0 && missed.some((point) => meets(sets, [...chosen, point], more - 1));
}

/** How many sets, taken one after the other, have nothing in common: each needs a point of its own. */
function disjoint(sets: readonly (readonly number[])[]): number {
  const seen = new Set<number>();
  let count = 0;
  for (const set of sets) {
    if (set.some((point) => seen.has(point))) continue;
    count++;
    for (const point of set) seen.add(point);
  }
  return count;
}
