/**
 * What a person is told of incidents that are contained: which of their contacts was used for ads and should not have been,
 * given when and for what, between which times, on how many lists; and when it was stopped.
 */
import { isCovered, pointEntries, WHAT } from "../grant/index.js";
import { type AssessRooms, affectedUses, type Containments, correctionsOf, type Use } from "../incident/index.js";
import { isPromotional, type Purpose } from "../purpose/index.js";

export interface IncidentRooms extends AssessRooms {
  readonly containments: Containments;
}

export interface PersonIncident {
  readonly incident: string;
  readonly containedAt: string;
  /** Why, where lists were matched wrongly; null where a contact was used for what it was not given for. */
  readonly reason: string | null;
  readonly contacts: readonly {
    /** The contact point's number. */
    readonly number: number;
    readonly givenAt: string;
    /** The notice version that it was given under then. */
    readonly notice: string;
    /** What it had been given for. */
    readonly purposes: readonly Purpose[];
    readonly from: string;
    readonly to: string;
    readonly lists: number;
    readonly advertisers: readonly string[];
  }[];
}

/** Those that affected an account, the last contained first. */
export async function incidentsOf(rooms: IncidentRooms, account: number): Promise<PersonIncident[]> {
  const told: PersonIncident[] = [];
  for (const incident of rooms.containments.contained()) {
    const uses = await affectedUses(rooms, { incident }, account);
    if (uses.size > 0) told.push(incidentOf(rooms, incident, uses));
  }
  return told.sort((a, b) => Date.parse(b.containedAt) - Date.parse(a.containedAt));
}

function incidentOf(rooms: IncidentRooms, id: string, uses: ReadonlyMap<number, readonly Use[]>): PersonIncident {
  const { claim } = rooms.incidents.get(id);
  const { contacts } = rooms.grants;
  const corrections = correctionsOf(claim, rooms.notices);
  const reasons = claim.claims.flatMap((one) => ("matches" in one ? [one.reason] : []));
  return {
    incident: id,
    containedAt: instant(rooms.containments.state(id)!.atMs),
    reason: corrections.length > 0 || reasons.length === 0 ? null : [...new Set(reasons)].join("; "),
    contacts: [...uses].map(([number, own]) => {
      const grants = pointEntries(contacts, number).filter(({ what }) => (what & WHAT.event) === 0);
      const grant = grants.find(({ notice, atMs }) => isCovered(corrections, notice, atMs)) ?? grants[0]!;
      const { id: notice, version, purposes } = rooms.notices.version(grant.notice).notice;
      const meant = corrections
        .filter((one) => isCovered([one], grant.notice, grant.atMs))
        .flatMap((one) => one.purposes)
        .filter((purpose) => !isPromotional(purpose));
      return {
        number,
        givenAt: instant(grant.atMs),
        notice: `${notice}@${version}`,
        purposes: [...new Set(meant.length > 0 ? meant : purposes)],
        from: instant(Math.min(...own.map(({ fromMs }) => fromMs))),
        to: instant(Math.max(...own.map(({ toMs }) => toMs))),
        lists: new Set(own.map(({ audience }) => audience.list)).size,
        advertisers: [...new Set(own.map(({ audience }) => audience.advertiser))],
      };
    }),
  };
}

const instant = (ms: number): string => new Date(ms).toISOString();
