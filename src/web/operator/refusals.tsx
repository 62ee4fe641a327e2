/** Why rows were refused within the last day, and what would help: each reason once, with how many rows it took. */
import type { RefusalsView } from "../../command/index.js";
import { say } from "../messages/index.js";
import { Table } from "../parts/table.js";
import { When } from "../parts/time.js";

const text = say.refusals;

export function Refusals({ refusals: { since, counts } }: { refusals: RefusalsView }) {
  return (
    <section>
      <h2>{text.title}</h2>
      <p class="dim">
        {text.since} <When at={since} />.
      </p>
      <Table
        caption={text.title}
        isCaptionHidden
        rows={counts}
        empty={<p>{text.none}</p>}
        columns={[
          { name: say.operator.reason, value: ({ reason }) => reason },
          { name: text.of, value: ({ of }) => text.ofs[of] },
          { name: text.rows, value: ({ rows }) => rows, bar: true },
          { name: say.operator.fix, value: ({ fix }) => fix },
        ]}
      />
    </section>
  );
}
