/**
 * Members that some matches brought into audiences, by the facts of lists and corrections: those whose last coming in was
 * by one of them.
 */
import { decodeList } from "../audience/index.js";
import { type CorrectionFacts, decodeCorrection } from "../grant/index.js";
import { LeafKind } from "../ledger/index.js";
import type { Log } from "../log/index.js";
import type { OrdinalSet } from "../set/index.js";

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
    own?.removeSet(removed);
    if (claimed.has(header.match)) {
      if (own === undefined) members.set(header.audience, added.clone());
      else own.addSet(added);
    }
    added.dispose();
    removed.dispose();
  }
  return members;
}

function takeOut(members: ReadonlyMap<string, OrdinalSet>, { header, removed }: CorrectionFacts): void {
  for (const [i, audience] of header.audiences.entries()) {
    members.get(audience)?.removeSet(removed[i]!);
    removed[i]!.dispose();
  }
}
