/**
 * Lists: an advertiser's rows go through the one gate and become the matched set of an audience.
 *
 * Whatever way a list comes (file, API, a session of parts; append, remove, replace), this is the one
 * function that matches it. Rows that match nothing leave no trace: digests and tokens live in the batches
 * of the job only.
 */
import { type Audience, AudienceError, encodeList, type ListHeader, type ListOperation } from "../audience/index.js";
import { type Scheme, schemeBit } from "../contact/index.js";
import { LeafKind } from "../ledger/index.js";
import { type ListInput, type ListSummary, RejectFile, readList } from "../list/index.js";
import { OrdinalSet } from "../set/index.js";
import { InstanceError } from "./error.js";
import type { Solely } from "./solely.js";

/** Batches that may be with the matcher. */
const MAX_BATCHES_ON_THE_WAY = 4;
const MAX_NAME_LENGTH = 200;

export interface MatchOptions {
  readonly advertiser: string;
  /** Name of the list, and of the audience that it makes. */
  readonly name: string;
  readonly actor: string;
  readonly scheme?: Scheme;
  readonly region?: string | undefined;
  /** Default `create`: the name must be new. */
  readonly operation?: ListOperation;
  /** A session of parts, and the number of this part in it: each part counts once. */
  readonly session?: { readonly id: string; readonly part: number } | undefined;
  readonly rejectFile?: string | undefined;
  readonly onProgress?: (rows: number, bytes: number) => void;
}

export interface MatchResult {
  readonly match: string;
  readonly list: string;
  readonly audience: string;
  readonly rows: number;
  readonly usable: number;
  readonly refused: number;
  readonly rejectFile: string | null;
  readonly seconds: number;
  readonly columns: ListSummary["columns"];
  readonly notes: readonly string[];
}

/**
 * Matches one list, or one part of it.
 *
 * @example await match(solely, { file: "customers.csv" }, { advertiser: "acme", name: "customers", actor: "cli" })
 * @throws {AudienceError} codes `name-exists`, `unknown-name`, `invalid-name`
 * @throws {ListError} when the input as a whole can't be read; nothing of it counts then
 */
export async function match(solely: Solely, input: ListInput, options: MatchOptions): Promise<MatchResult> {
  const startedMs = performance.now();
  const { advertiser, name, operation = "create", scheme = "plain", session } = options;
  requireName(name);
  requireName(advertiser);
  requireTarget(solely, options);
  const rejects = new RejectFile(options.rejectFile);
  const reached = OrdinalSet.empty();
  const reader = readList(input, { scheme, region: options.region, onProgress: options.onProgress });
  let summary: ListSummary;
  try {
    const onTheWay: Promise<void>[] = [];
    for await (const batch of reader.batches) {
      rejects.add(batch.refusals);
      const part = solely.matcher.match(solely.state.permit(), batch, schemeBit(scheme)).then((matched) => {
        reached.addSet(matched);
        matched.dispose();
      });
      onTheWay.push(part);
      if (onTheWay.length >= MAX_BATCHES_ON_THE_WAY) await onTheWay.shift();
    }
    await Promise.all(onTheWay);
    summary = await reader.summary();
  } finally {
    await rejects.close();
  }
  await ensureAdvertiser(solely, advertiser, options.actor);
  const { audience, position } = await commit(solely, reached, options, summary);
  reached.dispose();
  return {
    match: `m${position}`,
    list: audience.list,
    audience: audience.id,
    rows: summary.rows,
    usable: summary.usable,
    refused: summary.refused,
    rejectFile: summary.refused > 0 && options.rejectFile !== undefined ? options.rejectFile : null,
    seconds: Math.round(performance.now() - startedMs) / 1000,
    columns: summary.columns,
    notes: summary.notes,
  };

  function requireTarget(solely: Solely, { advertiser, name }: MatchOptions): void {
    const exists = solely.state.audiences.find(advertiser, name) !== undefined;
    if (exists && operation === "create" && session === undefined) {
      throw new AudienceError(
        "name-exists",
        `${advertiser} has a list named ${JSON.stringify(name)}`,
        "use append, remove or replace, or another name",
      );
    }
    if (!exists && (operation === "append" || operation === "remove")) {
      throw new AudienceError(
        "unknown-name",
        `${advertiser} has no list named ${JSON.stringify(name)}`,
        "leave --append or --remove out to create it",
      );
    }
  }
}

