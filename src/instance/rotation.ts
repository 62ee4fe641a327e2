/**
 * Rotation of the ads key, online: tokens are made anew from the old tokens, without plain values.
 *
 * Whoever holds the old key can undo its permutation. Stored tokens are rewritten body by body, each with
 * its epoch, while matching goes on with the old index and the new one is built beside it. A kill in
 * between leaves a mix of epochs, which the next start reads and `rotate` ends.
 */
import { decodeTokens, encodeTokens } from "../intake/index.js";
import { type KeyName, keyCheck } from "../token/index.js";
import { InstanceError } from "./error.js";
import { standingTokens } from "./index-load.js";
import type { Solely } from "./solely.js";

export interface RotationResult {
  readonly purpose: "ads.match";
  readonly from: number;
  readonly to: number;
  /** Bodies of tokens that were rewritten. */
  readonly rewritten: number;
}

/**
 * Makes a new ads key, re-keys every token with it, and destroys the old key. Ends a rotation that was cut off.
 */
export async function rotate(
  solely: Solely,
  { actor, onProgress }: { actor: string; onProgress?: (done: number, total: number) => void },
): Promise<RotationResult> {
  const { control } = solely.state;
  const isResumed = control.rotation !== undefined;
  if (!isResumed) await begin(solely, actor);
  const { from, to } = control.rotation!;
  const until = solely.state.position;
  const total = await solely.store.countTokens(to);
  let rewritten = 0;
  for await (const row of solely.store.tokens(0, until, to)) {
    const body = await rekeyed(solely, row.body);
    await solely.store.rewriteTokens([{ ...row, epoch: to, body }]);
    if (!isResumed)
      await solely.matcher.insert({ ...standingTokens(solely.state, row.position, body), isRebuild: true });
    onProgress?.(++rewritten, total);
  }
  await solely.writer.exclusiveSettled(async () => {
    for await (const row of solely.store.tokens(until, undefined, to)) {
      await solely.store.rewriteTokens([{ ...row, epoch: to, body: await rekeyed(solely, row.body) }]);
      rewritten++;
    }
    if ((await solely.store.countTokens(to)) > 0)
      throw new InstanceError("rotation-under-way", "some tokens still have the old key", "rotate again");
    await solely.matcher.endRotation();
    control.epoch = to;
  });
  await solely.record({ type: "rotation-ended", actor, from, to, keyCheck: control.keyChecks.get(keyName(to)) ?? "" });
  solely.keys.destroy(keyName(from));
  await solely.snapshot();
  return { purpose: "ads.match", from, to, rewritten };
}

async function begin(solely: Solely, actor: string): Promise<void> {
  const from = solely.state.control.epoch;
  const to = from + 1;
  const name = keyName(to);
  if (solely.keys.has(name)) solely.keys.destroy(name);
  const check = keyCheck(solely.keys.create(name));
  await solely.record({ type: "rotation-begun", actor, from, to, keyCheck: check });
  await solely.matcher.beginRotation({ keyFile: solely.keys.file(name), keyName: name, keyCheck: check });
}

async function rekeyed(solely: Solely, body: Uint8Array): Promise<Uint8Array> {
  const { number, mark, token } = decodeTokens(body);
  const tokens = await solely.matcher.rekey(token.slice());
  return encodeTokens({ count: number.length, number, ordinal: number, mark, token: tokens });
}

const keyName = (epoch: number): KeyName => `ads.match.${epoch}`;
