/**
 * The log as it lives in one process: the store's facts, the folds that are kept by them, and the one writer.
 *
 * Opening folds every fact, from a snapshot that can be believed or from the first. From then on a fact counts when it
 * is durable: small facts are applied by their fold (`record`), large ones are planned in the hot state first and
 * published or undone by whoever planned them (`writer`). A snapshot can always be thrown away and rebuilt.
 */
import {
  decodeLeaf,
  encodeLeaf,
  type LeafFacts,
  type LeafKind,
  leafRoot,
  newSalts,
  SALT_BYTES,
  singleFact,
} from "../ledger/index.js";
import { Paging } from "../paging/index.js";
import { type Append, type FactRow, readSnapshot, type Store, writeSnapshot } from "../store/index.js";
import {
  applyFact,
  type Fold,
  type FoldProgress,
  type FoldsByKind,
  foldFacts,
  foldsByKind,
  type Kept,
} from "./fold.js";
import { type Sealed, Writer } from "./writer.js";

export interface LogOptions {
  readonly store: Store;
  readonly folds: readonly Fold[];
  /** State beside the folds that snapshots hold too. */
  readonly beside?: readonly Kept[];
  /** Folder of the snapshot. */
  readonly folder: string;
  /** Key of the snapshot's seal. */
  readonly key: Uint8Array;
  /** For sections of which little is looked at. */
  readonly paging?: Paging | undefined;
  readonly onProgress?: FoldProgress | undefined;
}

/** Name of the snapshot; its number goes up whenever what it holds changes, so that an older one is not read. */
const SNAPSHOT = "hot.10";
/** A snapshot is due when so many bytes of facts came since the last one, or this share of its own. */
const SNAPSHOT_AFTER_BYTES = 256 * 1024 * 1024;
const SNAPSHOT_AFTER_SHARE = 0.6;
/** Between the name of a kept part and that of its section. */
const SEPARATOR = "/";

/** A leaf of facts, as `Log.entry` makes it. */
export interface EntryOptions {
  readonly kind: LeafKind;
  readonly timeMs: number;
  readonly root: Uint8Array;
  readonly body: Uint8Array;
  readonly keys?: Uint8Array | undefined;
  readonly tokens?: Append["tokens"];
  readonly sealed?: Append["sealed"];
  readonly rewrites?: Append["rewrites"];
}

export class Log {
  readonly store: Store;
  readonly writer: Writer;
  readonly #options: LogOptions;
  readonly #folds: FoldsByKind;
  #snapshotBytes: number;
  #snapshotPosition: number;
  #snapshotFailure: string | undefined;
  /** Bytes of facts that a start would have to fold again, but for those that the writer counts. */
  #unkeptBytes: number;

  private constructor(
    options: LogOptions,
    length: number,
    lastMs: number,
    snapshot: { position: number; bytes: number },
    foldedBytes: number,
  ) {
    this.store = options.store;
    this.writer = new Writer(options.store, length, lastMs);
    this.#options = options;
    this.#folds = foldsByKind(options.folds);
    this.#snapshotBytes = snapshot.bytes;
    this.#snapshotPosition = snapshot.position;
    this.#unkeptBytes = foldedBytes;
  }

  /**
   * Folds the store's facts; its writer's lock must be held.
   * @throws {LogError} code `unfoldable-fact`
   * @throws {StoreError}
   */
  static async open(options: LogOptions): Promise<Log> {
    const { store, folds, beside = [], folder, key, paging = Paging.none, onProgress } = options;
    const length = await store.length();
    const kept = [...folds.flatMap((fold) => fold.kept ?? []), ...beside];
    const read = await readSnapshot(folder, SNAPSHOT, key, (section, bytes, ofAll) => {
      if (paging.isFor(ofAll) && isPaged(kept, section)) paging.pageOut(bytes);
    });
    let snapshot = { position: 0, bytes: 0 };
    if (!("unusable" in read) && read.position <= length) {
      for (const part of kept) part.restore(sectionsOf(part.name, read.sections));
      const bytes = [...read.sections.values()].reduce((sum, section) => sum + section.byteLength, 0);
      snapshot = { position: read.position, bytes };
    }
    const foldedBytes = await foldFacts(store, folds, { from: snapshot.position, length, onProgress });
    const last = length === 0 ? undefined : await store.leaf(length - 1);
    return new Log(options, length, last === undefined ? 0 : decodeLeaf(last).timeMs, snapshot, foldedBytes);
  }

  /** Number of leaves that are durable and count. */
  get position(): number {
    return this.writer.durablePosition;
  }

  /** Position of the snapshot that the state began from, or that was written since; 0 for none. */
  get snapshotPosition(): number {
    return this.#snapshotPosition;
  }

