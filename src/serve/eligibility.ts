/**
 * Eligibility: in which audiences an account may be shown ads now, and who joined or left since a position.
 *
 * Both ask the gate for a permit and answer by the matched sets intersected with it, as of now.
 */
import { ServeError } from "./error.js";
import { type NotServed, whyNotServed } from "./not-served.js";
import type { ServeRooms } from "./rooms.js";

/** Audiences that an account may be shown ads of, now. */
export interface Eligibility {
  readonly account: string;
  readonly position: number;
  readonly audiences: readonly string[];
}

/** An audience whose size is not released, or is too small, is served to nobody; an account that gave no contact is in none. */
export function eligibility({ log, gate, contacts, audiences }: ServeRooms, account: string): Eligibility {
  const number = contacts.findAccount(account);
  const points = number === undefined ? [] : contacts.pointsOf(number);
  const ordinals = points.map((point) => contacts.ordinalOf(point));
  return { account, position: log.position, audiences: audiences.eligible(gate.permit("ads.match"), ordinals) };
}

export interface AudienceChange {
  readonly audience: string;
  readonly account: string;
  /** Whether the account may be served in it now. */
  readonly eligible: boolean;
}

export interface AudienceChanges {
  readonly position: number;
  readonly changes: readonly AudienceChange[];
  /** Audiences that nothing is served of, and why. */
  readonly notServed: readonly { readonly audience: string; readonly reason: NotServed }[];
}

/**
 * Accounts that may have joined or left an audience since a position, and whether they are in it now. Ask again from
 * the position that comes back. Accounts that were erased have no name any more: the answer to the erasure said what they
 * left.
 * @throws {AudienceError} code `position-too-old`
 * @throws {ServeError} code `invalid-position`
 */
export function changesSince({ log, gate, contacts, audiences, releases }: ServeRooms, since: number): AudienceChanges {
  const { position } = log;
  if (!Number.isInteger(since) || since < 0 || since > position) {
    throw new ServeError(
      "invalid-position",
      `a position is a whole number from 0 to ${position}`,
      "start from an export's",
    );
  }
  const permit = gate.permit("ads.match");
  const changes: AudienceChange[] = [];
  for (const [audience, ordinals] of audiences.changedSince(since)) {
    const { served } = audiences.known(audience);
    const accounts = new Set<number>();
    for (const ordinal of ordinals.toArray()) accounts.add(contacts.points.account[ordinal]!);
    ordinals.dispose();
    for (const number of accounts) {
      if (contacts.accounts.isNameless(number)) continue;
      const eligible = contacts.pointsOf(number).some((point) => {
        const ordinal = contacts.ordinalOf(point);
        return served?.has(ordinal) === true && permit.ordinals.has(ordinal);
      });
      changes.push({ audience, account: contacts.accountName(number), eligible });
    }
  }
  const notServed = audiences
    .list()
    .filter(({ served }) => served === undefined)
    .map((audience) => ({ audience: audience.id, reason: whyNotServed({ releases }, audience) }));
  return { position, changes, notServed };
}
