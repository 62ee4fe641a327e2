/**
 * Reveal: contacts in the clear, for one purpose, to a service's key that is bound to it or to an operator who signed.
 *
 * Only what the account itself gave and what may be used for that purpose now. Every request is a leaf of the ledger with
 * its actor and reason, durable before a value is read; refused ones too, so that probing shows and counts.
 */
import { type AccessRooms, type ApiKey, type RevealTerms, stopKey } from "../access/index.js";
import { KINDS } from "../contact/index.js";
import { type Contacts, GrantError } from "../grant/index.js";
import { LeafKind } from "../ledger/index.js";
import type { Log } from "../log/index.js";
import { type Decisions, type Proposal, parseProposal, type Signed } from "../operator/index.js";
import type { Permit, PurposeGate } from "../purpose/index.js";
import { isSealedPurpose, type SealedPurpose } from "./compartment.js";
import { VaultError } from "./error.js";
import { VAULT_LIMITS } from "./limits.js";
import { DAY_MS, HOUR_MS, MINUTE_MS, type RevealAction, type RevealFact, type Reveals } from "./reveals.js";
import type { GivenValue, Vault } from "./vault.js";

export interface RevealRooms extends AccessRooms {
  readonly log: Log;
  readonly gate: PurposeGate;
  readonly contacts: Contacts;
  readonly vault: Vault;
  readonly reveals: Reveals;
  readonly decisions: Decisions;
}

/** Contacts of one kind of an account. */
export interface AskedContact {
  readonly account: string;
  readonly kind: string;
}

export interface RevealedContact extends AskedContact {
  /** The one that was given last first; empty where `refused` says why. */
  readonly contacts: readonly { readonly value: string; readonly givenAt: string }[];
  /** `not-given`: not for this purpose, not by the account itself, or taken back; `not-kept`: the vault has no value. */
  readonly refused?: "not-given" | "not-kept";
}

export interface RevealResult {
  readonly purpose: SealedPurpose;
  /** Ledger position of the reveal. */
  readonly position: number;
  readonly revealed: readonly RevealedContact[];
}

/**
 * Reveals contacts to a service. Past its rate or its daily volume the key is stopped for good, and nothing is told.
 * @throws {VaultError} codes `too-many-contacts`, `invalid-reason`, `key-stopped`
 */
export async function revealToService(
  rooms: RevealRooms,
  key: ApiKey & { readonly reveals: RevealTerms },
  { asked, reason }: { readonly asked: readonly AskedContact[]; readonly reason: string },
): Promise<RevealResult> {
  if (asked.length === 0 || asked.length > VAULT_LIMITS.revealContacts) {
    throw new VaultError(
      "too-many-contacts",
      `a reveal asks for 1 to ${VAULT_LIMITS.revealContacts} contacts`,
      "send several requests",
    );
  }
  const { purpose, perMinute, perDay } = key.reveals;
  const actor = `key:${key.id}`;
  const points = asked.map(({ account, kind }) => pointsOf(rooms.contacts, account, kind));
  const head = { type: "reveal", actor, purpose: purposeOf(purpose), reason: reasonOf(reason) } as const;
  let excess: string | undefined;
  try {
    return await reveal(rooms, head, asked, points, (nowMs) => {
      if (rooms.access.keys().find(({ id }) => id === key.id)?.revokedAtMs !== undefined) throw stopped();
      for (const [most, windowMs, window] of [
        [perMinute, MINUTE_MS, "a minute"],
        [perDay, DAY_MS, "a day"],
      ] as const) {
        if (rooms.reveals.asked(actor, nowMs - windowMs) + asked.length <= most) continue;
        excess = `it asked for more than ${most} contacts in ${window}`;
        throw stopped();
      }
      return {};
    });
  } catch (error) {
    if (excess !== undefined) await stopKey(rooms, key.id, excess);
    throw error;
  }
}

const stopped = (): VaultError =>
  new VaultError(
    "key-stopped",
    "the key asked for more contacts than it may, and is stopped",
    "operators are told; they find out why, and make another key",
  );

/**
 * Reveals contact points to the operator who signed the request: an action `contact.reveal`, as a proposal is signed.
 * Past the operator's limit it needs to be proposed and approved by another operator first, each one of its own.
 * @throws {OperatorError} when the signature does not hold
 * @throws {VaultError} codes `stale-request`, `reveal-limit`, `not-given`
 */
