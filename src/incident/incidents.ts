/**
 * Incidents: what was claimed to be wrong, each a leaf of its own. Opening one changes nothing of what is permitted.
 */
import type { Memberships } from "../audience/index.js";
import type { Contacts } from "../grant/index.js";
import { LeafKind } from "../ledger/index.js";
import { type Fold, type Log, payloadOf } from "../log/index.js";
import type { NoticeBook } from "../purpose/index.js";
import type { FactRow } from "../store/index.js";
import { type Claim, claimDigest, correctionsOf, matchesOf, parseClaim, requireMatches } from "./claim.js";
import { IncidentError } from "./error.js";

export interface Incident {
  readonly id: string;
  readonly claim: Claim;
  /** SHA-256 of the claim's canonical form, hex. */
  readonly digest: string;
  readonly openedBy: string;
  readonly openedAtMs: number;
  readonly position: number;
}

/** What a claim is held against. */
export interface ClaimRooms {
  readonly log: Log;
  readonly notices: NoticeBook;
  readonly contacts: Contacts;
  readonly memberships: Memberships;
}

export class Incidents implements Fold {
  readonly kinds = [LeafKind.incident];
  readonly #byId = new Map<string, Incident>();

  apply({ body, position, timeMs }: FactRow): void {
    const { actor, claim }: { actor: string; claim: Claim } = JSON.parse(Buffer.from(payloadOf(body)).toString("utf8"));
    if (this.#byId.has(claim.id)) return;
    const { id } = claim;
    this.#byId.set(id, { id, claim, digest: claimDigest(claim), openedBy: actor, openedAtMs: timeMs, position });
  }

  /** @throws {IncidentError} code `unknown-incident` */
  get(id: string): Incident {
    const incident = this.#byId.get(id);
    if (incident !== undefined) return incident;
    throw new IncidentError(
      "unknown-incident",
      "there is no such incident",
      "solely incident list shows those that there are",
    );
  }

  /** In the order opened. */
  list(): Incident[] {
    return [...this.#byId.values()];
  }

  /**
   * Makes a claim durable that is about notices and matches that there are.
   * @throws {IncidentError} codes `malformed-claim`, `incident-exists`
   */
  async open({ log, notices, contacts, memberships }: ClaimRooms, value: unknown, actor: string): Promise<Incident> {
    const claim = parseClaim(value);
    correctionsOf(claim, notices);
    if (matchesOf(claim).length > 0) {
      await memberships.read(log, contacts);
      requireMatches(claim, memberships);
    }
    await log.record(LeafKind.incident, () => {
      if (this.#byId.has(claim.id)) {
        throw new IncidentError("incident-exists", `there is an incident ${claim.id} already`, "give it another id");
      }
      return Buffer.from(JSON.stringify({ type: "incident", actor, claim }));
    });
    return this.get(claim.id);
  }
}
