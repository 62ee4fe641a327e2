/**
 * Why a contact point is or isn't permitted: every grant and event, in the order learned, and what each changed; now, or
 * as it was known at an earlier position. Then what later leaves say does not exist, even if it was so in the world
 * before. What was destroyed meanwhile is not told of any time.
 *
 * Read from the hot histories; source, actor and times come from the leaves. No value is shown: a contact point is told
 * by its kind, its number and the mask that the vault has of it.
 */
import { kindName } from "../contact/index.js";
import { LeafKind } from "../ledger/index.js";
import { type Log, positionAt } from "../log/index.js";
import { Meanings, NOTICE_CLASS, type NoticeBook, purposeNames } from "../purpose/index.js";
import { verdictOf } from "./ads-promise.js";
import { decodeEvents, decodeGrants, type EventHeader, type GrantHeader } from "./contact-facts.js";
import { type Contacts, unknownAccount } from "./contacts.js";
import { decodeCorrection } from "./correction-facts.js";
import { type CorrectionStep, isCovered } from "./corrections.js";
import { decodeErasures } from "./erasure.js";
import { GrantError } from "./error.js";
import { coversAds, EVENT_TYPES } from "./events.js";
import { WHAT } from "./history.js";
import { identityOf } from "./identity.js";
import { accountEntries, type HistoryEntry, pointEntries } from "./permission.js";

export interface ExplainedEntry {
  /** Ledger position that it was learned at. */
  readonly position: number;
  readonly learnedAt: string;
  readonly entry: "grant" | "withdraw" | "erase" | "disown" | "correction" | "correction undone";
  /** When it was so in the world. */
  readonly at: string;
  /** Of a grant. */
  readonly notice?: string;
  readonly givenBy?: "account" | "another account";
  readonly isVerified?: boolean;
  /** Of an event: the purpose it named, or what it covers. */
  readonly covers?: string;
  readonly wholeAccount?: boolean;
  /** Of a correction: the incident that holds some grant of this contact point to something else from here on. */
  readonly incident?: string;
  readonly source?: string;
  readonly actor: string;
  readonly changed: "permitted" | "no longer permitted" | "nothing";
}

export interface ExplainedPoint {
  readonly kind: string;
  readonly number: number;
  /** Null for one that only events tell of, that was erased, or that came before there was a vault. */
  readonly mask: string | null;
  readonly isPermitted: boolean;
  readonly why: string;
  readonly history: readonly ExplainedEntry[];
}

export interface Explanation {
  readonly account: string;
  /** What leaves before this position say was known. */
  readonly position: number;
  readonly contactPoints: readonly ExplainedPoint[];
}

/** Leaves that one explanation may read. */
const MAX_LEAVES = 10_000;

interface Entry {
  readonly position: number;
  /** Of a correction; the other fields say nothing then. */
  readonly step?: CorrectionStep;
  readonly what: number;
  readonly notice: number;
  readonly atMs: number;
  readonly wholeAccount: boolean;
}

/** What an explanation is read from. */
export interface ExplainRooms {
  readonly log: Log;
  readonly contacts: Contacts;
  readonly notices: NoticeBook;
  readonly identityKey: Uint8Array;
  /** Masks by number of contact point. */
  readonly vault: { masks(numbers: readonly number[]): Promise<ReadonlyMap<number, string>> };
}

interface AskedPoint {
  readonly kind: string;
  readonly value: string;
  readonly region?: string | undefined;
}

/**
 * @param contact one contact point of the account, by kind and value; without it, all
 * @param asKnownAt a ledger position or an instant; default: now
 * @throws {GrantError} codes `unknown-account`, `unknown-contact-point`, `malformed-value`, `too-many-leaves`
 * @throws {LogError} codes `malformed-instant`, `not-yet-known`
 */
