/**
 * Members that some matches brought into audiences, by the facts of lists and corrections: those whose last coming in was
 * by one of them. Those that a list took out since are told, too: they may be served until the next release.
 */
import { decodeList, type Expression } from "../audience/index.js";
import { type CorrectionFacts, decodeCorrection } from "../grant/index.js";
import { LeafKind } from "../ledger/index.js";
import type { Log } from "../log/index.js";
import { OrdinalSet } from "../set/index.js";

/**
 * @param counts whether the correction at a position does
 * @returns ordinals by audience, as sets of the caller's own
 */
export async function addedByMatches(
  log: Log,
  matches: readonly string[],
  counts: (position: number) => boolean,
): Promise<Map<string, OrdinalSet>> {
  const members = new Map<string, OrdinalSet>();
  if (matches.length === 0) return members;
  const claimed = new Set(matches);
  const kinds = [LeafKind.list, LeafKind.correction];
  for await (const { kind, position, body } of log.store.facts(0, { to: log.position, kinds })) {
    if (kind === LeafKind.correction) {
      if (counts(position)) takeOut(members, decodeCorrection(body));
      continue;
    }
    const { header, added, removed } = decodeList(body);
    const own = members.get(header.audience);
    own?.removeSet(added);
    const wrong = claimed.has(header.match) ? added.clone() : wrongByOperands(members, header.expression, added);
    if (own === undefined && wrong.size > 0) members.set(header.audience, wrong);
    else {
      own?.addSet(wrong);
      wrong.dispose();
    }
    added.dispose();
    removed.dispose();
  }
  return members;
}

/** What comes into an audience that is made of others is as wrong as in any of those; who is in it by another, too, comes back with its next release. */
function wrongByOperands(
  members: ReadonlyMap<string, OrdinalSet>,
  expression: Expression | undefined,
  added: OrdinalSet,
): OrdinalSet {
  const wrong = OrdinalSet.empty();
  for (const id of expression?.include ?? []) {
    const both = members.get(id)?.and(added);
    if (both !== undefined) wrong.addSet(both);
    both?.dispose();
  }
  return wrong;
}

function takeOut(members: ReadonlyMap<string, OrdinalSet>, { header, removed }: CorrectionFacts): void {
  for (const [i, audience] of header.audiences.entries()) {
    members.get(audience)?.removeSet(removed[i]!);
    removed[i]!.dispose();
  }
}
