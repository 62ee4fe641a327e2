/**
 * Rotation of the ads key, online: tokens are made anew from the old tokens, without plain values.
 *
 * Whoever holds the old key can undo its permutation. Stored tokens are rewritten row by row, each with its epoch,
 * while matching goes on with the old index and the new one is built beside it. A kill in between leaves a mix of
 * epochs, which the next start reads and `rotateAdsKey` ends.
 */
import { type Contacts, decodeTokens, encodeTokens } from "../grant/index.js";
import type { Log } from "../log/index.js";
import { StoreError, type TokenRow } from "../store/index.js";
import { adsKeyName, type KeyFolder, type KeyHistory, keyCheck } from "../token/index.js";
import { standingTokens } from "./index-snapshot.js";
import type { Matcher } from "./matcher.js";

export interface RotationRooms {
  readonly log: Log;
  readonly contacts: Contacts;
  readonly matcher: Matcher;
  readonly keys: KeyFolder;
  readonly keyHistory: KeyHistory;
}

export interface RotationOptions {
  readonly actor: string;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface RotationResult {
  readonly purpose: "ads.match";
  readonly from: number;
  readonly to: number;
  /** Rows of tokens that were rewritten. */
  readonly rewritten: number;
}

/**
 * Makes a new ads key, re-keys every token with it, and destroys the old key. Ends a rotation that was cut off.
 * @throws {MatchError} code `rotation-under-way`
 */
export async function rotateAdsKey(rooms: RotationRooms, options: RotationOptions): Promise<RotationResult> {
  const { matcher } = rooms;
  matcher.claimRotation();
  try {
    return await rotate(rooms, options);
  } finally {
    matcher.releaseRotation();
  }
}

async function rotate(
  rooms: RotationRooms,
  { actor, onProgress = () => {} }: RotationOptions,
): Promise<RotationResult> {
  const { log, contacts, matcher, keys, keyHistory } = rooms;
  if (keyHistory.rotation === undefined) await begin(rooms, actor);
  const { from, to } = keyHistory.rotation!;
  // After a restart in the middle the live index has the new key; else it is built beside the live one, from all tokens.
  const isRestarted = matcher.epoch === to;
  const until = isRestarted ? log.position : await beginIndex(rooms, to);
  const total = await log.store.countTokens(isRestarted ? to : undefined);
  let [done, rewritten] = [0, 0];
  for await (const row of log.store.tokens(0, until, isRestarted ? to : undefined)) {
    const rekeyed = row.epoch === to ? row : await rekey(rooms, row, to);
    if (rekeyed !== row) rewritten++;
    // Settled, so that nothing is left out that stands only once a leaf on its way has been taken back.
    const add = () => matcher.insert({ ...standingTokens(contacts, rekeyed), isRebuild: true });
    if (!isRestarted) await log.writer.exclusiveSettled(add);
    onProgress(++done, total);
  }
  await log.writer.exclusiveSettled(async () => {
    for await (const row of log.store.tokens(until, undefined, to)) {
      await rekey(rooms, row, to);
      rewritten++;
    }
    await matcher.endRotation(to);
  });
  const check = keyHistory.check(adsKeyName(to))!;
  await keyHistory.record(log, { type: "rotation-ended", actor, from, to, check });
  keys.destroy(adsKeyName(from));
  await log.snapshot();
  return { purpose: "ads.match", from, to, rewritten };
}

async function begin({ log, keys, keyHistory }: RotationRooms, actor: string): Promise<void> {
  const from = keyHistory.epoch;
  const to = from + 1;
  const keyName = adsKeyName(to);
  // Left by a try that was cut off before it had begun.
  if (keys.has(keyName)) keys.destroy(keyName);
  const check = keyCheck(keys.create(keyName));
  await keyHistory.record(log, { type: "rotation-begun", actor, from, to, check });
}

/** @returns the position up to which tokens have to be inserted into the next index; later ones get there by themselves */
function beginIndex({ log, matcher, keys, keyHistory }: RotationRooms, to: number): Promise<number> {
  const keyName = adsKeyName(to);
  return log.writer.exclusiveSettled(async () => {
    await matcher.beginRotation({ keyFile: keys.file(keyName), keyName, keyCheck: keyHistory.check(keyName)! });
    return log.position;
  });
}

/** Makes a row's tokens anew and durable; when something of it is erased meanwhile, from what is left. */
async function rekey({ log, matcher }: RotationRooms, read: TokenRow, epoch: number): Promise<TokenRow> {
  for (let row = read; ; ) {
    const { number, mark, token } = decodeTokens(row.body, row.keys);
    const remade = { ...row, epoch, ...encodeTokens({ number, mark, token: await matcher.rekey(token) }, row.keys) };
    try {
      await log.store.rewriteTokens([{ ...remade, replaces: row.keys }]);
      return remade;
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "position-conflict") throw error;
      for await (const now of log.store.tokens(row.position, row.position + 1)) if (now.part === row.part) row = now;
    }
  }
}
