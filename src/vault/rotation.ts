/**
 * Rotation of a compartment's sealing key, online, in two passes over its chunks.
 *
 * The first wraps every data key under the new key, so that the old one can be destroyed soon; the second seals every
 * chunk anew under a fresh data key, for who had the old key may have kept data keys. New chunks are sealed under the new
 * key from the beginning. Each step is durable by itself: a rotation that was cut off goes on where it was.
 */
import type { Log } from "../log/index.js";
import type { SealedRow, Store } from "../store/index.js";
import { type KeyHistory, keyName } from "../token/index.js";
import { openChunk, rewrapChunk, sealChunk } from "./chunk.js";
import { type Compartment, compartmentCode, keyFamily } from "./compartment.js";
import { VaultError } from "./error.js";
import { VAULT_LIMITS } from "./limits.js";
import type { SealingKeys } from "./sealing-keys.js";

export interface SealingRotationRooms {
  readonly log: Log;
  readonly store: Store;
  readonly vault: { readonly keys: SealingKeys };
  readonly keyHistory: KeyHistory;
}

export interface SealingRotationOptions {
  readonly actor: string;
  readonly onProgress?: ((chunks: number) => void) | undefined;
}

export interface SealingRotationResult {
  readonly purpose: Compartment;
  readonly from: number;
  readonly to: number;
  /** Chunks whose data key was wrapped anew, and chunks that were sealed anew. */
  readonly rewrapped: number;
  readonly resealed: number;
}

/** Before any rotation. */
const FIRST_EPOCH = 1;
interface UnderWay {
  readonly isResumed: boolean;
  readonly done: Promise<unknown>;
}
const underWay = new WeakMap<SealingKeys, Map<Compartment, UnderWay>>();

/**
 * Makes a new key for a compartment, brings every chunk under it and destroys the old key. Ends one that was cut off.
 * @throws {VaultError} code `rotation-under-way`
 */
export async function rotateSealingKey(
  rooms: SealingRotationRooms,
  compartment: Compartment,
  options: SealingRotationOptions,
): Promise<SealingRotationResult> {
  const { vault, keyHistory } = rooms;
  return alone(vault.keys, compartment, false, async () => {
    const family = keyFamily(compartment);
    if (keyHistory.rotationOf(family) === undefined) await begin(rooms, compartment, options.actor);
    return finish(rooms, compartment, options);
  });
}

/** Goes on with what a process before left undone: rotations that have begun, chunks that wait to be sealed anew. */
export async function resumeRotations(
  rooms: SealingRotationRooms,
  compartments: readonly Compartment[],
  options: SealingRotationOptions,
): Promise<void> {
  for (const compartment of compartments) {
    await alone(rooms.vault.keys, compartment, true, async () => {
      const isUnfinished = rooms.keyHistory.rotationOf(keyFamily(compartment)) !== undefined;
      if (isUnfinished) await finish(rooms, compartment, options);
      else if (rooms.vault.keys.epoch(compartment) > FIRST_EPOCH) await resealAll(rooms, compartment, options);
    });
  }
}

/** One rotation of a compartment at a time; what a process before left undone is waited for. */
async function alone<T>(
  keys: SealingKeys,
  compartment: Compartment,
  isResumed: boolean,
  work: () => Promise<T>,
): Promise<T> {
  const busy = underWay.get(keys) ?? new Map<Compartment, UnderWay>();
  underWay.set(keys, busy);
  for (let other = busy.get(compartment); other !== undefined; other = busy.get(compartment)) {
    if (!other.isResumed) {
      throw new VaultError("rotation-under-way", `a rotation of ${compartment} is under way`, "wait until it is done");
    }
    await other.done.catch(() => {});
  }
  const done = work().finally(() => busy.delete(compartment));
  busy.set(compartment, { isResumed, done });
  return done;
}

async function begin(
  { log, vault, keyHistory }: SealingRotationRooms,
  compartment: Compartment,
  actor: string,
): Promise<void> {
  const family = keyFamily(compartment);
  const from = keyHistory.epochOf(family);
  const to = from + 1;
  const check = await vault.keys.create(compartment, to);
  await keyHistory.record(log, { type: "rotation-begun", actor, family, from, to, check });
}

async function finish(
  rooms: SealingRotationRooms,
  compartment: Compartment,
  options: SealingRotationOptions,
): Promise<SealingRotationResult> {
  const { log, vault, keyHistory } = rooms;
  const { keys } = vault;
  const family = keyFamily(compartment);
  const { from, to } = keyHistory.rotationOf(family)!;
  await log.writer.exclusiveSettled(() => keys.use(compartment, to));
  const rewrapped = await eachOutdated(rooms, compartment, "epoch", options, (row) =>
    rewrapChunk(keys, compartment, row, to),
  );
  const check = keyHistory.check(keyName(family, to))!;
  await keyHistory.record(log, { type: "rotation-ended", actor: options.actor, family, from, to, check });
  keys.destroy(compartment, from);
  const resealed = await resealAll(rooms, compartment, options);
  return { purpose: compartment, from, to, rewrapped, resealed };
}

function resealAll(
  rooms: SealingRotationRooms,
  compartment: Compartment,
  options: SealingRotationOptions,
): Promise<number> {
  const { keys } = rooms.vault;
  return eachOutdated(rooms, compartment, "dataEpoch", options, (row) => {
    const values = openChunk(keys, compartment, row);
    const sealed = sealChunk(keys.inForce(compartment), row, values);
    values.bytes.fill(0);
    return { position: row.position, ...sealed };
  });
}

/** Rewrites the chunks that are not of the epoch in force, some at a time; whatever else is done goes on in between. */
async function eachOutdated(
  { log, store, vault }: SealingRotationRooms,
  compartment: Compartment,
  by: "epoch" | "dataEpoch",
  { onProgress = () => {} }: SealingRotationOptions,
  rewrite: (row: SealedRow) => SealedRow,
): Promise<number> {
  let rewritten = 0;
  for (let after: SealedRow | undefined; ; ) {
    const rows = await log.writer.exclusiveSettled(async () => {
      const outdated = await store.outdatedSealed({
        ...{ compartment: compartmentCode(compartment), by, epoch: vault.keys.epoch(compartment) },
        ...{ after, limit: VAULT_LIMITS.rotationChunks },
      });
      await store.rewriteSealed(outdated.map(rewrite));
      return outdated;
    });
    after = rows.at(-1);
    if (after === undefined) return rewritten;
    rewritten += rows.length;
    onProgress(rewritten);
  }
}
