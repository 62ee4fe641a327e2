/** Leaves by their position, the newest first; one of them may be chosen by its address, `/ledger?position=N`. */
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { LeafKind } from "../../ledger/index.js";
import { number, say } from "../messages/index.js";
import { Load, useLoad } from "../parts/load.js";
import { Table } from "../parts/table.js";
import { When } from "../parts/time.js";
import { hexOf } from "./bytes.js";
import { type LeafAt, readLeaves } from "./read.js";
import { Hash } from "./walk.js";

const PAGE = 50;

const addressOf = (position: number): string => `/ledger?position=${position}`;

export function kindOf({ kind }: { kind: number }): string {
  const kinds: Readonly<Record<number, string>> = say.ledger.kinds satisfies Record<LeafKind, string>;
  return kinds[kind] ?? say.ledger.unknownKind(kind);
}

/** @param size leaves of the checkpoint */
export function Leaves({ size }: { size: number }) {
  const { query } = useLocation();
  const chosen = positionOf(query.position);
  const [to, setTo] = useState<number>();
  // The page with the chosen one, until another page is asked for.
  const near = chosen === undefined || chosen >= size ? size : size - Math.floor((size - 1 - chosen) / PAGE) * PAGE;
  const end = Math.min(size, to ?? near);
  const from = Math.max(0, end - PAGE);
  const leaves = useLoad(() => readLeaves(from, end, size), [from, end, size]);
  const words = say.ledger;
  return (
    <>
      <h2>{words.all}</h2>
      <GoTo size={size} onGo={() => setTo(undefined)} />
      <Load of={leaves}>
        {(rows) => (
          <Table
            caption={words.range(number(from), number(end - 1), number(size))}
            rows={rows}
            columns={[
              {
                name: words.position,
                value: ({ position }) => String(position),
                show: (leaf) => <Position of={leaf} />,
              },
              { name: words.kind, value: kindOf },
              {
                name: words.time,
                value: ({ timeMs }) => new Date(timeMs).toISOString(),
                show: ({ timeMs }) => <When at={timeMs} />,
              },
              { name: words.factsRoot, value: ({ root }) => hexOf(root), show: ({ root }) => <Hash of={root} /> },
            ]}
          />
        )}
      </Load>
      <div class="buttons">
        <button type="button" disabled={end >= size} onClick={() => setTo(Math.min(size, end + PAGE))}>
          {words.newer}
        </button>
        <button type="button" disabled={from === 0} onClick={() => setTo(from)}>
          {words.older}
        </button>
      </div>
    </>
  );
}

function Position({ of: { position } }: { of: LeafAt }) {
  return (
    <a href={addressOf(position)} aria-label={say.ledger.one(number(position))}>
      {number(position)}
    </a>
  );
}

function GoTo({ size, onGo }: { size: number; onGo: () => void }) {
  const { route } = useLocation();
  const [text, setText] = useState("");
  const position = positionOf(text);
  const go = (event: Event) => {
    event.preventDefault();
    if (position === undefined || position >= size) return;
    onGo();
    route(addressOf(position));
  };
  return (
    <form class="row" onSubmit={go}>
      <div>
        <label for="go-to">
          {say.ledger.goTo} <span class="dim">{say.ledger.goToForm(number(size - 1))}</span>
        </label>
        <input
          id="go-to"
          inputMode="numeric"
          autocomplete="off"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </div>
      <button type="submit" disabled={position === undefined || position >= size}>
        {say.ledger.go}
      </button>
    </form>
  );
}

/** A whole number from 0 on; undefined: it is none. */
export function positionOf(text: string | undefined): number | undefined {
  const digits = (text ?? "").replaceAll(/[\s,.']/g, "");
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
}
