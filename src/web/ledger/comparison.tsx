/** Whether the log of one size is the beginning of the log of another: the past has stayed the same. */
import { useState } from "preact/hooks";
import { Refused } from "../ask.js";
import { number, say } from "../messages/index.js";
import { useDoing } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { positionOf } from "./leaves.js";
import { type Checkpoint, parseCheckpoint, signedBy } from "./note.js";
import { type Log, makeRoot, readConsistency, understood } from "./read.js";
import { checkConsistency, type Tree, type Walk } from "./tree.js";
import { Steps, Verdict, WholeHash } from "./walk.js";

type RootFrom = "signed" | "kept" | "tiles";

interface Compared {
  readonly older: Tree & { readonly rootFrom: RootFrom };
  readonly newer: Tree & { readonly rootFrom: RootFrom };
  readonly walk: Walk;
}

/** A checkpoint that somebody kept: of this log, and signed by it. */
async function opened(kept: string, { checkpoint, verifier }: Log): Promise<Checkpoint> {
  const refused = (code: string, message: string) => new Refused({ code, message, fix: say.ledger.keptFix }, 0);
  const older = await understood(async () => parseCheckpoint(`${kept.trim()}\n`));
  if (older.origin !== checkpoint.origin) throw refused("other-log", say.ledger.keptElsewhere);
  const signed = await signedBy(older, verifier);
  if (signed === "good" || signed === "unsupported") return older;
  throw refused("not-signed", say.ledger.keptUnsigned);
}

async function compare(from: number, to: number, kept: Checkpoint | undefined, log: Log): Promise<Compared> {
  const { checkpoint } = log;
  const rooted = async (size: number, known: Checkpoint | undefined, rootFrom: RootFrom) =>
    known?.size === size
      ? { size, root: known.root, rootFrom }
      : { size, root: await makeRoot(size, checkpoint.size), rootFrom: "tiles" as const };
  const older = kept === undefined ? await rooted(from, checkpoint, "signed") : await rooted(from, kept, "kept");
  const newer = await rooted(to, checkpoint, "signed");
  return { older, newer, walk: await checkConsistency(older, newer, await readConsistency(from, to)) };
}

export function Comparison({ log }: { log: Log }) {
  const { size } = log.checkpoint;
  const words = say.ledger;
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [kept, setKept] = useState("");
  const [compared, setCompared] = useState<Compared>();
  const isKept = kept.trim() !== "";
  const [older, newer] = [positionOf(from), to.trim() === "" ? size : positionOf(to)];
  const areSizes = older !== undefined && newer !== undefined && older >= 1 && older <= newer && newer <= size;
  const { run, isDoing, problem } = useDoing(async () => {
    setCompared(undefined);
    const known = isKept ? await opened(kept, log) : undefined;
    setCompared(await compare(known?.size ?? older!, newer!, known, log));
  });
  const canRun = !isDoing && (isKept ? newer !== undefined && newer <= size : areSizes);
  return (
    <>
      <h2>{words.comparison}</h2>
      <p>{words.comparisonHow}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (canRun) void run();
        }}
      >
        <div class="row">
          <SizeInput id="size-then" name={words.from} text={isKept ? "" : from} onText={setFrom} isOff={isKept} />
          <SizeInput id="size-now" name={words.to} text={to} onText={setTo} hint={String(size)} />
          <button type="submit" class="main" disabled={!canRun}>
            {words.check}
          </button>
        </div>
        {from !== "" && !isKept && !areSizes ? <p class="note">{words.wholeNumbers(number(size))}</p> : null}
        <details>
          <summary>{words.kept}</summary>
          <label for="kept">
            {words.kept} <span class="dim">{words.keptHow}</span>
          </label>
          <textarea
            id="kept"
            class="mono"
            spellcheck={false}
            value={kept}
            onInput={({ currentTarget }) => setKept(currentTarget.value)}
          />
        </details>
      </form>
      <ProblemNote problem={problem} />
      {compared === undefined ? null : <Result of={compared} />}
    </>
  );
}

function SizeInput({
  id,
  name,
  text,
  onText,
  hint,
  isOff = false,
}: {
  id: string;
  name: string;
  text: string;
  onText: (text: string) => void;
  hint?: string;
  isOff?: boolean;
}) {
  return (
    <div>
      <label for={id}>{name}</label>
      <input
        id={id}
        inputMode="numeric"
        autocomplete="off"
        placeholder={hint}
        disabled={isOff}
        value={text}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
    </div>
  );
}

function Result({ of: { older, newer, walk } }: { of: Compared }) {
  const words = say.ledger;
  const sizes = [number(older.size), number(newer.size)] as const;
  return (
    <>
      <Verdict
        key={`${older.size} ${newer.size}`}
        isFocused
        fault={walk.fault}
        holds={words.consistent(...sizes)}
        fails={words.inconsistent(...sizes)}
      />
      <dl>
        <dt>{words.rootThen}</dt>
        <dd>
          <WholeHash of={older.root} /> <span class="dim">{words.rootFrom[older.rootFrom]}</span>
        </dd>
        <dt>{words.rootNow}</dt>
        <dd>
          <WholeHash of={newer.root} /> <span class="dim">{words.rootFrom[newer.rootFrom]}</span>
        </dd>
      </dl>
      <p>{words.stepsOfPastHow}</p>
      <Steps caption={words.stepsOfPast} walk={walk} size={newer.size} />
    </>
  );
}
