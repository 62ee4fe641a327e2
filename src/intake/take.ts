/**
 * Events and accounts: each batch is a leaf, and counts before it is acknowledged. Erasures are leaves of their own.
 */
import {
  EVENT_TYPES,
  type EventColumns,
  encodeAccounts,
  encodeErasures,
  encodeEvents,
  nameOf,
  planErasures,
  planEvents,
  selectEvents,
  uncoveredEvents,
  withoutErased,
} from "../grant/index.js";
import { type InputFormat, type RefusedRow, type RejectOptions, Rejects } from "../input/index.js";
import { LeafKind } from "../ledger/index.js";
import { erasureRewrites, VAULT_LIMITS } from "../vault/index.js";
import { type AccountBatch, readAccounts } from "./accounts.js";
import { type EventBatch, type EventsInputOptions, readEvents } from "./events.js";
import { erasedRows, sealedChange } from "./ingest.js";
import { intakeRefusals } from "./refusal.js";
import type { IntakeRooms } from "./rooms.js";

export interface TakeResult {
  readonly rows: number;
  readonly accepted: number;
  readonly refused: number;
  readonly rejectFile: string | null;
  readonly refusedRows: readonly RefusedRow[];
}

export interface EventsResult extends TakeResult {
  /** Accounts that erasures were about and that were known, with the audiences that each left by them. */
  readonly erased: readonly { readonly account: string; readonly audiences: readonly string[] }[];
}

/** Audiences that accounts have left, by account. */
type AudiencesLeft = Map<string, readonly string[]>;

const ERASE = EVENT_TYPES.indexOf("erase");

export interface TakeOptions extends RejectOptions {
  readonly actor: string;
  readonly format?: InputFormat | undefined;
  readonly region?: string | undefined;
  /** @param share how much of a file is read, 0 to 1; 0 while it is not known */
  readonly onProgress?: (rows: number, share: number) => void;
  readonly onWarning?: (warning: string) => void;
}

type Input = string | AsyncIterable<Uint8Array>;

/**
 * Takes events in: withdrawals, erasures, losses of ownership (NDJSON). In effect in every audience when this returns;
 * what was erased is destroyed in every row and in memory, and leaves the bytes on disk by compaction.
 *
 * @example await takeEvents(solely, "events.ndjson", { actor: "job" })
 */
export async function takeEvents(rooms: IntakeRooms, input: Input, options: TakeOptions): Promise<EventsResult> {
  const { actor, format = "ndjson" } = options;
  const read = (common: Reading) => readEvents(input, { ...common, format, identityKey: rooms.identityKey });
  const left: AudiencesLeft = new Map();
  const counted = { tally: rooms.refusals, of: "events" } as const;
  const taken = await take(read, options, counted, (batch) => takeEventBatch(rooms, batch, actor, left));
  return { ...taken, erased: [...left].map(([account, audiences]) => ({ account, audiences })) };
}

/** Takes in what the platform knows of accounts (CSV, NDJSON or Parquet); fields that a row leaves out stay. */
export async function takeAccounts(rooms: IntakeRooms, input: Input, options: TakeOptions): Promise<TakeResult> {
  const { actor, format } = options;
  const read = (common: Reading) => readAccounts(input, { ...common, format });
  const counted = { tally: rooms.refusals, of: "accounts" } as const;
  return take(read, options, counted, (batch, rejects) => takeAccountBatch(rooms, batch, actor, rejects));
}

/** What both readers are told. */
type Reading = Pick<EventsInputOptions, "region" | "onWarning" | "onShare">;

async function take<B extends EventBatch | AccountBatch>(
  read: (common: Reading) => AsyncIterable<B>,
  { region, onWarning, onProgress, ...options }: TakeOptions,
  counted: ConstructorParameters<typeof Rejects>[2],
  one: (batch: B, rejects: Rejects) => Promise<number>,
): Promise<TakeResult> {
  const rejects = new Rejects(intakeRefusals, options, counted);
  let [rows, accepted, share] = [0, 0, 0];
  const batches = read({ region, onWarning, onShare: (read) => (share = read) });
  try {
    for await (const batch of batches) {
      rows += batch.totalRows;
      await rejects.add(batch.refusals);
      if (batch.rows > 0) accepted += await one(batch, rejects);
      onProgress?.(rows, share);
    }
  } finally {
    await rejects.close();
  }
  const refused = rows - accepted;
  return { rows, accepted, refused, rejectFile: rejects.file, refusedRows: rejects.kept };
}

/** @returns rows that were accepted */
async function takeEventBatch(
  rooms: IntakeRooms,
  batch: EventBatch,
  actor: string,
  left: AudiencesLeft,
): Promise<number> {
  const rows = [...batch.type.keys()];
  const erasures = rows.filter((row) => batch.type[row] === ERASE);
  const others = erasures.length === 0 ? [] : rows.filter((row) => batch.type[row] !== ERASE);
  if (erasures.length === 0) await takeWithdrawals(rooms, batch, actor);
  else if (others.length > 0) await takeWithdrawals(rooms, selectEvents(batch, others), actor);
  for (let first = 0; first < erasures.length; first += VAULT_LIMITS.erasureRows) {
    const some = erasures.slice(first, first + VAULT_LIMITS.erasureRows);
    await takeErasures(rooms, selectEvents(batch, some), actor, left);
  }
  return batch.rows;
}

