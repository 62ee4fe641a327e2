/**
 * Events and accounts: each batch is one leaf, and counts before it is acknowledged.
 */
import {
  type AccountBatch,
  type EventBatch,
  encodeAccounts,
  encodeEvents,
  type InputFormat,
  planEvents,
  readAccounts,
  readEvents,
} from "../intake/index.js";
import { LeafKind } from "../ledger/index.js";
import { purposeNames } from "../purpose/index.js";
import { addRefusals, settleIndex } from "./ingest.js";
import { type RefusedRow, type RejectOptions, Rejects } from "./rejects.js";
import type { Solely } from "./solely.js";

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
  readonly onWarning?: (warning: string) => void;
}

type Input = string | AsyncIterable<Uint8Array>;

/**
 * Takes events in: withdrawals, erasures, losses of ownership (NDJSON). In effect in every audience when this
 * returns.
 *
 * @example await takeEvents(solely, "events.ndjson", { actor: "job" })
 */
export async function takeEvents(solely: Solely, input: Input, options: TakeOptions): Promise<TakeResult> {
  const batches = readEvents(input, {
    identityKey: solely.identityKey,
    purposes: purposeNames,
    region: options.region,
    format: options.format ?? "ndjson",
    nowMs: Date.now(),
    onWarning: options.onWarning,
  });
  return take(batches, options, (batch) => takeEventBatch(solely, batch, options.actor));
}

/** Takes in what the platform knows of accounts (CSV, NDJSON or Parquet); fields that a row leaves out stay. */
export async function takeAccounts(solely: Solely, input: Input, options: TakeOptions): Promise<TakeResult> {
  const batches = readAccounts(input, { format: options.format, nowMs: Date.now(), onWarning: options.onWarning });
  return take(batches, options, (batch) => takeAccountBatch(solely, batch, options.actor));
}

async function take<B extends EventBatch | AccountBatch>(
  batches: AsyncIterable<B>,
  options: TakeOptions,
  one: (batch: B) => Promise<void>,
): Promise<TakeResult> {
  const rejects = new Rejects(options);
  let [rows, accepted] = [0, 0];
  try {
    for await (const batch of batches) {
      rows += batch.totalRows;
      await addRefusals(rejects, batch.refusals);
      if (batch.rows > 0) await one(batch);
      accepted += batch.rows;
    }
  } finally {
    await rejects.close();
  }
  const refused = rows - accepted;
  return { rows, accepted, refused, rejectFile: rejects.file, refusedRows: rejects.kept };
}

async function takeEventBatch(solely: Solely, batch: EventBatch, actor: string): Promise<void> {
  const { state, writer } = solely;
  await writer.capacity();
  const { done } = await writer.exclusive(() => {
    const change = state.contacts.begin(writer.position);
    try {
      const rows = planEvents(state.contacts, change, batch);
      const { root, body } = encodeEvents(state.contacts, change, rows, { actor });
      const atMs = Date.now();
      const hasNewcomers = state.contacts.points.count > change.firstPoint;
      const done = writer.seal({
        entries: [solely.leaf(LeafKind.events, root, body, undefined, atMs)],
        publish: async () => {
          state.contacts.publish(change);
          state.noteLeaf(change.position, atMs);
          if (hasNewcomers) state.newcomersAt.push({ position: change.position, first: change.firstPoint });
          await settleIndex(solely, change);
          state.rowsSinceSnapshot += rows.count;
        },
        undo: () => state.contacts.undo(change),
      });
      return { done };
    } catch (error) {
      state.contacts.undo(change);
      throw error;
    }
  });
  await done;
}

async function takeAccountBatch(solely: Solely, batch: AccountBatch, actor: string): Promise<void> {
  const { state, writer } = solely;
  await writer.capacity();
  const { done } = await writer.exclusive(() => {
    const change = state.contacts.begin(writer.position);
    const { root, body } = encodeAccounts(state.contacts, batch, actor);
    const atMs = Date.now();
    const done = writer.seal({
      entries: [solely.leaf(LeafKind.accounts, root, body, undefined, atMs)],
      publish: () => {
        state.noteLeaf(change.position, atMs);
        state.people.apply(body, state.contacts);
      },
      undo: () => state.contacts.undo(change),
    });
    return { done };
  });
  await done;
}
