/**
 * The hot state: a fold of the facts, kept in memory.
 *
 * Control facts are folded from the first at every start. The rest begins at a snapshot, when there is one
 * that can be believed. `apply` is the one place where a stored fact changes the state.
 */
import { Audiences, decodeList } from "../audience/index.js";
import { AccountFacts, Contacts, decodeEvents, decodeGrants, foldEvents, foldGrants, grown } from "../intake/index.js";
import { decodeLeaf, LeafKind } from "../ledger/index.js";
import { type GateState, type Permit, type Purpose, permit } from "../purpose/index.js";
import { OrdinalSet, type ReadonlyOrdinalSet } from "../set/index.js";
import { type FactRow, type Store, viewF64, viewU16, viewU32 } from "../store/index.js";
import { CONTROL_KINDS, Control } from "./control.js";

/** How long a batch is known again by its keyed digest. */
const REMEMBER_MS = 30 * 24 * 3600 * 1000;
const DATA_KINDS: readonly number[] = [LeafKind.contacts, LeafKind.events, LeafKind.accounts, LeafKind.list];

/** The progress of a fold. */
export type FoldProgress = (position: number, length: number) => void;

export class State implements GateState {
  readonly control: Control;
  readonly contacts: Contacts;
  readonly audiences = new Audiences();
  readonly people = new AccountFacts();
  /** Next ledger position that is not in the state. */
  position = 0;
  /** Position of the snapshot that the state began from. */
  restoredAt = 0;
  /** When each leaf was learned. */
  leafTimes: Float64Array = new Float64Array(1024);
  /** Rows of grants and events folded or made since a snapshot. */
  rowsSinceSnapshot = 0;
  /** Leaves that added contact points: position and first number, ascending. */
  readonly newcomersAt: { position: number; first: number }[] = [];
  readonly #batches = new Map<string, { atMs: number; good: number }>();
  /** Tags that died while the index was not looking: ordinal and bits. */
  readonly deadTags: { ordinal: number; tags: number }[] = [];

  constructor(rootFingerprint: string) {
    this.control = new Control(rootFingerprint);
    this.contacts = new Contacts(this.control.notices);
  }

  get permitted(): ReadonlyMap<Purpose, ReadonlyOrdinalSet> {
    return new Map([["ads.match", this.contacts.permitted]]);
  }

  permit(): Permit<"ads.match"> {
    return permit(this, "ads.match");
  }

  /** Folds the store's facts from `position` on (control facts from the first). */
  async fold(store: Store, onProgress: FoldProgress = () => {}): Promise<void> {
    const length = await store.length();
    this.leafTimes = grown(this.leafTimes, length);
    for await (const { position, body } of store.leaves(0, length)) this.leafTimes[position] = decodeLeaf(body).timeMs;
    for await (const row of store.facts(0, { to: length, kinds: [...CONTROL_KINDS] })) this.apply(row);
    for await (const row of store.facts(this.position, { to: length, kinds: [...DATA_KINDS] })) {
      this.apply(row);
      onProgress(row.position, length);
    }
    this.position = length;
  }

  /** Applies one fact of the store. */
  apply({ position, kind, body }: FactRow): void {
    const atMs = this.leafTimes[position]!;
    switch (kind) {
      case LeafKind.contacts: {
        const facts = decodeGrants(body);
        const change = this.contacts.begin(position);
        foldGrants(this.contacts, change, facts);
        this.contacts.publish(change);
        const hasNewcomers = this.contacts.points.count > change.firstPoint;
        this.learnGrants(position, atMs, hasNewcomers ? change.firstPoint : undefined, facts.notice, facts.header);
        this.#settle(change, facts.number.length);
        break;
      }
      case LeafKind.events: {
        const facts = decodeEvents(body);
        const change = this.contacts.begin(position);
        foldEvents(this.contacts, change, facts);
        this.contacts.publish(change);
        if (this.contacts.points.count > change.firstPoint)
          this.newcomersAt.push({ position, first: change.firstPoint });
        this.#settle(change, facts.number.length);
        break;
      }
      case LeafKind.accounts:
        this.people.apply(body, this.contacts);
        break;
      case LeafKind.list: {
        const { header, added, removed } = decodeList(body);
        this.audiences.apply(header, added, removed, position, atMs);
        added.dispose();
        removed.dispose();
        break;
      }
      default:
        this.control.fold(kind, body, position, atMs);
    }
  }

  /** The state now holds the leaf at `position`. */
  noteLeaf(position: number, atMs: number): void {
    this.leafTimes = grown(this.leafTimes, position + 1);
    this.leafTimes[position] = atMs;
    this.position = position + 1;
  }

  /** What a leaf of grants tells beyond the contact points themselves. */
  learnGrants(
    position: number,
    atMs: number,
    firstPoint: number | undefined,
    notices: Uint16Array,
    header: { source: string; digest: string; good: number; refused: number; freed: number },
  ): void {
    if (firstPoint !== undefined) this.newcomersAt.push({ position, first: firstPoint });
    for (const notice of new Set(notices)) this.control.notices.named(notice, position);
    this.control.sources.charge(header.source, header.freed, atMs);
    if (header.refused === 0) this.remember(header.digest, header.good, atMs);
  }

