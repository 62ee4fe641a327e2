/**
 * Audiences: for each list of an advertiser, the ordinals that it matched. What may be served is the set as it was when its
 * size was last released, if that was large enough, intersected with what is permitted now: what a list changes waits for
 * the next release, what a person takes back does not. A fold of the facts of lists; releases are told to it.
 *
 * The facts of a match stay, with their times. The hot sets are pruned of retired ordinals in the background.
 */
import type { Contacts } from "../grant/index.js";
import { LeafKind } from "../ledger/index.js";
import { type Fold, jsonSection, type Kept, readJson } from "../log/index.js";
import { type Permit, requirePermit } from "../purpose/index.js";
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import type { FactRow } from "../store/index.js";
import { Changes, type SavedChanges } from "./changes.js";
import { AudienceError } from "./error.js";
import { decodeList, type Expression, type ListHeader, type ListOperation, worldTimeOf } from "./list-facts.js";

/** What was done to a list, all parts of a session together. */
export interface ListStep {
  readonly operation: ListOperation;
  readonly session: string | undefined;
  /** When it was done in the world. */
  readonly atMs: number;
  /** From when on its advertiser sees it. */
  seenFromMs: number;
  rows: number;
  usable: number;
  refused: number;
}

/** The last ones are remembered. */
const STEPS_REMEMBERED = 100;

export interface Audience {
  readonly id: string;
  readonly list: string;
  readonly advertiser: string;
  readonly name: string;
  /** When its list was first sent in the world, and when it was last. */
  createdAtMs: number;
  updatedAtMs: number;
  /** When its list had come last, whatever its time in the world. */
  receivedAtMs: number;
  /** From when on its advertiser sees that it is there, and what its last list changed; and what it sees in between. */
  seenFromMs: number;
  shownFromMs: number;
  before: { readonly updatedAtMs: number; readonly receivedAtMs: number } | undefined;
  /** Whether some list of it was given its time when it was replayed. */
  isReplayed: boolean;
  /** Ledger position of the last leaf of its list. */
  position: number;
  /** Rows sent over all parts. */
  rows: number;
  usable: number;
  refused: number;
  /** What was done to its list, the last first. */
  readonly steps: ListStep[];
  matched: OrdinalSet;
  /** What the last release was of; `matched` itself while no list has changed it since, undefined while nothing may be served. */
  served: OrdinalSet | undefined;
  /** When what is served of it was set anew, and whether anything is; ascending. */
  readonly releases: { readonly atMs: number; readonly isServed: boolean }[];
  /** Of an audience that is made of others: how. */
  readonly expression: Expression | undefined;
  /** Whether a list took members out since the last release: they are served until the next. */
  hasRemovals: boolean;
  isDeleted: boolean;
  /** Parts of sessions that were taken: `session part` to the match that took it. */
  readonly parts: Map<string, string>;
}

interface SavedAudiences {
  readonly audiences: readonly (Omit<Audience, "matched" | "served" | "parts"> & {
    parts: [string, string][];
    /** Place of what is served among the sets. */
    served: number | undefined;
  })[];
  readonly changes: SavedChanges;
}

/** What an advertiser sees of an audience changes at whole multiples of this after its list had come. */
export const LIST_TICK_MS = 1000;

export class Audiences implements Fold {
  readonly kinds = [LeafKind.list];
  /** Those that were deleted included. */
  readonly #byId = new Map<string, Audience>();
  /** Those that were not, by advertiser and in the order made. */
  readonly #live = new Map<string, Set<Audience>>();
  readonly #byName = new Map<string, string>();
  readonly #changes = new Changes();
  /** Ordinals retired since the last pruning, and the position of the last of their leaves. */
  readonly #retired = OrdinalSet.empty();
  #retiredAt = 0;

  /** @param contacts whose stretches of permission end */
  constructor(contacts: Contacts) {
    contacts.whenEnded((ordinals, position) => {
      this.#retired.addAll(ordinals);
      this.#retiredAt = position;
    });
  }

