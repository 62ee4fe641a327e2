/** Commands about incidents. */
import { resolve } from "node:path";
import type { Command } from "commander";
import type { CommandResult, IncidentView } from "../command/index.js";
import { IncidentError } from "../incident/index.js";
import { addContainingCommands } from "./containing.js";
import { define, group } from "./define.js";
import { yamlIn } from "./files.js";
import { addReportingCommands } from "./reporting.js";
import { count, table } from "./terminal.js";

export function addIncidentCommands(program: Command): void {
  const incident = group(program, "incident", "when something upstream was wrong");
  define<{ as: string }>(incident, {
    usage: "open <file>",
    about: "Open an incident from its claim, a YAML file; nothing else changes.",
    example: "solely incident open unlock-2019.yaml --as alice",
    options: (command) => command.requiredOption("--as <operator>", "who opens it"),
    async work(session, [file], { as }) {
      const opened = await session.run("incidentOpen", { claim: await yamlIn(file!, malformedClaim) }, { as });
      session.terminal.result(opened, () => [...linesOf(opened), `next: solely incident assess ${opened.incident}`]);
    },
  });
  define(incident, {
    usage: "list",
    about: "Incidents, in the order opened.",
    example: "solely incident list",
    async work(session) {
      const incidents = await session.run("incidents", {});
      session.terminal.result({ incidents }, () =>
        table(
          ["incident", "opened", "by", "title"],
          incidents.map(({ incident, openedAt, openedBy, title }) => [incident, openedAt, openedBy, title]),
          "no incidents",
        ),
      );
    },
  });
  define(incident, {
    usage: "show <id>",
    about: "One incident, with its claim as it was given.",
    example: "solely incident show unlock-2019",
    async work(session, [id]) {
      const found = await session.run("incident", { incident: id! });
      session.terminal.result(found, () => linesOf(found));
    },
  });
  define<{ asKnownAt?: string; tables?: string; people?: string }>(incident, {
    usage: "assess <id>",
    about: "Whom an incident affected, exactly; nothing changes.",
    example: "solely incident assess unlock-2019 --json",
    options: (command) =>
      command
        .option("--as-known-at <when>", "by what was known at a ledger position, or a time (RFC 3339); default: now")
        .option("--tables <dir>", "write a table of each breakdown, and of the audiences, here")
        .option("--people <file>", "write who, .csv or .parquet; recorded in the ledger"),
    async work(session, [id], { asKnownAt, tables, people }) {
      const assessed = await session.run("incidentAssess", {
        ...{ incident: id!, asKnownAt },
        ...(tables === undefined ? {} : { tables: resolve(tables) }),
        ...(people === undefined ? {} : { people: resolve(people) }),
      });
      session.terminal.result(assessed, () => linesOfAssessment(assessed));
    },
  });
  addContainingCommands(incident);
  addReportingCommands(incident);
}

function linesOfAssessment(assessed: CommandResult<"incidentAssess">): string[] {
  const { incident, asKnownAt, byPurpose, byKind, byDay, byCountry, lateFacts, firstAt, lastAt, ...counts } = assessed;
  const people = (of: Readonly<Record<string, number>>) =>
    Object.entries(of).map(([name, number]) => [`  ${name}`, count(number)]);
  const rows = [
    ...Object.entries(counts).map(([name, number]) => [name, count(number)]),
    ["first affected", firstAt ?? "-"],
    ["last affected", lastAt ?? "-"],
    ["people by purpose", ""],
    ...people(byPurpose),
    ["people by kind", ""],
    ...people(byKind),
    ["people by country", ""],
    ...people(byCountry),
    ["late facts, of people", count(lateFacts.people)],
    ["late facts, of contact points", count(lateFacts.contactPoints)],
  ];
  return table([incident, `as known at position ${asKnownAt}`], rows, "");
}

function linesOf({ incident, title, openedBy, openedAt, position, digest, claim }: IncidentView): string[] {
  return [
    `${incident}: ${title}`,
    `opened at ${openedAt} by ${openedBy}, position ${position}`,
    `claim ${digest}`,
    ...claim.claims.map((one) =>
      "matches" in one
        ? `  matches ${one.matches.join(", ")}: ${one.reason}`
        : `  ${one.notice ?? `surface ${one.surface}`}, given from ${one.given_from} to before ${one.given_to}: ${one.corrected.purposes.join(", ")}${one.corrected.exclusive ? " (exclusive)" : ""}`,
    ),
  ];
}

const malformedClaim = (what: string): IncidentError =>
  new IncidentError("malformed-claim", what, "a claim is YAML; docs/incident.md has the form");
