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
  type GrantHeader,
  type GrantPlan,
  grantLeaf,
  type NewTokens,
  noteKnown,
  planGrants,
  settleTokens,
  tokenRequest,
} from "../grant/index.js";
import { type InputFormat, type Refusals, type RefusedRow, type RejectOptions, Rejects } from "../input/index.js";
import { LeafKind } from "../ledger/index.js";
import type { Sealed } from "../log/index.js";
import type { Matcher } from "../match/index.js";
import type { Source } from "../purpose/index.js";
import type { Append } from "../store/index.js";
import { sealingOrder } from "../vault/index.js";
import { readContacts } from "./contacts-input.js";
import { IntakeError } from "./error.js";
import type { MadeLeaf } from "./leaf.js";
import { INTAKE_REFUSAL, intakeRefusals } from "./refusal.js";
import type { IntakeRooms } from "./rooms.js";
import type { ContactBatch } from "./rows.js";
import type { RunResult } from "./runs.js";

/** Rows of a run that is planned as a whole. */
export const MAX_STAGED_ROWS = 16_000_000;
/** Batches that may be on their way to the disk. */
const MAX_BATCHES_ON_THE_WAY = 4;
const ALL_TAGS = 0xffff;
/** Stretches that the matcher is told of in one go: an incident can end very many. */
const DROPPED_AT_ONCE = 1 << 18;

export interface IngestOptions extends RejectOptions {
  readonly source: string;
  readonly actor: string;
  readonly format?: InputFormat | undefined;
  readonly region?: string | undefined;
  readonly dryRun?: boolean;
  readonly idempotencyKey?: string | undefined;
  /** Asked whenever some of it is to count; throws to refuse. */
  readonly admit?: () => void;
  /** @param share how much of a file is read, 0 to 1; 0 while it is not known */
  readonly onProgress?: (rows: number, share: number) => void;
  readonly onWarning?: (warning: string) => void;
}

export interface IngestResult extends RunResult {
  /** The file of refused rows, when there are any. */
  readonly rejectFile: string | null;
  /** The first refused rows, as many as were asked for. */
  readonly refusedRows: readonly RefusedRow[];
}

interface Run {
  readonly rooms: IntakeRooms;
  readonly source: Source;
  readonly options: IngestOptions;
  /** Contact points below this number were known before the run counts. */
  knownBefore: number;
  /** How often notices had been retired when it began. */
  readonly retirements: number;
  /** How much of a file is read, 0 to 1. */
  share: number;
  rows: number;
  accepted: number;
  duplicates: number;
  refused: number;
  freed: number;
  readonly rejects: Rejects;
}

/**
 * Takes contacts in.
 *
 * @example await ingest(solely, "contacts.csv", { source: "local", actor: "operator:alice" })
 * @throws {PurposeError} code `unknown-source`
 * @throws {InputError} when the input as a whole can't be read
 * @throws {IntakeError} codes `freed-limit` (with the run's digest), `run-too-large`, `terms-changed`
 */