  apply({ position, timeMs, body }: FactRow): void {
    const { header, added, removed } = decodeList(body);
    this.applyList(header, added, removed, position, timeMs);
    added.dispose();
    removed.dispose();
  }

  /** Applies what one list operation, learned at `leafTimeMs`, came to. */
  applyList(
    header: ListHeader,
    added: ReadonlyOrdinalSet,
    removed: ReadonlyOrdinalSet,
    position: number,
    leafTimeMs: number,
  ): void {
    const receivedAtMs =
      header.receivedAt === undefined ? leafTimeMs : Math.min(Date.parse(header.receivedAt), leafTimeMs);
    const atMs = header.at === undefined ? receivedAtMs : worldTimeOf(header, leafTimeMs);
    this.prune();
    const known = this.#byId.get(header.audience);
    const audience = known ?? this.#create(header, position, atMs);
    // While parts come one upon the other it is seen as before the first of them that was not answered yet.
    if (known !== undefined && (known.before === undefined || receivedAtMs >= known.shownFromMs)) {
      const { updatedAtMs, receivedAtMs: lastMs } = known;
      audience.before = { updatedAtMs, receivedAtMs: lastMs };
    }
    const ticks = Math.max(1, Math.ceil((leafTimeMs - receivedAtMs) / LIST_TICK_MS));
    audience.receivedAtMs = receivedAtMs;
    audience.shownFromMs = header.receivedAt === undefined ? leafTimeMs : receivedAtMs + ticks * LIST_TICK_MS;
    if (known === undefined) audience.seenFromMs = audience.shownFromMs;
    if (audience.served === audience.matched) audience.matched = audience.matched.clone();
    audience.matched.addSet(added);
    audience.matched.removeSet(removed);
    if (header.operation === "remove" || header.operation === "replace") audience.hasRemovals = true;
    if (header.operation === "delete") this.#delete(audience, position, leafTimeMs);
    audience.createdAtMs = Math.min(audience.createdAtMs, atMs);
    audience.updatedAtMs = Math.max(audience.updatedAtMs, atMs);
    audience.isReplayed ||= header.at !== undefined;
    audience.position = position;
    audience.rows += header.rows;
    audience.usable += header.usable;
    audience.refused += header.refused;
    noteStep(audience, header, atMs);
    if (header.session !== undefined) audience.parts.set(`${header.session} ${header.part ?? 1}`, header.match);
  }

  /** Takes members out at once, otherwise than by a list or by their permission. */
  leave(id: string, members: ReadonlyOrdinalSet, position: number): void {
    this.prune();
    const audience = this.known(id);
    audience.matched.removeSet(members);
    if (audience.served === undefined) return;
    if (audience.served !== audience.matched) audience.served.removeSet(members);
    this.#changes.add(id, position, members);
  }

  /** From here on what it holds now is what may be served of it, or nothing is. */
  release(id: string, isServed: boolean, position: number, atMs: number): void {
    this.prune();
    const audience = this.known(id);
    if (audience.isDeleted) return;
    audience.releases.push({ atMs, isServed });
    const before = audience.served;
    audience.served = isServed ? audience.matched : undefined;
    audience.hasRemovals = false;
    if (before === audience.served) return;
    const [old, now] = [before ?? OrdinalSet.empty(), audience.served ?? OrdinalSet.empty()];
    for (const [from, to] of [
      [old, now],
      [now, old],
    ] as const) {
      const moved = to.andNot(from);
      this.#changes.add(id, position, moved);
      moved.dispose();
    }
    if (before !== undefined && before !== audience.matched) before.dispose();
  }

