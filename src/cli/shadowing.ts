/** Shadow mode: what another system matched, held against the audiences here. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { CommandResult } from "../command/index.js";
import { ShadowError, shadowPage } from "../shadow/index.js";
import { CliError } from "./error.js";
import { feed, nothingAccepted } from "./intake.js";
import type { Session } from "./session.js";
import { count, counted, table } from "./terminal.js";

export interface ShadowOptions {
  readonly people?: string | undefined;
  readonly report?: string | undefined;
  readonly region?: string | undefined;
}

/** Lists that a terminal shows. */
const LISTS_SHOWN = 20;

/** @throws {CliError} code `usage` when the report is to be a file of another form */
export async function shadow(session: Session, file: string, { people, report, region }: ShadowOptions): Promise<void> {
  const form = report === undefined ? undefined : /\.(html|json)$/.exec(report)?.[1];
  if (report !== undefined && form === undefined) {
    throw new CliError("usage", `${report} is neither .html nor .json`, "name it so");
  }
  const named = people === undefined ? {} : { people: resolve(people) };
  const { refusedRows: _, ...compared } = await feed(session, "shadow", file, { region, ...named });
  if (report !== undefined) {
    const text = form === "json" ? `${JSON.stringify(compared, null, 2)}\n` : shadowPage(compared);
    await writeFile(resolve(report), text, { mode: 0o600 }).catch(() => {
      throw new ShadowError("unwritable-file", `${report} can't be written`, "check its folder and permissions");
    });
  }
  session.terminal.result(compared, () => linesOf(compared, { people, report }));
  const { rows, refused, rejectFile } = compared;
  if (rows > 0 && refused === rows) nothingAccepted(session, "no row could be read", rejectFile);
}

type Compared = Omit<CommandResult<"shadow">, "refusedRows">;

function linesOf(compared: Compared, { people, report }: ShadowOptions): string[] {
  const { lists, unpairedThere, unpairedHere, rows, refused, rejectFile, open } = compared;
  const counts = (of: Readonly<Record<string, number>>) =>
    Object.entries(of).map(([name, number]) => [`  ${name}`, count(number)]);
  return [
    ...table(
      [`${counted(lists.length, "list")} of both`, "people"],
      [
        ["matched there", count(compared.there)],
        ["matched here", count(compared.here)],
        ["lost: there alone", count(compared.onlyThere)],
        ...counts(compared.byRule),
        ["lost, by purpose", ""],
        ...counts(compared.byPurpose),
        ["lost, by surface", ""],
        ...counts(compared.bySurface),
        ["lost, by notice", ""],
        ...counts(compared.byNotice),
        ["gained: here alone", count(compared.onlyHere)],
        ...counts(compared.gained.byNotice),
      ],
      "",
    ),
    ...(open === 0 ? [] : [`of ${count(open)} lost it is not known which of several contacts matched`]),
    "",
    ...table(
      ["advertiser", "list", "name", "there", "here", "lost", "gained"],
      lists
        .slice(0, LISTS_SHOWN)
        .map(({ advertiser, list, name, there, here, onlyThere, onlyHere }) => [
          ...[advertiser, list, name, count(there), count(here), count(onlyThere), count(onlyHere)],
        ]),
      "no list of the file has a pair here",
    ),
    ...(lists.length > LISTS_SHOWN
      ? [`and ${count(lists.length - LISTS_SHOWN)} more: --report or --json has all`]
      : []),
    ...(unpairedThere.length === 0 ? [] : [`${counted(unpairedThere.length, "list")} there without a pair here`]),
    ...(unpairedHere.length === 0 ? [] : [`${counted(unpairedHere.length, "list")} here without a pair there`]),
    `${counted(rows, "row")}, ${count(refused)} refused`,
    ...(rejectFile === null ? [] : [`refused rows, and why: ${rejectFile}`]),
    ...[report, people].flatMap((file) => (file === undefined ? [] : [`written: ${file}`])),
  ];
}
