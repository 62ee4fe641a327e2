/** Cards: what is asked of a table, or of tables that are alike; and the parts that all of them have. */
import { ask, type Block, heading, listed, type Name, note, type Text, text } from "./document.js";
import type { ContactGuess, TableGuess } from "./guess.js";

/** Tables that differ in nothing but a number in their names. */
export type AlikeTables = readonly TableGuess[];

export const named = (name: string): Name => ({ name });
export const tableName = ({ table: { schema, name } }: TableGuess): Name =>
  named(schema === "" ? name : `${schema}.${name}`);
export const namesOf = (names: readonly string[]): Text => listed(names.map(named));

/** A group's heading, why it is there, and the names of its tables. */
export function headOf(group: AlikeTables): Block[] {
  const [first, ...others] = group;
  const { isCopy, opaque, roles } = first!;
  const why = roles.map(({ role, why }) => `${role} (${why})`).join("; ");
  const copy = text`Its name looks like a copy's. Of which table, how often made, and who reads it in place of the original?`;
  return [
    heading(3, others.length === 0 ? [tableName(first!)] : text`${tableName(first!)} and ${others.length} alike`),
    note(text`Guess: ${why}.`),
    ...(others.length === 0 ? [] : [note(text`Alike: ${listed(others.map(tableName))}.`)]),
    ...(isCopy ? [ask(copy, [])] : []),
    ...(opaque.length === 0 ? [] : [ask(text`Is there a contact inside ${namesOf(opaque)}?`, ["yes", "no"])]),
  ];
}

/** Who may read contacts. */
export const READERS = [
  ...["matching with advertisers' lists", "lookalikes, other models", "export to a partner", "copy to a warehouse"],
  ...["our own mailings", "finding friends", "support", "nobody knows"],
];

export const contactTable = (contacts: readonly ContactGuess[]): Block => ({
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
export const alsoContacts = ({ contacts }: TableGuess): Block[] =>
  contacts.length === 0
    ? []
    : [
        contactTable(contacts),
        ask(text`Contacts lie here, too. Where do they come from, and which jobs read them?`, READERS, 1),
      ];

export const countryQuestion = ({ columns: { country } }: TableGuess): Block =>
  country === undefined
    ? ask(text`Where is an account's country kept? No column looks like it.`, ["in:", "nowhere"])
    : ask(text`Is ${named(country)} the account's country, and that of now or of then?`, ["now", "then", "no:"]);
