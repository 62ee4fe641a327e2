/**
 * Judging: what memberships come to by the difference of the two folds. Members are taken as sets; only those that are
 * affected, and those with a history, are looked at one by one, in columns.
 */
import type { Membership } from "../audience/index.js";
import type { Contacts } from "../grant/index.js";
import { OrdinalSet } from "../set/index.js";
import type { Difference, Episode } from "./difference.js";

/** What there is to tell of members; sets are the caller's own, and gone after the call. */
export interface Judgement {
  /** Contact points with one grant, affected for the whole of a membership. */
  affected(numbers: OrdinalSet, fromMs: number, toMs: number): void;
  /** A contact point with a history. */
  withHistory(number: number, episode: Episode): void;
  /** Contact points with one grant, matched at an instant at which they were not permitted as believed. */
  late(numbers: OrdinalSet): void;
  /** Contact points with one grant, given under a claimed notice and permitted all the same. */
  permitted(numbers: OrdinalSet): void;
}

export interface Judge {
  readonly contacts: Contacts;
  readonly difference: Difference;
  /** Matches whose every member should not have been there. */
  readonly matches: ReadonlySet<string>;
  /** Memberships that nothing ended go on until here; what comes later does not count. */
  readonly horizonMs: number;
  /** Ordinals of accounts that are nobody's: they are no members. */
  readonly nobody: OrdinalSet;
}

export function judge(by: Judge, membership: Membership, to: Judgement): void {
  if (membership.ordinals.intersects(by.nobody)) {
    const ordinals = membership.ordinals.andNot(by.nobody);
    judgePeople(by, { ...membership, ordinals }, to);
    ordinals.dispose();
  } else judgePeople(by, membership, to);
}

function judgePeople(
  { contacts, difference, matches, horizonMs, nobody }: Judge,
  membership: Membership,
  to: Judgement,
): void {
  const { match, fromMs, ordinals, early } = membership;
  const toMs = Math.min(membership.toMs, horizonMs);
  if (fromMs >= toMs) return;
  const { suspects, denied, permitted, withHistory } = difference;
  const isClaimed = matches.has(match);
  const tell = (set: OrdinalSet, told: (set: OrdinalSet) => void) => {
    if (early !== undefined) set.removeSet(early);
    if (set.size > 0) told(set);
    set.dispose();
  };
  if (isClaimed) {
    const all = ordinals.andNot(withHistory);
    all.removeSet(denied);
    tell(all, (set) => to.affected(set, fromMs, toMs));
  } else {
    tell(ordinals.and(suspects), (set) => to.affected(set, fromMs, toMs));
    if (permitted.size > 0) tell(ordinals.and(permitted), (set) => to.permitted(set));
  }
  if (early !== undefined || denied.size > 0) {
    const late = ordinals.and(denied);
    if (early !== undefined) late.addSet(early);
    late.removeSet(withHistory);
    late.removeSet(nobody);
    if (late.size > 0) to.late(late);
    late.dispose();
  }
  const histories = ordinals.and(withHistory);
  if (histories.size > 0) {
    const { points } = contacts;
    difference.forEachHistory(histories.toArray(), { fromMs, toMs, isClaimed }, (id, episode) => {
      to.withHistory(points.numberOf(id), episode);
    });
  }
  histories.dispose();
}

/** Those of some contact points that have one grant and were members by it, permitted as believed; a set of the caller's. */
export function permittedOf(
  { difference: { denied, withHistory }, horizonMs, nobody }: Judge,
  { ordinals, early, fromMs, toMs }: Membership,
  some: OrdinalSet,
): OrdinalSet {
  if (fromMs >= Math.min(toMs, horizonMs)) return OrdinalSet.empty();
  const found = some.and(ordinals);
  for (const set of [withHistory, denied, early, nobody]) if (set !== undefined) found.removeSet(set);
  return found;
}
