/**
 * The questions: what must be known of a platform before an audit of its matching, asked of its tables by name where a
 * schema is there. Everything that was guessed is said to be a guess, and no table is left out.
 */

import { PURPOSES } from "../../purpose/index.js";
import { type AlikeTables, named, namesOf, tableName } from "./card.js";
import { contactCard } from "./contact-card.js";
import { type Block, type Document, type Figure, heading, listed, note, paragraph, text } from "./document.js";
import { type ContactGuess, guessTables, type Role, type TableGuess } from "./guess.js";
import { auditMap, type MapForm } from "./map.js";
import { neededFiles } from "./needed-files.js";
import { accountCard, eventCard, jobCard, listCard, matchCard, noticeCard, showingCard } from "./role-cards.js";
import type { SchemaTable } from "./schema.js";
import { ONLY_NAMES_WERE_READ, STANDING_QUESTIONS } from "./standing.js";

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
    ...STANDING_QUESTIONS,
    ...neededFiles(guesses),
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

const isSecurity = ({ security }: ContactGuess): boolean => security !== undefined;

function introduction(hasSchema: boolean): Block[] {
  return [
    paragraph(
      text`An audit of past matching needs to know where contacts lie, what people were told where they gave them, and what read them. Print this, walk it through with those who know, and tick what is answered.`,
    ),
    note(
      text`Why by surface and by job: contacts that more than 140 million people had given for two-factor login, recovery and unlocking went into the matching with advertisers' lists from 2014 to 2019, and the company could not say with certainty whom it concerned (United States v. Twitter, N.D. Cal. 3:22-cv-3070; the company's statement of 8 October 2019).`,
    ),
    ...(hasSchema ? [note(ONLY_NAMES_WERE_READ)] : []),
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

/** Tables that differ in nothing but a number in their names (shards, months), and look alike, are asked about together. */
function alike(guesses: readonly TableGuess[]): AlikeTables[] {
  const groups = new Map<string, TableGuess[]>();
  for (const guess of guesses) {
    const { table, roles, contacts } = guess;
    const looks = [roles.map(({ role }) => role), contacts.map(({ security }) => security ?? "")];
    const key = JSON.stringify([table.schema, table.name.replace(/\d+/g, "#"), table.columns, looks]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [guess]);
    else group.push(guess);
  }
  return [...groups.values()];
}

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

function withoutGuess(groups: readonly AlikeTables[]): Block[] {
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
        return text`${listed(group.map(tableName))}: ${table.columns.length} ${table.columns.length === 1 ? "column" : "columns"}${others.length > 0 ? " each" : ""}${opaque.length === 0 ? [] : text`; anything may be in ${namesOf(opaque)}`}`;
      }),
    },
  ];
}
