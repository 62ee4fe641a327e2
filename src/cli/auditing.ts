/**
 * Commands that audit the matching of a platform that does not run Solely. They need no store and no key, but where that
 * matching is compared with one.
 */
import { readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import {
  AuditError,
  type AuditOptions,
  audit,
  type Finding,
  findingPage,
  writeFindingTables,
  writeSampleCase,
} from "../audit/index.js";
import { IncidentError, parseClaim } from "../incident/index.js";
import { addAuditQuestions } from "./audit-questions.js";
import { define, instant, wholeNumber } from "./define.js";
import { CliError } from "./error.js";
import { yamlIn } from "./files.js";
import { regionOption } from "./intake.js";
import type { Session } from "./session.js";
import { type ShadowOptions, shadow } from "./shadowing.js";
import { count, counted, table } from "./terminal.js";

interface AuditFlags {
  claim?: string;
  map?: string;
  from?: string;
  until?: string;
  report?: string;
  tables?: string;
  people?: string;
  rejects?: string;
  shadow?: string;
  region?: string;
}

export function addAuditCommands(program: Command): void {
  const command = define<AuditFlags>(program, {
    usage: "audit [dir]",
    about: "Whom a matching of another system has affected, from what that system can export; needs no store.",
    example: "solely audit ./export --report report.html",
    options: (command) =>
      command
        .option("--claim <file>", "what was wrong, YAML; default: the rule itself, held against the notices' texts")
        .option("--map <file>", "how the export's names map to ours; default: audit.yaml in the folder")
        .option("--from <url>", "a PostgreSQL database that the map's queries are of; it is only read")
        .option(
          "--until <time>",
          "memberships that nothing ended go on until here; default: the latest of the rows",
          instant,
        )
        .option("--report <file>", "a page (.html) or an object for programs (.json)")
        .option("--tables <dir>", "write a table of each breakdown, and of the lists, here")
        .option("--people <file>", "write who, .csv or .parquet")
        .option("--rejects <file>", "write which rows were refused and why, .csv")
        .option(
          "--shadow <file>",
          "compare with the audiences of a store, of the same lists: what the other system matched; docs/shadow.md",
        )
        .addOption(regionOption()),
    async work(session, [dir], flags) {
      if (flags.shadow !== undefined) return shadow(session, flags.shadow, shadowFlags(dir, flags));
      if (dir === undefined) {
        throw new CliError(
          "usage",
          "an audit is of a folder of files",
          "name it; solely audit questions says what goes in",
        );
      }
      await report(session, await audited(session, dir, flags), flags);
    },
  });
  addAuditQuestions(command);
  define<{ accounts: number; seed: number }>(command, {
    usage: "sample [dir]",
    about: "Write the export of a made-up platform that matched security contacts, audit it, and write the report.",
    example: "solely audit sample ./audit-sample",
    options: (command) =>
      command
        .option("--accounts <n>", "how many", wholeNumber(1), 20_000)
        .option("--seed <n>", "the same seed gives the same files", wholeNumber(0), 7),
    async work(session, [dir = "audit-sample"], { accounts, seed }) {
      await refuseOther(resolve(dir));
      const truth = await writeSampleCase(resolve(dir), { accounts, seed });
      session.terminal.say(`${counted(accounts, "account")} of a made-up platform: ${resolve(dir)}`);
      const finding = await audited(session, dir, {});
      await report(session, finding, { report: join(dir, "report.html") });
      session.terminal.say(
        `really affected, which only the sample's maker knows: ${counted(truth.people, "person", "people")}`,
      );
    },
  });
}

/** A folder that holds something else than a sample is not written into. */
async function refuseOther(dir: string): Promise<void> {
  const names = await readdir(dir).catch((): string[] => []);
  if (names.length === 0 || names.includes("truth.json")) return;
  throw new CliError("usage", `${dir} holds something else already`, "name a new folder for the sample");
}

/** The form of a report by its file's name; looked at before anything is read. */
function formOf(report: string | undefined): string | undefined {
  if (report === undefined) return undefined;
  const form = /\.(html|json)$/.exec(report)?.[1];
  if (form !== undefined) return form;
  throw new CliError("usage", "a report is a page or JSON", "give --report FILE.html or FILE.json");
}

/** What goes with --shadow. */
function shadowFlags(dir: string | undefined, flags: AuditFlags): ShadowOptions {
  const { report, people, region } = flags;
  const { claim, map, from, until, tables, rejects } = flags;
  if ([dir, claim, map, from, until, tables, rejects].every((other) => other === undefined))
    return { report, people, region };
  throw new CliError(
    "usage",
    "a comparison is of one file with the store",
    "beside --shadow give --report, --people and --region alone",
  );
}

async function audited(session: Session, dir: string, flags: AuditFlags): Promise<Finding> {
  const { terminal } = session;
  const { claim, map, from, until, people, rejects, region } = flags;
  formOf(flags.report);
  const options: AuditOptions = {
    dir: resolve(dir),
    ...(claim === undefined ? {} : { claim: parseClaim(await yamlIn(claim, malformedClaim)) }),
    ...(map === undefined ? {} : { map: resolve(map) }),
    ...(until === undefined ? {} : { untilMs: Date.parse(until) }),
    ...(people === undefined ? {} : { people: resolve(people) }),
    ...(rejects === undefined ? {} : { rejects: resolve(rejects) }),
    from,
    region,
    onProgress: (what, done, share) => terminal.progress(what, done, share),
    onWarning: (warning) => terminal.warn(warning),
  };
  try {
    return await audit(options);
  } finally {
    terminal.endProgress();
  }
}

async function report({ terminal }: Session, finding: Finding, { report, tables }: AuditFlags): Promise<void> {
  if (tables !== undefined) await writeFindingTables(resolve(tables), finding);
  if (report !== undefined) {
    const form = formOf(report);
    const text = form === "json" ? `${JSON.stringify(finding, null, 2)}\n` : await findingPage(finding);
    await writeFile(resolve(report), text, { mode: 0o600 }).catch(() => {
      throw new AuditError(
        "unwritable-file",
        `${resolve(report)} can't be written`,
        "check its folder and permissions",
      );
    });
  }
  terminal.result(finding, () => [
    ...linesOf(finding),
    ...(report === undefined ? [] : [`report: ${resolve(report)}`]),
  ]);
}

function linesOf(finding: Finding): string[] {
  const { atLeast, atMost, certain, open, unexplained, tangled, matchedPeople, tables, assumptions } = finding;
  const numbers = ([name, least]: [string, unknown]): string[][] => {
    const most = atMost[name as keyof typeof atMost];
    if (typeof least === "number" && typeof most === "number") return [[name, count(least), count(most)]];
    return [];
  };
  const people = (name: "byPurpose" | "byKind" | "byCountry"): string[][] =>
    Object.entries(atMost[name]).map(([of, most]) => [`  ${of}`, count(atLeast[name][of] ?? 0), count(most)]);
  const rows = [
    ...Object.entries(atLeast).flatMap(numbers),
    ["first affected", atLeast.firstAt ?? "-", atMost.firstAt ?? "-"],
    ["last affected", atLeast.lastAt ?? "-", atMost.lastAt ?? "-"],
    ["people by purpose", "", ""],
    ...people("byPurpose"),
    ["people by kind", "", ""],
    ...people("byKind"),
    ["people by country", "", ""],
    ...people("byCountry"),
    ["late facts, of people", count(atLeast.lateFacts.people), count(atMost.lateFacts.people)],
  ];
  const refused = tables.filter((one) => one.refused > 0);
  return [
    ...table(["", "at least", "at most"], rows, ""),
    "",
    `of ${counted(matchedPeople, "account")} that the platform matched`,
    `certain: ${count(certain.byIdentifier)} by the identifier that matched, ${count(certain.byEveryContact)} whichever it was`,
    `open: ${count(open.identifierMissing)} for want of the identifier, ${count(open.valueMissing)} of values, ${count(open.endMissing)} of an end`,
    ...(unexplained.people > 0
      ? [
          `apart: ${counted(unexplained.matches, "match", "matches")} of ${counted(unexplained.people, "account")} that had no contact then, by these records`,
        ]
      : []),
    ...(tangled > 0
      ? [`apart: ${counted(tangled, "account is", "accounts are")} too tangled to be told more of than "maybe"`]
      : []),
    ...refused.map((one) => {
      const reasons = Object.entries(one.reasons).map(([reason, rows]) => `${reason} ${count(rows)}`);
      return `refused: ${count(one.refused)} of ${counted(one.rows, "row")} of ${one.table} (${reasons.join(", ")})`;
    }),
    ...assumptions.map((one) => `taken for granted: ${one}`),
  ];
}

const malformedClaim = (what: string): IncidentError =>
  new IncidentError("malformed-claim", what, "a claim is YAML; docs/incident.md has the form");
