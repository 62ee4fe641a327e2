/**
 * Switches: one for each purpose of marketing, ads and sharing. Off takes it back for the whole account; on is a new grant
 * of one contact, under a notice that is for that purpose alone and may be named by the source `person`.
 *
 * Both go the way of any other: a withdrawal through `takeEvents`, a grant through `ingest` with what the source may. The
 * vault is not opened for it: the person gives the contact anew, and it counts only if it is the very contact point that
 * was verified before, and not lost since.
 */

import { kindName } from "../contact/index.js";
import {
  accountEntries,
  type Contacts,
  EVENT_TYPES,
  type HistoryEntry,
  identityOf,
  isOwnGrant,
  pointEntries,
  standingGrants,
  WHAT,
} from "../grant/index.js";
import { IntakeError, type IntakeRooms, ingest, takeEvents } from "../intake/index.js";
import { decodeLeaf } from "../ledger/index.js";
import {
  isPromotional,
  type NoticeBook,
  type NoticeVersion,
  type Purpose,
  purposeCode,
  purposeNames,
  type Sources,
} from "../purpose/index.js";
import { PersonError } from "./error.js";

/** The source that a person's own grants come from; what it may is decided by two operators, as of any. */
export const PERSON_SOURCE = "person";
/** As the ledger names who did it. */
export const PERSON_ACTOR = "person";

export const SWITCHED: readonly Purpose[] = purposeNames.filter(isPromotional);

/** A text under which a purpose can be switched on here. */
export interface Offer {
  readonly notice: string;
  readonly surface: string;
  readonly language: string;
  readonly text: string;
}

export interface PersonSwitch {
  readonly purpose: Purpose;
  /** Numbers of the contact points that may be used for it; it is on when there is one. */
  readonly contacts: readonly number[];
  readonly offers: readonly Offer[];
  /** Where else it can be given: surfaces of the platform, of the notices in force that are for it. */
  readonly elsewhere: readonly string[];
}

interface SwitchRooms {
  readonly contacts: Contacts;
  readonly notices: NoticeBook;
  readonly sources: Sources;
}

/** How an account's switches stand. */
export function switchesOf(rooms: SwitchRooms, account: number, nowMs: number): PersonSwitch[] {
  const points = rooms.contacts.pointsOf(account).reverse();
  return SWITCHED.map((purpose) => {
    const inForce = noticesFor(rooms, purpose, nowMs);
    const offers = inForce.filter((version) => isOffer(rooms, version));
    return {
      purpose,
      contacts: points.filter((point) => standingGrants(rooms.contacts, point, purpose).length > 0),
      offers: offers.map(({ notice: { id, version, surface, language, text } }) => ({
        notice: `${id}@${version}`,
        ...{ surface, language, text },
      })),
      elsewhere: [...new Set(inForce.filter((one) => !offers.includes(one)).map(({ notice }) => notice.surface))],
    };
  });
}

/** The newest version of each notice that a grant for a purpose may name now. */
function noticesFor({ notices }: SwitchRooms, purpose: Purpose, nowMs: number): NoticeVersion[] {
  const newest = new Map<string, NoticeVersion>();
  for (const version of notices.versions()) {
    if (version.fromMs <= nowMs && nowMs < version.toMs) newest.set(version.notice.id, version);
  }
  return [...newest.values()].filter(({ notice }) => notice.subject === "self" && notice.purposes.includes(purpose));
}

/** One that is for one purpose alone, and takes no other away; consent to several at once is none of each. */
function isOffer({ sources }: SwitchRooms, { notice }: NoticeVersion): boolean {
  const isSource = sources.list().some(({ name }) => name === PERSON_SOURCE);
  return isSource && notice.sources.includes(PERSON_SOURCE) && notice.purposes.length === 1 && !notice.exclusive;
}

/** Where a change stands in the ledger. */
export interface Switched {
  readonly position: number;
  readonly at: string;
}

/** Takes a purpose back for the whole account; in effect in every audience, and durable, when this returns. */
export async function switchOff(rooms: IntakeRooms, account: number, purpose: Purpose): Promise<Switched> {
  const { contacts } = rooms.grants;
  // Not before what was given by a clock that is ahead.
  const given = contacts.pointsOf(account).flatMap((point) => pointEntries(contacts, point).map(({ atMs }) => atMs));
  const atMs = Math.max(Date.now(), ...given);
  const at = new Date(atMs).toISOString();
  const row = { type: "withdraw", account: contacts.accountName(account), purpose, at };
  await takeEvents(rooms, rowOf(row), { actor: PERSON_ACTOR, format: "ndjson" });
  const own = accountEntries(contacts, account).findLast(
    (entry) => entry.atMs === atMs && entry.notice >> 8 === purposeCode(purpose),
  );
  if (own === undefined) throw erased();
  return { position: own.leaf, at };
}

