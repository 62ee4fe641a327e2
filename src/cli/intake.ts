/** Commands that take something in: contacts, accounts, events. */
import { access, constants } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type Command, Option } from "commander";
import type { CommandInput, CommandResult } from "../command/index.js";
import { define, instant } from "./define.js";
import { CliError, EXIT } from "./error.js";
import { type Session, stdinBytes, stdinValue } from "./session.js";
import { count, counted } from "./terminal.js";

type Format = "csv" | "ndjson" | "parquet";

interface FeedOptions {
  readonly format?: Format;
  readonly region?: string;
}
interface IngestOptions extends FeedOptions {
  readonly source: string;
  readonly dryRun: boolean;
}
interface EventOptions {
  readonly account: string;
  readonly kind?: string;
  readonly value?: string;
  readonly region?: string;
  readonly purpose?: string;
  readonly at?: string;
}

const formatOption = () =>
  new Option("--format <format>", "found from name and content when absent").choices(["csv", "ndjson", "parquet"]);
export const regionOption = () => new Option("--region <XX>", "home of phones that have no country code, such as DE");

export function addIntakeCommands(program: Command): void {
  define<IngestOptions>(program, {
    usage: "ingest <file...>",
    about:
      "Take contacts in: CSV, NDJSON or Parquet, gzip of the first two, - for stdin. Each file is a run of its own.",
    example: "solely ingest contacts.csv --dry-run && solely ingest contacts.csv",
    options: (command) =>
      command
        .option("--source <name>", "the source that the contacts come from", "local")
        .addOption(formatOption())
        .addOption(regionOption())
        .option("--dry-run", "say what it would do, and do nothing", false),
    work: ingestFiles,
  });
  define<Pick<FeedOptions, "format">>(program, {
    usage: "accounts <file>",
    about:
      "Take in what the platform knows of accounts: account, country, created_at, last_active_at, cohort, attributes.",
    example: "solely accounts accounts.csv",
    options: (command) => command.addOption(formatOption()),
    async work(session, [file], { format }) {
      const result = await feed(session, "accounts", file!, { format });
      tellTaken(session, result, "accounts");
    },
  });
  define<Pick<FeedOptions, "region">>(program, {
    usage: "event <file.ndjson>",
    about:
      "Take events in: withdrawals, erasures, losses of ownership. They count in every audience when this returns.",
    example: "solely event events.ndjson",
    options: (command) => command.addOption(regionOption()),
    async work(session, [file], { region }) {
      const result = await feed(session, "events", file!, { format: "ndjson", region });
      tellTaken(session, result, "events");
    },
  });
  define<Pick<FeedOptions, "format">>(program, {
    usage: "showings <file>",
    about: "Take in what was shown to whom: advertiser, campaign, audience, account, at.",
    example: "solely showings showings.ndjson",
    options: (command) => command.addOption(formatOption()),
    work: takeShowings,
  });
  oneEvent(
    program,
    "withdraw",
    "An account takes back what it allowed: a purpose, or all of marketing, ads and sharing.",
  );
  oneEvent(program, "erase", "An account, or one of its contacts, is to be erased.");
  oneEvent(program, "disown", "A contact is the account's no more, as a phone number that was given to somebody else.");
}

async function ingestFiles(session: Session, files: string[], options: IngestOptions): Promise<void> {
  const { source, format, region, dryRun } = options;
  const sum = { rows: 0, accepted: 0, duplicates: 0, refused: 0, freed: 0 };
  const done: (CommandResult<"ingestContacts"> & { file: string })[] = [];
  for (const file of files) {
    try {
      const result = await feed(session, "ingestContacts", file, { source, format, region, dryRun });
      for (const field of Object.keys(sum) as (keyof typeof sum)[]) sum[field] += result[field];
      done.push({ file, ...result });
    } catch (error) {
      if (done.length > 0) session.terminal.warn(`the files before ${file} were taken in: ${counted(sum.rows, "row")}`);
      throw error;
    }
  }
  const rejectFiles = done.flatMap(({ rejectFile }) => (rejectFile === null ? [] : [rejectFile]));
  const each = files.length === 1 ? {} : { files: done.map(({ refusedRows: _, ...result }) => result) };
  session.terminal.result({ ...sum, rejectFile: rejectFiles[0] ?? null, ...each }, () => [
    ...(dryRun ? [`would newly permit ${counted(sum.freed, "contact point")} given for security`] : []),
    `${counted(sum.rows, "row")}: ${count(sum.accepted)} ${dryRun ? "would be accepted" : "accepted"}, ` +
      `${count(sum.duplicates)} known already, ${count(sum.refused)} refused`,
    ...rejectFiles.map((file) => `refused rows, and why: ${file}`),
  ]);
  if (sum.rows > 0 && sum.accepted + sum.duplicates === 0) {
    nothingAccepted(session, "no row was accepted", rejectFiles[0] ?? null);
  }
}

