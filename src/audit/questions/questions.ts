/**
 * The questions: what must be known of a platform before an audit of its matching, asked of its tables by name where a
 * schema is there. Everything that was guessed is said to be a guess, and no table is left out.
 */

import { PURPOSES } from "../../purpose/index.js";
import { type Block, type Document, type Figure, joined, type Name, type Text, text } from "./document.js";
import { type ContactGuess, guessTables, type Role, type TableGuess } from "./guess.js";
import { auditMap, type MapForm } from "./map.js";
import type { SchemaTable } from "./schema.js";
import { SCHEMA_LIMITS_OF_NAMES, WITHOUT_SCHEMA } from "./standing.js";

export interface Questions {
  readonly document: Document;
  /** The skeleton of `audit.yaml`. */
  readonly map: string;
  readonly guesses: readonly TableGuess[];
}

/**
 * Questions about the tables of a schema, or about any platform.
 * @param form what the map's sources are
 */
export function askAbout(tables: readonly SchemaTable[], form: MapForm): Questions {
  const guesses = guessTables(tables);
  const map = auditMap(guesses, form);
  const blocks = [
    ...introduction(guesses.length > 0),
    ...(guesses.length === 0 ? [] : aboutTables(guesses)),
    ...WITHOUT_SCHEMA,
    ...files(guesses),
    heading(2, text`The skeleton of audit.yaml`),
    paragraph(
      guesses.length === 0
        ? text`Our names are on the left, yours go to the right. With a schema (--schema, --from) it is filled in as far as names tell.`
        : text`Guessed like all above. Wherever it says “ask”, a person must answer. What nobody could guess is left out, and an audit stops for it.`,
    ),
    { is: "code", language: "yaml", code: map } as const,
  ];
  const document = {
    kicker: "solely audit questions",
    title: "Which contacts did our matching use, and what were they given for?",
    figures: figures(guesses),
    blocks,
  };
  return { document, map, guesses };
}

const heading = (level: 2 | 3, of: Text): Block => ({ is: "heading", level, text: of });
const paragraph = (of: Text): Block => ({ is: "text", text: of });
const note = (of: Text): Block => ({ is: "text", text: of, isNote: true });
const ask = (of: Text, choices: readonly string[], lines = 1): Block => ({ is: "ask", text: of, choices, lines });

const named = (name: string): Name => ({ name });
const tableName = ({ table: { schema, name } }: TableGuess): Name => named(schema === "" ? name : `${schema}.${name}`);
const hasRole = (guess: TableGuess, role: Role): boolean => guess.roles.some((one) => one.role === role);
const isSecurity = ({ security }: ContactGuess): boolean => security !== undefined;

function introduction(hasSchema: boolean): Block[] {
  return [
    paragraph(
      text`An audit of past matching needs to know where contacts lie, what people were told where they gave them, and what read them. Print this, walk it through with those who know, and tick what is answered.`,
    ),
    note(
      text`Why by surface and by job: for years contacts that more than 140 million people had given for two-factor login, recovery and unlocking were matched with advertisers' lists, and the company could not say with certainty whom it concerned (United States v. Twitter, N.D. Cal. 3:22-cv-3070, 2022).`,
    ),
    ...(hasSchema ? [note(SCHEMA_LIMITS_OF_NAMES)] : []),
  ];
}

function figures(guesses: readonly TableGuess[]): Figure[] {
  if (guesses.length === 0) return [];
  const contacts = guesses.flatMap((guess) => guess.contacts);
  const counted = (count: number, one: string, many: string): Figure => ({ count, what: count === 1 ? one : many });
  return [
    counted(guesses.length, "table", "tables"),
    counted(
      guesses.filter((guess) => guess.contacts.length > 0).length,
      "looks as if it held contacts",
      "look as if they held contacts",
    ),
    counted(contacts.length, "column of contacts", "columns of contacts"),
    counted(
      contacts.filter(isSecurity).length,
      "of these as if given for security",
      "of these as if given for security",
    ),
    counted(
      guesses.filter(({ roles }) => roles.length === 0).length,
      "table without a guess",
      "tables without a guess",
    ),
  ];
}

