/**
 * Rotation of the ads key, online: tokens are made anew from the old tokens, without plain values.
 *
 * Whoever holds the old key can undo its permutation. Stored tokens are rewritten row by row, each with its epoch,
 * while matching goes on with the old index and the new one is built beside it. A kill in between leaves a mix of
 * epochs, which the next start reads and `rotateAdsKey` ends.
 */
import { type Contacts, decodeTokens, encodeTokens } from "../grant/index.js";
import type { Log } from "../log/index.js";
import type { TokenRow } from "../store/index.js";
import { adsKeyName, type KeyFolder, type KeyHistory, keyCheck } from "../token/index.js";
import { MatchError } from "./error.js";
import { standingTokens } from "./index-snapshot.js";
import type { Matcher } from "./matcher.js";

export interface RotationRooms {
  readonly log: Log;
  readonly contacts: Contacts;
  readonly matcher: Matcher;
  readonly keys: KeyFolder;
  readonly keyHistory: KeyHistory;
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
export async function rotateAdsKey(
  rooms: RotationRooms,
  { actor, onProgress = () => {} }: { actor: string; onProgress?: ((done: number, total: number) => void) | undefined },
): Promise<RotationResult> {
  const { log, contacts, matcher, keys, keyHistory } = rooms;
  if (matcher.isRotating) throw new MatchError("rotation-under-way", "a rotation is under way");
  const isResumed = keyHistory.rotation !== undefined;
  const until = isResumed ? log.position : await begin(rooms, actor);
  const { from, to } = keyHistory.rotation!;
  const total = await log.store.countTokens(to);
  let rewritten = 0;
  for await (const row of log.store.tokens(0, until, to)) {
    const rekeyed = await rekeyedRow(matcher, row, to);
    await log.store.rewriteTokens([rekeyed]);
    // After a restart the live index has the new key already.
    if (!isResumed) await matcher.insert({ ...standingTokens(contacts, rekeyed), isRebuild: true });
    onProgress(++rewritten, total);
  }
  await log.writer.exclusiveSettled(async () => {
    for await (const row of log.store.tokens(until, undefined, to)) {
      await log.store.rewriteTokens([await rekeyedRow(matcher, row, to)]);
      rewritten++;
    }
    await matcher.endRotation(to);
  });
  await keyHistory.record(log, {
    type: "rotation-ended",
    actor,
    from,
    to,
    check: keyHistory.check(adsKeyName(to))!,
  });
  keys.destroy(adsKeyName(from));
  await log.snapshot();
  return { purpose: "ads.match", from, to, rewritten };
}

/** @returns the position up to which tokens have to be inserted into the next index; later ones get there by themselves */
async function begin({ log, matcher, keys, keyHistory }: RotationRooms, actor: string): Promise<number> {
  const from = keyHistory.epoch;
  const to = from + 1;
  const keyName = adsKeyName(to);
  // Left by a try that was cut off before it had begun.
  if (keys.has(keyName)) keys.destroy(keyName);
  const check = keyCheck(keys.create(keyName));
  await keyHistory.record(log, { type: "rotation-begun", actor, from, to, check });
  return log.writer.exclusiveSettled(async () => {
    await matcher.beginRotation({ keyFile: keys.file(keyName), keyName, keyCheck: check });
    return log.position;
  });
}

async function rekeyedRow(matcher: Matcher, row: TokenRow, epoch: number): Promise<TokenRow> {
  const { number, mark, token } = decodeTokens(row.body, row.keys);
  return { ...row, epoch, ...encodeTokens({ number, mark, token: await matcher.rekey(token) }) };
}
