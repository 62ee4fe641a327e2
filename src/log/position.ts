/**
 * Two times: what was known at an instant is what the leaves up to it say. Leaf times never fall (see `Writer.nowMs`), so
 * an instant stands for a position. Leaves of a store from before that rule may have fallen with the clock; then an
 * instant stands for one of the positions where the time passes it.
 */
import { parseTime } from "../input/index.js";
import { decodeLeaf } from "../ledger/index.js";
import { LogError } from "./error.js";
import type { Log } from "./log.js";

/**
 * How many leaves were there at a position, or had been learned by an instant (RFC 3339), that one included.
 *
 * Cost: of an instant, a look-up in the store for each doubling of the ledger.
 * @throws {LogError} codes `malformed-instant`, `not-yet-known`
 */
export async function positionAt(log: Log, known: string): Promise<number> {
  const { position: length } = log;
  if (/^\d+$/.test(known)) {
    const position = Number(known);
    if (position > length) throw notYetKnown(`the ledger has ${length} leaves, not ${known}`);
    return position;
  }
  const bytes = Buffer.from(known);
  const atMs = parseTime(bytes, 0, bytes.length);
  if (Number.isNaN(atMs)) {
    throw new LogError("malformed-instant", "this is neither a ledger position nor a time", {
      fix: "give a whole number, or RFC 3339 such as 2026-01-31T09:30:00Z",
    });
  }
  let [low, high] = [0, length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const leaf = await log.store.leaf(middle);
    if (leaf !== undefined && decodeLeaf(leaf).timeMs <= atMs) low = middle + 1;
    else high = middle;
  }
  // Of an instant that is still to come nobody can say what will have been learned.
  if (low === length && atMs > log.writer.nowMs()) throw notYetKnown("this instant has not come yet");
  return low;
}

const notYetKnown = (message: string): LogError =>
  new LogError("not-yet-known", message, { fix: "leave it out to ask for what is known now" });