function aboutTables(guesses: readonly TableGuess[]): Block[] {
  const groups = alike(guesses);
  const of = (role: Role) => groups.filter(([first]) => first!.roles[0]?.role === role);
  const secured = of("contacts").filter(([first]) => first!.contacts.some(isSecurity));
  const others = of("contacts").filter((group) => !secured.includes(group));
  return [
    ...securityColumns(guesses),
    ...section("Tables that look as if they held contacts", [...secured, ...others].flatMap(contactCard)),
    ...section("Tables that look like the matching's past", of("matches").flatMap(matchCard)),
    ...section("Tables that look like ads that were shown", of("showings").flatMap(showingCard)),
    ...section("Tables that look like consent taken back, and erasure", of("events").flatMap(eventCard)),
    ...section("Tables that look like texts that people saw, or forms", of("notices").flatMap(noticeCard)),
    ...section("Tables that look like advertisers and their lists", of("lists").flatMap(listCard)),
    ...section("Tables that look like accounts", of("accounts").flatMap(accountCard)),
    ...section("Tables that look like jobs and feeds", of("jobs").flatMap(jobCard)),
    ...withoutGuess(groups.filter(([first]) => first!.roles.length === 0)),
  ];
}

const section = (title: string, blocks: readonly Block[]): Block[] =>
  blocks.length === 0 ? [] : [heading(2, [title]), ...blocks];

/** Tables that differ in nothing but a number in their names (shards, months) are asked about together. */
function alike(guesses: readonly TableGuess[]): TableGuess[][] {
  const groups = new Map<string, TableGuess[]>();
  for (const guess of guesses) {
    const { schema, name, columns } = guess.table;
    const key = JSON.stringify([schema, name.replace(/\d+/g, "#"), columns]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [guess]);
    else group.push(guess);
  }
  return [...groups.values()];
}

/** A group's heading, why it is there, and the names of its tables. */
function headOf(group: readonly TableGuess[]): Block[] {
  const [first, ...others] = group;
  const why = first!.roles.map(({ role, why }) => `${role} (${why})`).join("; ");
  const more: Block[] = [];
  if (first!.isCopy)
    more.push(
      ask(
        text`Its name looks like a copy's. Of which table, how often made, and who reads it in place of the original?`,
        [],
      ),
    );
  if (first!.opaque.length > 0)
    more.push(ask(text`Is there a contact inside ${namesOf(first!.opaque)}?`, ["yes", "no"]));
  return [
    heading(
      3,
      others.length === 0 ? text`${tableName(first!)}` : text`${tableName(first!)} and ${others.length} alike`,
    ),
    note(text`Guess: ${why === "" ? "none" : why}.`),
    ...(others.length === 0
      ? []
      : [
          note(
            text`Alike: ${joined(
              others.map((one) => [tableName(one)]),
              ", ",
            )}.`,
          ),
        ]),
    ...more,
  ];
}

const namesOf = (names: readonly string[]): Text =>
  joined(
    names.map((name) => [named(name)]),
    ", ",
  );

function securityColumns(guesses: readonly TableGuess[]): Block[] {
  const rows = guesses.flatMap((guess) =>
    guess.contacts
      .filter(isSecurity)
      .map(({ column, kind, security }) => [
        [tableName(guess)],
        [named(column)],
        [kind ?? "not told"],
        [
          security === undefined || security === "security"
            ? "security, nothing tells which"
            : `${security}: ${PURPOSES[security].meaning}`,
        ],
      ]),
  );
  if (rows.length === 0) return [];
  return [
    heading(2, text`Columns that look as if given for security`),
    paragraph(
      text`Begin with these: if any job that matches with advertisers' lists reads one of them, an audit has something to count.`,
    ),
    { is: "table", head: ["Table", "Column", "Kind", "As if given for"], rows },
  ];
}

