/**
 * Checkpoints: the ledger's tree, kept up with the leaves that become durable, and signed within a second of each.
 *
 * Signing goes on beside the work: nobody's acknowledgement waits for it. In memory is the tree's right edge alone; full
 * tiles go to the store with the checkpoint that covers them, and what a process that was killed had not stored is made
 * anew from the leaves.
 */
import {
  type Checkpoint,
  formatCheckpoint,
  formatNote,
  leafHash,
  openCheckpoint,
  parseNote,
  parseVerifier,
  rootOf,
  SIGNATURE_TYPE,
  type Signer,
  signerOf,
  signNote,
  TILE_WIDTH,
  type Tile,
  type TilePlace,
  TreeEdge,
  TreeReader,
  type Verifier,
  verifiedBy,
} from "../ledger/index.js";
import type { Log } from "../log/index.js";
import type { Store } from "../store/index.js";
import { CheckpointError } from "./error.js";

export interface CheckpointsOptions {
  readonly log: Log;
  /** Id of the store, hex: what tells its log from others. */
  readonly storeId: string;
  /** Seed of the key that signs, 32 bytes. */
  readonly seed: Uint8Array;
}

/** Leaves wait so long for the next checkpoint. */
const SIGN_AFTER_MS = 250;
const HASH_BYTES = 32;

/** The log's name, which is also its key's. */
export const originOf = (storeId: string): string => `solely-ledger/${storeId.slice(0, 16)}`;

