/**
 * The newest signed checkpoint, kept in one file outside the data folder: what shows that the data was put back to an
 * earlier state, or goes on from one on its own, when everything inside it looks right.
 *
 * A store that is behind or beside the kept checkpoint takes in what it is told, and lets nothing be used until two
 * operators have recovered it. The file is replaced as a whole and durably, within a second of a leaf, and nobody waits for
 * it. While it can't be written what was kept last goes on to hold. A process that knows itself to be the newest
 * writes over nothing but what it wrote itself, or what its own ledger begins with: of two that go on from one state the
 * second is stopped.
 */
import { type Checkpoint, LeafKind } from "../ledger/index.js";
import type { Log } from "../log/index.js";
import type { Checkpoints } from "./checkpoints.js";
import { CheckpointError } from "./error.js";
import { keptDigest, keptSince, readKept, replaceKept, setAside } from "./kept-file.js";
import { encodeRecovery, type Recoveries } from "./recoveries.js";
import { isCurrent, type Standing, standingOf, tellStanding } from "./standing.js";

export interface KeptCheckpointOptions {
  /** Absolute path; undefined in a store that keeps none. */
  readonly file: string | undefined;
  readonly checkpoints: Checkpoints;
  readonly recoveries: Recoveries;
  readonly log: Log;
}

/** How often the file is looked at. */
const LOOK_EVERY_MS = 1000;
/** How long an ending process waits for a file that can't be written. */
const CLOSE_LIMIT_MS = 5000;

/** What is kept, and how the ledger stands to it. */
export interface KeptStatus {
  readonly file: string | null;
  readonly standing: Standing;
  /** The checkpoint in the file, if it is one of this ledger. */
  readonly kept: Checkpoint | null;
  /** SHA-256 of the file's bytes; null when there is none. */
  readonly digest: string | null;
  /** When the file was written last. */
  readonly keptAtMs: number | null;
  /** Why the file could not be written, and since when. */
  readonly failure: { readonly reason: string; readonly sinceMs: number } | undefined;
}

export class KeptCheckpoint {
  readonly #options: KeptCheckpointOptions;
  readonly #timer: NodeJS.Timeout | undefined;
  #standing: Standing;
  /** What the file holds, as this process read or wrote it last. */
  #bytes: Uint8Array | undefined;
  #keptAtMs: number | undefined;
  #failure: KeptStatus["failure"];
  #looking: Promise<void> | undefined;
  #isLookWanted = false;

  private constructor(options: KeptCheckpointOptions, standing: Standing) {
    this.#options = options;
    this.#standing = standing;
    if (options.file === undefined) return;
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
    options.checkpoints.whenSigned(async () => void this.look());
  }

  /** Judges the ledger by what is kept, and keeps its newest checkpoint if it may. */
  static async open(options: KeptCheckpointOptions): Promise<KeptCheckpoint> {
    if (options.file === undefined) return new KeptCheckpoint(options, { is: "unkept" });
    const kept = new KeptCheckpoint(options, { is: "missing" });
    await kept.look();
    return kept;
  }

  /** Whether the ledger is the newest that is known of. */
  get isCurrent(): boolean {
    return isCurrent(this.#standing);
  }

  /** @throws {CheckpointError} code `behind-checkpoint` */
  requireCurrent(): void {
    if (this.isCurrent) return;
    throw new CheckpointError(
      "behind-checkpoint",
      `nothing is matched, served, exported or revealed: ${this.told}`,
      "feed the platform's contacts and events again, then solely recover (docs/operations.md)",
    );
  }

  /** How the ledger stands to what is kept, for a person. */
  get told(): string {
    return tellStanding(this.#standing);
  }

  status(): KeptStatus {
    const { file } = this.#options;
    const standing = this.#standing;
    return {
      file: file ?? null,
      standing,
      kept: standing.kept ?? null,
      digest: this.#bytes === undefined ? null : keptDigest(this.#bytes),
      keptAtMs: this.#keptAtMs ?? null,
      failure: this.#failure,
    };
  }

  /** Looks at the file, and keeps the newest checkpoint if the ledger is current. Never fails. */
  look(): Promise<void> {
    const { file } = this.#options;
    if (file === undefined) return Promise.resolve();
    this.#isLookWanted = true;
    this.#looking ??= this.#lookWhileWanted(file).finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #lookWhileWanted(file: string): Promise<void> {
    while (this.#isLookWanted) {
      this.#isLookWanted = false;
      try {
        await this.#lookOnce(file);
        this.#failure = undefined;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#failure = { reason, sinceMs: this.#failure?.sinceMs ?? Date.now() };
      }
    }
  }

  async #lookOnce(file: string): Promise<void> {
    const { checkpoints, recoveries, log } = this.#options;
    const bytes = await readKept(file).catch((error: unknown) => {
      if (!this.isCurrent) this.#standing = { is: "unreadable" };
      throw error;
    });
    const isOwn = this.isCurrent && (bytes === undefined || isSame(bytes, this.#bytes));
    if (!isOwn) {
      this.#bytes = bytes;
      this.#keptAtMs = await keptSince(file);
      const { verifier } = checkpoints;
      const rootAt = (size: number) => checkpoints.rootAt(size);
      const standing = await standingOf(bytes, { verifier, size: checkpoints.size, rootAt });
      const digest = bytes === undefined ? null : keptDigest(bytes);
      const isRecovered = !isCurrent(standing) && (await recoveries.isAccepted(digest, rootAt));
      recoveries.noteStanding({ isCurrent: isCurrent(standing), digest });
      if (isRecovered && bytes !== undefined) await setAside(file, bytes);
      this.#standing = isRecovered ? { is: "current" } : standing;
      if (!this.isCurrent) return;
    }
    const { newest } = checkpoints;
    const note = Buffer.from(newest.note);
    if (bytes === undefined || !isSame(note, bytes)) {
      await replaceKept(file, note);
      this.#bytes = note;
      this.#keptAtMs = Date.now();
    }
    this.#standing = { is: "current", kept: newest.checkpoint };
    recoveries.noteStanding({ isCurrent: true, digest: keptDigest(note) });
    const approved = recoveries.approvedLast;
    if (approved !== undefined) await log.record(LeafKind.recovery, () => encodeRecovery(approved));
  }

  /** Looks no more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Keeps the newest checkpoint once more. */
  async close(): Promise<void> {
    this.stop();
    if (this.#options.file === undefined) return;
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (limit = setTimeout(resolve, CLOSE_LIMIT_MS)));
    await Promise.race([this.look(), late]);
    clearTimeout(limit);
  }
}

/** Keeps a store's first checkpoint; what another store left there is set aside. */
export async function keepFirst(file: string, note: string): Promise<void> {
  const left = await readKept(file);
  if (left !== undefined) await setAside(file, left);
  await replaceKept(file, Buffer.from(note));
}

const isSame = (a: Uint8Array, b: Uint8Array | undefined): boolean => b !== undefined && Buffer.compare(a, b) === 0;