/** Makes the outcome of a list durable: what the operation adds and removes, as of now. */
async function commit(
  solely: Solely,
  reached: OrdinalSet,
  options: MatchOptions,
  summary: ListSummary,
): Promise<{ audience: Audience; position: number }> {
  const { advertiser, name, operation = "create", scheme = "plain", session } = options;
  const { state, writer } = solely;
  return writer.exclusiveSettled(async () => {
    const position = writer.position;
    const existing = state.audiences.find(advertiser, name);
    const known = session === undefined ? undefined : existing?.parts.get(`${session.id} ${session.part}`);
    if (existing !== undefined && known !== undefined) return { audience: existing, position: known };
    if (existing !== undefined && operation === "create" && !isOpen(existing, session)) {
      throw new AudienceError(
        "name-exists",
        `${advertiser} has a list named ${JSON.stringify(name)}`,
        "use append, remove or replace, or another name",
      );
    }
    reached.keepSet(state.permit().ordinals);
    state.audiences.prune();
    const { added, removed } = difference(
      solely,
      existing,
      reached,
      isOpen(existing, session) && operation !== "remove" ? "append" : operation,
    );
    const header: ListHeader = {
      actor: options.actor,
      advertiser,
      audience: existing?.id ?? `a${position}`,
      list: existing?.list ?? `l${position}`,
      name,
      operation,
      scheme,
      rows: summary.rows,
      usable: summary.usable,
      refused: summary.refused,
      ...(session === undefined ? {} : { session: session.id, part: session.part }),
    };
    const { root, body } = encodeList({ header, added, removed });
    const atMs = Date.now();
    await writer.seal({
      entries: [solely.leaf(LeafKind.list, root, body, undefined, atMs)],
      publish: () => {
        state.noteLeaf(position, atMs);
        state.audiences.apply(header, added, removed, position, atMs);
      },
      undo: () => {},
    });
    added.dispose();
    removed.dispose();
    return { audience: state.audiences.get(header.audience), position };
  });
}

/** A session's first part does what the session is for; its later parts add to that. */
function isOpen(audience: Audience | undefined, session: MatchOptions["session"]): boolean {
  if (audience === undefined || session === undefined) return false;
  return [...audience.parts.keys()].some((part) => part.startsWith(`${session.id} `));
}

function difference(
  solely: Solely,
  existing: Audience | undefined,
  reached: OrdinalSet,
  operation: ListOperation,
): { added: OrdinalSet; removed: OrdinalSet } {
  const current = existing?.matched ?? OrdinalSet.empty();
  if (operation === "remove") return { added: OrdinalSet.empty(), removed: ofSameAccounts(solely, current, reached) };
  const removed = operation === "replace" ? current.andNot(reached) : OrdinalSet.empty();
  return { added: reached.andNot(current), removed };
}

/** Members of `current` whose account is reached: a remove takes out all contact points of the account. */
function ofSameAccounts(solely: Solely, current: OrdinalSet, reached: OrdinalSet): OrdinalSet {
  const { account } = solely.state.contacts.points;
  const accounts = OrdinalSet.from(reached.toArray().map((ordinal) => account[ordinal]!));
  return OrdinalSet.from(current.toArray().filter((ordinal) => accounts.has(account[ordinal]!)));
}

async function ensureAdvertiser(solely: Solely, name: string, actor: string): Promise<void> {
  if (solely.state.control.advertiser(name) === undefined) await addAdvertiser(solely, { name, actor });
}

/** Registers an advertiser; its legal entity is its name unless said otherwise. */
export async function addAdvertiser(
  solely: Solely,
  { name, entity = name, actor }: { name: string; entity?: string | undefined; actor: string },
): Promise<{ name: string; entity: string }> {
  requireName(name);
  requireName(entity);
  await solely.record(() => {
    if (solely.state.control.advertiser(name) !== undefined) {
      throw new AudienceError("name-exists", `there is an advertiser named ${JSON.stringify(name)}`);
    }
    return { type: "advertiser", actor, name, entity };
  });
  return { name, entity };
}

function requireName(name: string): void {
  const hasControl = [...name].some((letter) => letter.charCodeAt(0) < 32);
  if (name.trim() !== "" && name.length <= MAX_NAME_LENGTH && !hasControl) return;
  throw new InstanceError(
    "invalid-argument",
    `a name has 1 to ${MAX_NAME_LENGTH} characters and no control characters`,
  );
}
