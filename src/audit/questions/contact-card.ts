/** What is asked of a table that looks as if it held contacts: what feeds it, what reads it, and what is kept of it. */
import { type AlikeTables, contactTable, countryQuestion, headOf, named, namesOf, READERS, tableName } from "./card.js";
import { ask, type Block, text } from "./document.js";

export function contactCard(group: AlikeTables): Block[] {
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
    ...(guess!.roles.some(({ role }) => role === "accounts") ? [countryQuestion(guess!)] : []),
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
