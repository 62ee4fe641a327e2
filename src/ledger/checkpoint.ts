/**
 * Checkpoints (https://c2sp.org/tlog-checkpoint): what the log says that it was at one time, as the text of a signed note.
 *
 *     origin       which log it is; the name of the key that signs it
 *     size         number of leaves
 *     root         base64
 */
import { LedgerError } from "./error.js";
import { HASH_BYTES } from "./log-tree.js";
import { type Note, parseNote, type Verifier, verifiedBy } from "./note.js";

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString("base64")}\n`;
}

/** @throws {LedgerError} code `malformed-checkpoint` */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = "", digits = "", hash = ""] = text.split("\n");
  const root = Buffer.from(hash, "base64");
  const size = Number(digits);
  const isForm = /^(0|[1-9]\d*)$/.test(digits) && Number.isSafeInteger(size) && root.toString("base64") === hash;
  if (origin !== "" && isForm && root.length === HASH_BYTES) return { origin, size, root: new Uint8Array(root) };
  throw new LedgerError("malformed-checkpoint", "a checkpoint is an origin, a size and a root, a line each");
}

/**
 * The checkpoint of a note that the log's own key signed.
 * @throws {LedgerError} codes `malformed-note`, `malformed-checkpoint`, `wrong-signature`
 */
export function openCheckpoint(signed: string, verifier: Verifier): { checkpoint: Checkpoint; note: Note } {
  const note = parseNote(signed);
  if (verifiedBy(note, verifier) === undefined) {
    throw new LedgerError("wrong-signature", `the checkpoint is not signed with the key of ${verifier.name}`);
  }
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin === verifier.name) return { checkpoint, note };
  throw new LedgerError("wrong-signature", `the checkpoint is of another log than ${verifier.name}`);
}
