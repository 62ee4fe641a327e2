/**
 * This browser as a small witness: it keeps the last checkpoint that it saw with a good signature, and at the next visit
 * checks that the log still continues it. Nothing else is kept, and a log that does not continue it is not remembered.
 */
import { useState } from "preact/hooks";
import { number, say } from "../messages/index.js";
import { Load, useLoad } from "../parts/load.js";
import { CopyButton } from "../parts/table.js";
import { When } from "../parts/time.js";
import { parseCheckpoint } from "./note.js";
import { type Log, readConsistency } from "./read.js";
import { checkConsistency } from "./tree.js";

const PLACE = "solely-ledger-seen";

interface Seen {
  readonly note: string;
  readonly key: string;
  readonly seenMs: number;
}

type Continues =
  | { readonly is: "first" }
  | { readonly is: "same" | "continues" | "rolledBack" | "otherPast" | "otherKey"; readonly seen: Seen; size: number };

function seenBefore(): Seen | undefined {
  try {
    const seen: Seen = JSON.parse(localStorage.getItem(PLACE) ?? "");
    parseCheckpoint(seen.note);
    return seen;
  } catch {
    return undefined;
  }
}

function remember({ note, key, signed }: Log): void {
  if (signed !== "good" && signed !== "unsupported") return;
  const seen: Seen = { note, key, seenMs: Date.now() };
  localStorage.setItem(PLACE, JSON.stringify(seen));
}

async function compared(log: Log): Promise<Continues> {
  const seen = seenBefore();
  if (seen === undefined) {
    remember(log);
    return { is: "first" };
  }
  const [older, newer] = [parseCheckpoint(seen.note), log.checkpoint];
  const told = (is: "same" | "continues" | "rolledBack" | "otherPast" | "otherKey"): Continues => {
    if (is === "same" || is === "continues") remember(log);
    return { is, seen, size: older.size };
  };
  if (seen.key !== log.key) return told("otherKey");
  if (older.size > newer.size) return told("rolledBack");
  const path = older.size === newer.size ? [] : await readConsistency(older.size, newer.size);
  const { fault } = await checkConsistency(older, newer, path);
  if (fault !== undefined) return told("otherPast");
  return told(older.size === newer.size ? "same" : "continues");
}

export function Remembered({ log }: { log: Log }) {
  const [forgotten, setForgotten] = useState(0);
  const continues = useLoad(() => compared(log), [log.note, forgotten]);
  const words = say.ledger.remembered;
  const forget = () => {
    localStorage.removeItem(PLACE);
    setForgotten(forgotten + 1);
  };
  return (
    <Load of={continues}>
      {(found) => {
        if (found.is === "first") return log.signed === "wrong" ? null : <p class="dim">{words.first}</p>;
        const { is, seen, size } = found;
        const text = { ...words, same: () => words.same, otherKey: () => words.otherKey }[is](number(size));
        const when = <When at={seen.seenMs} />;
        if (is === "same" || is === "continues") {
          return (
            <p class="good">
              <span aria-hidden="true">✓ </span>
              {text} {when}.
            </p>
          );
        }
        return (
          <div class="problem" role="alert">
            <p class="bad">
              <strong>
                <span aria-hidden="true">✗ </span>
                {text} {when}.
              </strong>
            </p>
            <p>{words.what}</p>
            <div class="buttons">
              <CopyButton what={words.copyOld} text={seen.note} />
              <button type="button" class="grave" onClick={forget}>
                {words.forget}
              </button>
            </div>
          </div>
        );
      }}
    </Load>
  );
}
