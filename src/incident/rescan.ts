/**
 * Re-scan: proves of a contained incident that nothing of it is left in use.
 *
 * Every contact point that was given under a corrected notice is judged anew, by itself and from its whole history, and
 * not by what the containment set: of those that may not be used none may be permitted, have a token in the matcher's
 * index, or be in an audience; and no member that a claimed match brought in may be there.
 */
import type { Audiences } from "../audience/index.js";
import { Numbers } from "../column/index.js";
import { type Contacts, standingGrants } from "../grant/index.js";
import type { Log } from "../log/index.js";
import type { Matcher } from "../match/index.js";
import { OrdinalSet } from "../set/index.js";
import type { Containments } from "./containment.js";
import { IncidentError } from "./error.js";
import type { Incidents } from "./incidents.js";

export interface RescanRooms {
  readonly log: Log;
  readonly contacts: Contacts;
  readonly audiences: Audiences;
  readonly matcher: Matcher;
  readonly incidents: Incidents;
  readonly containments: Containments;
}

export interface Rescan {
  readonly incident: string;
  /** Ledger position that it is as of. */
  readonly position: number;
  /** Contact points that were given under a corrected notice, and those of them that may not be used. */
  readonly contactPoints: number;
  readonly denied: number;
  /** Of these: permitted all the same, with a token in the index, members of audiences. */
  readonly permitted: number;
  readonly inIndex: number;
  readonly inAudiences: number;
  /** Members of audiences that a claimed match brought in. */
  readonly ofMatches: number;
  readonly isClean: boolean;
}

/**
 * Looks through everything when it stands still; changes nothing.
 * @throws {IncidentError} codes `unknown-incident`, `not-contained`
 */
export function rescan(rooms: RescanRooms, incident: string): Promise<Rescan> {
  return rooms.log.writer.exclusiveSettled(async () => {
    rooms.incidents.get(incident);
    if (rooms.containments.state(incident)?.isContained !== true) {
      throw new IncidentError("not-contained", `incident ${incident} is not contained`, "contain it first");
    }
    return { incident, ...(await rescanSettled(rooms, [incident])) };
  });
}

/** As `rescan`, of several contained incidents together, while nothing is written. */
export async function rescanSettled(
  { log, contacts, audiences, matcher, containments }: Omit<RescanRooms, "incidents">,
  incidents: readonly string[],
): Promise<Omit<Rescan, "incident">> {
  const { corrections } = contacts;
  const given = contacts.givenUnder(corrections.inForce(undefined, (incident) => !incidents.includes(incident)));
  const denied = OrdinalSet.from(given.toArray().filter((number) => !mayBeUsed(contacts, number)));
  const ordinals = ordinalsOf(contacts, denied);
  audiences.prune();
  let inAudiences = 0;
  for (const { matched } of audiences.list()) inAudiences += matched.andSize(ordinals);
  const leaving = await containments.leaving(log, incidents);
  const counts = {
    permitted: ordinals.andSize(contacts.permitted),
    inIndex: ordinals.countOf(await matcher.ordinals()),
    inAudiences,
    ofMatches: [...leaving.values()].reduce((sum, { size }) => sum + size, 0),
  };
  const found = { position: log.position, contactPoints: given.size, denied: denied.size };
  for (const set of [given, denied, ordinals, ...leaving.values()]) set.dispose();
  return { ...found, ...counts, isClean: Object.values(counts).every((count) => count === 0) };
}

const mayBeUsed = (contacts: Contacts, number: number): boolean =>
  standingGrants(contacts, number, "ads.match").length > 0;

/** Ordinals of every stretch that some contact points ever had. */
function ordinalsOf({ points }: Contacts, numbers: OrdinalSet): OrdinalSet {
  const ordinals = numbers.clone();
  const later = new Numbers();
  for (let id = 0; id < points.count; id++) {
    if (points.isLaterOrdinal(id) && numbers.has(points.numberOf(id))) later.push(id);
  }
  ordinals.addAll(later.values);
  return ordinals;
}
