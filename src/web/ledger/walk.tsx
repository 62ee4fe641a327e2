/** What a proof came to, in words, and each of its steps: what the server gave, and what is known with it. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { number, say } from "../messages/index.js";
import { Table } from "../parts/table.js";
import { type Bytes, hexOf } from "./bytes.js";
import type { Fault, Span, Step, Walk } from "./tree.js";

/** Whether something holds; what does not is told loudly, and what to do about it. */
export function Verdict({
  fault,
  holds,
  fails,
  isFocused = false,
  children,
}: {
  fault: Fault | undefined;
  holds: string;
  fails: string;
  /** Somebody pressed for it. */
  isFocused?: boolean;
  children?: ComponentChildren;
}) {
  const note = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isFocused) note.current?.focus();
  }, []);
  const isGood = fault === undefined;
  return (
    <div class={isGood ? "done" : "problem"} role={isGood ? "status" : "alert"} tabIndex={-1} ref={note}>
      <p class={isGood ? "good" : "bad"}>
        <strong>
          <span aria-hidden="true">{isGood ? "✓ " : "✗ "}</span>
          {isGood ? holds : fails}
        </strong>
      </p>
      {isGood ? null : (
        <p>
          {say.ledger.faults[fault]} {say.ledger.wrongFix}
        </p>
      )}
      {children}
    </div>
  );
}

interface Row {
  readonly name: string;
  readonly adds: string;
  /** Undefined: it was known. */
  readonly hash: Bytes | undefined;
  readonly known: Span;
  /** Of the known ones, those that came with this step. */
  readonly added: Span;
  readonly result: Bytes;
}

export function Steps({ caption, walk: { start, steps }, size }: { caption: string; walk: Walk; size: number }) {
  if (steps.length === 0) return <p class="dim">{say.ledger.noSteps}</p>;
  return (
    <Table
      caption={caption}
      rows={rowsOf(start, steps)}
      columns={[
        { name: say.ledger.step, value: ({ name }) => name },
        { name: say.ledger.adds, value: ({ adds }) => adds },
        {
          name: say.ledger.covers,
          value: ({ known }) => coversOf(known),
          show: ({ known, added }) => (
            <>
              {coversOf(known)}
              <Known known={known} added={added} size={size} />
            </>
          ),
        },
        {
          name: say.ledger.theirHash,
          value: ({ hash }) => (hash === undefined ? say.ledger.known : hexOf(hash)),
          show: ({ hash }) => (hash === undefined ? say.ledger.known : <Hash of={hash} />),
        },
        { name: say.ledger.result, value: ({ result }) => hexOf(result), show: ({ result }) => <Hash of={result} /> },
      ]}
    />
  );
}

function rowsOf(start: Walk["start"], steps: readonly Step[]): Row[] {
  const { hash, of, isGiven } = start;
  const first = { name: say.ledger.start, adds: say.ledger.startSpan(...ends(of)), known: of, added: of };
  const rows: Row[] = [{ ...first, hash: isGiven ? hash : undefined, result: hash }];
  let known = of;
  for (const [i, { side, hash, of, result }] of steps.entries()) {
    known = { from: Math.min(known.from, of.from), to: Math.max(known.to, of.to) };
    const adds = say.ledger.addsSpan(...ends(of), side);
    rows.push({ name: String(i + 1), adds, hash, known, added: of, result });
  }
  return rows;
}

const ends = ({ from, to }: Span): [string, string] => [number(from), number(to - 1)];
const coversOf = (span: Span): string => say.ledger.coversSpan(...ends(span));

/** Which part of the whole log is known, and what of it came last; the words stand beside it. */
function Known({ known, added, size }: { known: Span; added: Span; size: number }) {
  const part = ({ from, to }: Span) => ({
    x: `${(from / size) * 100}%`,
    width: `${Math.max(0.75, ((to - from) / size) * 100)}%`,
  });
  return (
    <svg class="bar" width="100%" height="6" aria-hidden="true">
      <rect class="rest" width="100%" height="6" rx="1" />
      <rect height="6" rx="1" {...part(known)} />
      <rect class="open" height="6" rx="1" {...part(added)} />
    </svg>
  );
}

/** Its beginning; the whole on pointing at it, and when it is copied. */
export function Hash({ of }: { of: Bytes }) {
  const hex = hexOf(of);
  return (
    <span class="mono nowrap" title={hex}>
      {hex.slice(0, 12)}…
    </span>
  );
}

/** All of it, in groups that people can compare. */
export function WholeHash({ of }: { of: Bytes }) {
  return (
    <span class="mono">
      {hexOf(of)
        .match(/.{1,8}/g)
        ?.join(" ")}
    </span>
  );
}
