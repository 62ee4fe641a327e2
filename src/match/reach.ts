/**
 * What a list reaches: its digests are gathered into batches, which are put in order as they are full, and looked up many
 * together, while the next are read.
 *
 * At most so many are under way, so that a list of any length takes the same memory, and its sender is held up.
 */
import type { Permit } from "../purpose/index.js";
import type { OrdinalSet } from "../set/index.js";
import type { BatchFill } from "../token/index.js";
import type { Digests, Matcher, OrderedBatch } from "./matcher.js";

/** Batches that are looked up together: the more, the less of the index lies between one look and the next. */
const GROUP_BATCHES = 16;
/** Lists that are read at once have smaller groups: so many batches in the groups of all that are gathered. */
const GATHERED_BATCHES = 64;
const MAX_BATCHES_ON_THE_WAY = 4;
const MAX_GROUPS_ON_THE_WAY = 2;

let lists = 0;
const groupBatches = (): number => Math.max(1, Math.min(GROUP_BATCHES, Math.floor(GATHERED_BATCHES / lists)));

export interface ReachOptions<Batch> {
  /** Asked for each group of batches, so that what ended meanwhile counts. */
  readonly permit: () => Permit<"ads.match">;
  /** Mask of the schemes whose forms count. */
  readonly schemes: number;
  /** Told of each batch before it is matched. */
  readonly onBatch?: (batch: Batch) => void | Promise<void>;
}

/**
 * @param reached gets the contact points
 * @returns what the batches' source says at its end
 * @throws {MatchError} and what the source throws; what was reached until then stays in `reached`
 */
export async function reach<Batch extends Digests, End>(
  matcher: Matcher,
  batches: AsyncGenerator<Batch, End>,
  reached: OrdinalSet,
  { permit, schemes, onBatch }: ReachOptions<Batch>,
): Promise<End> {
  const group: Promise<OrderedBatch>[] = [];
  const onTheWay: Promise<void>[] = [];
  const lookUp = async (ordering: readonly Promise<OrderedBatch>[]) => {
    const ordered = await Promise.all(ordering);
    const matched = await matcher.match(permit(), ordered, schemes);
    reached.addSet(matched);
    matched.dispose();
  };
  let filling: BatchFill | undefined;
  const order = () => {
    if (filling !== undefined) group.push(awaitedLater(matcher.order(filling)));
    filling = undefined;
  };
  const begin = async () => {
    onTheWay.push(awaitedLater(lookUp(group.splice(0))));
    if (onTheWay.length > MAX_GROUPS_ON_THE_WAY) await onTheWay.shift();
  };
  lists++;
  try {
    for (;;) {
      const next = await batches.next();
      if (next.done === true) {
        order();
        await begin();
        await Promise.all(onTheWay);
        return next.value;
      }
      await onBatch?.(next.value);
      const { digest, kinds } = next.value;
      for (let from = 0; from < kinds.length; ) {
        filling ??= matcher.newBatch();
        from += filling.add(digest, kinds, from);
        if (!filling.isFull) continue;
        order();
        await group.at(-MAX_BATCHES_ON_THE_WAY);
        if (group.length >= groupBatches()) await begin();
      }
    }
  } finally {
    lists--;
    await Promise.allSettled(onTheWay);
    for (const ordered of await Promise.allSettled(group)) {
      if (ordered.status === "fulfilled") matcher.giveUp(ordered.value.batch);
    }
    if (filling !== undefined) matcher.giveUp(filling);
  }
}

/** Awaited in turn, or not at all once another failed. */
function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
