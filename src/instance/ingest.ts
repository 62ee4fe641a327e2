/**
 * Intake of contacts: a run of batches from one source, each batch one leaf.
 *
 * A source without a limit is taken batch by batch, as it comes. For a source with a limit, and for a dry
 * run, the whole run is read first (parsed columns only) and planned as one: what it would newly permit is
 * counted, and either all of it becomes durable in one transaction, or nothing of it is kept.
 */
import { createHmac } from "node:crypto";
import {
  type Change,
  type ContactBatch,
  type ContactsInputOptions,
  encodeGrants,
  encodeTokens,
  type GrantHeader,
  type GrantPlan,
  type NewTokens,
  planGrants,
  REFUSAL_COLUMNS,
  type Refusals,
  readContacts,
  refusalOf,
  rejectLines,
  settleTokens,
  tokenRequest,
} from "../intake/index.js";
import { LeafKind } from "../ledger/index.js";
import type { Source } from "../purpose/index.js";
import type { RunResult } from "./control.js";
import { InstanceError } from "./error.js";
import { type RefusedRow, type RejectOptions, Rejects } from "./rejects.js";
import type { Solely } from "./solely.js";
import type { Sealed } from "./writer.js";

/** Rows of a run that is planned as a whole. */
export const MAX_STAGED_ROWS = 16_000_000;
/** Batches that may be on their way to the disk. */
const MAX_BATCHES_ON_THE_WAY = 3;
const ALL_TAGS = 0xffff;

export interface IngestOptions extends RejectOptions {
  readonly source: string;
  readonly actor: string;
  readonly format?: ContactsInputOptions["format"];
  readonly region?: string | undefined;
  readonly dryRun?: boolean;
  readonly idempotencyKey?: string | undefined;
  readonly onProgress?: (rows: number) => void;
  readonly onWarning?: (warning: string) => void;
}

export interface IngestResult extends RunResult {
  /** The file of refused rows, when there are any. */
  readonly rejectFile: string | null;
  /** The first refused rows, as many as were asked for. */
  readonly refusedRows: readonly RefusedRow[];
}

interface Run {
  readonly solely: Solely;
  readonly source: Source;
  readonly options: IngestOptions;
  /** Contact points below this number were known before the run. */
  readonly knownBefore: number;
  rows: number;
  accepted: number;
  duplicates: number;
  refused: number;
  freed: number;
}

/**
 * Takes contacts in.
 *
 * @example await ingest(solely, "contacts.csv", { source: "local", actor: "operator:alice" })
 * @throws {PurposeError} code `unknown-source`
 * @throws {IntakeError} when the input as a whole can't be read
 * @throws {InstanceError} codes `freed-limit` (with the run's digest), `run-too-large`
 */
export async function ingest(
  solely: Solely,
  input: string | AsyncIterable<Uint8Array>,
  options: IngestOptions,
): Promise<IngestResult> {
  const { control, contacts } = solely.state;
  const source = control.sources.get(options.source);
  const idempotencyKey = options.idempotencyKey && keyedDigest(solely, `run ${source.name}`, options.idempotencyKey);
  const earlier = idempotencyKey === undefined ? undefined : control.run(idempotencyKey);
  if (earlier !== undefined) return { ...earlier, rejectFile: null, refusedRows: [] };
  const run: Run = {
    solely,
    source,
    options,
    knownBefore: contacts.points.count,
    rows: 0,
    accepted: 0,
    duplicates: 0,
    refused: 0,
    freed: 0,
  };
  const rejects = new Rejects(options);
  const batches = readContacts(input, {
    identityKey: solely.identityKey,
    batchKey: solely.batchKey,
    source: source.name,
    vouches: source.vouches,
    context: `contacts ${source.name} ${source.vouches} ${options.region ?? ""}`,
    notices: control.notices.table(),
    format: options.format,
    region: options.region,
    nowMs: Date.now(),
    onWarning: options.onWarning,
  });
  try {
    const counted = count(run, batches, rejects);
    if (options.dryRun === true || source.freedLimit !== null) await takeWhole(run, counted);
    else await takeAsItComes(run, counted);
  } finally {
    await rejects.close();
  }
  const { rows, accepted, duplicates, refused, freed } = run;
  const result: RunResult = { rows, accepted, duplicates, refused, freed };
  if (idempotencyKey !== undefined && options.dryRun !== true) {
    await solely.record({ type: "run", actor: options.actor, idempotencyKey, result });
  }
  await solely.snapshotIfDue();
  return { ...result, rejectFile: rejects.file, refusedRows: rejects.kept };
}