export async function explain(
  rooms: ExplainRooms,
  {
    account,
    contact,
    asKnownAt,
  }: { account: string; contact?: AskedPoint | undefined; asKnownAt?: string | undefined },
): Promise<Explanation> {
  const { log } = rooms;
  const known = asKnownAt === undefined ? undefined : await positionAt(log, asKnownAt);
  // Alone, so that nothing is told of what is planned and not durable yet.
  const { position, points, entries } = await log.writer.exclusiveSettled(() =>
    histories(rooms, account, contact, known ?? log.position),
  );
  const leaves = await readLeaves(log, new Set(entries.flat().map((entry) => entry.position)));
  const masks = await rooms.vault.masks(points);
  return {
    account,
    position,
    contactPoints: points.map((point, i) => ({
      ...explainPoint(rooms, point, entries[i]!, leaves),
      mask: masks.get(point) ?? null,
    })),
  };
}

/** Contact points of an account, in the order learned, and what leaves before a position say of each. */
function histories(
  { contacts, identityKey }: ExplainRooms,
  account: string,
  contact: AskedPoint | undefined,
  position: number,
): { position: number; points: number[]; entries: Entry[][] } {
  const number = contacts.account(account);
  if (contacts.arrivals.ofAccount(number).position >= position) throw unknownAccount();
  const isKnown = (point: number): boolean => contacts.arrivals.ofPoint(point).position < position;
  let points = contacts.pointsOf(number).filter(isKnown).reverse();
  if (contact !== undefined) {
    const found = contacts.points.find(identityOf(identityKey, account, contact), 0);
    if (found < 0 || !isKnown(found)) {
      throw new GrantError("unknown-contact-point", "the account has no such contact point");
    }
    points = [found];
  }
  return { position, points, entries: points.map((point) => entriesOf(contacts, point, number, position)) };
}

function entriesOf(contacts: Contacts, point: number, account: number, before: number): Entry[] {
  const of = (entries: readonly HistoryEntry[], wholeAccount: boolean): Entry[] =>
    entries.map(({ leaf: position, ...entry }) => ({ position, ...entry, wholeAccount }));
  const own = pointEntries(contacts, point).filter(({ leaf }) => leaf < before);
  const grants = own.filter(({ what }) => (what & WHAT.event) === 0);
  const steps = contacts.corrections.steps.filter((step) =>
    grants.some(({ notice, atMs }) => isCovered(step.corrections, notice, atMs)),
  );
  const all = [
    ...of(own, false),
    ...of(accountEntries(contacts, account), true),
    ...steps.map((step) => ({ position: step.position, step, what: 0, notice: 0, atMs: 0, wholeAccount: false })),
  ];
  return all.filter(({ position }) => position < before).sort((a, b) => a.position - b.position);
}

/** What a leaf says of itself. */
interface LeafSource {
  readonly timeMs: number;
  readonly source?: string;
  readonly actor: string;
}

async function readLeaves(log: Log, positions: ReadonlySet<number>): Promise<Map<number, LeafSource>> {
  if (positions.size > MAX_LEAVES) {
    throw new GrantError("too-many-leaves", `an explanation reads at most ${MAX_LEAVES} leaves`, {
      fix: "ask for one contact point",
    });
  }
  const leaves = new Map<number, LeafSource>();
  for await (const { position, kind, timeMs, body } of log.store.factsAt([...positions])) {
    leaves.set(position, { timeMs, ...headerOf(kind, body) });
  }
  return leaves;
}

function headerOf(kind: number, body: Uint8Array): GrantHeader | EventHeader {
  if (kind === LeafKind.correction) return { actor: decodeCorrection(body).header.actor };
  if (kind === LeafKind.contacts) return decodeGrants(body).header;
  return kind === LeafKind.erasure ? decodeErasures(body).header : decodeEvents(body).header;
}

