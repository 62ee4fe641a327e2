/**
 * Events and accounts: each batch is one leaf, and counts before it is acknowledged.
 */
import { encodeAccounts, encodeEvents, planEvents } from "../grant/index.js";
import { type InputFormat, type RefusedRow, type RejectOptions, Rejects } from "../input/index.js";
import { LeafKind } from "../ledger/index.js";
import { type AccountBatch, readAccounts } from "./accounts.js";
import { type EventBatch, type EventsInputOptions, readEvents } from "./events.js";
import { settleIndex } from "./ingest.js";
import { intakeRefusals } from "./refusal.js";
import type { IntakeRooms } from "./rooms.js";

export interface TakeResult {
  readonly rows: number;
  readonly accepted: number;
  readonly refused: number;
  readonly rejectFile: string | null;
  readonly refusedRows: readonly RefusedRow[];
}

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
 * Takes events in: withdrawals, erasures, losses of ownership (NDJSON). In effect in every audience when this
 * returns.
 *
 * @example await takeEvents(solely, "events.ndjson", { actor: "job" })
 */
export async function takeEvents(rooms: IntakeRooms, input: Input, options: TakeOptions): Promise<TakeResult> {
  const { actor, format = "ndjson" } = options;
  const read = (common: Reading) => readEvents(input, { ...common, format, identityKey: rooms.identityKey });
  return take(read, options, (batch) => takeEventBatch(rooms, batch, actor));
}

/** Takes in what the platform knows of accounts (CSV, NDJSON or Parquet); fields that a row leaves out stay. */
export async function takeAccounts(rooms: IntakeRooms, input: Input, options: TakeOptions): Promise<TakeResult> {
  const { actor, format } = options;
  const read = (common: Reading) => readAccounts(input, { ...common, format });
  return take(read, options, (batch) => takeAccountBatch(rooms, batch, actor));
}

/** What both readers are told. */
type Reading = Pick<EventsInputOptions, "region" | "onWarning" | "onShare">;

async function take<B extends EventBatch | AccountBatch>(
  read: (common: Reading) => AsyncIterable<B>,
  options: TakeOptions,
  one: (batch: B) => Promise<void>,
): Promise<TakeResult> {
  const { region, onWarning, onProgress } = options;
  const rejects = new Rejects(intakeRefusals, options);
  let [rows, accepted, share] = [0, 0, 0];
  const batches = read({ region, onWarning, onShare: (read) => (share = read) });
  try {
    for await (const batch of batches) {
      rows += batch.totalRows;
      await rejects.add(batch.refusals);
      if (batch.rows > 0) await one(batch);
      accepted += batch.rows;
      onProgress?.(rows, share);
    }
  } finally {
    await rejects.close();
  }
  const refused = rows - accepted;
  return { rows, accepted, refused, rejectFile: rejects.file, refusedRows: rejects.kept };
}

async function takeEventBatch({ log, grants, matcher }: IntakeRooms, batch: EventBatch, actor: string): Promise<void> {
  const { contacts } = grants;
  await log.writer.capacity();
  const { done } = await log.writer.exclusive(() => {
    const change = contacts.begin(log.writer.position);
    const undo = () => contacts.undo(change);
    try {
      const rows = planEvents(contacts, change, batch);
      const facts = encodeEvents(contacts, change, rows, { actor });
      const entry = log.entry({ kind: LeafKind.events, timeMs: Date.now(), ...facts });
      const arrived = grants.noteOnTheWay(change);
      const publish = async () => {
        contacts.publish(change);
        await settleIndex(matcher, change).finally(arrived);
      };
      const takeBack = () => {
        arrived();
        undo();
      };
      return { done: log.writer.seal({ entries: [entry], publish, undo: takeBack }) };
    } catch (error) {
      undo();
      throw error;
    }
  });
  await done;
}

async function takeAccountBatch({ log, grants }: IntakeRooms, batch: AccountBatch, actor: string): Promise<void> {
  const { contacts, accountFacts } = grants;
  await log.writer.capacity();
  const { done } = await log.writer.exclusive(() => {
    const change = contacts.begin(log.writer.position);
    const undo = () => contacts.undo(change);
    try {
      const facts = encodeAccounts(contacts, batch, actor);
      const body = facts.body.slice(); // the entry's own is given away
      const entry = log.entry({ kind: LeafKind.accounts, timeMs: Date.now(), ...facts });
      const publish = () => accountFacts.apply(body, facts.keys, contacts);
      return { done: log.writer.seal({ entries: [entry], publish, undo }) };
    } catch (error) {
      undo();
      throw error;
    }
  });
  await done;
}
