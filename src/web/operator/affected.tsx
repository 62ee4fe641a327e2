/** Whom an incident affected: figures, over time, and by every breakdown; each picture with its table. */
import type { CommandResult } from "../../command/index.js";
import { number, say } from "../messages/index.js";
import { Lines, type Point } from "../parts/lines.js";
import { Table } from "../parts/table.js";
import { Moment } from "../parts/time.js";

const DAY_MS = 86_400_000;

type Counts = Readonly<Record<string, number>>;

export function Affected({ answer: { assessment, audiences } }: { answer: CommandResult<"incidentReport"> }) {
  const { people, contactPoints, advertisers, lists, showings, firstAt, lastAt, asKnownAt } = assessment;
  const figures = [
    [people, say.incidents.figures.people],
    [contactPoints, say.incidents.figures.contactPoints],
    [assessment.audiences, say.incidents.figures.audiences],
    [lists, say.incidents.figures.lists],
    [advertisers, say.incidents.figures.advertisers],
    [showings, say.incidents.figures.showings],
  ] as const;
  return (
    <>
      <ul class="figures">
        {figures.map(([value, name]) => (
          <li key={name}>
            <b>{number(value)}</b>
            {name}
          </li>
        ))}
      </ul>
      {firstAt === null || lastAt === null ? (
        <p>{say.incidents.nobody}</p>
      ) : (
        <p>
          {say.incidents.between} <Moment at={firstAt} /> {say.incidents.and} <Moment at={lastAt} />.{" "}
          <span class="dim">{say.operator.asKnown(number(asKnownAt))}</span>
        </p>
      )}
      <OverTime byDay={assessment.byDay} />
      <div class="sides">
        <Breakdown caption={say.incidents.byPurpose} of={say.operator.purpose} counts={assessment.byPurpose} />
        <Breakdown caption={say.incidents.byKind} of={say.operator.kind} counts={assessment.byKind} />
        <Breakdown caption={say.incidents.byCountry} of={say.incidents.country} counts={assessment.byCountry} />
      </div>
      {audiences.length === 0 ? null : (
        <Table
          caption={say.incidents.byAudience}
          rows={audiences}
          columns={[
            { name: say.operator.list, value: ({ name }) => name },
            { name: say.operator.advertiser, value: ({ advertiser }) => advertiser },
            { name: say.incidents.figures.people, value: (one) => one.people, bar: true },
            { name: say.incidents.figures.contactPoints, value: (one) => one.contactPoints },
            { name: say.incidents.campaigns, value: (one) => one.campaigns },
            { name: say.incidents.figures.showings, value: (one) => one.showings },
            {
              name: say.incidents.first,
              value: (one) => one.firstAt ?? "",
              show: (one) => (one.firstAt === null ? "" : <Moment at={one.firstAt} isDay />),
            },
            {
              name: say.incidents.last,
              value: (one) => one.lastAt ?? "",
              show: (one) => (one.lastAt === null ? "" : <Moment at={one.lastAt} isDay />),
            },
          ]}
        />
      )}
      <h3>{say.incidents.apart}</h3>
      <dl>
        <dt>{number(assessment.alsoMatchedRightly)}</dt>
        <dd>{say.incidents.alsoMatchedRightly}</dd>
        <dt>{number(assessment.permittedOtherwise)}</dt>
        <dd>{say.incidents.permittedOtherwise}</dd>
        <dt>{number(assessment.lateFacts.people)}</dt>
        <dd>{say.incidents.lateFacts(assessment.lateFacts.contactPoints)}</dd>
      </dl>
    </>
  );
}

/** People by the day on which they were first affected, and in sum. */
function OverTime({ byDay }: { byDay: Counts }) {
  const days = Object.entries(byDay).sort(([a], [b]) => (a < b ? -1 : 1));
  if (days.length === 0) return null;
  let sum = 0;
  const rows = days.map(([day, people]) => ({ day, people, sum: (sum += people) }));
  const points: Point[] = rows.map((row) => ({ atMs: Date.parse(row.day), value: row.sum }));
  return (
    <>
      <Lines points={points} title={say.incidents.overTime} />
      <Lines points={daysOf(rows)} title={say.incidents.perDay} />
      <details>
        <summary>{say.incidents.asTable}</summary>
        <Table
          caption={say.incidents.overTime}
          isCaptionHidden
          rows={rows}
          columns={[
            { name: say.incidents.day, value: ({ day }) => day },
            { name: say.incidents.newlyAffected, value: ({ people }) => people, bar: true },
            { name: say.incidents.inSum, value: (row) => row.sum },
          ]}
        />
      </details>
    </>
  );
}

/** Each day by itself: on days between nobody was. */
function daysOf(rows: readonly { readonly day: string; readonly people: number }[]): Point[] {
  const counts = new Map(rows.map(({ day, people }) => [Date.parse(day), people]));
  return [...counts].flatMap(([atMs, value]) => {
    const next = atMs + DAY_MS;
    return [{ atMs, value }, ...(counts.has(next) ? [] : [{ atMs: next, value: 0 }])];
  });
}

function Breakdown({ caption, of, counts }: { caption: string; of: string; counts: Counts }) {
  const rows = Object.entries(counts).sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  if (rows.length === 0) return null;
  return (
    <Table
      caption={caption}
      rows={rows}
      columns={[
        { name: of, value: ([name]) => name },
        { name: say.incidents.figures.people, value: ([, people]) => people, bar: true },
      ]}
    />
  );
}
