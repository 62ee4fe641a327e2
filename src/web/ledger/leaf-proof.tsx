/** One leaf: its bytes, what they say, and whether it is in the signed log at its place. */
import { Fragment } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { number, say } from "../messages/index.js";
import { Load, useLoad } from "../parts/load.js";
import { CopyButton } from "../parts/table.js";
import { Moment } from "../parts/time.js";
import { type Bytes, hexOf } from "./bytes.js";
import { LEAF_BYTES, LEAF_PARTS, type Leaf } from "./leaf.js";
import { kindOf } from "./leaves.js";
import { type Log, readInclusion, readLeaves } from "./read.js";
import { checkInclusion, leafHash, type Walk } from "./tree.js";
import { Steps, Verdict, WholeHash } from "./walk.js";

interface Checked {
  readonly leaf: Leaf;
  readonly hash: Bytes;
  readonly walk: Walk;
}

async function checked(position: number, { checkpoint }: Log): Promise<Checked> {
  const [[leaf], path] = await Promise.all([
    readLeaves(position, position + 1, checkpoint.size),
    readInclusion(position, checkpoint.size),
  ]);
  const hash = await leafHash(leaf!.bytes);
  return { leaf: leaf!, hash, walk: await checkInclusion(hash, position, checkpoint, path) };
}

export function LeafProof({ position, log }: { position: number; log: Log }) {
  const { size } = log.checkpoint;
  const words = say.ledger;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <section class="card" aria-labelledby="one-leaf">
      <h2 id="one-leaf" tabIndex={-1} ref={title}>
        {words.one(number(position))}
      </h2>
      {position < size ? (
        <Found position={position} log={log} />
      ) : (
        <p class="note">{words.beyond(number(position), number(size - 1))}</p>
      )}
      <div class="buttons">
        <a class="button" href="/ledger">
          {words.closeOne}
        </a>
      </div>
    </section>
  );
}

function Found({ position, log }: { position: number; log: Log }) {
  const { size, root } = log.checkpoint;
  const found = useLoad(() => checked(position, log), [position, hexOf(root)]);
  const words = say.ledger;
  return (
    <Load of={found}>
      {({ leaf, hash, walk }) => (
        <>
          <Verdict
            fault={walk.fault}
            holds={words.included(number(position), number(size))}
            fails={words.excluded(number(position))}
          >
            {log.signed === "good" ? null : <p>{words.unsignedRoot}</p>}
          </Verdict>
          <h3>{words.bytes}</h3>
          <LeafBytes leaf={leaf} />
          <p class="dim">{words.leafHashHow}:</p>
          <p>
            <WholeHash of={hash} />
          </p>
          <div class="buttons">
            <CopyButton text={hexOf(leaf.bytes)} />
          </div>
          <h3>{words.proof}</h3>
          <p>{words.proofHow(walk.steps.length)}</p>
          <Steps caption={words.stepsOfEntry} walk={walk} size={size} />
        </>
      )}
    </Load>
  );
}

/** Each part of the 42 bytes, with what it says. */
function LeafBytes({ leaf }: { leaf: Leaf }) {
  const { version, kind, time, root } = LEAF_PARTS;
  const words = say.ledger;
  const parts = [
    { name: words.version, from: version, to: kind, means: leaf.bytes[version] },
    { name: words.kind, from: kind, to: time, means: `${leaf.kind}: ${kindOf(leaf)}` },
    { name: words.time, from: time, to: root, means: <Moment at={leaf.timeMs} /> },
    { name: words.factsRoot, from: root, to: LEAF_BYTES, means: undefined },
  ];
  return (
    <dl>
      {parts.map(({ name, from, to, means }) => (
        <Fragment key={name}>
          <dt>
            {name} <span class="small">({words.byteRange(from, to - 1)})</span>
          </dt>
          <dd>
            <WholeHash of={leaf.bytes.slice(from, to)} /> {means === undefined ? null : <>= {means}</>}
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}
