/**
 * The last specific promise wins: which grants of an account stand, as the rule reads and nothing else.
 *
 * Of one contact point, X is the latest grant under an exclusive notice that does not name matching, V the
 * latest event that covers it, on the contact point or on the account. A grant that names matching stands
 * when it is later than both; at one instant the restrictive wins. Only what the account itself gave under
 * a notice that asks for its own contact counts. The world's source vouches, so each grant is verified.
 */
import { coversAds, type History } from "./history.js";
import type { KnownMistakes } from "./mistakes.js";
import { type NoticeFacts, noticeFacts } from "./notices.js";

/** Sets `stands[g]` to 1 for the grants that stand, 0 for the others. @param known mistakes whose labels are not believed */
export function judge(history: History, stands: Uint8Array, known: KnownMistakes): void {
  for (let g = 0; g < history.grants; g++) {
    const notice = noticeFacts[history.grantNotice[g]!]!;
    const counts = namesAds(notice, known) && isOwn(history, g);
    stands[g] = counts && history.grantAtMs[g]! > takenAwayAtMs(history, history.grantPoint[g]!, known) ? 1 : 0;
  }
}

/** The later of X and V of a contact point; -Infinity where there is neither. */
function takenAwayAtMs(history: History, point: number, known: KnownMistakes): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (let g = 0; g < history.grants; g++) {
    if (history.grantPoint[g] !== point || !isOwn(history, g)) continue;
    const notice = noticeFacts[history.grantNotice[g]!]!;
    if (isExclusive(notice, known) && !namesAds(notice, known)) latest = Math.max(latest, history.grantAtMs[g]!);
  }
  for (let e = 0; e < history.events; e++) {
    if (history.eventPoint[e] !== point && history.eventPoint[e] !== -1) continue;
    if (coversAds(history.eventType[e]!, history.eventPurpose[e]!)) latest = Math.max(latest, history.eventAtMs[e]!);
  }
  return latest;
}

const isKnown = ({ mistake }: NoticeFacts, known: KnownMistakes): boolean =>
  mistake !== -1 && ((known >> mistake) & 1) === 1;
const namesAds = (notice: NoticeFacts, known: KnownMistakes): boolean => notice.namesAds && !isKnown(notice, known);
const isExclusive = (notice: NoticeFacts, known: KnownMistakes): boolean =>
  notice.isExclusive || isKnown(notice, known);

function isOwn(history: History, grant: number): boolean {
  const giver = history.grantGiver[grant]!;
  return noticeFacts[history.grantNotice[grant]!]!.isSelf && (giver === -1 || giver === history.account);
}
