/** What is asked of tables that look like something else than contacts. */
import { type AlikeTables, alsoContacts, contactTable, countryQuestion, headOf, named } from "./card.js";
import { ask, type Block, paragraph, text } from "./document.js";

export function matchCard(group: AlikeTables): Block[] {
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

export const showingCard = (group: AlikeTables): Block[] => [
  ...headOf(group),
  ask(text`Does a row tell through which list or audience the ad was shown?`, ["yes, by:", "no"]),
  ask(text`Since when are rows kept, and are they all, or a sample?`, ["all since:", "a sample"]),
  ...alsoContacts(group[0]!),
];

export const eventCard = (group: AlikeTables): Block[] => [
  ...headOf(group),
  ask(
    text`What does a row take back: one purpose, one contact, the whole account? Does the table also hold consent that was given?`,
    ["a purpose", "a contact", "the account", "consent given, too"],
  ),
  ask(text`Did the job that matches look at it, and how long after?`, ["no", "yes, after:"]),
  ...alsoContacts(group[0]!),
];

export const noticeCard = (group: AlikeTables): Block[] => [
  ...headOf(group),
  ask(text`Is every text in it that was ever shown, in each language, with the day from which it was?`, [
    "yes",
    "no; the others are in:",
  ]),
  ask(text`Which row of a table of contacts was given under which of them?`, ["told by:", "only by the date"]),
  ...alsoContacts(group[0]!),
];

export const listCard = (group: AlikeTables): Block[] => [
  ...headOf(group),
  paragraph(text`An audit needs no list's rows: leave them where they are.`),
  ask(text`How long are the rows of advertisers' lists kept, and who may read them?`, []),
  ...(group[0]!.contacts.length === 0 ? [] : [contactTable(group[0]!.contacts)]),
];

export const accountCard = (group: AlikeTables): Block[] => [...headOf(group), countryQuestion(group[0]!)];

export const jobCard = (group: AlikeTables): Block[] => [
  ...headOf(group),
  ask(text`Which of its jobs read contacts, and where do they bring them?`, [], 2),
  ...alsoContacts(group[0]!),
];