  /** A leaf of one body of facts. */
  entry({ kind, timeMs, root, body, keys, tokens = [], sealed, rewrites }: EntryOptions): Append {
    return {
      leaf: encodeLeaf({ kind, timeMs, root }),
      timeMs,
      facts: [{ kind, body, keys }],
      tokens,
      sealed,
      rewrites,
    };
  }

  /**
   * Makes one small fact durable, then applies it: its own leaf, with a salt of 16 bytes before the payload.
   *
   * @param make called alone, with the leaf's time, when everything before it counts; may throw to refuse
   * @param accompany plans leaves that are durable and count together with it, behind it; called after `make`
   * @returns its position
   */
  async record(
    kind: LeafKind,
    make: (timeMs: number) => Uint8Array,
    accompany?: (position: number, timeMs: number) => Promise<Sealed | undefined>,
  ): Promise<number> {
    const { position, done } = await this.writer.exclusiveSettled(async () => {
      const timeMs = this.writer.nowMs();
      const entry = recordEntry(kind, make(timeMs), timeMs);
      const { position } = this.writer;
      const companions = await accompany?.(position + 1, timeMs);
      // The entry's own body is given away.
      const body = entry.facts[0]!.body.slice();
      const fact: FactRow = { position, part: 0, kind, timeMs, body, keys: new Uint8Array(0) };
      const publish = async () => {
        applyFact(this.#folds, fact);
        await companions?.publish();
      };
      const entries = [entry, ...(companions?.entries ?? [])];
      return { position, done: this.writer.seal({ entries, publish, undo: () => companions?.undo() }) };
    });
    await done;
    return position;
  }

  /** Writes a snapshot when enough has come since the last. What can't be written costs nothing but time at the next start. */
  async snapshotIfDue(): Promise<void> {
    const unkept = this.#unkeptBytes + this.writer.factBytes;
    if (unkept <= Math.max(SNAPSHOT_AFTER_BYTES, SNAPSHOT_AFTER_SHARE * this.#snapshotBytes)) return;
    await this.snapshot().catch((error: unknown) => {
      this.#snapshotFailure = error instanceof Error ? error.message : String(error);
    });
  }

  /** Why the last snapshot that was due could not be written. */
  get snapshotFailure(): string | undefined {
    return this.#snapshotFailure;
  }

  /** Whether anything came since the last snapshot that would have to be folded again. */
  get isSnapshotStale(): boolean {
    return this.#unkeptBytes + this.writer.factBytes > 0;
  }

  /** Writes the hot state to a file that can always be thrown away. */
  async snapshot(): Promise<void> {
    const { folds, beside = [], folder, key } = this.#options;
    await this.writer.exclusiveSettled(async () => {
      const sections = [];
      for (const part of [...folds.flatMap((fold) => fold.kept ?? []), ...beside]) {
        for (const { name, bytes } of await part.save()) {
          sections.push({ name: `${part.name}${SEPARATOR}${name}`, bytes });
        }
      }
      await writeSnapshot(folder, SNAPSHOT, { position: this.position, key, sections });
      this.#snapshotPosition = this.position;
      this.#snapshotFailure = undefined;
      this.#unkeptBytes = -this.writer.factBytes;
      this.#snapshotBytes = sections.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    });
  }
}

/** A leaf with one fact that is not erasable: its salt, then the payload. */
export function recordEntry(kind: LeafKind, payload: Uint8Array, timeMs: number): Append {
  const salt = newSalts(1);
  const body = new Uint8Array(SALT_BYTES + payload.length);
  body.set(salt);
  body.set(payload, SALT_BYTES);
  const root = leafRoot(recordFacts(body));
  return { leaf: encodeLeaf({ kind, timeMs, root }), timeMs, facts: [{ kind, body }], tokens: [] };
}

/** The fact of a body that `recordEntry` made. */
export const recordFacts = (body: Uint8Array): LeafFacts =>
  singleFact(body.subarray(0, SALT_BYTES), body.subarray(SALT_BYTES));

/** The payload of a fact that `recordEntry` made. */
export const payloadOf = (body: Uint8Array): Uint8Array => body.subarray(SALT_BYTES);

const isPaged = (kept: readonly Kept[], section: string): boolean => {
  const [name, ...own] = section.split(SEPARATOR);
  return kept.find((part) => part.name === name)?.isPaged?.(own.join(SEPARATOR)) ?? false;
};

function sectionsOf(name: string, sections: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  const own = new Map<string, Uint8Array>();
  const prefix = `${name}${SEPARATOR}`;
  for (const [section, bytes] of sections) if (section.startsWith(prefix)) own.set(section.slice(prefix.length), bytes);
  return own;
}