export async function ingest(
  rooms: IntakeRooms,
  input: string | AsyncIterable<Uint8Array>,
  options: IngestOptions,
): Promise<IngestResult> {
  const { log, sources, notices, grants, runs, identityKey, batchKey } = rooms;
  const source = sources.get(options.source);
  const idempotencyKey =
    options.idempotencyKey === undefined
      ? undefined
      : keyedDigest(batchKey, `run ${source.name}`, options.idempotencyKey);
  const earlier = idempotencyKey === undefined ? undefined : runs.result(idempotencyKey, Date.now());
  if (earlier !== undefined) return { ...earlier, rejectFile: null, refusedRows: [] };
  const rejects = new Rejects(
    intakeRefusals,
    options,
    options.dryRun === true ? undefined : { tally: rooms.refusals, of: "contacts" },
  );
  const run: Run = {
    rooms,
    rejects,
    source,
    options,
    knownBefore: grants.contacts.points.count,
    retirements: notices.retirements,
    share: 0,
    rows: 0,
    accepted: 0,
    duplicates: 0,
    refused: 0,
    freed: 0,
  };
  const batches = readContacts(input, {
    identityKey,
    batchKey,
    source: source.name,
    vouches: source.vouches,
    context: `contacts ${source.name} ${source.vouches} ${options.region ?? ""}`,
    notices: notices.table(),
    format: options.format,
    region: options.region,
    keepsValues: rooms.vault.keepsValues,
    onWarning: options.onWarning,
    onShare: (share) => (run.share = share),
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
    await runs.record(log, { type: "run", actor: options.actor, idempotencyKey, result });
  }
  await log.snapshotIfDue();
  return { ...result, rejectFile: rejects.file, refusedRows: rejects.kept };
}

/** A digest under the batch key: says nothing to who does not hold it. */
function keyedDigest(batchKey: Uint8Array, context: string, text: string | Uint8Array): string {
  return createHmac("sha256", batchKey).update(`${context}\0`).update(text).digest("hex");
}

async function* count(run: Run, batches: AsyncIterable<ContactBatch>, rejects: Rejects): AsyncGenerator<ContactBatch> {
  for await (const batch of batches) {
    run.rows += batch.totalRows;
    run.refused += batch.totalRows - batch.rows;
    await rejects.add(batch.refusals);
    run.options.onProgress?.(run.rows, run.share);
    if (batch.rows > 0) yield batch;
  }
}

/** Batch by batch; a few may be on their way to the disk while the next is planned. */
async function takeAsItComes(run: Run, batches: AsyncIterable<ContactBatch>): Promise<void> {
  const { log, grants } = run.rooms;
  const onTheWay: Promise<void>[] = [];
  let failure: unknown;
  for await (const batch of batches) {
    const known = grants.feeds.taken(hex(batch.digest), Date.now());
    if (known !== undefined && known === batch.rows && batch.rows === batch.totalRows) {
      run.duplicates += known;
      continue;
    }
    await log.writer.capacity();
    const durable = await log.writer.exclusive(async () => {
      // What failed was taken back just now: nothing of this run comes behind it.
      if (failure !== undefined) return undefined;
      requireTerms(run);
      const planned = await planBatch(run, batch, log.writer.position, []);
      return planned === undefined ? undefined : { done: log.writer.seal(planned) };
    });
    if (durable !== undefined) {
      onTheWay.push(
        durable.done.catch((error: unknown) => {
          failure ??= error;
        }),
      );
    }
    if (onTheWay.length >= MAX_BATCHES_ON_THE_WAY) await onTheWay.shift();
    if (failure !== undefined) break;
  }
  await Promise.all(onTheWay);
  if (failure !== undefined) throw failure;
}

/** All or nothing, and nothing in a dry run. */
async function takeWhole(run: Run, batches: AsyncIterable<ContactBatch>): Promise<void> {
  const { rooms, source, options } = run;
  const { log, sources, grants, runs, batchKey } = rooms;
  const staged: ContactBatch[] = [];
  let rows = 0;
  for await (const batch of batches) {
    rows += batch.rows;
    if (rows > MAX_STAGED_ROWS) {
      throw new IntakeError(
        "run-too-large",
        `a run that is judged as a whole has at most ${MAX_STAGED_ROWS} rows`,
        "feed it in several files",
      );
    }
    staged.push(batch);
  }
  const digest = keyedDigest(batchKey, `batch ${source.name}`, Buffer.concat(staged.map((batch) => batch.digest)));
  const durable = await log.writer.exclusiveSettled(async () => {
    requireTerms(run);
    // What came while the run was read is known before it: it may be what the run would free.
    run.knownBefore = grants.contacts.points.count;
    const planned: PlannedBatch[] = [];
    const undo = () => {
      for (const sealed of planned.splice(0).reverse()) sealed.undo();
    };
    try {
      for (const batch of staged) {
        const sealed = await planBatch(run, batch, log.writer.position + planned.length, planned);
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
    const sum = sources.freed(source.name, Date.now()) + run.freed;
    const isOver = source.freedLimit !== null && run.freed > 0 && sum > source.freedLimit;
    if (isOver && !sources.isApproved(source.name, digest, run.freed)) {
      undo();
      return { refused: { digest, freed: run.freed, sum } };
    }
    return { done: log.writer.seal(joined(planned)) };
  });
  if (durable === undefined) return;
  if (durable.refused === undefined) {
    await durable.done;
    return;
  }
  await runs.record(log, { type: "run-refused", actor: options.actor, source: source.name, digest, freed: run.freed });
  throw new IntakeError(
    "freed-limit",
    `the run would newly permit ${run.freed} contact ${run.freed === 1 ? "point" : "points"} given for security or under an exclusive notice; ` +
      `with that, ${source.name} would have ${durable.refused.sum} in 30 days, over its limit of ${source.freedLimit}`,
    `if that is right: solely source free ${source.name} ${digest} --as OPERATOR, a second operator approves, then feed the same bytes again`,
    { digest, freed: run.freed, limit: source.freedLimit ?? 0 },
  );
}

/**
 * Whether the run is still under the terms that its rows were read under.
 * @throws {IntakeError} code `terms-changed`
 */
function requireTerms({ rooms, source, retirements, options }: Run): void {
  options.admit?.();
  const { vouches, freedLimit } = rooms.sources.get(source.name);
  if (vouches === source.vouches && freedLimit === source.freedLimit && rooms.notices.retirements === retirements)
    return;
  throw new IntakeError(
    "terms-changed",
    "the source's terms changed, or a notice was retired, while the run was read",
    "feed it again; what was taken already is known",
  );
}

/** All of them as one; what one fails to publish keeps none of the others from it. */
function joined(planned: readonly Sealed[]): Sealed {
  return {
    entries: planned.flatMap((sealed) => sealed.entries),
    publish: async () => {
      const failures: unknown[] = [];
      for (const sealed of planned) {
        try {
          await sealed.publish();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
    undo: () => {
      for (const sealed of [...planned].reverse()) sealed.undo();
    },
  };
}

/** A batch that is planned, and what it will change in the index. */
interface PlannedBatch extends Sealed {
  readonly change: Change;
  readonly fresh: NewTokens | undefined;
}

/**
 * Plans one batch as the leaf at `position`; undefined when it changes nothing. Only inside a section.
 * @param before batches that are planned and not sealed yet
 */
async function planBatch(
  run: Run,
  batch: ContactBatch,
  position: number,
  before: readonly PlannedBatch[],
): Promise<PlannedBatch | undefined> {
  const { rooms, options, source } = run;
  const { contacts } = rooms.grants;
  const { notices, tombstoneKey } = rooms;
  const change = contacts.begin(position, run.knownBefore);
  try {
    const plan = planGrants(contacts, notices, change, batch, tombstoneKey);
    const fresh = options.dryRun === true ? undefined : await makeTokens(rooms, plan, before);
    const erased = plan.erased.length;
    if (erased > 0) await run.rejects.add(erasedRows(batch.line, plan.erased));
    run.refused += erased;
    run.accepted += batch.rows - plan.duplicates - erased;
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
      good: batch.rows - erased,
      refused: batch.totalRows - batch.rows + erased,
      freed: change.freed,
    };
    return { change, fresh, ...sealGrants(run, batch, plan, header, fresh) };
  } catch (error) {
    contacts.undo(change);
    throw error;
  }
}

/** Rows that were given before they were erased, as refusals. */
export function erasedRows(line: Uint32Array, rows: readonly number[]): Refusals {
  return {
    count: rows.length,
    line: Uint32Array.from(rows, (row) => line[row]!),
    column: new Uint16Array(rows.length),
    code: new Uint8Array(rows.length).fill(INTAKE_REFUSAL.erased),
  };
}

async function makeTokens(
  { log, grants, matcher }: IntakeRooms,
  plan: GrantPlan,
  before: readonly PlannedBatch[],
): Promise<NewTokens> {
  const request = tokenRequest(grants.contacts, plan);
  // The index tells which tokens are known already; what is on its way into it or out of it must have got there.
  if (request.mayBeKnown.some((ordinal) => grants.isOnTheWay(ordinal))) await log.writer.settled();
  const { tokens, known } = await matcher.tokenise(request);
  for (const { change, fresh } of before) noteKnown(known, request, tokens, change, fresh);
  return settleTokens(grants.contacts, plan, request, tokens, known);
}

/** The leaf of a planned batch, which another thread may still be making. */
function sealGrants(
  { rooms }: Run,
  batch: ContactBatch,
  plan: GrantPlan,
  header: GrantHeader,
  fresh: NewTokens | undefined,
): Sealed {
  const { log, grants, matcher, notices, vault, leaves } = rooms;
  const { contacts, feeds } = grants;
  const { change, rows } = plan;
  if (fresh === undefined) return { entries: [], publish: () => {}, undo: () => contacts.undo(change) };
  const { number, mark, token } = fresh;
  const { position } = change;
  const timeMs = log.writer.nowMs();
  const { epoch } = matcher;
  const named = rows.notice.slice(0, rows.count);
  const { valueBytes, valueEnds, maskBytes, maskEnds } = batch;
  const made = leaves.make({
    position,
    grants: grantLeaf(contacts, plan, header),
    tokens: { number, mark, token },
    order: sealingOrder(vault.keys, notices, rows),
    values: { valueBytes, valueEnds, maskBytes, maskEnds },
  });
  const entryOf = ({ facts, tokens, sealed }: MadeLeaf): Append =>
    log.entry({
      ...{ kind: LeafKind.contacts, timeMs, sealed, ...facts },
      tokens: tokens === undefined ? [] : [{ epoch, ...tokens }],
    });
  const learn = () => feeds.learn(header, named, position, timeMs);
  const entry = made instanceof Promise ? made.then(entryOf) : entryOf(made);
  // Whoever seals it is told; it may be taken back before.
  if (entry instanceof Promise) entry.catch(() => {});
  return sealedChange(rooms, change, entry, learn, fresh);
}

/**
 * A leaf that changes contact points, to be sealed: when it is durable its change counts and the index follows.
 * @param learn what else counts then
 * @param fresh tokens that get into the index
 */
export function sealedChange(
  { grants, matcher }: Pick<IntakeRooms, "grants" | "matcher">,
  change: Change,
  entry: Append | Promise<Append>,
  learn: () => void = () => {},
  fresh?: NewTokens,
): Sealed {
  const { contacts } = grants;
  const arrived = grants.noteOnTheWay(change, fresh?.ordinal);
  return {
    entries: [entry],
    publish: async () => {
      contacts.publish(change);
      learn();
      try {
        await settleIndex(matcher, change);
        if (fresh === undefined) return;
        await matcher.insert({ tokens: fresh.token, ordinals: fresh.ordinal, marks: fresh.mark, kinds: fresh.kind });
      } finally {
        arrived();
      }
    },
    undo: () => {
      arrived();
      contacts.undo(change);
    },
  };
}

/** Takes the tokens of ended stretches and of dead spellings out of the index. */
async function settleIndex(matcher: Matcher, { ended, droppedOrdinals, droppedTags }: Change): Promise<void> {
  for (let from = 0; from < ended.count; from += DROPPED_AT_ONCE) {
    const ordinals = ended.values.slice(from, from + DROPPED_AT_ONCE);
    await matcher.drop(ordinals, new Uint16Array(ordinals.length).fill(ALL_TAGS));
  }
  await matcher.drop(Uint32Array.from(droppedOrdinals), Uint16Array.from(droppedTags));
}

const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
