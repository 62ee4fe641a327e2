/**
 * What containing an incident, or undoing that, would do; for whoever is to sign it.
 */
import type { Audiences } from "../audience/index.js";
import type { Contacts } from "../grant/index.js";
import type { Log } from "../log/index.js";
import type { Action } from "../operator/index.js";
import { OrdinalSet } from "../set/index.js";
import type { Claim } from "./claim.js";
import type { Containments } from "./containment.js";
import type { Incidents } from "./incidents.js";

export interface ContainmentReview {
  /** The claim as it was opened; what is signed is its digest. */
  readonly claim: Claim;
  /** Contact points that lose permission, or get it back. */
  readonly contactPoints: number;
  /** Their accounts, and those of members that leave with a claimed match. */
  readonly accounts: number;
  /** Audiences that lose somebody, and members that they lose in all. */
  readonly audiences: number;
  readonly members: number;
}

export interface ReviewRooms {
  readonly log: Log;
  readonly contacts: Contacts;
  readonly audiences: Audiences;
  readonly incidents: Incidents;
  readonly containments: Containments;
}

/**
 * Changes nothing.
 * @throws {IncidentError} why the action could not take effect now
 */
export function reviewContainment(
  { log, contacts, audiences, incidents, containments }: ReviewRooms,
  action: Extract<Action, { type: "incident.contain" | "incident.undo" }>,
): Promise<ContainmentReview> {
  return log.writer.exclusiveSettled(async () => {
    const { ended, begun } = contacts.wouldChange(containments.step(action, log.position));
    const leaving = action.type === "incident.contain" ? await containments.leaving(log, [action.incident]) : new Map();
    const accounts = OrdinalSet.empty();
    const addAccounts = (ids: Uint32Array) => accounts.addAll(ids.map((id) => contacts.points.account[id]!));
    addAccounts(ended);
    addAccounts(begun);
    const ending = OrdinalSet.from(ended);
    let [shrinking, members] = [0, 0];
    for (const { id, matched } of audiences.list()) {
      const lost = matched.and(ending);
      const out = leaving.get(id);
      if (out !== undefined) {
        addAccounts(out.toArray());
        lost.addSet(out);
        out.dispose();
      }
      if (lost.size > 0) shrinking++;
      members += lost.size;
      lost.dispose();
    }
    const { claim } = incidents.get(action.incident);
    const review = { claim, contactPoints: ended.length + begun.length, accounts: accounts.size };
    for (const set of [accounts, ending]) set.dispose();
    return { ...review, audiences: shrinking, members };
  });
}
