/**
 * Commands about the ledger: its head, proofs, and its export for whoever checks it elsewhere.
 */
import { z } from "zod";
import { exportLog } from "../checkpoint/index.js";
import { audit, proveFacts } from "../evidence/index.js";
import { formatVerifier } from "../ledger/index.js";
import { command } from "./command.js";

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** The newest checkpoint, which covers everything that is durable now. */
export const ledgerHead = command(z.strictObject({}), async ({ checkpoints }) => {
  await checkpoints.signNow();
  const { note, checkpoint } = checkpoints.newest;
  const { origin, size, root } = checkpoint;
  return { origin, size, root: base64(root), verifier: formatVerifier(checkpoints.verifier), note };
});

const proofInput = z.union([
  z.strictObject({ position: z.int().min(0), size: z.int().min(0).optional() }),
  z.strictObject({ from: z.int().min(0), size: z.int().min(0).optional() }),
]);

/** That a leaf is in the tree, or that an older tree is the beginning of a newer one. */
export const ledgerProof = command(proofInput, async ({ checkpoints }, { size = checkpoints.size, ...of }) => {
  const path = "position" in of ? checkpoints.inclusion(of.position, size) : checkpoints.consistency(of.from, size);
  return { ...of, size, root: base64(await checkpoints.rootAt(size)), path: (await path).map(base64) };
});

/** Writes the log as files into a folder, an absolute path. */
export const ledgerExport = command(z.strictObject({ out: z.string() }), ({ checkpoints }, { out }, { onProgress }) =>
  exportLog(checkpoints, out, (done, total) => onProgress?.("tiles", done, done / total)),
);

/** Serves a witness's signature with the newest checkpoint from now on. */
export const ledgerWitness = command(
  z.strictObject({ note: z.string().max(16_384), witness: z.string().max(400) }),
  ({ checkpoints }, { note, witness }) => {
    const verifier = checkpoints.addCosignature(note, witness);
    return { witness: verifier, size: checkpoints.size };
  },
);

/** Holds every stored row against its leaf, and the leaves against the newest checkpoint. */
export const ledgerAudit = command(z.strictObject({}), async ({ store, contacts, checkpoints }, _, { onProgress }) => {
  await checkpoints.signNow();
  return audit(store, {
    verifier: formatVerifier(checkpoints.verifier),
    firstOf: (position) => contacts.arrivals.at(position)?.first ?? 0,
    onProgress: (done, total) => onProgress?.("leaves", done, done / total),
  });
});

const factsInput = z.union([
  z.strictObject({ position: z.int().min(0), account: z.string(), kind: z.string().optional() }),
  z.strictObject({ position: z.int().min(0), fact: z.int().min(0) }),
]);

/** Proves what a leaf says of an account, or one of its facts: as a text for a stranger. */
export const ledgerFactProof = command(factsInput, async (solely, { position, ...of }, { actor }) => ({
  proof: await proveFacts(solely, { position, of, actor }),
}));
