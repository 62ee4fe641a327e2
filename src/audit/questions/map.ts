/**
 * The skeleton of `audit.yaml`: which tables and columns an audit would read, as guessed, with a comment `# ask:` wherever
 * a person must answer. What nobody has guessed is left out, so that an audit stops for it, and never goes on without.
 */
import { shown } from "./document.js";
import type { ContactGuess, Role, TableGuess } from "./guess.js";

/** Whether tables are read from files that are exported, or by SQL of PostgreSQL's. */
export type MapForm = "files" | "sql";

/** A source of rows, as `audit.yaml` has it. */
interface Source {
  readonly guess: TableGuess;
  /** Our columns to theirs. */
  readonly columns: Readonly<Record<string, string | undefined>>;
  readonly constants: Readonly<Record<string, string | undefined>>;
  /** The column without which a row says nothing. */
  readonly unlessNull?: string | undefined;
  readonly asks: readonly string[];
}

const TABLES = ["contacts", "events", "matches", "showings", "accounts"] as const satisfies readonly Role[];
const NEEDED = {
  contacts: ["account", "kind", "given_at"],
  events: ["type", "account", "at"],
  matches: ["advertiser", "list", "account", "matched_at"],
  showings: ["advertiser", "list", "account", "at"],
  accounts: ["account", "country"],
} as const satisfies Record<(typeof TABLES)[number], readonly string[]>;

/** Names in a map have at most so many characters. */
const MAX_NAME = 256;

/** The text of `audit.yaml`. */
export function auditMap(guesses: readonly TableGuess[], form: MapForm): string {
  const fileOf = fileNames(guesses);
  const lines = TABLES.flatMap((table) => {
    const sources = guesses.flatMap((guess) => sourcesOf(table, guess));
    if (sources.length === 0) return ["", `# ask: where are the ${table}? no table looks like it`, emptySource(table)];
    return sources.flatMap((source, i) => [
      "",
      ...(i === 0 ? [`${table}:`] : []),
      ...sourceLines(table, source, form, fileOf),
    ]);
  });
  return [
    "# Guessed from the names of tables and columns. Answer every line that says ask, then delete that line.",
    "# Each surface that is named here needs a notice in notices.yaml: the text that people saw there, and since when.",
    ...lines,
    "",
    "# ask: notices that name ads in words that are not known to mean it, as id@version",
    "confirmed: []",
    "# ask: which country are phone numbers without + of? two letters",
    "# region: DE",
    "",
  ].join("\n");
}

/** A source that is still to be filled in. */
function emptySource(table: (typeof TABLES)[number]): string {
  const columns = NEEDED[table].map((column) => `${column}: "?"`);
  if (table === "contacts") columns.push('surface: "?"');
  return `# ${table}: { file: ${table}.csv, columns: { ${columns.join(", ")} } }`;
}

function sourcesOf(table: (typeof TABLES)[number], guess: TableGuess): Source[] {
  if (!guess.roles.some(({ role }) => role === table)) return [];
  const { columns, contacts } = guess;
  const { account, advertiser, list } = columns;
  const none = { guess, constants: {}, asks: [] };
  switch (table) {
    case "contacts":
      return contacts.map((contact) => contactSource(guess, contact));
    case "events":
      return [eventSource(guess)];
    case "matches": {
      const [contact] = contacts;
      const { matchedAt, leftAt, matchKind, matchValue, matchRun } = columns;
      const value = contact?.column ?? (matchKind === undefined ? undefined : matchValue);
      const asks = [
        "does this table keep everything that was ever matched, or only what is there now? since when?",
        ...(leftAt === undefined ? ["how does a membership end, and where is that kept? (left_at)"] : []),
        ...(value === undefined ? ["is the identifier that matched kept anywhere? (kind, value)"] : []),
      ];
      const named = { advertiser, list, account, matched_at: matchedAt, left_at: leftAt, match: matchRun };
      const kind = contact?.kind;
      return [
        {
          guess,
          columns: { ...named, kind: kind === undefined ? matchKind : undefined, value },
          constants: { kind },
          asks,
        },
      ];
    }
    case "showings":
      return [{ ...none, columns: { advertiser, list, account, at: columns.at, campaign: columns.campaign } }];
    case "accounts":
      return columns.country === undefined ? [] : [{ ...none, columns: { account, country: columns.country } }];
  }
}

function contactSource(guess: TableGuess, contact: ContactGuess): Source {
  const { columns, isCopy, isAddressBook, table } = guess;
  const { account, givenBy, surface, notice } = columns;
  const { column, kind, kindColumn, security, givenAt, verifiedAt, isGivenAtOwn } = contact;
  const named = {
    account,
    kind: kindColumn,
    value: column,
    given_at: givenAt,
    given_by: givenBy,
    verified_at: verifiedAt,
  };
  const isSurfaceKnown = notice !== undefined || surface !== undefined;
  const place = `${table.name}.${column}`;
  const asks = [
    ...(security === undefined ? [] : [`it looks as if given for security (${security}): which text did people see?`]),
    ...(isCopy ? ["it looks like a copy: leave it out if another source has its rows"] : []),
    ...(isAddressBook ? ["whose contacts are these? another account than the owner's gave them"] : []),
    ...(givenAt === undefined || isGivenAtOwn
      ? []
      : [`is ${givenAt} when the contact was given, or only when its row was made?`]),
    ...(verifiedAt === undefined ? ["were all these contacts verified? without verified_at they count as such"] : []),
    ...(kindColumn === undefined ? [] : [`the values of ${kindColumn} must be email, phone, maid or handle`]),
    notice !== undefined
      ? `the values of ${notice} must be the ids of notices, as id@version`
      : surface !== undefined
        ? `the values of ${surface} must be the names of surfaces in notices.yaml`
        : `which surfaces feed ${place}? if there are several, what tells their rows apart?`,
  ];
  return {
    guess,
    columns: { ...named, notice, surface: notice === undefined ? surface : undefined },
    constants: { kind, surface: isSurfaceKnown ? undefined : shown({ name: place }) },
    unlessNull: column,
    asks,
  };
}

