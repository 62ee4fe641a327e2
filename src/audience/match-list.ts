/**
 * Matching of lists: an advertiser's rows go through the one gate and become the matched set of an audience.
 *
 * Whatever way a list comes (file, API, a session of parts; append, remove, replace), this is the one function that
 * matches it. Rows that match nothing leave no trace: digests and tokens live in the batches of the job only.
 */
import { type Access, type AccessRooms, addAdvertiser, requireName } from "../access/index.js";
import { type Scheme, schemeBit } from "../contact/index.js";
import type { Contacts } from "../grant/index.js";
import { type RefusalTally, type RefusedRow, type RejectOptions, Rejects } from "../input/index.js";
import { LeafKind } from "../ledger/index.js";
import { decodeDigests, type ListSummary, listRefusals, readList } from "../list/index.js";
import type { Log } from "../log/index.js";
import { type Matcher, reach } from "../match/index.js";
import type { PurposeGate } from "../purpose/index.js";
import { OrdinalSet } from "../set/index.js";
import type { Audience, Audiences } from "./audiences.js";
import { AudienceError } from "./error.js";
import type { GateResults } from "./gate-results.js";
import { encodeList, type ListHeader, type ListOperation, newId } from "./list-facts.js";

/** What matching works on. */
export interface MatchRooms {
  readonly log: Log;
  readonly gate: PurposeGate;
  readonly contacts: Contacts;
  readonly matcher: Matcher;
  readonly access: Access;
  readonly audiences: Audiences;
  readonly gateResults: GateResults;
  readonly refusals: RefusalTally;
}

export interface MatchOptions extends RejectOptions {
  /** Registered if it is new. */
  readonly advertiser: string;
  /** Name of the list, and of the audience that it makes. */
  readonly name: string;
  readonly actor: string;
  readonly scheme?: Scheme | undefined;
  readonly region?: string | undefined;
  /** Default `create`: the name must be new. */
  readonly operation?: Exclude<ListOperation, "delete"> | undefined;
  /** When the list was matched in the world, of one that is replayed; default: now. */
  readonly atMs?: number | undefined;
  /** When the last byte of it had come, asked after that; default: when it counts. */
  readonly receivedAtMs?: (() => number | undefined) | undefined;
  /** Asked when it is to count; throws to refuse. */
  readonly admit?: (() => void) | undefined;
  /** What a stream's bytes are: rows of values (default), or digests that the same reader made of them elsewhere. */
  readonly form?: "rows" | "digests" | undefined;
  /** A session of parts, and the number of this part in it: each part counts once. */
  readonly session?: { readonly id: string; readonly part: number } | undefined;
  /** @param share how much of a file is read, 0 to 1; 0 while it is not known */
  readonly onProgress?: ((rows: number, share: number) => void) | undefined;
}

export interface MatchResult {
  readonly match: string;
  readonly list: string;
  readonly audience: string;
  /** usable + refused. */
  readonly rows: number;
  readonly usable: number;
  readonly refused: number;
  readonly rejectFile: string | null;
  /** The first refused rows, as many as were asked for. */
  readonly refusedRows: readonly RefusedRow[];
  /** Whether this part of a session was taken before: then nothing of it counts again. */
  readonly isDuplicate: boolean;
  readonly seconds: number;
  readonly columns: ListSummary["columns"];
  readonly notes: readonly string[];
}

/**
 * Matches one list, or one part of it.
 *
 * @param input path of a CSV file, plain or gzip, or a stream of its bytes
 * @example await matchList(solely, "customers.csv", { advertiser: "acme", name: "customers", actor: "job" })
 * @throws {AudienceError} codes `name-exists`, `unknown-name`, `time-in-future`
 * @throws {AccessError} code `invalid-name`
 * @throws {ListError | InputError} when the input as a whole can't be read; nothing of it counts then
 */
export async function matchList(
  rooms: MatchRooms,
  input: string | AsyncIterable<Uint8Array>,
  options: MatchOptions,
): Promise<MatchResult> {
  const startedMs = performance.now();
  const { log, access } = rooms;
  const { advertiser, name } = options;
  requireName(name);
  requireName(advertiser);
  requirePast(options.atMs);
  operationOn(rooms.audiences.find(advertiser, name), options);
  const rejects = new Rejects(listRefusals, options, { tally: rooms.refusals, of: "lists" });
  const reached = OrdinalSet.empty();
  try {
    const summary = await read(rooms, input, reached, rejects, options);
    rooms.gateResults.tell(advertiser, name, reached);
    await registered({ log, access }, advertiser, options.actor);
    const { audience, match, isDuplicate } = await commit(rooms, reached, options, summary);
    const { rows, usable, refused, columns, notes } = summary;
    return {
      match,
      list: audience.list,
      audience: audience.id,
      rows,
      usable,
      refused,
      rejectFile: rejects.file,
      refusedRows: rejects.kept,
      isDuplicate,
      seconds: Math.round(performance.now() - startedMs) / 1000,
      columns,
      notes,
    };
  } finally {
    reached.dispose();
    await rejects.close();
  }
}

/** @throws {AudienceError} code `time-in-future` */
function requirePast(atMs = 0): void {
  if (atMs <= Date.now()) return;
  throw new AudienceError("time-in-future", "a replayed list was matched before now", "say when it was matched");
}