/** A digest under the batch key: says nothing to who does not hold it. */
export function keyedDigest(solely: Solely, context: string, text: string | Uint8Array): string {
  return createHmac("sha256", solely.batchKey).update(`${context}\0`).update(text).digest("hex");
}

async function* count(run: Run, batches: AsyncIterable<ContactBatch>, rejects: Rejects): AsyncGenerator<ContactBatch> {
  for await (const batch of batches) {
    run.rows += batch.totalRows;
    run.refused += batch.totalRows - batch.rows;
    await addRefusals(rejects, batch.refusals);
    run.options.onProgress?.(run.rows);
    if (batch.rows > 0) yield batch;
  }
}

/** Notes the refused rows of a batch. */
export function addRefusals(rejects: Rejects, refusals: Refusals): Promise<void> {
  const row = (i: number): RefusedRow => {
    const { name, reason, fix } = refusalOf(refusals.code[i]!);
    return { line: refusals.line[i]!, column: REFUSAL_COLUMNS[refusals.column[i]!]!, code: name, reason, fix };
  };
  return rejects.add(refusals.count, row, () => rejectLines(refusals));
}

/** Batch by batch; a few may be on their way to the disk while the next is planned. */
async function takeAsItComes(run: Run, batches: AsyncIterable<ContactBatch>): Promise<void> {
  const { solely } = run;
  const onTheWay: Promise<void>[] = [];
  let failure: unknown;
  for await (const batch of batches) {
    const known = solely.state.remembered(hex(batch.digest), Date.now());
    if (known !== undefined && known === batch.rows && batch.rows === batch.totalRows) {
      run.duplicates += known;
      continue;
    }
    await solely.writer.capacity();
    const durable = await solely.writer.exclusive(async () => {
      const planned = await planBatch(run, batch, solely.writer.position);
      return planned === undefined ? undefined : { done: solely.writer.seal(planned) };
    });
    if (durable === undefined) continue;
    onTheWay.push(
      durable.done.catch((error: unknown) => {
        failure ??= error;
      }),
    );
    if (onTheWay.length >= MAX_BATCHES_ON_THE_WAY) await onTheWay.shift();
    if (failure !== undefined) break;
  }
  await Promise.all(onTheWay);
  if (failure !== undefined) throw failure;
}

/** All or nothing, and nothing in a dry run. */
async function takeWhole(run: Run, batches: AsyncIterable<ContactBatch>): Promise<void> {
  const { solely, source, options } = run;
  const staged: ContactBatch[] = [];
  let rows = 0;
  for await (const batch of batches) {
    rows += batch.rows;
    if (rows > MAX_STAGED_ROWS) {
      throw new InstanceError(
        "run-too-large",
        `a run that is judged as a whole has at most ${MAX_STAGED_ROWS} rows`,
        "feed it in several files",
      );
    }
    staged.push(batch);
  }
  const digest = keyedDigest(solely, `batch ${source.name}`, Buffer.concat(staged.map((batch) => batch.digest)));
  const durable = await solely.writer.exclusiveSettled(async () => {
    const planned: Sealed[] = [];
    const undo = () => {
      for (const sealed of planned.splice(0).reverse()) sealed.undo();
    };
    try {
      for (const batch of staged) {
        const sealed = await planBatch(run, batch, solely.writer.position + planned.length);
        if (sealed !== undefined) planned.push(sealed);
      }
    } catch (error) {
      undo();
      throw error;
    }
    if (options.dryRun === true) {
      undo();
      return undefined;
    }
    const sum = solely.state.control.sources.freed(source.name, Date.now()) + run.freed;
    const isOver = source.freedLimit !== null && run.freed > 0 && sum > source.freedLimit;
    if (isOver && !solely.state.control.sources.isApproved(source.name, digest)) {
      undo();
      return { refused: { digest, freed: run.freed, sum } };
    }
    return { done: solely.writer.seal(joined(planned)) };
  });
  if (durable === undefined) return;
  if (durable.refused === undefined) {
    await durable.done;
    return;
  }
  await solely.record({ type: "run-refused", actor: options.actor, source: source.name, digest, freed: run.freed });
  throw new InstanceError(
    "freed-limit",
    `the run would newly permit ${run.freed} contact points that were given for security or under an exclusive notice; ` +
      `with that, ${source.name} would have ${durable.refused.sum} in 30 days, over its limit of ${source.freedLimit}`,
    `if that is right: solely source free ${source.name} ${digest} --as OPERATOR, a second operator approves, then feed the same bytes again`,
    { digest, freed: run.freed, limit: source.freedLimit ?? 0 },
  );
}

