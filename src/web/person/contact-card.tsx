/** One contact: what it may be used for and what not, when it was given and under which text, who had it on a list. */
import type { ContactMatch, Given, ViewedContact, ViewedNotice } from "../../person/index.js";
import type { Purpose } from "../../purpose/index.js";
import { say } from "../messages/index.js";
import { Table } from "../parts/table.js";
import { Moment } from "../parts/time.js";
import { nameOf } from "./naming.js";

const PURPOSES = Object.entries(say.person.purposes) as [Purpose, { name: string; may: string; not?: string }][];
/** Times of giving; those before are opened. */
const SHOWN_AT_ONCE = 3;

export function ContactCard({ contact, notices }: { contact: ViewedContact; notices: readonly ViewedNotice[] }) {
  const { given, purposes, matched } = contact;
  const [last, before] = [given.slice(0, SHOWN_AT_ONCE), given.slice(SHOWN_AT_ONCE)];
  return (
    <div class="card contact">
      <h2>{nameOf(contact)}</h2>
      <div class="sides">
        <div>
          <h3>{say.person.usedFor}</h3>
          <Sentences
            sentences={PURPOSES.filter(([purpose]) => purposes.includes(purpose)).map(([, { may }]) => may)}
            none={say.person.usedForNothing}
          />
        </div>
        <div>
          <h3>{say.person.notUsedFor}</h3>
          <Sentences
            sentences={PURPOSES.flatMap(([purpose, { not }]) =>
              not === undefined || purposes.includes(purpose) ? [] : [not],
            )}
          />
          {isPromised(contact, notices) ? <p>{say.person.exclusive}</p> : null}
        </div>
      </div>
      <h3>{say.person.given}</h3>
      {last.map((one, i) => (
        <GivenOnce key={i} given={one} notices={notices} />
      ))}
      {before.length === 0 ? null : (
        <details>
          <summary>{say.person.givenBefore(before.length)}</summary>
          {before.map((one, i) => (
            <GivenOnce key={i} given={one} notices={notices} />
          ))}
        </details>
      )}
      <Matched of={nameOf(contact)} matched={matched} />
    </div>
  );
}

/** Given under a promise that it still keeps. */
function isPromised({ given, purposes }: ViewedContact, notices: readonly ViewedNotice[]): boolean {
  const exclusive = notices.filter(({ isExclusive }) => isExclusive);
  return given.some(
    ({ notice, isOwn }) =>
      isOwn &&
      exclusive.some((one) => one.notice === notice && purposes.every((purpose) => one.purposes.includes(purpose))),
  );
}

function Sentences({ sentences, none }: { sentences: readonly string[]; none?: string }) {
  if (sentences.length === 0) return none === undefined ? null : <p>{none}</p>;
  return (
    <ul>
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

function GivenOnce({ given, notices }: { given: Given; notices: readonly ViewedNotice[] }) {
  const { surface, text, language } = notices.find(({ notice }) => notice === given.notice)!;
  const proof = given.isVerified ? say.person.verified : say.person.notVerified;
  return (
    <>
      <p>
        {say.person.givenOn} <Moment at={given.at} isDay /> {say.person.givenAt(surface)},{" "}
        {given.isOwn ? proof : say.person.byOther}.
      </p>
      <blockquote lang={language}>{text}</blockquote>
    </>
  );
}

function Matched({ of, matched }: { of: string; matched: readonly ContactMatch[] }) {
  return (
    <>
      <h3>{say.person.matched}</h3>
      {matched.length === 0 ? (
        <p>{say.person.matchedNone}</p>
      ) : (
        <Table
          caption={`${say.person.matched}: ${of}`}
          isCaptionHidden
          columns={[
            { name: say.person.advertiser, value: ({ advertiser }) => advertiser },
            { name: say.person.list, value: ({ list }) => list },
            { name: say.person.from, value: ({ from }) => from, show: ({ from }) => <Moment at={from} isDay /> },
            {
              name: say.person.until,
              value: ({ to }) => to ?? say.person.goesOn,
              show: (match) => <Until {...match} />,
            },
          ]}
          rows={matched.toReversed()}
        />
      )}
    </>
  );
}

function Until({ to, ended }: ContactMatch) {
  if (to === null) return <strong>{say.person.goesOn}</strong>;
  return (
    <>
      <Moment at={to} isDay />{" "}
      <span class="dim">({ended === "list" ? say.person.endedByList : say.person.endedByPermission})</span>
    </>
  );
}
