/** One contact of an account: what it may be used for and why, everything that was told of it, and the way to its value. */
import { useState } from "preact/hooks";
import { number, say } from "../messages/index.js";
import { Table } from "../parts/table.js";
import { Moment, When } from "../parts/time.js";
import { LedgerLink } from "./ledger-link.js";
import { type Contact, isRevealable, maskOf, Reveal } from "./reveal.js";

const text = say.accounts;

type Entry = Contact["history"][number];

export function AccountContact({ contact }: { contact: Contact }) {
  const [isRevealing, setRevealing] = useState(false);
  const { kind, isPermitted, why, purposes, history } = contact;
  const isSealed = purposes.some(isRevealable);
  const name = text.named(kind, maskOf(contact), number(contact.number));
  return (
    <section class="card" aria-label={name}>
      <h3>
        {kind} <span class="mono">{maskOf(contact)}</span>{" "}
        <span class={isPermitted ? "tag good" : "tag"}>{isPermitted ? say.operator.permitted : text.notPermitted}</span>
      </h3>
      <dl>
        <dt>{text.number}</dt>
        <dd>{number(contact.number)}</dd>
        <dt>{text.usedFor}</dt>
        <dd>{purposes.length === 0 ? text.nothing : purposes.join(", ")}</dd>
        <dt>{text.why}</dt>
        <dd>{why}</dd>
      </dl>
      <Table
        caption={text.history(name)}
        rows={history}
        columns={[
          { name: text.so, value: ({ at }) => at, show: ({ at }) => <Moment at={at} /> },
          { name: text.what, value: whatOf },
          { name: text.under, value: aboutOf },
          { name: text.changed, value: ({ changed }) => text.changes[changed] },
          { name: text.by, value: ({ source, actor }) => source ?? actor },
          { name: text.learned, value: ({ learnedAt }) => learnedAt, show: ({ learnedAt }) => <When at={learnedAt} /> },
          {
            name: say.operator.ledgerPosition,
            value: ({ position }) => position,
            show: ({ position }) => <LedgerLink position={position} />,
          },
        ]}
      />
      {isSealed ? (
        <div class="buttons">
          <button type="button" onClick={() => setRevealing(true)}>
            {text.reveal}
          </button>
        </div>
      ) : (
        <p class="dim small">{text.noReveal}</p>
      )}
      {isRevealing ? <Reveal contact={contact} onClose={() => setRevealing(false)} /> : null}
    </section>
  );
}

function whatOf({ entry, givenBy, isVerified }: Entry): string {
  const parts: string[] = [text.entries[entry]];
  if (givenBy === "another account") parts.push(text.byOther);
  if (isVerified === false) parts.push(text.notVerified);
  return parts.join(", ");
}

function aboutOf({ notice, covers, incident, wholeAccount }: Entry): string {
  const about = notice ?? incident ?? covers ?? "";
  return wholeAccount === true ? `${about} (${text.wholeAccount})` : about;
}
