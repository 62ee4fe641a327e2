/**
 * An independent witness: it keeps the last checkpoint that it saw, cosigns the next one only when a proof shows that the log
 * has not been rewritten since, and refuses a fork or a rollback (https://c2sp.org/tlog-witness, run by hand or by a timer).
 *
 * Whoever runs it trusts the log for nothing: it asks for tiles and computes the proof itself. Its state is one file.
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import {
  type Checkpoint,
  formatCheckpoint,
  formatNote,
  formatVerifier,
  isConsistent,
  LedgerError,
  openCheckpoint,
  parseCheckpoint,
  parseVerifier,
  SIGNATURE_TYPE,
  signerOf,
  signNote,
  TreeReader,
  tilePath,
} from "../ledger/index.js";
import { replaceFile } from "../store/index.js";
import { CheckpointError } from "./error.js";
import { CHECKPOINT_FILE, type LogSource } from "./static-log.js";

export interface CosignOptions {
  /** The log's published key. */
  readonly key: string;
  /** The witness's own file: its last checkpoint, and nothing else. */
  readonly state: string;
  readonly name: string;
  /** Seed of the witness's own key, 32 bytes. */
  readonly seed: Uint8Array;
  readonly nowMs: number;
}

export interface Cosigned {
  readonly origin: string;
  readonly size: number;
  /** Size of the checkpoint that was kept before; null for the first. */
  readonly before: number | null;
  /** The witness's own key, to be published. */
  readonly witness: string;
  /** The checkpoint with the witness's signature. */
  readonly note: string;
}

const stateSchema = z.strictObject({ origin: z.string(), size: z.int().min(0), root: z.string() });

/**
 * @throws {CheckpointError} codes `fork`, `rolled-back`, `no-log`, `unreadable-log`, `malformed-state`
 * @throws {LedgerError} when the checkpoint is not the log's
 */
export async function cosign(source: LogSource, options: CosignOptions): Promise<Cosigned> {
  const verifier = parseVerifier(options.key);
  const witness = signerOf(options.name, SIGNATURE_TYPE.cosignature, options.seed);
  const bytes = await source.read(CHECKPOINT_FILE);
  if (bytes === undefined) {
    throw new CheckpointError("no-log", `${source.name} has no checkpoint`, "give the log's folder or address");
  }
  const { checkpoint, note } = openCheckpoint(Buffer.from(bytes).toString("utf8"), verifier);
  const last = await readState(options.state);
  if (last !== undefined) await requireContinued(source, last, checkpoint);
  const { origin, size, root } = checkpoint;
  const state = { origin, size, root: Buffer.from(root).toString("base64") };
  await replaceFile(options.state, [Buffer.from(`${JSON.stringify(state)}\n`)]);
  const signed = { text: note.text, signatures: [...note.signatures, signNote(note.text, witness, options.nowMs)] };
  return {
    origin,
    size,
    before: last?.size ?? null,
    witness: formatVerifier(witness.verifier),
    note: formatNote(signed),
  };
}

async function readState(file: string): Promise<Checkpoint | undefined> {
  let content: string;
  try {
    content = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw malformedState(file);
  }
  try {
    const { origin, size, root } = stateSchema.parse(JSON.parse(content));
    return parseCheckpoint(formatCheckpoint({ origin, size, root: Buffer.from(root, "base64") }));
  } catch {
    throw malformedState(file);
  }
}

const malformedState = (file: string): CheckpointError =>
  new CheckpointError(
    "malformed-state",
    `${file} holds no witness's last checkpoint`,
    "restore it; without it nothing is remembered",
  );

async function requireContinued(source: LogSource, last: Checkpoint, next: Checkpoint): Promise<void> {
  const fix = "keep this state and the log's checkpoint as evidence, and ask the log's operators";
  if (last.origin !== next.origin) {
    throw new CheckpointError(
      "fork",
      `this witness has seen ${last.origin}, not ${next.origin}`,
      "use a state of its own for each log",
    );
  }
  if (next.size < last.size) {
    throw new CheckpointError(
      "rolled-back",
      `the log had ${last.size} leaves, and says now that it has ${next.size}`,
      fix,
    );
  }
  const tree = new TreeReader(next.size, async (place) => {
    const tile = await source.read(tilePath(place, place.level));
    if (tile !== undefined) return tile;
    throw new CheckpointError("unreadable-log", `${tilePath(place, place.level)} is missing`, "try again");
  });
  const isContinued = await tree
    .consistency(last.size)
    .then((path) => isConsistent(last, next, path))
    .catch((error: unknown) => {
      if (error instanceof LedgerError) return false;
      throw error;
    });
  if (isContinued) return;
  throw new CheckpointError(
    "fork",
    `the log's first ${last.size} leaves are not those that this witness has seen`,
    fix,
  );
}