async function takeShowings(
  session: Session,
  [file]: string[],
  { format }: Pick<FeedOptions, "format">,
): Promise<void> {
  const { refusedRows: _, ...told } = await feed(session, "showings", file!, { format });
  const { rows, accepted, duplicates, refused, ineligible, rejectFile } = told;
  session.terminal.result(told, () => [
    `${counted(rows, "showing")}: ${count(accepted)} accepted, ${count(duplicates)} known already, ${count(refused)} refused`,
    ...(ineligible === 0
      ? []
      : [`ALARM: ${count(ineligible)} to accounts that were not eligible then; solely alarms shows them`]),
    ...(rejectFile === null ? [] : [`refused rows, and why: ${rejectFile}`]),
  ]);
  if (rows > 0 && accepted + duplicates === 0) nothingAccepted(session, "no row was accepted", rejectFile);
}

type FeedCommand = "ingestContacts" | "accounts" | "events" | "showings";

/** Runs a command on a file, or on stdin, with a reject file beside it. */
export async function feed<N extends FeedCommand | "match" | "shadow">(
  session: Session,
  command: N,
  file: string,
  input: Omit<CommandInput<N>, "file" | "rejectFile">,
): Promise<CommandResult<N>> {
  const isStdin = file === "-";
  const rejectFile = await rejectFileFor(session, isStdin ? "stdin" : resolve(file));
  const whole = { ...input, file: isStdin ? "-" : resolve(file), rejectFile } as unknown as CommandInput<N>;
  return session.run(command, whole, { bytes: isStdin ? stdinBytes() : undefined });
}

/** Beside the file, else in the current folder, else in the data folder: the first that can be written. */
async function rejectFileFor({ data }: Session, file: string): Promise<string> {
  for (const folder of [dirname(file), "."]) {
    const isWritable = await access(folder, constants.W_OK).then(
      () => true,
      () => false,
    );
    if (isWritable) return resolve(folder, `${basename(file)}.rejects.csv`);
  }
  return join(data, "rejects", `${basename(file)}.rejects.csv`);
}

/** What was told stands; the exit code and the reason say that none of it counts. */
export function nothingAccepted({ terminal }: Session, what: string, rejectFile: string | null): void {
  process.exitCode = EXIT.refused;
  terminal.reason(`error: ${what}`, rejectFile === null ? undefined : `see ${rejectFile}`);
}

function tellTaken(session: Session, result: CommandResult<"accounts" | "events">, what: string): void {
  const { refusedRows: _, ...told } = result;
  const { rows, accepted, refused, rejectFile } = told;
  session.terminal.result(told, () => [
    `${count(rows)} ${what}: ${count(accepted)} accepted, ${count(refused)} refused`,
    ...("erased" in told ? leavings(told.erased) : []),
    ...(rejectFile === null ? [] : [`refused rows, and why: ${rejectFile}`]),
  ]);
  if (rows > 0 && accepted === 0) {
    nothingAccepted(session, "no row was accepted", rejectFile);
  }
}

/** What those who serve audiences must know: the account has no name here any more to tell them later. */
function leavings(erased: CommandResult<"events">["erased"]): string[] {
  return erased
    .filter(({ audiences }) => audiences.length > 0)
    .map(({ account, audiences }) => `${account} has left: ${audiences.join(", ")}`);
}

function oneEvent(program: Command, type: "withdraw" | "erase" | "disown", about: string): void {
  define<EventOptions>(program, {
    usage: type,
    about,
    example: `printf %s "$EMAIL" | solely ${type} --account u42 --kind email --value -`,
    options(command) {
      command
        .requiredOption("--account <account>", "whose it is")
        .option("--kind <kind>", "kind of the contact; without it, the whole account")
        .option("--value <->", "always -: the contact's value is read from stdin, to stay out of shell histories")
        .addOption(regionOption())
        .option("--at <time>", "when, RFC 3339; default: now", instant);
      return type === "withdraw" ? command.option("--purpose <purpose>", "such as ads.match; default: all") : command;
    },
    async work(session, _, options) {
      const { account, region, purpose, at = new Date().toISOString() } = options;
      const event = { type, account, ...(await contactOf(options)), ...(purpose === undefined ? {} : { purpose }), at };
      const bytes = (async function* () {
        yield new Uint8Array(Buffer.from(`${JSON.stringify(event)}\n`));
      })();
      const result = await session.run("events", { file: "-", format: "ndjson", region, keepRefused: 1 }, { bytes });
      const [refused] = result.refusedRows;
      if (refused !== undefined) {
        throw new CliError("refused", `refused: ${refused.column}: ${refused.reason}`, refused.fix);
      }
      const { rows, accepted, erased } = result;
      session.terminal.result({ rows, accepted, refused: 0, rejectFile: null, erased }, () => [
        `done: ${type}, as of ${at}`,
        ...leavings(erased),
      ]);
    },
  });
}

/** The contact that a command is about, its value from stdin; nothing for a whole account. */
export async function contactOf({
  kind,
  value,
}: {
  kind?: string;
  value?: string;
}): Promise<{ kind?: string; value?: string }> {
  if (kind === undefined && value === undefined) return {};
  if (kind !== undefined && value === "-") return { kind, value: await stdinValue() };
  throw value === undefined || kind === undefined
    ? new CliError("usage", "--kind and --value go together", "give both, or neither for the whole account")
    : new CliError("usage", "a contact's value is not typed as an argument", "give --value - and the value on stdin");
}
