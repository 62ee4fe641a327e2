/** The newest checkpoint: what the log says of itself, who signed that, and whether the signatures hold. */
import { useState } from "preact/hooks";
import { number, say } from "../messages/index.js";
import { useDoing } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { CopyButton, Table } from "../parts/table.js";
import { When } from "../parts/time.js";
import { base64Of, hexOf, isSame } from "./bytes.js";
import { isSameKey, NOTE_KEY, parseVerifier, type Signed, signedBy } from "./note.js";
import { type Log, understood } from "./read.js";
import { Remembered } from "./remembered.js";

export function CheckpointCard({ log, onAgain }: { log: Log; onAgain: () => void }) {
  const { note, checkpoint, key } = log;
  const words = say.ledger;
  return (
    <section class="card" aria-labelledby="checkpoint">
      <h2 id="checkpoint">{words.newest}</h2>
      <p>{words.newestHow}</p>
      <dl>
        <dt>{words.all}</dt>
        <dd>{number(checkpoint.size)}</dd>
        <dt>{words.root}</dt>
        <dd class="mono">{base64Of(checkpoint.root)}</dd>
        <dt>{words.origin}</dt>
        <dd class="mono">{checkpoint.origin}</dd>
        <dt>{words.key}</dt>
        <dd>
          <span class="mono">{key}</span>
          <p class="dim small">{words.keyHow}</p>
        </dd>
        <dt>{words.signature}</dt>
        <dd>
          <SignedNote signed={log.signed} text={words.signed[log.signed]} />
        </dd>
      </dl>
      <Remembered log={log} />
      <div class="buttons">
        <button type="button" onClick={onAgain}>
          {words.again}
        </button>
        <CopyButton what={words.copyCheckpoint} text={note} />
        <CopyButton what={words.copyKey} text={key} />
      </div>
      <Witnesses log={log} />
      <OtherKey log={log} />
    </section>
  );
}

function SignedNote({ signed, text }: { signed: Signed; text: string }) {
  if (signed === "unsupported") return <p class="note">{text}</p>;
  if (signed === "good") {
    return (
      <span class="good">
        <span aria-hidden="true">✓ </span>
        {text}
      </span>
    );
  }
  return (
    <div class="problem" role="alert">
      <strong class="bad">
        <span aria-hidden="true">✗ </span>
        {text}
      </strong>
      <p>{say.ledger.wrongFix}</p>
    </div>
  );
}

/** Every signature but the log's own. */
function Witnesses({ log: { checkpoint, verifier } }: { log: Log }) {
  const words = say.ledger;
  const others = checkpoint.signatures.filter(({ name, id }) => name !== verifier.name || !isSame(id, verifier.id));
  return (
    <>
      <h3>{words.witnesses}</h3>
      <Table
        caption={words.witnesses}
        isCaptionHidden
        empty={<p>{words.noWitnesses}</p>}
        rows={others}
        columns={[
          { name: words.witness, value: ({ name }) => name },
          { name: words.keyId, value: ({ id }) => hexOf(id), show: ({ id }) => <span class="mono">{hexOf(id)}</span> },
          {
            name: words.seen,
            value: ({ seconds }) => (seconds === undefined ? words.untimed : new Date(seconds * 1000).toISOString()),
            show: ({ seconds }) => (seconds === undefined ? words.untimed : <When at={seconds * 1000} />),
          },
        ]}
      />
    </>
  );
}

/** Holds a key that came another way against the log's, or against the witnesses' signatures. */
function OtherKey({ log: { checkpoint, verifier } }: { log: Log }) {
  const words = say.ledger;
  const [text, setText] = useState("");
  const [told, setTold] = useState<{ isGood: boolean; text: string }>();
  const { run, isDoing, problem } = useDoing(async () => {
    setTold(undefined);
    const key = await understood(() => parseVerifier(text));
    if (key.type === NOTE_KEY) {
      const isGood = isSameKey(key, verifier);
      setTold({ isGood, text: isGood ? words.sameKey : words.otherKey });
    } else {
      const signed = await signedBy(checkpoint, key);
      setTold({ isGood: signed === "good", text: words.witnessed[signed](key.name) });
    }
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <div class="row">
        <div class="wide">
          <label for="other-key">
            {words.keyFromElsewhere} <span class="dim">{words.keyFromElsewhereHow}</span>
          </label>
          <input
            id="other-key"
            class="mono"
            autocomplete="off"
            spellcheck={false}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </div>
        <button type="submit" disabled={isDoing || text.trim() === ""}>
          {words.compare}
        </button>
      </div>
      <ProblemNote problem={problem} />
      {told === undefined ? null : (
        <p class={told.isGood ? "done good" : "problem bad"} role={told.isGood ? "status" : "alert"}>
          <span aria-hidden="true">{told.isGood ? "✓ " : "✗ "}</span>
          {told.text}
        </p>
      )}
    </form>
  );
}