const READERS = [
  ...["matching with advertisers' lists", "lookalikes, other models", "export to a partner", "copy to a warehouse"],
  ...["our own mailings", "finding friends", "support", "nobody knows"],
];

function contactCard(group: readonly TableGuess[]): Block[] {
  const [guess] = group;
  const { columns, contacts, isAddressBook, isHistory } = guess!;
  const table = tableName(guess!);
  const values = namesOf(contacts.map(({ column }) => column));
  const loose = contacts.filter(({ givenAt, isGivenAtOwn }) => givenAt !== undefined && !isGivenAtOwn);
  const [{ givenAt: rowsTime } = { givenAt: undefined }] = loose;
  const untimed = contacts.filter(({ givenAt }) => givenAt === undefined).map(({ column }) => column);
  const unverified = contacts.filter(({ verifiedAt }) => verifiedAt === undefined).map(({ column }) => column);
  const { account, givenBy, surface, notice, updatedAt } = columns;
  return [
    ...headOf(group),
    contactTable(contacts),
    {
      is: "form",
      text: text`Which surfaces feed ${values}? One row for each, and for each text that it ever had.`,
      head: [
        "Surface: form, screen, import, API, staff",
        "What people read there, word for word, or where that is kept",
        "From",
        "Until",
      ],
      rows: contacts.length > 1 ? 4 : 3,
    },
    ...(surface === undefined
      ? [
          ask(text`Does anything in a row tell which surface it came from? No column looks like it.`, [
            "no",
            "yes, by:",
          ]),
        ]
      : [
          ask(
            text`${named(surface)} looks like the surface. Which values does it have, since when is it filled in, and who may change it?`,
            [],
            2,
          ),
        ]),
    ...(notice === undefined
      ? []
      : [ask(text`${named(notice)} looks like the text that was seen. Where are those texts, with their dates?`, [])]),
    ask(text`Which jobs read ${table}, directly or through a copy? Name each, and since when.`, READERS, 2),
    ask(text`Does the job that matches leave any rows or columns of it out? By which condition, and since when?`, [
      "no",
      "yes, by:",
    ]),
    ask(
      text`When a person changes a value, what becomes of the one before?${updatedAt === undefined ? [] : text` (${named(updatedAt)} looks as if it were overwritten.)`}${isHistory ? " (The name of the table says that it keeps them.)" : ""}`,
      ["overwritten", "kept as a row", "kept elsewhere, in:"],
    ),
    ask(text`Since when are rows kept, and which were deleted?`, ["all since the beginning", "since:"]),
    ask(text`Who may write it, beside the person whose contact it is?`, [
      "nobody",
      "support",
      "imports",
      "partners",
      "other services",
    ]),
    ...(hasRole(guess!, "accounts") ? [countryQuestion(guess!)] : []),
    ...(account !== undefined
      ? []
      : givenBy !== undefined
        ? [
            ask(
              text`Somebody else (${named(givenBy)}) seems to have given these. Whose contacts are they, and does the matching use them for that account?`,
              ["not used", "used"],
            ),
          ]
        : [
            ask(text`Whose contacts are these? No column looks like an account.`, ["accounts, by:", "not of accounts"]),
          ]),
    ...(isAddressBook && account !== undefined
      ? [ask(text`These look as if somebody else had given them. Does the matching use them?`, ["no", "yes"])]
      : []),
    ...(rowsTime === undefined
      ? []
      : [
          ask(text`Is ${named(rowsTime)} when the contact was given, or only when its row (the account) was made?`, [
            "the contact",
            "the row",
          ]),
        ]),
    ...(untimed.length === 0
      ? []
      : [ask(text`When was ${namesOf(untimed)} given? No column looks like it.`, ["nobody knows", "kept in:"])]),
    ...(unverified.length === 0
      ? []
      : [
          ask(text`Is a value of ${namesOf(unverified)} proved to be the account's own before it is in there?`, [
            "always",
            "not always; that is kept in:",
            "never",
          ]),
        ]),
  ];
}