export interface SwitchOn {
  readonly purpose: Purpose;
  /** Of an offer, as it was read. */
  readonly notice: string;
  /** Number of the contact point. */
  readonly contact: number;
  /** The contact, as the person gives it anew. */
  readonly value: string;
}

/**
 * Gives one contact for a purpose.
 * @throws {PersonError} codes `unknown-contact-point`, `not-offered`, `not-verified`, `other-contact`, `held-back`, `not-taken`
 * @throws {GrantError} code `malformed-value`
 */
export async function switchOn(
  rooms: IntakeRooms & SwitchRooms,
  account: number,
  { purpose, notice, contact, value }: SwitchOn,
): Promise<Switched> {
  const { log, grants, identityKey } = rooms;
  const { contacts } = grants;
  if (!contacts.pointsOf(account).includes(contact)) throw unknownContact();
  const nowMs = Date.now();
  const offer = noticesFor(rooms, purpose, nowMs).find(
    (version) => isOffer(rooms, version) && referenceOf(version) === notice,
  );
  if (offer === undefined) {
    throw new PersonError("not-offered", "that text is not in force here", "load the page again, and read what is");
  }
  const verified = verifiedGrant(contacts, account, contact);
  if (verified === undefined) {
    throw new PersonError(
      "not-verified",
      "nobody has verified yet that this contact is yours",
      "verify it on the platform's own pages first",
    );
  }
  const name = contacts.accountName(account);
  const kind = kindName(contacts.points.kind(contact));
  if (contacts.points.find(identityOf(identityKey, name, { kind, value }), 0) !== contact) {
    throw new PersonError(
      "other-contact",
      "that is another contact than the one you chose",
      "type the contact that you see masked",
    );
  }
  const at = new Date(nowMs).toISOString();
  const { timeMs } = decodeLeaf((await log.store.leaf(verified.leaf))!);
  const verifiedAt = new Date(Math.min(timeMs, nowMs)).toISOString();
  const row = { account: name, kind, value, notice, given_at: at, verified_at: verifiedAt };
  await give(rooms, row);
  const own = pointEntries(contacts, contact).findLast((entry) => entry.notice === offer.index && entry.atMs === nowMs);
  if (own === undefined) throw erased();
  return { position: own.leaf, at };
}

async function give(rooms: IntakeRooms, row: object): Promise<void> {
  try {
    const { refusedRows } = await ingest(rooms, rowOf(row), {
      ...{ source: PERSON_SOURCE, actor: PERSON_ACTOR, format: "ndjson", keepRefused: 1 },
    });
    const [refused] = refusedRows;
    if (refused === undefined) return;
    throw new PersonError("not-taken", `it was not taken: ${refused.reason}`, refused.fix ?? "try again");
  } catch (error) {
    if (!(error instanceof IntakeError) || error.code !== "freed-limit") throw error;
    throw new PersonError(
      "held-back",
      "this contact was given for security, or under a promise to use it for nothing else; the platform lets nothing of that go without two of its people agreeing",
      "choose another contact, or ask the platform",
    );
  }
}

/** The last grant of the account itself that was verified, unless the contact was lost since. */
function verifiedGrant(contacts: Contacts, account: number, contact: number): HistoryEntry | undefined {
  const entries = [...pointEntries(contacts, contact), ...accountEntries(contacts, account)];
  const lost = entries.filter(
    ({ what, notice }) => (what & WHAT.event) !== 0 && EVENT_TYPES[notice & 0xff] !== "withdraw",
  );
  const lostMs = Math.max(-1, ...lost.map(({ atMs }) => atMs));
  return entries.findLast(({ what, atMs }) => isOwnGrant(what) && (what & WHAT.verified) !== 0 && atMs > lostMs);
}

const referenceOf = ({ notice: { id, version } }: NoticeVersion): string => `${id}@${version}`;

async function* rowOf(row: object): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(row)}\n`);
}

const unknownContact = (): PersonError =>
  new PersonError("unknown-contact-point", "you have no such contact here", "load the page again");

export const erased = (): PersonError =>
  new PersonError(
    "account-erased",
    "what was kept about this account was erased",
    "there is nothing left to show or to switch",
  );