  remember(digest: string, good: number, atMs: number): void {
    this.#batches.set(digest, { atMs, good });
  }

  /** Good rows of a batch that was taken whole within 30 days, by its keyed digest. */
  remembered(digest: string, nowMs: number): number | undefined {
    const batch = this.#batches.get(digest);
    return batch !== undefined && batch.atMs > nowMs - REMEMBER_MS ? batch.good : undefined;
  }

  /** The leaf that added a contact point. */
  leafOfNumber(number: number): number {
    let [low, high] = [0, this.newcomersAt.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.newcomersAt[middle]!.first <= number) low = middle;
      else high = middle - 1;
    }
    return this.newcomersAt[low]!.position;
  }

  #settle(
    change: { ended: number[]; position: number; droppedOrdinals: number[]; droppedTags: number[] },
    rows: number,
  ): void {
    this.audiences.retire(change.ended, change.position);
    change.droppedOrdinals.forEach((ordinal, i) => {
      this.deadTags.push({ ordinal, tags: change.droppedTags[i]! });
    });
    this.rowsSinceSnapshot += rows;
  }

  /** Sections of a snapshot at `position`. */
  save(): { name: string; bytes: Uint8Array }[] {
    const { contacts, audiences, people } = this;
    const { names, ends, firstPoint } = contacts.accounts.sections();
    const saved = audiences.save();
    const known = people.save();
    const nowMs = Date.now();
    const misc = {
      sources: this.control.sources.charges,
      named: [...this.control.notices.firstNamedAt],
      newcomersAt: this.newcomersAt,
      batches: [...this.#batches].filter(([, { atMs }]) => atMs > nowMs - REMEMBER_MS),
    };
    return [
      { name: "misc", bytes: Buffer.from(JSON.stringify(misc)) },
      ...columns("accounts", [names, ends, firstPoint]),
      ...columns("points", contacts.points.sections()),
      ...columns("more", contacts.more.sections()),
      ...columns("events", contacts.accountEvents.sections()),
      { name: "stretches", bytes: bytesOf(contacts.stretches()) },
      { name: "permitted", bytes: contacts.permitted.toBytes() },
      { name: "audiences", bytes: Buffer.from(saved.state) },
      { name: "matched", bytes: encodeSets(saved.sets) },
      { name: "people", bytes: Buffer.from(known.state) },
      ...columns("fields", known.fields),
      { name: "people-sets", bytes: encodeSets(known.sets) },
    ];
  }

  restore(position: number, sections: ReadonlyMap<string, Uint8Array>): void {
    const section = (name: string): Uint8Array => sections.get(name) ?? new Uint8Array(0);
    const text = (name: string): string => Buffer.from(section(name)).toString("utf8");
    const { contacts } = this;
    const misc: {
      sources: [string, { atMs: number; count: number }[]][];
      named: [string, number][];
      newcomersAt: { position: number; first: number }[];
      batches: [string, { atMs: number; good: number }][];
    } = JSON.parse(text("misc"));
    this.control.sources.restoreCharges(misc.sources);
    this.control.notices.restoreNamed(misc.named);
    this.newcomersAt.push(...misc.newcomersAt);
    for (const [digest, batch] of misc.batches) this.#batches.set(digest, batch);
    const u32 = (name: string): Uint32Array => viewU32(section(name));
    const u16 = (name: string): Uint16Array => viewU16(section(name));
    contacts.accounts.restore(section("accounts.0"), u32("accounts.1"), u32("accounts.2"));
    contacts.points.restore(
      u32("points.0"),
      u32("points.1"),
      u32("points.2"),
      section("points.3"),
      u16("points.4"),
      section("points.5"),
      u32("points.6"),
      u16("points.7"),
    );
    for (const [name, history] of [
      ["more", contacts.more],
      ["events", contacts.accountEvents],
    ] as const) {
      history.restore(
        u32(`${name}.0`),
        section(`${name}.1`),
        u16(`${name}.2`),
        viewF64(section(`${name}.3`)),
        u32(`${name}.4`),
        u32(`${name}.5`),
      );
    }
    contacts.restoreStretches(u32("stretches"));
    contacts.restorePermitted(OrdinalSet.fromBytes(section("permitted")));
    this.audiences.restore(text("audiences"), decodeSets(section("matched")));
    const fields = [
      u16("fields.0"),
      viewF64(section("fields.1")),
      viewF64(section("fields.2")),
      u16("fields.3"),
    ] as const;
    this.people.restore(text("people"), fields, decodeSets(section("people-sets")));
    this.position = position;
    this.restoredAt = position;
  }
}

function columns(name: string, arrays: readonly ArrayBufferView[]): { name: string; bytes: Uint8Array }[] {
  return arrays.map((array, i) => ({ name: `${name}.${i}`, bytes: bytesOf(array) }));
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Lengths, then the sets' bytes one after the other. */
function encodeSets(sets: readonly Uint8Array[]): Uint8Array {
  const lengths = Uint32Array.from([sets.length, ...sets.map((set) => set.length)]);
  return Buffer.concat([bytesOf(lengths), ...sets]);
}

function decodeSets(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  let at = 4 * (count + 1);
  return Array.from({ length: count }, (_, i) => {
    const length = view.getUint32(4 * (i + 1), true);
    at += length;
    return bytes.subarray(at - length, at);
  });
}