/** Registers the advertiser if it is new; another list of its may have done so meanwhile. */
async function registered(rooms: AccessRooms, name: string, actor: string): Promise<void> {
  if (rooms.access.hasAdvertiser(name)) return;
  await addAdvertiser(rooms, { name, actor }).catch((error) => {
    if (!rooms.access.hasAdvertiser(name)) throw error;
  });
}

/** Reads a list and finds whom it reaches. */
async function read(
  { matcher, gate }: MatchRooms,
  input: string | AsyncIterable<Uint8Array>,
  reached: OrdinalSet,
  rejects: Rejects,
  { scheme = "plain", region, form, onProgress = () => {} }: MatchOptions,
): Promise<ListSummary> {
  let share = 0;
  let rows = 0;
  const reading =
    form === "digests" && typeof input !== "string"
      ? decodeDigests(input)
      : readList(input, { scheme, region, onShare: (read) => (share = read) });
  try {
    return await reach(matcher, reading, reached, {
      permit: () => gate.permit("ads.match"),
      schemes: schemeBit(scheme),
      onBatch: async (batch) => {
        rows += batch.rows;
        await rejects.add(batch.refusals);
        onProgress(rows, share);
      },
    });
  } finally {
    await reading.return(undefined as never).catch(() => undefined);
  }
}

/** Makes the outcome of a list durable: what the operation adds and removes, as of now. */
async function commit(
  { log, gate, audiences, contacts }: MatchRooms,
  reached: OrdinalSet,
  options: MatchOptions,
  summary: ListSummary,
): Promise<{ audience: Audience; match: string; isDuplicate: boolean }> {
  const { advertiser, name, scheme = "plain", session, actor } = options;
  const sealed = await log.writer.exclusiveSettled(() => {
    options.admit?.();
    const { position } = log.writer;
    const existing = audiences.find(advertiser, name);
    const known = session === undefined ? undefined : existing?.parts.get(`${session.id} ${session.part}`);
    if (existing !== undefined && known !== undefined) {
      return { audience: existing.id, match: known, isDuplicate: true, done: Promise.resolve() };
    }
    const operation = operationOn(existing, options);
    audiences.prune();
    // Permission may have ended while the list was read.
    reached.keepSet(gate.permit("ads.match").ordinals);
    const { added, removed } = difference(contacts, existing?.matched, reached, operation);
    const timeMs = log.writer.nowMs();
    const { rows, usable, refused } = summary;
    const header: ListHeader = {
      actor,
      advertiser,
      match: newId("m"),
      audience: existing?.id ?? newId("a"),
      list: existing?.list ?? newId("l"),
      name,
      operation,
      scheme,
      rows,
      usable,
      refused,
      ...(session === undefined ? {} : { session: session.id, part: session.part }),
      ...receivedAt(options),
      ...(options.atMs === undefined ? {} : { at: new Date(options.atMs).toISOString() }),
    };
    const dispose = () => {
      added.dispose();
      removed.dispose();
    };
    const done = log.writer.seal({
      entries: [log.entry({ kind: LeafKind.list, timeMs, ...encodeList({ header, added, removed }) })],
      publish: () => {
        audiences.applyList(header, added, removed, position, timeMs);
        dispose();
      },
      undo: dispose,
    });
    return { audience: header.audience, match: header.match, isDuplicate: false, done };
  });
  await sealed.done;
  return { ...sealed, audience: audiences.get(sealed.audience) };
}

function receivedAt({ receivedAtMs }: MatchOptions): Pick<ListHeader, "receivedAt"> {
  const ms = receivedAtMs?.();
  return ms === undefined ? {} : { receivedAt: new Date(ms).toISOString() };
}

/**
 * What is to be done to the audience of a name. A session's first part does what the session is for; its later parts
 * add to that.
 * @throws {AudienceError} codes `name-exists`, `unknown-name`
 */
function operationOn(existing: Audience | undefined, options: MatchOptions): ListOperation {
  const { operation = "create", session } = options;
  if (existing?.expression !== undefined) {
    throw new AudienceError("name-exists", "an audience of this name is made of others", "take another name");
  }
  const isOpen =
    session !== undefined && [...(existing?.parts.keys() ?? [])].some((part) => part.startsWith(`${session.id} `));
  if (isOpen && operation !== "remove") return "append";
  if (existing !== undefined && operation === "create") {
    throw new AudienceError(
      "name-exists",
      "there is a list of this name already",
      "append to it, remove from it, replace it, or take another name",
    );
  }
  if (existing === undefined && (operation === "append" || operation === "remove")) {
    throw new AudienceError("unknown-name", "there is no list of this name", "create it first");
  }
  return operation;
}

function difference(
  contacts: Contacts,
  current: OrdinalSet = OrdinalSet.empty(),
  reached: OrdinalSet,
  operation: ListOperation,
): { added: OrdinalSet; removed: OrdinalSet } {
  if (operation === "remove") {
    return { added: OrdinalSet.empty(), removed: ofSameAccounts(contacts, current, reached) };
  }
  const removed = operation === "replace" ? current.andNot(reached) : OrdinalSet.empty();
  return { added: reached.andNot(current), removed };
}

/** Members of `current` whose account is reached: a remove takes out all contact points of the account. */
function ofSameAccounts(contacts: Contacts, current: OrdinalSet, reached: OrdinalSet): OrdinalSet {
  const { account } = contacts.points;
  const accounts = OrdinalSet.from(reached.toArray().map((ordinal) => account[ordinal]!));
  const members = current.toArray().filter((ordinal) => accounts.has(account[ordinal]!));
  accounts.dispose();
  return OrdinalSet.from(members);
}
