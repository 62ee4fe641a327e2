/** Commands about lists and audiences. */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { schemes } from "../contact/index.js";
import { define, group, instant, wholeNumber } from "./define.js";
import { contactOf, feed, nothingAccepted, regionOption } from "./intake.js";
import { count, counted, table } from "./terminal.js";

interface MatchOptions {
  readonly advertiser: string;
  readonly name: string;
  readonly scheme: "plain" | "x" | "meta" | "google";
  readonly region?: string;
  readonly append: boolean;
  readonly remove: boolean;
  readonly replace: boolean;
  readonly at?: string;
}

const NOT_SERVED = {
  pending: "its size is not released yet",
  unfunded: "the budget has nothing left for its first release",
  "too-small": "it is too small",
} as const;

const sizeText = ({ size }: { size: { value: number } | null }): string => (size === null ? "-" : count(size.value));
const plain = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "-");

export function addListCommands(program: Command): void {
  define<MatchOptions>(program, {
    usage: "match <list>",
    about: "Match an advertiser's list: CSV, plain or gzip, raw or SHA-256; - for stdin.",
    example: "solely match customers.csv --advertiser acme --name customers",
    options: (command) =>
      command
        .requiredOption("--advertiser <name>", "whose list it is; registered if new")
        .requiredOption("--name <name>", "name of the list, and of the audience that it makes")
        .addOption(new Option("--scheme <scheme>", "normal forms of the values").choices([...schemes]).default("plain"))
        .addOption(regionOption())
        .addOption(
          new Option("--append", "add to the list of this name").default(false).conflicts(["remove", "replace"]),
        )
        .addOption(new Option("--remove", "take out of the list of this name").default(false).conflicts(["replace"]))
        .addOption(new Option("--replace", "put in the place of the list of this name").default(false))
        .option("--at <time>", "a replayed list: when it was matched in the world, RFC 3339; marked so", instant),
    async work(session, [list], { advertiser, name, scheme, region, append, remove, replace, at }) {
      const operation = append ? "append" : remove ? "remove" : replace ? "replace" : "create";
      const input = { advertiser, name, scheme, region, operation, at } as const;
      const { refusedRows: _, ...result } = await feed(session, "match", list!, input);
      const { rows, usable, refused, rejectFile, seconds, match, audience, columns, notes } = result;
      session.terminal.result(result, () => [
        `${counted(rows, "row")}: ${count(usable)} usable, ${count(refused)} refused; ${seconds} s`,
        ...columns.map(({ index, header, kind, form }) => `  column ${header ?? index + 1}: ${kind}, ${form}`),
        ...notes.map((note) => `  ${note}`),
        ...(rejectFile === null ? [] : [`refused rows, and why: ${rejectFile}`]),
        ...(at === undefined ? [] : [`replayed, as of ${at}`]),
        `match ${match}, audience ${audience}; ${
          result.status === "pending"
            ? "its size shows, and it is served if that is large enough,"
            : "what changed is served"
        } ${result.nextReleaseAt === null ? "when the budget renews" : `from ${result.nextReleaseAt} on`}`,
      ]);
      if (rows > 0 && usable === 0) {
        nothingAccepted(session, "no row was usable", rejectFile);
      }
    },
  });

  const audience = group(program, "audience", "who may be shown which advertiser's ads");
  define<{ advertiser?: string }>(audience, {
    usage: "list",
    about: "Audiences, of all advertisers or of one.",
    example: "solely audience list --advertiser acme",
    options: (command) => command.option("--advertiser <name>", "of this advertiser alone"),
    async work(session, _, { advertiser }) {
      const audiences = await session.run("audiences", { advertiser });
      session.terminal.result({ audiences }, () =>
        table(
          ["audience", "advertiser", "name", "status", "size", "next release"],
          audiences.map((one) => [
            ...[one.audience, one.advertiser, one.name, one.status, sizeText(one)],
            one.nextReleaseAt?.slice(0, 16) ?? "when the budget renews",
          ]),
          "no audiences; solely match makes one",
        ),
      );
    },
  });
  define(audience, {
    usage: "show <audience>",
    about: "One audience.",
    example: "solely audience show a3f0c21b9d8e7f60",
    async work(session, [id]) {
      const found = await session.run("audience", { audience: id! });
      session.terminal.result(found, () =>
        Object.entries(found).map(([field, value]) => `${field.padEnd(13)} ${plain(value)}`),
      );
    },
  });
  define<{ out: string; unreleased: boolean }>(audience, {
    usage: "export <audience>",
    about: "Write the accounts that it may be served to now: header `account`, distinct, sorted by bytes.",
    example: "solely audience export a3f0c21b9d8e7f60 --out audience.csv",
    options: (command) =>
      command
        .requiredOption("--out <file>", "a .csv or .parquet file")
        .option("--unreleased", "its members whether or not they may be served, to look at; marked so", false),
    async work(session, [id], { out, unreleased }) {
      const made = await session.run("exportAudience", {
        ...{ audience: id!, out: resolve(out) },
        ...(unreleased ? { isUnreleased: true } : {}),
      });
      session.terminal.result(made, () => [
        `${counted(made.accounts, "account")} in ${out}; as of position ${made.position}, not to be used after ${made.expiresAt}`,
        ...(made.isForServing ? [] : ["not for serving: for looking at alone"]),
        ...(made.notServed === undefined ? [] : [`nothing of it is served: ${NOT_SERVED[made.notServed]}`]),
      ]);
    },
  });
  define<{ advertiser: string; include: string[]; exclude: string[]; with: string[]; without: string[] }>(audience, {
    usage: "combine <name>",
    about:
      "Make an audience of others: in any that is included, in none that is excluded, with and without attributes.",
    example: "solely audience combine loyal --advertiser acme --include a3f0c21b9d8e7f60 --exclude a9d21c40b7e65f13",
    options: (command) =>
      command
        .requiredOption("--advertiser <name>", "whose audiences they are")
        .requiredOption("--include <audiences...>", "ids")
        .option("--exclude <audiences...>", "ids", [])
        .option("--with <attributes...>", "names, of those that the configuration lets be named", [])
        .option("--without <attributes...>", "names", []),
    async work(session, [name], { advertiser, include, exclude, with: having, without }) {
      const expression = { include, exclude, with: having, without };
      const made = await session.run("combine", { advertiser, name: name!, ...expression });
      session.terminal.result(made, () => [`audience ${made.audience}; its first size shows at ${made.nextReleaseAt}`]);
    },
  });
  define(audience, {
    usage: "delete <audience>",
    about: "End an audience: nothing of it is served any more, and its name is free. No budget comes back.",
    example: "solely audience delete a3f0c21b9d8e7f60",
    async work(session, [id]) {
      const ended = await session.run("deleteOne", { audience: id! });
      session.terminal.result(ended, () => [`audience ${ended.audience} is deleted`]);
    },
  });
  define(program, {
    usage: "budget",
    about: "What the sizes of each legal entity's audiences have cost, this month and in 365 days, and what is left.",
    example: "solely budget",
    async work(session) {
      const budgets = await session.run("budgets", {});
      session.terminal.result({ budgets }, () =>
        table(
          ["entity", "month", "of", "year", "of", "draws left", "epsilon", "guessed right", "renews"],
          budgets.map(({ entity, month, year, draw, renewsAt }) =>
            [
              ...[entity, month.spent, month.cap, year.spent, year.cap, draw.left, month.epsilon, month.guessedRight],
              renewsAt.slice(0, 10),
            ].map(String),
          ),
          "no advertisers yet",
        ),
      );
    },
  });
  define<{ since: number }>(audience, {
    usage: "changes",
    about: "Accounts that may have joined or left an audience since a position, and whether they are in it now.",
    example: "solely audience changes --since 17 --json",
    options: (command) => command.requiredOption("--since <position>", "an export's position", wholeNumber(0)),
    async work(session, _, { since }) {
      const changes = await session.run("changes", { since });
      session.terminal.result(changes, () => [
        ...table(
          ["audience", "account", "now"],
          changes.changes.map(({ audience, account, eligible }) => [audience, account, eligible ? "in" : "out"]),
          "no changes",
        ),
        `ask next from position ${changes.position}`,
      ]);
    },
  });

  define<{ account: string; kind?: string; value?: string; region?: string; asKnownAt?: string }>(program, {
    usage: "explain",
    about: "Every grant and event of an account, in order, what each changed, and why it is (or was) permitted or not.",
    example: 'printf %s "$EMAIL" | solely explain --account u42 --kind email --value -',
    options: (command) =>
      command
        .requiredOption("--account <account>", "whose it is")
        .option("--kind <kind>", "one contact: its kind")
        .option("--value <->", "always -: the contact's value is read from stdin, to stay out of shell histories")
        .addOption(regionOption())
        .option("--as-known-at <when>", "as it was known at a ledger position, or a time (RFC 3339); default: now"),
    async work(session, _, { account, region, asKnownAt, ...options }) {
      const { kind, value } = await contactOf(options);
      const contact = kind === undefined || value === undefined ? undefined : { kind, value, region };
      const explanation = await session.run("explainAccount", { account, contact, asKnownAt });
      const then = asKnownAt === undefined ? "" : `, as known at position ${explanation.position}`;
      session.terminal.result(explanation, () =>
        explanation.contactPoints.flatMap((point) => [
          `${point.kind} ${point.mask ?? `#${point.number}`}: ${point.isPermitted ? "permitted" : "not permitted"} for ads.match${then}`,
          `  ${point.why}`,
          ...table(
            ["  learned", "position", "what", "at", "changed"],
            point.history.map((entry) => [
              `  ${entry.learnedAt}`,
              String(entry.position),
              entry.entry === "grant"
                ? `given under ${entry.notice}`
                : `${entry.entry} of ${entry.covers ?? `incident ${entry.incident}`}`,
              entry.at,
              entry.changed,
            ]),
            "  nothing is known of it",
          ),
          "",
        ]),
      );
    },
  });
}