const contactTable = (contacts: readonly ContactGuess[]): Block => ({
  is: "table",
  head: ["Column", "Kind", "Why we think so", "As if given for", "Given at"],
  rows: contacts.map(({ column, kind, kindColumn, why, security, givenAt }) => [
    [named(column)],
    kindColumn === undefined ? [kind ?? "not told"] : text`told by ${named(kindColumn)}`,
    [why],
    [security ?? "no name tells"],
    givenAt === undefined ? ["no column"] : [named(givenAt)],
  ]),
});

/** A table of another role that holds contacts, too. */
const alsoContacts = ({ contacts }: TableGuess): Block[] =>
  contacts.length === 0
    ? []
    : [
        contactTable(contacts),
        ask(text`Contacts lie here, too. Where do they come from, and which jobs read them?`, READERS, 1),
      ];

function matchCard(group: readonly TableGuess[]): Block[] {
  const [guess] = group;
  const { advertiser, leftAt, matchedAt, matchKind, matchValue } = guess!.columns;
  return [
    ...headOf(group),
    ask(
      text`Which job writes it, and which tables and columns of contacts did that job read, from when to when?`,
      [],
      2,
    ),
    ask(text`Does it hold lists that advertisers sent, or audiences made in another way (behaviour, models)?`, [
      "lists",
      "other",
      "both, told apart by:",
    ]),
    ask(text`Is it everything that was ever matched, or only what is there now?`, [
      "everything since:",
      "what is there now",
    ]),
    ask(
      matchedAt === undefined
        ? text`When was an account matched? No column looks like it.`
        : text`Is ${named(matchedAt)} when an account was matched?`,
      ["yes", "no:"],
    ),
    ask(
      leftAt === undefined
        ? text`How does a membership end, and where is that kept? No column looks like it.`
        : text`Does ${named(leftAt)} say when a membership ended, and is it empty while it goes on?`,
      ["yes", "no:"],
    ),
    ask(
      matchValue === undefined && matchKind === undefined && guess!.contacts.length === 0
        ? text`Which identifier of the account matched? No column looks like it. If it is kept nowhere, an audit gives bounds in place of exact numbers.`
        : text`Which identifier of the account matched, as it was or hashed, and by which normal form?`,
      ["e-mail or phone, told by:", "kept nowhere"],
    ),
    ...(advertiser === undefined
      ? [ask(text`Which table tells whose list it is? No column looks like an advertiser.`, [])]
      : []),
    ...alsoContacts(guess!),
  ];
}

const showingCard = (group: readonly TableGuess[]): Block[] => [
  ...headOf(group),
  ask(text`Does a row tell through which list or audience the ad was shown?`, ["yes, by:", "no"]),
  ask(text`Since when are rows kept, and are they all, or a sample?`, ["all since:", "a sample"]),
  ...alsoContacts(group[0]!),
];

const eventCard = (group: readonly TableGuess[]): Block[] => [
  ...headOf(group),
  ask(
    text`What does a row take back: one purpose, one contact, the whole account? Does the table also hold consent that was given?`,
    ["a purpose", "a contact", "the account", "consent given, too"],
  ),
  ask(text`Did the job that matches look at it, and how long after?`, ["no", "yes, after:"]),
  ...alsoContacts(group[0]!),
];

const noticeCard = (group: readonly TableGuess[]): Block[] => [
  ...headOf(group),
  ask(text`Is every text in it that was ever shown, in each language, with the day from which it was?`, [
    "yes",
    "no; the others are in:",
  ]),
  ask(text`Which row of a table of contacts was given under which of them?`, ["told by:", "only by the date"]),
  ...alsoContacts(group[0]!),
];

