/** The ledger, to be read and checked: in the browser, and without believing the server anything. */
import { useLocation } from "preact-iso";
import { CheckpointCard } from "../ledger/checkpoint-card.js";
import { Comparison } from "../ledger/comparison.js";
import { LeafProof } from "../ledger/leaf-proof.js";
import { Leaves, positionOf } from "../ledger/leaves.js";
import { readLog } from "../ledger/read.js";
import { say } from "../messages/index.js";
import { Load, useLoad } from "../parts/load.js";

export function LedgerPage() {
  const log = useLoad(readLog, []);
  const { query } = useLocation();
  const position = positionOf(query.position);
  return (
    <>
      <h1>{say.ledger.title}</h1>
      <p>{say.ledger.intro}</p>
      <Load of={log}>
        {(read) => (
          <>
            {position === undefined ? null : <LeafProof key={position} position={position} log={read} />}
            <CheckpointCard log={read} onAgain={log.again} />
            <Leaves size={read.checkpoint.size} />
            <Comparison log={read} />
          </>
        )}
      </Load>
    </>
  );
}
