/**
 * The last specific promise wins: which grants of an account stand, as the rule reads and nothing else.
 *
 * Of one contact point, X is the latest grant under an exclusive notice that does not name matching, V the
 * latest event that covers it, on the contact point or on the account. A grant that names matching stands
 * when it is later than both; at one instant the restrictive wins. Only what the account itself gave under
 * a notice that asks for its own contact counts. The world's source vouches, so each grant is verified.
 */
import { coversAds, type History } from "./history.js";
import { noticeFacts } from "./notices.js";

/** Sets `stands[g]` to 1 for the grants that stand, 0 for the others. */
export function judge(history: History, stands: Uint8Array): void {
  for (let g = 0; g < history.grants; g++) {
    const notice = noticeFacts[history.grantNotice[g]!]!;
    const counts = notice.namesAds && isOwn(history, g);
    stands[g] = counts && history.grantAtMs[g]! > takenAwayAtMs(history, history.grantPoint[g]!) ? 1 : 0;
  }
}

/** The later of X and V of a contact point; -Infinity where there is neither. */
function takenAwayAtMs(history: History, point: number): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (let g = 0; g < history.grants; g++) {
    if (history.grantPoint[g] !== point || !isOwn(history, g)) continue;
    const notice = noticeFacts[history.grantNotice[g]!]!;
    if (notice.isExclusive && !notice.namesAds) latest = Math.max(latest, history.grantAtMs[g]!);
  }
  for (let e = 0; e < history.events; e++) {
    if (history.eventPoint[e] !== point && history.eventPoint[e] !== -1) continue;
    if (coversAds(history.eventType[e]!, history.eventPurpose[e]!)) latest = Math.max(latest, history.eventAtMs[e]!);
  }
  return latest;
}

function isOwn(history: History, grant: number): boolean {
  const giver = history.grantGiver[grant]!;
  return noticeFacts[history.grantNotice[grant]!]!.isSelf && (giver === -1 || giver === history.account);
}