function explainPoint(
  { contacts, notices }: ExplainRooms,
  point: number,
  entries: readonly Entry[],
  leaves: ReadonlyMap<number, LeafSource>,
): Omit<ExplainedPoint, "mask"> {
  const { corrections } = contacts;
  let [granted, excluded, revoked] = [-1, -1, -1];
  let isPermitted = false;
  let meanings = new Meanings(notices);
  const seen: Entry[] = [];
  const weigh = ({ what, notice, atMs }: Entry) => {
    const bits = meanings.classOf(notice, atMs);
    if ((what & WHAT.byOther) !== 0 || (bits & NOTICE_CLASS.self) === 0) return;
    if ((bits & NOTICE_CLASS.namesAds) !== 0 && (what & WHAT.verified) !== 0) granted = Math.max(granted, atMs);
    if ((bits & NOTICE_CLASS.excludesAds) !== 0) excluded = Math.max(excluded, atMs);
  };
  const history: ExplainedEntry[] = [];
  entries.forEach((entry, i) => {
    const { position, step, what, notice, atMs, wholeAccount } = entry;
    const leaf = leaves.get(position);
    const learnedAt = new Date(leaf?.timeMs ?? 0).toISOString();
    const common = {
      position,
      learnedAt,
      at: step === undefined ? new Date(atMs).toISOString() : learnedAt,
      ...(leaf?.source === undefined ? {} : { source: leaf.source }),
      actor: leaf?.actor ?? "unknown",
    };
    let told: Omit<ExplainedEntry, "changed">;
    if (step !== undefined) {
      meanings = new Meanings(notices, corrections.inForce(corrections.steps.indexOf(step) + 1));
      [granted, excluded] = [-1, -1];
      for (const grant of seen) weigh(grant);
      told = {
        ...common,
        entry: step.type === "contain" ? "correction" : "correction undone",
        incident: step.incident,
      };
    } else if ((what & WHAT.event) !== 0) {
      const [type, purpose] = [notice & 0xff, notice >> 8];
      if (coversAds(type, purpose)) revoked = Math.max(revoked, atMs);
      told = { ...common, entry: EVENT_TYPES[type]!, covers: eventCovers(type, purpose), wholeAccount };
    } else {
      seen.push(entry);
      weigh(entry);
      const version = notices.version(notice).notice;
      told = {
        ...common,
        entry: "grant",
        notice: `${version.id}@${version.version}`,
        givenBy: (what & WHAT.byOther) === 0 ? "account" : "another account",
        isVerified: (what & WHAT.verified) !== 0,
      };
    }
    // A leaf counts as a whole: what it takes away and gives back breaks nothing.
    const isLastOfLeaf = entries[i + 1]?.position !== position;
    const after = isLastOfLeaf ? granted > excluded && granted > revoked : isPermitted;
    history.push({ ...told, changed: after === isPermitted ? "nothing" : after ? "permitted" : "no longer permitted" });
    isPermitted = after;
  });
  const correcting = new Set<string>();
  for (const { step } of entries) {
    if (step?.type === "contain") correcting.add(step.incident);
    else if (step !== undefined) correcting.delete(step.incident);
  }
  const corrected = correcting.size === 0 ? "" : `; as corrected by incident ${[...correcting].join(", ")}`;
  return {
    kind: kindName(contacts.points.kind(point)),
    number: point,
    isPermitted,
    why: why(granted, excluded, revoked) + corrected,
    history,
  };
}

function eventCovers(type: number, purpose: number): string {
  if (EVENT_TYPES[type] !== "withdraw") return "everything";
  return purposeNames[purpose] ?? "all of marketing, ads and share";
}

function why(granted: number, excluded: number, revoked: number): string {
  const at = (ms: number): string => new Date(ms).toISOString();
  switch (verdictOf(granted, excluded, revoked)) {
    case "never-given":
      return "never given for ads.match under a notice of its own account, verified";
    case "revoked":
      return `taken away at ${at(revoked)}, not before the last grant for ads.match at ${at(granted)}`;
    case "excluded":
      return `given under an exclusive notice at ${at(excluded)}, not before the last grant for ads.match at ${at(granted)}`;
    case "permitted":
      return `given for ads.match at ${at(granted)}, after every exclusive promise and withdrawal`;
  }
}
