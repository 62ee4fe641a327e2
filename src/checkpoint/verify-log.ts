/**
 * The full check of a log as files or as it is served, by whoever has its key: nothing of the store is needed.
 *
 * The signature of the checkpoint, those of witnesses, and then the whole tree under it. Whatever does not fit is told with
 * its place. Where one may not have the entries, the tree is checked from the hashes of leaves on.
 */
import {
  type Checkpoint,
  formatVerifier,
  LedgerError,
  openCheckpoint,
  parseNote,
  parseVerifier,
  type Verifier,
  verifiedBy,
} from "../ledger/index.js";
import { TreeCheck } from "./check-tree.js";
import { CheckpointError } from "./error.js";
import { type LogFinding, LogFindings } from "./log-finding.js";
import { CHECKPOINT_FILE, type LogSource, VERIFIER_FILE } from "./static-log.js";

export interface VerifiedLog {
  readonly isWhole: boolean;
  readonly origin: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
  /** Leaves that were read and hashed; fewer than `size` where the entries are not to be had. */
  readonly leaves: number;
  /** Witnesses, of those that were named, that cosigned, and when. */
  readonly witnesses: readonly { readonly name: string; readonly at: string }[];
  /** Whether the key came with the log itself, and so proves only that the log fits it. */
  readonly isKeyOfLog: boolean;
  /** How many things are wrong; the first thousand are in `findings`. */
  readonly wrong: number;
  readonly findings: readonly LogFinding[];
}

export interface VerifyOptions {
  /** The log's published key. */
  readonly key?: string | undefined;
  /** Keys of witnesses that must have cosigned. */
  readonly witnesses?: readonly string[] | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * @throws {CheckpointError} codes `no-log`, `unreadable-log`; what is wrong with the log itself is a finding
 * @throws {LedgerError} code `malformed-note` when a key that was given is none
 */
export async function verifyLog(source: LogSource, options: VerifyOptions = {}): Promise<VerifiedLog> {
  const { key, witnesses: witnessKeys = [], onProgress = () => {} } = options;
  const findings = new LogFindings();
  const note = text(await source.read(CHECKPOINT_FILE));
  const ownKey = text(await source.read(VERIFIER_FILE));
  if (note === undefined || (key ?? ownKey) === undefined) {
    const what = note === undefined ? "no checkpoint" : "no key, and none was given";
    throw new CheckpointError("no-log", `${source.name} has ${what}`, "give the log's folder or address, and --key");
  }
  const given = key === undefined ? undefined : parseVerifier(key);
  const verifier = checkedKey(given, ownKey, findings);
  const head = verifier === undefined ? undefined : opened(note, verifier, findings);
  const witnesses = head === undefined ? [] : cosigned(note, witnessKeys, findings);
  const leaves = head === undefined ? 0 : await new TreeCheck(source, head, findings).run(onProgress);
  return {
    isWhole: findings.count === 0,
    origin: head?.origin ?? "",
    size: head?.size ?? 0,
    root: Buffer.from(head?.root ?? []).toString("base64"),
    leaves,
    witnesses,
    isKeyOfLog: given === undefined,
    wrong: findings.count,
    findings: findings.told,
  };
}

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8");

/** The key to check with: the one that was given, which the log's own must be too. */
function checkedKey(
  given: Verifier | undefined,
  ownKey: string | undefined,
  findings: LogFindings,
): Verifier | undefined {
  if (ownKey === undefined) return given;
  let own: Verifier | undefined;
  try {
    own = parseVerifier(ownKey);
  } catch (error) {
    findings.add({ code: "malformed-key", file: VERIFIER_FILE, what: reason(error) });
    return given;
  }
  if (given === undefined || formatVerifier(given) === formatVerifier(own)) return own;
  findings.add({ code: "other-key", file: VERIFIER_FILE, what: "is not the key that was given" });
  return given;
}

function opened(note: string, verifier: Verifier, findings: LogFindings): Checkpoint | undefined {
  try {
    return openCheckpoint(note, verifier).checkpoint;
  } catch (error) {
    findings.add({ code: "bad-checkpoint", file: CHECKPOINT_FILE, what: reason(error) });
    return undefined;
  }
}

function cosigned(note: string, keys: readonly string[], findings: LogFindings): { name: string; at: string }[] {
  return keys.flatMap((key) => {
    const witness = parseVerifier(key);
    const signed = verifiedBy(parseNote(note), witness);
    if (signed === undefined) {
      const what = `the witness ${witness.name} has not cosigned it`;
      findings.add({ code: "not-cosigned", file: CHECKPOINT_FILE, what });
      return [];
    }
    return [{ name: witness.name, at: new Date(signed.seconds * 1000).toISOString() }];
  });
}

const reason = (error: unknown): string => {
  if (error instanceof LedgerError) return error.message;
  throw error;
};
