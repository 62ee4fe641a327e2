/** What was allowed and taken back, each with its receipt. */
import type { PersonView, ViewedChange } from "../../person/index.js";
import { number, say } from "../messages/index.js";
import { useDoing } from "../parts/load.js";
import { ProblemNote } from "../parts/problem.js";
import { Table } from "../parts/table.js";
import { Moment } from "../parts/time.js";
import { saveReceiptOf } from "./asking.js";
import { namesOf } from "./incidents.js";
import { nameOfNumber } from "./naming.js";

export function Changes({ view }: { view: PersonView }) {
  const { run, isDoing, problem } = useDoing(saveReceiptOf);
  return (
    <>
      <h2>{say.person.changes}</h2>
      <Table
        caption={say.person.changes}
        isCaptionHidden
        columns={[
          { name: say.person.when, value: ({ at }) => at, show: ({ at }) => <Moment at={at} /> },
          { name: say.person.what, value: whatOf },
          { name: say.person.ofContact, value: (change) => contactOf(view, change) },
          { name: say.person.where, value: ({ isHere }) => (isHere ? say.person.here : say.person.elsewhere) },
          {
            name: say.person.receipt,
            value: ({ position }) => number(position),
            show: ({ position }) => (
              <button
                type="button"
                disabled={isDoing}
                aria-label={say.person.saveReceipt(number(position))}
                onClick={() => run(position)}
              >
                {say.person.keepReceipt}
              </button>
            ),
          },
        ]}
        rows={view.changes}
        empty={
          <>
            <p>{say.person.changesNone}</p>
            <p class="dim">{say.person.changesNoneHow}</p>
          </>
        }
      />
      <ProblemNote problem={problem} />
    </>
  );
}

function whatOf({ what, purposes }: ViewedChange): string {
  if (what === "erase") return say.person.erasedContact;
  if (what === "disown") return say.person.disowned;
  if (purposes === null) return say.person.takenBackAll;
  return what === "on" ? say.person.allowed(namesOf(purposes)) : say.person.takenBack(namesOf(purposes));
}

const contactOf = (view: PersonView, { contact }: ViewedChange): string =>
  contact === null ? say.person.wholeAccount : nameOfNumber(view, contact);
