/**
 * Proof of single facts: from a fact's bytes and its salt up to a signed checkpoint, as a text that a stranger checks with the
 * log's key and nothing else.
 *
 *     entry  = SHA-256(0x00 ‖ salt ‖ fact)             the tree of the leaf's facts (RFC 6962, section 2.1)
 *     leaf   = 42 bytes, the last 32 its root          the log's tree, by the same rules
 *     note   = a signed checkpoint of that tree        https://c2sp.org/tlog-checkpoint
 *
 * The text is JSON in one form alone: another spelling of the same values is no proof, so that no byte of it can be changed.
 * It tells how many facts the leaf has, and nothing of those that it does not show.
 */
import { z } from "zod";
import {
  decodeLeaf,
  entryHashes,
  formatVerifier,
  HASH_BYTES,
  type LeafKindName,
  LedgerError,
  leafHash,
  leafKindName,
  openCheckpoint,
  parseNote,
  parseVerifier,
  rootByInclusion,
  SALT_BYTES,
  verifiedBy,
} from "../ledger/index.js";
import { EvidenceError } from "./error.js";

const FORM = "solely-fact-proof/1";
/** Of a tree of 2^26 facts, and of one of 2^53 leaves. */
const MAX_PATH = 53;
const MAX_FACTS = 1000;

const bytes = z.base64().transform((text): Uint8Array => new Uint8Array(Buffer.from(text, "base64")));
const hash = bytes.refine((value) => value.length === HASH_BYTES, "a hash has 32 bytes");
const path = z.array(hash).max(MAX_PATH);
const whole = z.int().min(0);

const proofSchema = z.strictObject({
  form: z.literal(FORM),
  position: whole,
  leaf: bytes,
  /** Facts under the leaf. */
  count: whole,
  facts: z
    .array(
      z.strictObject({
        fact: whole,
        salt: bytes.refine((value) => value.length === SALT_BYTES, "a salt has 16 bytes"),
        bytes,
        path,
      }),
    )
    .min(1)
    .max(MAX_FACTS),
  /** Hashes from the leaf to the root of the checkpoint. */
  inclusion: path,
  note: z.string().max(16_384),
  verifier: z.string().max(400),
});

export type FactProof = Omit<z.output<typeof proofSchema>, "form">;

/** The text of a proof. */
export function formatFactProof({ position, leaf, count, facts, inclusion, note, verifier }: FactProof): string {
  const shown = facts.map(({ fact, salt, bytes, path }) => ({
    ...{ fact, salt: base64(salt), bytes: base64(bytes), path: path.map(base64) },
  }));
  const proof = { form: FORM, position, leaf: base64(leaf), count, facts: shown, inclusion: inclusion.map(base64) };
  return `${JSON.stringify({ ...proof, note, verifier }, null, 2)}\n`;
}

const base64 = (value: Uint8Array): string => Buffer.from(value).toString("base64");

/** @throws {EvidenceError} code `malformed-proof` */
export function parseFactProof(text: string): FactProof {
  try {
    const { form: _, ...proof } = proofSchema.parse(JSON.parse(text));
    if (formatFactProof(proof) === text) return proof;
  } catch {
    // Told below.
  }
  throw new EvidenceError(
    "malformed-proof",
    "this is no proof of a fact",
    "take the file as `ledger fact-proof` wrote it",
  );
}

export interface VerifiedFacts {
  readonly isWhole: boolean;
  readonly origin: string;
  readonly position: number;
  readonly kind: LeafKindName | null;
  /** When the system learned it. */
  readonly learnedAt: string | null;
  /** Leaves of the checkpoint. */
  readonly size: number;
  /** The facts that are proved, in hex. */
  readonly facts: readonly { readonly fact: number; readonly bytes: string }[];
  readonly witnesses: readonly { readonly name: string; readonly at: string }[];
  /** Whether the key came with the proof itself. */
  readonly isKeyOfProof: boolean;
  readonly findings: readonly { readonly where: string; readonly what: string }[];
}

export interface VerifyFactOptions {
  /** The log's published key. */
  readonly key?: string | undefined;
  /** Keys of witnesses that must have cosigned. */
  readonly witnesses?: readonly string[] | undefined;
}

/**
 * Checks a proof; what is wrong with it is a finding.
 * @throws {EvidenceError} code `malformed-proof`
 * @throws {LedgerError} code `malformed-note` for a key that is none
 */
export function verifyFactProof(text: string, { key, witnesses = [] }: VerifyFactOptions = {}): VerifiedFacts {
  const proof = parseFactProof(text);
  const findings: { where: string; what: string }[] = [];
  const attempt = <T>(where: string, check: () => T): T | undefined => {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      findings.push({ where, what: error.message });
      return undefined;
    }
  };
  const verifier = attempt("verifier", () => parseVerifier(key ?? proof.verifier));
  const checkpoint =
    verifier === undefined ? undefined : attempt("note", () => openCheckpoint(proof.note, verifier).checkpoint);
  if (verifier !== undefined && formatVerifier(verifier) !== proof.verifier)
    findings.push({ where: "verifier", what: "is not the key that signs" });
  if (checkpoint !== undefined) {
    const { size, root } = checkpoint;
    const found = attempt("inclusion", () =>
      rootByInclusion(leafHash(proof.leaf), proof.position, size, proof.inclusion),
    );
    if (found !== undefined && !isSame(found, root))
      findings.push({ where: "inclusion", what: "does not lead from the leaf to the checkpoint" });
  }
  const leaf = attempt("leaf", () => decodeLeaf(proof.leaf));
  proof.facts.forEach(({ fact, salt, bytes, path }, i) => {
    const where = `facts[${i}]`;
    const entry = new Uint8Array(HASH_BYTES);
    const found = attempt(where, () => {
      entryHashes(salt, bytes, bytes.length, 1, entry);
      return rootByInclusion(entry, fact, proof.count, path);
    });
    if (found !== undefined && leaf !== undefined && !isSame(found, leaf.root))
      findings.push({ where, what: "does not lead from the fact to the leaf's root" });
  });
  const cosigned = witnesses.flatMap((witness) => {
    const by = parseVerifier(witness);
    const signed = attempt("note", () => verifiedBy(parseNote(proof.note), by));
    if (signed !== undefined) return [{ name: by.name, at: new Date(signed.seconds * 1000).toISOString() }];
    findings.push({ where: "note", what: `the witness ${by.name} has not cosigned it` });
    return [];
  });
  return {
    isWhole: findings.length === 0,
    origin: checkpoint?.origin ?? "",
    position: proof.position,
    kind: leaf === undefined ? null : leafKindName(leaf.kind),
    learnedAt: leaf === undefined ? null : new Date(leaf.timeMs).toISOString(),
    size: checkpoint?.size ?? 0,
    facts: proof.facts.map(({ fact, bytes }) => ({ fact, bytes: Buffer.from(bytes).toString("hex") })),
    witnesses: cosigned,
    isKeyOfProof: key === undefined,
    findings,
  };
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
