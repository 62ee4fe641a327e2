/**
 * Audiences: for each list of an advertiser, the ordinals that it matched; what may be served is that set
 * intersected with what is permitted now.
 *
 * The facts of a match stay, with their times. The hot sets are pruned of retired ordinals in the
 * background; who thereby left which audience goes into the log of changes, which holds the last million.
 */
import type { Permit } from "../purpose/index.js";
import { requirePermit } from "../purpose/index.js";
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import { AudienceError } from "./error.js";

export type ListOperation = "create" | "append" | "remove" | "replace";

/** What a leaf of a list says of itself. */
export interface ListHeader {
  readonly actor: string;
  readonly advertiser: string;
  readonly audience: string;
  readonly list: string;
  readonly name: string;
  readonly operation: ListOperation;
  readonly scheme: string;
  readonly rows: number;
  readonly usable: number;
  readonly refused: number;
  readonly session?: string;
  readonly part?: number;
  readonly idempotencyKey?: string;
}

export interface Audience {
  readonly id: string;
  readonly list: string;
  readonly advertiser: string;
  readonly name: string;
  readonly createdAtMs: number;
  updatedAtMs: number;
  /** Ledger position of the last leaf of its list. */
  position: number;
  /** Rows sent over all parts. */
  rows: number;
  usable: number;
  refused: number;
  readonly matched: OrdinalSet;
  /** Parts of sessions that were taken: `session part` to the position of the leaf. */
  readonly parts: Map<string, number>;
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

/** Changes of membership kept for followers. */
export const MAX_CHANGES = 1_000_000;

export class Audiences {
  readonly #byId = new Map<string, Audience>();
  readonly #byName = new Map<string, string>();
  /** Who may have joined or left: position, number of the audience, ordinal. */
  #changes: { position: number; audience: string; ordinal: number }[] = [];
  #changesFrom = 0;
  /** Ordinals retired since the last pruning, with the position of their leaf. */
  #retired: { ordinal: number; position: number }[] = [];

  /** Applies a leaf of a list. */
  apply(header: ListHeader, added: OrdinalSet, removed: OrdinalSet, position: number, atMs: number): Audience {
    this.prune();
    let audience = this.#byId.get(header.audience);
    if (audience === undefined) {
      audience = {
        id: header.audience,
        list: header.list,
        advertiser: header.advertiser,
        name: header.name,
        createdAtMs: atMs,
        updatedAtMs: atMs,
        position,
        rows: 0,
        usable: 0,
        refused: 0,
        matched: OrdinalSet.empty(),
        parts: new Map(),
      };
      this.#byId.set(audience.id, audience);
      this.#byName.set(nameKey(header.advertiser, header.name), audience.id);
    }
    audience.matched.addSet(added);
    audience.matched.removeSet(removed);
    this.#logAll(audience.id, position, added);
    this.#logAll(audience.id, position, removed);
    audience.updatedAtMs = atMs;
    audience.position = position;
    audience.rows += header.rows;
    audience.usable += header.usable;
    audience.refused += header.refused;
    if (header.session !== undefined) audience.parts.set(`${header.session} ${header.part ?? 1}`, position);
    return audience;
  }

  /** @throws {AudienceError} code `unknown-audience`; the same for one that is another advertiser's */
  get(id: string, advertiser?: string): Audience {
    const audience = this.#byId.get(id);
    if (audience !== undefined && (advertiser === undefined || audience.advertiser === advertiser)) return audience;
    throw new AudienceError("unknown-audience", `no audience ${id}`, "solely audience list shows those that exist");
  }

  find(advertiser: string, name: string): Audience | undefined {
    const id = this.#byName.get(nameKey(advertiser, name));
    return id === undefined ? undefined : this.#byId.get(id);
  }