  #delete(audience: Audience, position: number, atMs: number): void {
    this.release(audience.id, false, position, atMs);
    audience.isDeleted = true;
    this.#live.get(audience.advertiser)?.delete(audience);
    this.#byName.delete(nameKey(audience.advertiser, audience.name));
  }

  #create(header: ListHeader, position: number, atMs: number): Audience {
    const audience: Audience = {
      id: header.audience,
      list: header.list,
      advertiser: header.advertiser,
      name: header.name,
      createdAtMs: atMs,
      updatedAtMs: atMs,
      receivedAtMs: atMs,
      seenFromMs: atMs,
      shownFromMs: atMs,
      before: undefined,
      isReplayed: false,
      position,
      rows: 0,
      usable: 0,
      refused: 0,
      steps: [],
      matched: OrdinalSet.empty(),
      served: undefined,
      releases: [],
      expression: header.expression,
      hasRemovals: false,
      isDeleted: false,
      parts: new Map(),
    };
    this.#add(audience);
    return audience;
  }

  #add(audience: Audience): void {
    const { id, advertiser, name } = audience;
    this.#byId.set(id, audience);
    if (audience.isDeleted) return;
    this.#byName.set(nameKey(advertiser, name), id);
    const own = this.#live.get(advertiser) ?? new Set();
    this.#live.set(advertiser, own.add(audience));
  }

  /**
   * @param seenAtMs of what its advertiser sees then
   * @throws {AudienceError} code `unknown-audience`; the same for one that is another advertiser's, or was deleted
   */
  get(id: string, advertiser?: string, seenAtMs = Number.POSITIVE_INFINITY): Audience {
    const audience = this.known(id);
    const isOwn = advertiser === undefined || audience.advertiser === advertiser;
    if (isOwn && !audience.isDeleted && isSeen(audience, seenAtMs)) return audience;
    throw unknownAudience();
  }

  /**
   * One that there is, or was.
   * @throws {AudienceError} code `unknown-audience`
   */
  known(id: string): Audience {
    const audience = this.#byId.get(id);
    if (audience === undefined) throw unknownAudience();
    return audience;
  }

  find(advertiser: string, name: string): Audience | undefined {
    const id = this.#byName.get(nameKey(advertiser, name));
    return id === undefined ? undefined : this.#byId.get(id);
  }

  /** Those that were deleted included. */
  all(): Audience[] {
    return [...this.#byId.values()];
  }

  /** @param seenAtMs those that the advertiser sees then */
  list(advertiser?: string, seenAtMs = Number.POSITIVE_INFINITY): Audience[] {
    const owners = advertiser === undefined ? this.#live.values() : [this.#live.get(advertiser) ?? []];
    return [...owners].flatMap((own) => [...own].filter((audience) => isSeen(audience, seenAtMs)));
  }

  /** What may be served of an audience now. */
  served(permit: Permit<"ads.match">, { served }: Audience): OrdinalSet {
    requirePermit(permit, "ads.match");
    return served === undefined ? OrdinalSet.empty() : served.and(permit.ordinals);
  }

  /** Who is in an audience now and may be used for ads; whether it may be served is another question. */
  members(permit: Permit<"ads.match">, { matched }: Audience): OrdinalSet {
    requirePermit(permit, "ads.match");
    return matched.and(permit.ordinals);
  }

  /** Audiences that one of the ordinals may be served in now. */
  eligible(permit: Permit<"ads.match">, ordinals: readonly number[]): string[] {
    requirePermit(permit, "ads.match");
    const permitted = ordinals.filter((ordinal) => permit.ordinals.has(ordinal));
    return this.#idsWhere(permitted, ({ served }, ordinal) => served?.has(ordinal) === true);
  }

  /** Audiences that one of the ordinals is in, by their lists now or as they were released; whether it may be served is another question. */
  holding(ordinals: readonly number[]): string[] {
    return this.#idsWhere(
      ordinals,
      ({ matched, served }, ordinal) => matched.has(ordinal) || served?.has(ordinal) === true,
    );
  }

  #idsWhere(ordinals: readonly number[], holds: (audience: Audience, ordinal: number) => boolean): string[] {
    if (ordinals.length === 0) return [];
    const ids: string[] = [];
    for (const own of this.#live.values()) {
      for (const audience of own) if (ordinals.some((ordinal) => holds(audience, ordinal))) ids.push(audience.id);
    }
    return ids;
  }

  /**
   * Who may have joined or left since a position: ordinals by audience.
   * @throws {AudienceError} code `position-too-old`
   */
  changedSince(position: number): Map<string, OrdinalSet> {
    this.prune();
    return this.#changes.since(position);
  }

  /** Takes retired ordinals out of the hot sets, and notes who thereby left. */
  prune(): void {
    if (this.#retired.size === 0) return;
    for (const { id, matched, served } of this.#byId.values()) {
      if (served?.intersects(this.#retired) === true) {
        const leaving = served.and(this.#retired);
        this.#changes.add(id, this.#retiredAt, leaving);
        served.removeSet(leaving);
        leaving.dispose();
      }
      if (matched !== served) matched.removeSet(this.#retired);
    }
    this.#retired.clear();
  }

  readonly kept: Kept = {
    name: "audiences",
    save: () => {
      this.prune();
      const all = [...this.#byId.values()];
      const changes = this.#changes.save();
      const sets = all.map(({ matched }) => matched);
      const placeOf = ({ matched, served }: Audience, i: number): number | undefined => {
        if (served === undefined) return undefined;
        return served === matched ? i : sets.push(served) - 1;
      };
      const saved: SavedAudiences = {
        audiences: all.map((audience, i) => {
          const { matched: _, parts, ...rest } = audience;
          return { ...rest, parts: [...parts], served: placeOf(audience, i) };
        }),
        changes: changes.state,
      };
      return [
        jsonSection("state", saved),
        { name: "sets", bytes: packSets(sets.map((set) => set.toBytes())) },
        { name: "changes", bytes: packSets(changes.sets) },
      ];
    },
    restore: (sections) => {
      const saved = readJson(sections, "state") as SavedAudiences;
      const sets = unpackSets(sections.get("sets")!).map((bytes) => OrdinalSet.fromBytes(bytes));
      saved.audiences.forEach((audience, i) => {
        const { served, parts, ...rest } = audience;
        this.#add({
          ...rest,
          matched: sets[i]!,
          served: served === undefined ? undefined : sets[served]!,
          expression: audience.expression,
          parts: new Map(parts),
        });
      });
      this.#changes.restore(saved.changes, unpackSets(sections.get("changes")!));
    },
  };
}

function noteStep(audience: Audience, header: ListHeader, atMs: number): void {
  const { steps, shownFromMs: seenFromMs } = audience;
  const { operation, session, rows, usable, refused } = header;
  const open = session === undefined ? undefined : steps.find((step) => step.session === session);
  if (open === undefined) {
    steps.unshift({ operation, session, atMs, seenFromMs, rows, usable, refused });
    if (steps.length > STEPS_REMEMBERED) steps.pop();
    return;
  }
  open.rows += rows;
  open.usable += usable;
  open.refused += refused;
  open.seenFromMs = seenFromMs;
}

/** Whether its advertiser sees by then that it is there: not before the list that made it is answered. */
const isSeen = ({ seenFromMs }: Audience, atMs: number): boolean => atMs >= seenFromMs;

const unknownAudience = (): AudienceError =>
  new AudienceError("unknown-audience", "there is no such audience", "the list of audiences shows those that exist");

const nameKey = (advertiser: string, name: string): string => JSON.stringify([advertiser, name]);

/** Lengths, then the sets' bytes one after the other: a snapshot has few sections, and there may be many sets. */
function packSets(sets: readonly Uint8Array[]): Uint8Array {
  const lengths = Uint32Array.from([sets.length, ...sets.map((set) => set.length)]);
  return Buffer.concat([new Uint8Array(lengths.buffer), ...sets]);
}

function unpackSets(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  let at = 4 * (count + 1);
  return Array.from({ length: count }, (_, i) => {
    const length = view.getUint32(4 * (i + 1), true);
    at += length;
    return bytes.subarray(at - length, at);
  });
}
