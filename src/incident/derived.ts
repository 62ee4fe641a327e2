/**
 * Audiences that are made of others, in a claim of matches: who came into one of them by claimed matches alone is as wrong in
 * what was made of it. Their memberships are split in two, one of which counts as the match's own.
 */
import type { Membership, PastMembers } from "../audience/index.js";
import type { OrdinalSet } from "../set/index.js";

export interface SplitMembers {
  readonly past: readonly PastMembers[];
  /** Lets go of the sets that splitting made. */
  dispose(): void;
}

/** @param matches those that are claimed */
export function splitDerived(past: readonly PastMembers[], matches: ReadonlySet<string>): SplitMembers {
  const byAudience = new Map(past.map(({ audience, memberships }) => [audience.audience, memberships]));
  const made: OrdinalSet[] = [];
  const split = past.map((members) => {
    const sources = (members.audience.expression?.include ?? []).flatMap((id) => byAudience.get(id) ?? []);
    if (!sources.some(({ match }) => matches.has(match))) return members;
    const memberships = members.memberships.flatMap((membership) => splitOne(membership, sources, matches, made));
    return { ...members, memberships };
  });
  return {
    past: split,
    dispose: () => {
      for (const set of made) set.dispose();
    },
  };
}

/** @param sources memberships of what it was made of */
function splitOne(
  membership: Membership,
  sources: readonly Membership[],
  matches: ReadonlySet<string>,
  made: OrdinalSet[],
): Membership[] {
  const { fromMs, ordinals } = membership;
  const then = sources.filter((source) => source.fromMs <= fromMs && fromMs < source.toMs);
  const claimed = then.find(({ match }) => matches.has(match));
  if (claimed === undefined) return [membership];
  const wrong = ordinals.clone();
  for (const source of then) if (!matches.has(source.match)) wrong.removeSet(source.ordinals);
  const rest = ordinals.andNot(wrong);
  made.push(wrong, rest);
  const part = (set: OrdinalSet, match: string): Membership[] => {
    if (set.size === 0) return [];
    return [{ ...membership, match, ordinals: set }];
  };
  return [...part(wrong, claimed.match), ...part(rest, membership.match)];
}