function takeWithdrawals(rooms: IntakeRooms, batch: EventColumns, actor: string): Promise<void> {
  return rooms.gathering.add(batch, actor, (gathered) => commitWithdrawals(rooms, gathered, actor));
}

async function commitWithdrawals(
  { log, grants, matcher, tombstoneKey }: IntakeRooms,
  batch: EventColumns,
  actor: string,
): Promise<void> {
  const { contacts } = grants;
  await log.writer.capacity();
  const durable = await log.writer.exclusive(() => {
    const kept = uncoveredEvents(contacts.tombstones, tombstoneKey, batch);
    if (kept.rows === 0) return undefined;
    const change = contacts.begin(log.writer.position);
    const undo = () => contacts.undo(change);
    try {
      const rows = planEvents(contacts, change, kept);
      const facts = encodeEvents(contacts, change, rows, { actor });
      const entry = log.entry({ kind: LeafKind.events, timeMs: log.writer.nowMs(), ...facts });
      return { done: log.writer.seal(sealedChange({ grants, matcher }, change, entry)) };
    } catch (error) {
      undo();
      throw error;
    }
  });
  await durable?.done;
}

/** Erasures are planned when everything before them is durable: they rewrite rows that are there. */
async function takeErasures(
  rooms: IntakeRooms,
  batch: EventColumns,
  actor: string,
  left: AudiencesLeft,
): Promise<void> {
  const { log, grants, matcher, tombstoneKey } = rooms;
  const { contacts } = grants;
  const { done } = await log.writer.exclusiveSettled(async () => {
    const change = contacts.begin(log.writer.position);
    const undo = () => contacts.undo(change);
    try {
      const before = ordinalsByAccount(rooms, batch);
      const { rows, erased } = planErasures(contacts, change, batch, tombstoneKey, grants.accountFacts.told);
      const rewrites = await erasureRewrites({ store: log.store, contacts, vault: rooms.vault }, erased);
      const timeMs = log.writer.nowMs();
      const facts = encodeErasures(rows, { actor });
      const entry = log.entry({ kind: LeafKind.erasure, timeMs, ...facts, rewrites });
      noteLeaving(rooms, before, new Set(change.ended.values), left);
      const learn = () => grants.noteErasure(change.position, timeMs);
      return { done: log.writer.seal(sealedChange({ grants, matcher }, change, entry, learn)) };
    } catch (error) {
      undo();
      throw error;
    }
  });
  await done;
}

/** Ordinals of all contact points of the accounts that a batch names. */
function ordinalsByAccount({ grants }: IntakeRooms, batch: EventColumns): Map<string, number[]> {
  const { contacts } = grants;
  const ordinals = new Map<string, number[]>();
  for (let row = 0; row < batch.rows; row++) {
    const name = Buffer.from(nameOf(batch, row)).toString("utf8");
    const number = contacts.findAccount(name);
    if (number === undefined) continue;
    ordinals.set(
      name,
      contacts.pointsOf(number).map((point) => contacts.ordinalOf(point)),
    );
  }
  return ordinals;
}

/** Says which audiences accounts leave when some ordinals end; while those still count. */
function noteLeaving(
  { grants, audiences }: IntakeRooms,
  ordinals: ReadonlyMap<string, readonly number[]>,
  ended: ReadonlySet<number>,
  left: AudiencesLeft,
): void {
  const { permitted } = grants.contacts;
  for (const [name, all] of ordinals) {
    const own = all.filter((ordinal) => permitted.has(ordinal));
    const stays = new Set(audiences.holding(own.filter((ordinal) => !ended.has(ordinal))));
    const gone = audiences.holding(own).filter((audience) => !stays.has(audience));
    left.set(name, [...(left.get(name) ?? []), ...gone]);
  }
}

/** @returns rows that were accepted */
async function takeAccountBatch(
  { log, grants, tombstoneKey }: IntakeRooms,
  batch: AccountBatch,
  actor: string,
  rejects: Rejects,
): Promise<number> {
  const { contacts, accountFacts } = grants;
  await log.writer.capacity();
  const durable = await log.writer.exclusive(async () => {
    const { erased, kept } = withoutErased(contacts, tombstoneKey, batch);
    if (erased.length > 0) await rejects.add(erasedRows(batch.line, erased));
    if (kept.rows === 0) return { accepted: 0 };
    const change = contacts.begin(log.writer.position);
    const undo = () => contacts.undo(change);
    try {
      const facts = encodeAccounts(contacts, kept, actor);
      contacts.settle(change);
      const body = facts.body.slice(); // the entry's own is given away
      const entry = log.entry({ kind: LeafKind.accounts, timeMs: log.writer.nowMs(), ...facts });
      const publish = () => {
        accountFacts.apply(change.position, body, facts.keys, contacts);
        contacts.publish(change);
      };
      return { accepted: kept.rows, done: log.writer.seal({ entries: [entry], publish, undo }) };
    } catch (error) {
      undo();
      throw error;
    }
  });
  await durable.done;
  return durable.accepted;
}
