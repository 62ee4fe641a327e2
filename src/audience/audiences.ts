/**
 * Audiences: for each list of an advertiser, the ordinals that it matched; what may be served is that set intersected
 * with what is permitted now. A fold of the facts of lists.
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
import { decodeList, type ListHeader, worldTimeOf } from "./list-facts.js";

export interface Audience {
  readonly id: string;
  readonly list: string;
  readonly advertiser: string;
  readonly name: string;
  /** When its list was first sent in the world, and when it was last. */
  createdAtMs: number;
  updatedAtMs: number;
  /** Whether some list of it was given its time when it was replayed. */
  isReplayed: boolean;
  /** Ledger position of the last leaf of its list. */
  position: number;
  /** Rows sent over all parts. */
  rows: number;
  usable: number;
  refused: number;
  readonly matched: OrdinalSet;
  /** Parts of sessions that were taken: `session part` to the match that took it. */
  readonly parts: Map<string, string>;
}

/** What an advertiser may know of an audience. */
export interface AudienceView {
  readonly audience: string;
  readonly list: string;
  readonly name: string;
  readonly advertiser: string;
  readonly status: "active";
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly size: "not released";
}

interface SavedAudiences {
  readonly audiences: readonly (Omit<Audience, "matched" | "parts"> & { parts: [string, string][] })[];
  readonly changes: SavedChanges;
}

export class Audiences implements Fold {
  readonly kinds = [LeafKind.list];
  readonly #byId = new Map<string, Audience>();
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
    const atMs = worldTimeOf(header, leafTimeMs);
    this.prune();
    const audience = this.#byId.get(header.audience) ?? this.#create(header, position, atMs);
    audience.matched.addSet(added);
    audience.matched.removeSet(removed);
    this.#changes.add(audience.id, position, added);
    this.#changes.add(audience.id, position, removed);
    audience.createdAtMs = Math.min(audience.createdAtMs, atMs);
    audience.updatedAtMs = Math.max(audience.updatedAtMs, atMs);
    audience.isReplayed ||= header.at !== undefined;
    audience.position = position;
    audience.rows += header.rows;
    audience.usable += header.usable;
    audience.refused += header.refused;
    if (header.session !== undefined) audience.parts.set(`${header.session} ${header.part ?? 1}`, header.match);
  }

  /** Takes members out, otherwise than by a list or by their permission. */
  leave(id: string, members: ReadonlyOrdinalSet, position: number): void {
    this.prune();
    const audience = this.get(id);
    audience.matched.removeSet(members);
    this.#changes.add(id, position, members);
  }

  #create(header: ListHeader, position: number, atMs: number): Audience {
    const audience: Audience = {
      id: header.audience,
      list: header.list,
      advertiser: header.advertiser,
      name: header.name,
      createdAtMs: atMs,
      updatedAtMs: atMs,
      isReplayed: false,
      position,
      rows: 0,
      usable: 0,
      refused: 0,
      matched: OrdinalSet.empty(),
      parts: new Map(),
    };
    this.#byId.set(audience.id, audience);
    this.#byName.set(nameKey(header.advertiser, header.name), audience.id);
    return audience;
  }

  /** @throws {AudienceError} code `unknown-audience`; the same for one that is another advertiser's */
  get(id: string, advertiser?: string): Audience {
    const audience = this.#byId.get(id);
    if (audience !== undefined && (advertiser === undefined || audience.advertiser === advertiser)) return audience;
    throw new AudienceError(
      "unknown-audience",
      "there is no such audience",
      "the list of audiences shows those that exist",
    );
  }

  find(advertiser: string, name: string): Audience | undefined {
    const id = this.#byName.get(nameKey(advertiser, name));
    return id === undefined ? undefined : this.#byId.get(id);
  }

  list(advertiser?: string): Audience[] {
    const all = [...this.#byId.values()];
    return advertiser === undefined ? all : all.filter((audience) => audience.advertiser === advertiser);
  }

  /** What may be served of an audience now. */
  served(permit: Permit<"ads.match">, audience: Audience): OrdinalSet {
    requirePermit(permit, "ads.match");
    return audience.matched.and(permit.ordinals);
  }

  /** Audiences that one of the ordinals is in and may be served in, now. */
  eligible(permit: Permit<"ads.match">, ordinals: readonly number[]): string[] {
    requirePermit(permit, "ads.match");
    return this.holding(ordinals.filter((ordinal) => permit.ordinals.has(ordinal)));
  }

  /** Audiences that one of the ordinals is in; whether they may be served there is another question. */
  holding(ordinals: readonly number[]): string[] {
    if (ordinals.length === 0) return [];
    const holding: string[] = [];
    for (const { id, matched } of this.#byId.values()) {
      if (ordinals.some((ordinal) => matched.has(ordinal))) holding.push(id);
    }
    return holding;
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
    for (const { id, matched } of this.#byId.values()) {
      if (!matched.intersects(this.#retired)) continue;
      const leaving = matched.and(this.#retired);
      this.#changes.add(id, this.#retiredAt, leaving);
      matched.removeSet(leaving);
      leaving.dispose();
    }
    this.#retired.clear();
  }

  readonly kept: Kept = {
    name: "audiences",
    save: () => {
      this.prune();
      const all = [...this.#byId.values()];
      const changes = this.#changes.save();
      const saved: SavedAudiences = {
        audiences: all.map(({ matched: _, parts, ...rest }) => ({ ...rest, parts: [...parts] })),
        changes: changes.state,
      };
      return [
        jsonSection("state", saved),
        { name: "matched", bytes: packSets(all.map(({ matched }) => matched.toBytes())) },
        { name: "changes", bytes: packSets(changes.sets) },
      ];
    },
    restore: (sections) => {
      const saved = readJson(sections, "state") as SavedAudiences;
      const sets = unpackSets(sections.get("matched")!);
      saved.audiences.forEach((audience, i) => {
        const matched = OrdinalSet.fromBytes(sets[i]!);
        this.#byId.set(audience.id, { ...audience, matched, parts: new Map(audience.parts) });
        this.#byName.set(nameKey(audience.advertiser, audience.name), audience.id);
      });
      this.#changes.restore(saved.changes, unpackSets(sections.get("changes")!));
    },
  };
}

/** What an advertiser may know of an audience. */
export function viewAudience(audience: Audience): AudienceView {
  return {
    audience: audience.id,
    list: audience.list,
    name: audience.name,
    advertiser: audience.advertiser,
    status: "active",
    createdAt: wholeSecond(audience.createdAtMs),
    updatedAt: wholeSecond(audience.updatedAtMs),
    size: "not released",
  };
}

/** The end of the second: when an answer is ready to the millisecond would tell how long the work took. */
const wholeSecond = (ms: number): string => new Date(Math.ceil(ms / 1000) * 1000).toISOString();

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