  list(advertiser?: string): Audience[] {
    const all = [...this.#byId.values()];
    return advertiser === undefined ? all : all.filter((audience) => audience.advertiser === advertiser);
  }

  view(audience: Audience): AudienceView {
    return {
      audience: audience.id,
      list: audience.list,
      name: audience.name,
      advertiser: audience.advertiser,
      status: "active",
      createdAt: new Date(audience.createdAtMs).toISOString(),
      updatedAt: new Date(audience.updatedAtMs).toISOString(),
      size: "not released",
    };
  }

  /** What may be served of an audience now. */
  served(permit: Permit<"ads.match">, audience: Audience): OrdinalSet {
    requirePermit(permit, "ads.match");
    return audience.matched.and(permit.ordinals);
  }

  /** Audiences that one of the ordinals is in and may be served in, now. */
  eligible(permit: Permit<"ads.match">, ordinals: readonly number[]): string[] {
    requirePermit(permit, "ads.match");
    const usable = ordinals.filter((ordinal) => permit.ordinals.has(ordinal));
    if (usable.length === 0) return [];
    const eligible: string[] = [];
    for (const { id, matched } of this.#byId.values()) {
      if (usable.some((ordinal) => matched.has(ordinal))) eligible.push(id);
    }
    return eligible;
  }

  /** Remembers ordinals whose stretch has ended; they are pruned later. */
  retire(ordinals: readonly number[], position: number): void {
    for (const ordinal of ordinals) this.#retired.push({ ordinal, position });
  }

  get hasRetired(): boolean {
    return this.#retired.length > 0;
  }

  /** Takes retired ordinals out of the hot sets, and notes who thereby left. */
  prune(): void {
    if (this.#retired.length === 0) return;
    const retired = OrdinalSet.from(Uint32Array.from(this.#retired, ({ ordinal }) => ordinal));
    const positions = new Map(this.#retired.map(({ ordinal, position }) => [ordinal, position]));
    this.#retired = [];
    for (const audience of this.#byId.values()) {
      if (!audience.matched.intersects(retired)) continue;
      const leaving = audience.matched.and(retired);
      for (const ordinal of leaving) this.#log(audience.id, positions.get(ordinal)!, ordinal);
      audience.matched.removeSet(leaving);
      leaving.dispose();
    }
    retired.dispose();
  }

  /**
   * Who may have joined or left since a position: ordinals by audience.
   * @throws {AudienceError} code `position-too-old`
   */
  changedSince(position: number): Map<string, Set<number>> {
    if (position < this.#changesFrom) {
      throw new AudienceError(
        "position-too-old",
        `changes are kept from position ${this.#changesFrom} on`,
        "export the audience anew, then follow from the export's position",
      );
    }
    this.prune();
    const changed = new Map<string, Set<number>>();
    for (const change of this.#changes) {
      if (change.position < position) continue;
      const ordinals = changed.get(change.audience) ?? new Set();
      changed.set(change.audience, ordinals.add(change.ordinal));
    }
    return changed;
  }

  /** For snapshots: everything but the bitmaps, and the bitmaps in the same order. */
  save(): { state: string; sets: Uint8Array[] } {
    this.prune();
    const audiences = [...this.#byId.values()].map(({ matched: _, parts, ...rest }) => ({
      ...rest,
      parts: [...parts],
    }));
    const state = JSON.stringify({ audiences, changes: this.#changes, changesFrom: this.#changesFrom });
    return { state, sets: [...this.#byId.values()].map((audience) => audience.matched.toBytes()) };
  }

  restore(state: string, sets: readonly Uint8Array[]): void {
    const saved: {
      audiences: (Omit<Audience, "matched" | "parts"> & { parts: [string, number][] })[];
      changes: { position: number; audience: string; ordinal: number }[];
      changesFrom: number;
    } = JSON.parse(state);
    saved.audiences.forEach((audience, i) => {
      this.#byId.set(audience.id, {
        ...audience,
        matched: OrdinalSet.fromBytes(sets[i]!),
        parts: new Map(audience.parts),
      });
      this.#byName.set(nameKey(audience.advertiser, audience.name), audience.id);
    });
    this.#changes = saved.changes;
    this.#changesFrom = saved.changesFrom;
  }

  #logAll(audience: string, position: number, ordinals: ReadonlyOrdinalSet): void {
    if (ordinals.size > MAX_CHANGES) {
      this.#changes = [];
      this.#changesFrom = position + 1;
      return;
    }
    for (const ordinal of ordinals) this.#log(audience, position, ordinal);
  }

  #log(audience: string, position: number, ordinal: number): void {
    this.#changes.push({ position, audience, ordinal });
    if (this.#changes.length <= 2 * MAX_CHANGES) return;
    const dropped = this.#changes.length - MAX_CHANGES;
    this.#changesFrom = this.#changes[dropped - 1]!.position + 1;
    this.#changes = this.#changes.slice(dropped).filter((change) => change.position >= this.#changesFrom);
  }
}

const nameKey = (advertiser: string, name: string): string => JSON.stringify([advertiser, name]);