export class Checkpoints {
  readonly #store: Store;
  readonly #log: Log;
  readonly #signer: Signer;
  readonly #edge: TreeEdge;
  /** Full tiles that are not stored yet, by level and index. */
  readonly #waiting = new Map<string, Tile>();
  readonly #tell: ((note: string, checkpoint: Checkpoint) => Promise<void>)[] = [];
  #newest: { checkpoint: Checkpoint; note: string };
  #lastWitness: { readonly name: string; readonly size: number; readonly atMs: number } | undefined;
  #signedAtMs = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #signing: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(options: CheckpointsOptions, signer: Signer, edge: TreeEdge, waiting: readonly Tile[]) {
    this.#log = options.log;
    this.#store = options.log.store;
    this.#signer = signer;
    this.#edge = edge;
    for (const tile of waiting) this.#waiting.set(placeKey(tile), tile);
    this.#newest = this.#sign();
    this.#log.writer.whenDurable((leaves) => this.#add(leaves));
  }

  /**
   * Takes the tree up from the stored tiles and the leaves after them, and signs it as it is.
   * @throws {CheckpointError} code `altered` when the stored tree is not the one that was signed last here
   */
  static async open(options: CheckpointsOptions): Promise<Checkpoints> {
    const { log } = options;
    const { store } = log;
    const signer = signerOfStore(options);
    const edge = new TreeEdge();
    const waiting: Tile[] = [];
    const stored = await store.countTiles(0);
    edge.restore(0, stored, new Uint8Array(0));
    for (let level = 1, below = stored; below > 0; level++) {
      const full = Math.floor(below / TILE_WIDTH);
      const tiles = await store.tiles(level - 1, full * TILE_WIDTH);
      edge.restore(level, full, Buffer.concat(tiles.map(rootOf)));
      below = full;
    }
    for await (const { body } of store.leaves(stored * TILE_WIDTH, log.position)) {
      waiting.push(...edge.add(leafHash(body)));
    }
    const checkpoints = new Checkpoints(options, signer, edge, waiting);
    await checkpoints.#requireStored();
    await checkpoints.#save();
    return checkpoints;
  }

  /** Stops unless the tree begins as the one that was signed last in this database. */
  async #requireStored(): Promise<void> {
    const note = await this.#store.signedCheckpoint();
    if (note === undefined) return;
    const { checkpoint } = openCheckpoint(note, this.verifier);
    if (checkpoint.size <= this.size) {
      const root = await this.#tree(checkpoint.size).root();
      if (Buffer.compare(root, checkpoint.root) === 0) return;
    }
    throw new CheckpointError(
      "altered",
      `the ledger's first ${checkpoint.size} leaves are not those that were signed`,
      "somebody changed the database: restore it from a backup; until then nothing is served",
    );
  }

  /** Who signs: what a stranger verifies with. */
  get verifier(): Verifier {
    return this.#signer.verifier;
  }

  /** Number of leaves of the newest checkpoint. */
  get size(): number {
    return this.#newest.checkpoint.size;
  }

  get newest(): { readonly checkpoint: Checkpoint; readonly note: string } {
    return this.#newest;
  }

  /** When the newest was signed. */
  get signedAtMs(): number {
    return this.#signedAtMs;
  }

  /** Who cosigned last since this process began, what, and when that came in. */
  get lastWitness(): { readonly name: string; readonly size: number; readonly atMs: number } | undefined {
    return this.#lastWitness;
  }

  /** Tells of each checkpoint once it is signed and stored, one after the other. */
  whenSigned(tell: (note: string, checkpoint: Checkpoint) => Promise<void>): void {
    this.#tell.push(tell);
  }

  /**
   * Adds a witness's signature to the newest checkpoint, to be served with it.
   * @param key the witness's, as it is published
   * @returns the witness's name
   * @throws {CheckpointError} code `beyond-checkpoint` if there is a newer one by now
   */
  addCosignature(cosigned: string, key: string): string {
    const witness = parseVerifier(key);
    const note = parseNote(cosigned);
    const current = parseNote(this.#newest.note);
    const signature = note.signatures.find(({ name }) => name === witness.name);
    if (note.text !== current.text || signature === undefined || verifiedBy(note, witness) === undefined) {
      throw new CheckpointError(
        "beyond-checkpoint",
        "this is no cosignature of the newest checkpoint",
        "cosign it again",
      );
    }
    const others = current.signatures.filter(({ name }) => name !== witness.name);
    const signed = formatNote({ text: current.text, signatures: [...others, signature] });
    this.#newest = { ...this.#newest, note: signed };
    this.#lastWitness = { name: witness.name, size: this.size, atMs: Date.now() };
    return witness.name;
  }

  /**
   * Hashes that lead from a leaf to the root of the tree of `size` leaves.
   * @throws {CheckpointError} code `beyond-checkpoint`
   * @throws {LedgerError} code `beyond-tree`
   */
  async inclusion(position: number, size = this.size): Promise<Uint8Array[]> {
    return this.#tree(size).inclusion(position);
  }

  /**
   * Hashes that show that the tree of `older` leaves is the beginning of the one of `size`.
   * @throws {CheckpointError} code `beyond-checkpoint`
   * @throws {LedgerError} code `beyond-tree`
   */
  async consistency(older: number, size = this.size): Promise<Uint8Array[]> {
    return this.#tree(size).consistency(older);
  }

  /**
   * The root of the first `size` leaves.
   * @throws {CheckpointError} code `beyond-checkpoint`
   */
  async rootAt(size: number): Promise<Uint8Array> {
    return this.#tree(size).root();
  }

  #tree(size: number): TreeReader {
    if (!Number.isSafeInteger(size) || size < 0 || size > this.#edge.size) {
      throw new CheckpointError(
        "beyond-checkpoint",
        `the newest checkpoint has ${this.size} leaves`,
        "ask for a tree that is not larger",
      );
    }
    return new TreeReader(size, (place) => this.tile(place));
  }

  /**
   * A tile of the tree, `width` hashes of it.
   * @throws {CheckpointError} code `no-such-tile`
   */
  async tile({ level, index, width }: TilePlace): Promise<Uint8Array> {
    const { index: last, hashes } = this.#edge.partial(level);
    const whole =
      index === last
        ? hashes
        : (this.#waiting.get(placeKey({ level, index }))?.hashes ?? (await this.#store.tile(level, index)));
    if (whole !== undefined && whole.length >= width * HASH_BYTES) return whole.subarray(0, width * HASH_BYTES);
    throw new CheckpointError(
      "no-such-tile",
      "the tree has no such tile",
      "the checkpoint's size tells which there are",
    );
  }

  /**
   * Leaves of a bundle.
   * @throws {CheckpointError} code `no-such-tile`
   */
  async entries({ index, width }: Omit<TilePlace, "level">): Promise<Uint8Array[]> {
    const first = index * TILE_WIDTH;
    if (first + width > this.size) {
      throw new CheckpointError(
        "no-such-tile",
        "the log has no such entries",
        "the checkpoint's size tells which there are",
      );
    }
    const leaves: Uint8Array[] = [];
    for await (const { body } of this.#store.leaves(first, first + width)) leaves.push(body);
    return leaves;
  }

  /** All bundles of the first `size` leaves, in order, read in one go. */
  async *bundles(size: number): AsyncGenerator<{ readonly index: number; readonly leaves: readonly Uint8Array[] }> {
    let leaves: Uint8Array[] = [];
    for await (const { position, body } of this.#store.leaves(0, size)) {
      leaves.push(body);
      if (leaves.length < TILE_WIDTH && position + 1 < size) continue;
      yield { index: Math.floor(position / TILE_WIDTH), leaves };
      leaves = [];
    }
  }

  #add(leaves: readonly Uint8Array[]): void {
    for (const leaf of leaves) {
      for (const tile of this.#edge.add(leafHash(leaf))) this.#waiting.set(placeKey(tile), tile);
    }
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.signNow().catch(() => {});
    }, SIGN_AFTER_MS).unref();
  }

  /** Signs the tree as it is now; what can't be stored is tried again with the next leaf. */
  signNow(): Promise<void> {
    const mine = this.#signing.then(async () => {
      if (this.#edge.size !== this.size) {
        this.#newest = this.#sign();
        this.#signedAtMs = Date.now();
      }
      await this.#save();
    });
    this.#signing = mine.catch(() => {});
    return mine;
  }

  #sign(): { checkpoint: Checkpoint; note: string } {
    return signedNote(this.#signer, this.#edge);
  }

  async #save(): Promise<void> {
    const { note, checkpoint } = this.#newest;
    const tiles = [...this.#waiting.values()];
    await this.#store.saveTiles({ tiles, note });
    for (const tile of tiles) this.#waiting.delete(placeKey(tile));
    for (const tell of this.#tell) await tell(note, checkpoint);
  }

  /** Signs what is not signed yet. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#signing;
    if (this.#edge.size !== this.size || this.#waiting.size > 0) await this.signNow().catch(() => {});
  }
}

/** A checkpoint's signed note. */
function signedNote(signer: Signer, edge: TreeEdge): { checkpoint: Checkpoint; note: string } {
  const checkpoint = { origin: signer.verifier.name, size: edge.size, root: edge.root() };
  const text = formatCheckpoint(checkpoint);
  return { checkpoint, note: formatNote({ text, signatures: [signNote(text, signer)] }) };
}

/** Who signs the checkpoints of a store. */
export const signerOfStore = ({ storeId, seed }: Pick<CheckpointsOptions, "storeId" | "seed">): Signer =>
  signerOf(originOf(storeId), SIGNATURE_TYPE.ed25519, seed);

/** The signed checkpoint of a ledger that has these leaves alone. */
export function firstCheckpoint(
  leaves: readonly Uint8Array[],
  key: Pick<CheckpointsOptions, "storeId" | "seed">,
): string {
  const edge = new TreeEdge();
  for (const leaf of leaves) edge.add(leafHash(leaf));
  return signedNote(signerOfStore(key), edge).note;
}

const placeKey = ({ level, index }: Pick<Tile, "level" | "index">): string => `${level} ${index}`;