function eventSource(guess: TableGuess): Source {
  const { columns, contacts, eventType } = guess;
  const [contact] = contacts.length === 1 ? contacts : [];
  const asks = [
    columns.eventType === undefined
      ? `is every row of the type ${eventType}? (withdraw, erase, disown)`
      : `the values of ${columns.eventType} must be withdraw, erase or disown; leave out rows that give consent`,
    ...(eventType === "withdraw"
      ? ["what was taken back? (purpose: ads.match, marketing.message; without it, all of these)"]
      : []),
  ];
  return {
    guess,
    columns: {
      type: columns.eventType,
      account: columns.account,
      at: columns.at,
      value: contact?.column,
      kind: contact?.kindColumn,
    },
    constants: { type: columns.eventType === undefined ? eventType : undefined, kind: contact?.kind },
    asks,
  };
}

function sourceLines(
  table: (typeof TABLES)[number],
  { guess, columns, constants, unlessNull, asks }: Source,
  form: MapForm,
  fileOf: (guess: TableGuess, column: string | undefined) => string,
): string[] {
  const isNamed = (name: string | undefined): name is string => name !== undefined && name.length <= MAX_NAME;
  const named = Object.entries(columns).filter((entry): entry is [string, string] => isNamed(entry[1]));
  const fixed = Object.entries(constants).filter((entry): entry is [string, string] => isNamed(entry[1]));
  const has = (column: string) => [...named, ...fixed].some(([ours]) => ours === column);
  const missing = NEEDED[table].filter((column) => !has(column));
  const filled =
    form === "sql" || unlessNull === undefined
      ? []
      : [
          `does the file have only rows in which ${unlessNull} is filled in? an empty one is a contact that nobody knows`,
        ];
  const comments = [...missing.map((column) => `${column}: no column looks like it`), ...filled, ...asks];
  const given =
    form === "files"
      ? [`file: ${scalar(fileOf(guess, unlessNull))}`, `columns: ${flow(named)}`]
      : [`sql: ${scalar(sqlOf(guess, named, unlessNull))}`];
  const [first, ...others] = fixed.length === 0 ? given : [...given, `constants: ${flow(fixed)}`];
  return [
    ...comments.map((comment) => `  # ask: ${shown({ name: comment })}`),
    `  - ${first}`,
    ...others.map((line) => `    ${line}`),
  ];
}

/** Every name is quoted: some, such as user, mean something else where they are not. */
function sqlOf({ table }: TableGuess, named: readonly [string, string][], unlessNull: string | undefined): string {
  const selected = named.map(([ours, theirs]) => `${quoted(theirs)} as ${ours}`);
  const from = [table.schema, table.name]
    .filter((name) => name !== "")
    .map(quoted)
    .join(".");
  const condition = unlessNull === undefined ? "" : ` where ${quoted(unlessNull)} is not null`;
  return `select ${selected.join(", ")} from ${from}${condition}`;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A file that an audit would find by its name, as one of its own tables. */
const OUR_FILE = new RegExp(`^(?:notices|${TABLES.join("|")})(?:[-.]|$)`, "i");

/**
 * What each table is to be exported as, one file for each column of contacts where it has several: letters, digits, dots
 * and dashes alone, and no two alike.
 */
function fileNames(guesses: readonly TableGuess[]): (guess: TableGuess, column: string | undefined) => string {
  const schemas = new Set(guesses.map(({ table }) => table.schema));
  const taken = new Set<string>();
  return ({ table: { schema, name }, contacts }, column) => {
    const parts = [...(schemas.size > 1 ? [schema] : []), name, ...(contacts.length > 1 && column ? [column] : [])];
    const stem = parts
      .map((part) => part.slice(0, 60).replace(/[^\p{L}\p{N}_-]/gu, "_"))
      .join(".")
      .replace(/^[.-]+/, "_");
    const free = OUR_FILE.test(stem) ? `of-${stem}` : stem;
    let file = `${free}.csv`;
    for (let more = 2; taken.has(file.toLowerCase()); more++) file = `${free}-${more}.csv`;
    taken.add(file.toLowerCase());
    return file;
  };
}

const flow = (entries: readonly [string, string][]): string =>
  entries.length === 0 ? "{}" : `{ ${entries.map(([name, value]) => `${name}: ${scalar(value)}`).join(", ")} }`;

/** What a YAML reader would take for something else than a text. */
const NO_TEXT = /^(?:null|true|false|yes|no|on|off|y|n|\.nan|\.inf)$/i;
/** Code units that a quoted text holds as an escape: controls, and what hides or turns writing. */
const ESCAPED = /[\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff0-\uffff]/g;

/** A text as YAML has it: plain where that is safe in any place, else in double quotes (JSON's are YAML's). */
function scalar(text: string): string {
  const isPlain = /^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(text) && !NO_TEXT.test(text);
  const isPlainSql = /^select [\w.,"= ]+$/.test(text);
  if (isPlain || isPlainSql) return text;
  return JSON.stringify(text).replace(ESCAPED, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