const listCard = (group: readonly TableGuess[]): Block[] => [
  ...headOf(group),
  paragraph(text`An audit needs no list's rows: leave them where they are.`),
  ask(text`How long are the rows of advertisers' lists kept, and who may read them?`, []),
  ...(group[0]!.contacts.length === 0 ? [] : [contactTable(group[0]!.contacts)]),
];

const accountCard = (group: readonly TableGuess[]): Block[] => [...headOf(group), countryQuestion(group[0]!)];

const countryQuestion = ({ columns: { country } }: TableGuess): Block =>
  country === undefined
    ? ask(text`Where is an account's country kept? No column looks like it.`, ["in:", "nowhere"])
    : ask(text`Is ${named(country)} the account's country, and that of now or of then?`, ["now", "then", "no:"]);

const jobCard = (group: readonly TableGuess[]): Block[] => [
  ...headOf(group),
  ask(text`Which of its jobs read contacts, and where do they bring them?`, [], 2),
  ...alsoContacts(group[0]!),
];

function withoutGuess(groups: readonly (readonly TableGuess[])[]): Block[] {
  if (groups.length === 0) return [];
  return [
    heading(2, text`Tables without a guess`),
    paragraph(
      text`Nothing in their names tells of contacts. That is no proof: tick those that somebody who knows them has looked at.`,
    ),
    {
      is: "names",
      entries: groups.map((group) => {
        const [first, ...others] = group;
        const { opaque, table } = first!;
        return text`${joined(
          group.map((one) => [tableName(one)]),
          ", ",
        )}: ${table.columns.length} ${table.columns.length === 1 ? "column" : "columns"}${others.length > 0 ? " each" : ""}${opaque.length === 0 ? [] : text`; anything may be in ${namesOf(opaque)}`}`;
      }),
    },
  ];
}

/** The files that an audit needs, and the tables that seem to have what is in them. */
function files(guesses: readonly TableGuess[]): Block[] {
  const from = (role: Role): Text => {
    const found = guesses.filter(
      (guess) => hasRole(guess, role) && (role !== "accounts" || guess.columns.country !== undefined),
    );
    return found.length === 0
      ? ["–"]
      : joined(
          found.map((guess) => [tableName(guess)]),
          ", ",
        );
  };
  return [
    heading(2, text`The files that audit needs`),
    paragraph(
      text`In one folder, as CSV, NDJSON or Parquet, each named after its table (contacts.csv, matches-2016.parquet) or named in audit.yaml.`,
    ),
    {
      is: "table",
      head: [
        "File",
        "Must have",
        "May have",
        guesses.length === 0 ? "From which tables" : "From which tables: a guess",
      ],
      rows: [
        [
          ["notices.yaml"],
          ["id, surface, version, language, text, purposes, exclusive, subject, effective_from"],
          [],
          from("notices"),
        ],
        [
          ["contacts"],
          ["account, kind, given_at; notice or surface"],
          ["value (as it is, or its SHA-256), given_by, verified_at"],
          from("contacts"),
        ],
        [["matches"], ["advertiser, list, account, matched_at"], ["left_at, kind, value, match"], from("matches")],
        [["events"], ["type (withdraw, erase, disown), account, at"], ["kind, value, purpose"], from("events")],
        [["showings"], ["advertiser, list, account, at"], ["campaign"], from("showings")],
        [["accounts"], ["account, country"], [], from("accounts")],
      ],
    },
    paragraph(
      text`Notices, contacts and matches must be there. A notice is the text that people saw at a surface, and what it said that the contact is for:`,
    ),
    { is: "code", language: "yaml", code: NOTICE },
    paragraph(text`Then: solely audit DIR --report report.html`),
  ];
}

const NOTICE = `id: two-factor
surface: two-factor login
version: 1
language: en
text: We will use this number only for sending you a code when you log in.
purposes: [security.mfa]
exclusive: true                # it said "only for"
effective_from: 2013-05-01T00:00:00Z
`;