function joined(planned: readonly Sealed[]): Sealed {
  return {
    entries: planned.flatMap((sealed) => sealed.entries),
    publish: async () => {
      for (const sealed of planned) await sealed.publish();
    },
    undo: () => {
      for (const sealed of [...planned].reverse()) sealed.undo();
    },
  };
}

/** Plans one batch as the leaf at `position`; undefined when it changes nothing. Only inside a section. */
async function planBatch(run: Run, batch: ContactBatch, position: number): Promise<Sealed | undefined> {
  const { solely, options, source } = run;
  const { contacts, control } = solely.state;
  const change = contacts.begin(position, run.knownBefore);
  try {
    const plan = planGrants(contacts, control.notices, change, batch);
    const fresh = options.dryRun === true ? undefined : await makeTokens(solely, plan);
    run.accepted += batch.rows - plan.duplicates;
    run.duplicates += plan.duplicates;
    run.freed += change.freed;
    if (plan.rows.count === 0) {
      contacts.undo(change);
      return undefined;
    }
    const header: GrantHeader = {
      source: source.name,
      actor: options.actor,
      digest: hex(batch.digest),
      good: batch.rows,
      refused: batch.totalRows - batch.rows,
      freed: change.freed,
    };
    return sealGrants(solely, change, plan, header, fresh);
  } catch (error) {
    contacts.undo(change);
    throw error;
  }
}

async function makeTokens(solely: Solely, plan: GrantPlan): Promise<NewTokens> {
  const { contacts, control } = solely.state;
  const request = tokenRequest(contacts, control.notices, plan);
  const { tokens, known } = await solely.matcher.tokenise(request.digests, request.kinds, request.ordinals);
  return settleTokens(contacts, plan, request, tokens, known);
}

function sealGrants(
  solely: Solely,
  change: Change,
  plan: GrantPlan,
  header: GrantHeader,
  fresh: NewTokens | undefined,
): Sealed {
  const { state } = solely;
  if (fresh === undefined) return { entries: [], publish: () => {}, undo: () => state.contacts.undo(change) };
  const { root, body } = encodeGrants(state.contacts, plan, header);
  const atMs = Date.now();
  const notices = plan.rows.notice.slice(0, plan.rows.count);
  const hasNewcomers = state.contacts.points.count > change.firstPoint;
  return {
    entries: [solely.leaf(LeafKind.contacts, root, body, fresh.count === 0 ? undefined : encodeTokens(fresh), atMs)],
    publish: async () => {
      state.contacts.publish(change);
      state.noteLeaf(change.position, atMs);
      state.learnGrants(change.position, atMs, hasNewcomers ? change.firstPoint : undefined, notices, header);
      await settleIndex(solely, change);
      await solely.matcher.insert({ tokens: fresh.token, ordinals: fresh.ordinal, marks: fresh.mark });
      state.rowsSinceSnapshot += notices.length;
    },
    undo: () => state.contacts.undo(change),
  };
}

/** Takes the tokens of ended stretches and dead spellings out of the index, and notes who left. */
export async function settleIndex(solely: Solely, change: Change): Promise<void> {
  solely.state.audiences.retire(change.ended, change.position);
  const ordinals = Uint32Array.from([...change.ended, ...change.droppedOrdinals]);
  const tags = Uint16Array.from([...change.ended.map(() => ALL_TAGS), ...change.droppedTags]);
  await solely.matcher.drop(ordinals, tags);
}

const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