export async function revealToOperator(rooms: RevealRooms, signed: Signed): Promise<RevealResult> {
  const { reveals, contacts, decisions } = rooms;
  const { action: unchecked } = parseProposal(signed);
  if (unchecked.type !== "contact.reveal") throw stale("this is no request to reveal contacts");
  const points = unchecked.contacts.filter((number) => number < contacts.points.count);
  const head = { type: "reveal", purpose: purposeOf(unchecked.purpose), reason: reasonOf(unchecked.reason) } as const;
  const asked: AskedContact[] = points.map((point) => ({
    account: contacts.accountName(contacts.points.account[point]!),
    kind: KINDS[contacts.points.kind(point)] ?? "",
  }));
  const result = await reveal(
    rooms,
    { ...head, actor: `operator:${signed.operator}` },
    asked,
    points.map((point) => [point]),
    (nowMs) => {
      const request = decisions.operators.checkProposal(signed);
      requireFresh(reveals, request, nowMs);
      const { by, action } = request as typeof request & { readonly action: RevealAction };
      const isWithin = reveals.count(`operator:${by}`, nowMs - HOUR_MS) < VAULT_LIMITS.operatorRevealsPerHour;
      if (isWithin) return { signed };
      const approval = reveals.approval(by, action, nowMs);
      if (approval !== undefined) return { signed, approval };
      throw new VaultError(
        "reveal-limit",
        `${by} has revealed contacts ${VAULT_LIMITS.operatorRevealsPerHour} times in an hour`,
        "another operator approves this one, then ask again",
      );
    },
  );
  if (result.revealed.some(({ refused }) => refused === undefined)) return result;
  throw new VaultError(
    "not-given",
    `the contact may not be used for ${head.purpose}`,
    "solely explain says what it was given for",
  );
}

function requireFresh(reveals: Reveals, { id, at }: Omit<Proposal, "position">, nowMs: number): void {
  if (reveals.isDone(id)) throw stale("this request was done before");
  if (Math.abs(nowMs - Date.parse(at)) > VAULT_LIMITS.requestAgeMs) throw stale("this request was signed too long ago");
}

const stale = (message: string): VaultError => new VaultError("stale-request", message, "sign a new one");

/** The contact points of a kind of an account, the newest first; none if either is unknown. */
export function pointsOf(contacts: Contacts, account: string, kind: string): number[] {
  const number = contacts.findAccount(account);
  const code = KINDS.indexOf(kind as (typeof KINDS)[number]);
  if (code < 0) throw new GrantError("malformed-value", "there is no such kind of contact", { field: "kind" });
  if (number === undefined) return [];
  return contacts.pointsOf(number).filter((point) => contacts.points.kind(point) === code);
}

function purposeOf(name: string): SealedPurpose {
  if (isSealedPurpose(name)) return name;
  throw new VaultError(
    "unknown-compartment",
    "nothing is revealed for this purpose",
    "name a leaf such as security.mfa",
  );
}

function reasonOf(reason: string): string {
  const trimmed = reason.trim();
  if (trimmed !== "" && trimmed.length <= VAULT_LIMITS.reasonLength) return trimmed;
  throw new VaultError(
    "invalid-reason",
    `a reason has 1 to ${VAULT_LIMITS.reasonLength} characters`,
    "say why, and no contact in it",
  );
}

/** Judges, makes the leaf durable, and only then opens. */
async function reveal(
  rooms: RevealRooms,
  head: Omit<RevealFact, "contacts" | "asked">,
  asked: readonly AskedContact[],
  points: readonly (readonly number[])[],
  admit: (nowMs: number) => Pick<RevealFact, "signed" | "approval">,
): Promise<RevealResult> {
  let permit: Permit<SealedPurpose> | undefined;
  const position = await rooms.log.record(LeafKind.reveal, (timeMs) => {
    const admitted = admit(timeMs);
    permit = rooms.gate.permitOf(head.purpose, points.flat());
    const fact: RevealFact = { ...head, ...admitted, contacts: [...permit.ordinals], asked: asked.length };
    return Buffer.from(JSON.stringify(fact));
  });
  const values = await rooms.vault.open(permit!, points.flat());
  const revealed = asked.map(({ account, kind }, i): RevealedContact => {
    const given = points[i]!.map((point) => values.get(point)).filter((one): one is GivenValue => one !== undefined);
    const told = given
      .sort((a, b) => b.givenAtMs - a.givenAtMs)
      .map(({ value, givenAtMs }) => ({ value, givenAt: new Date(givenAtMs).toISOString() }));
    if (told.length > 0) return { account, kind, contacts: told };
    const isPermitted = points[i]!.some((point) => permit!.ordinals.has(point));
    return { account, kind, contacts: [], refused: isPermitted ? "not-kept" : "not-given" };
  });
  return { purpose: head.purpose, position, revealed };
}
