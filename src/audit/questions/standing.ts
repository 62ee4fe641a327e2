/** Questions that no schema answers: they are asked of every platform. */
import { ask, type Block, heading, text } from "./document.js";

export const ONLY_NAMES_WERE_READ = text`All below is guessed from the names and types of columns; no row was read. A column may hold contacts and be called something else, and a name may mislead. What is not in this database (other databases, files, queues, search indexes, logs, tools of others) is not in this list either.`;

const asked = (question: string, choices: readonly string[] = [], lines = 1): Block => ask([question], choices, lines);

export const STANDING_QUESTIONS: readonly Block[] = [
  heading(2, ["Of every platform"]),
  heading(3, ["Where contacts lie"]),
  {
    is: "form",
    text: ["Every place with contacts, in this database and outside it."],
    head: ["Place: table, tool, file, queue, index, log", "Who knows it", "Original, or copy of"],
    rows: 5,
  },
  asked(
    "Are contacts for two-factor login, recovery, unlocking and login alerts in the same table as those for the account?",
    ["the same", "tables of their own"],
  ),
  asked("Which places came with a company that was bought, or from an older system?"),
  asked(
    "Are there contacts that somebody else gave: address books, invitations, delivery addresses, data of partners?",
    ["no", "yes, in:"],
  ),
  heading(3, ["Which surfaces feed them"]),
  {
    is: "form",
    text: ["Every surface at which a contact can be given, now or ever, with each text that it had."],
    head: ["Surface", "What people read there", "From", "Until", "Writes to"],
    rows: 6,
  },
  asked(
    "Did a surface ask for a contact for one thing, and say nothing of ads? What it said then counts, not a privacy policy elsewhere.",
  ),
  asked("Where are old texts kept: a translation system, version control, screenshots, the archives of app stores?"),
  asked("Did any job or migration ever copy contacts from one table, or one surface, to another?", [
    "no",
    "yes, when and which:",
  ]),
  heading(3, ["Which jobs read them"]),
  {
    is: "form",
    text: ["Every job that reads contacts: matching, models, exports, feeds to partners, warehouse copies, mailings."],
    head: ["Job", "Tables and columns that it reads", "Since", "Until", "Who knows it"],
    rows: 5,
  },
  asked(
    "Since when were lists matched by e-mail, by phone, by device, and were lists of data brokers among them?",
    [],
    2,
  ),
  asked("Has the query of the matching job changed? Where are its older versions?"),
  asked(
    "Does anything other than the matching job choose who sees an ad by contacts: lookalikes, friends, measurement?",
    ["no", "yes:"],
  ),
  heading(3, ["What is kept of the past"]),
  asked("Who was matched with which list, and when: is it kept, since when, and with the identifier that matched?", [
    "kept, with the identifier",
    "kept, without it",
    "only what is there now",
    "not kept",
  ]),
  asked("Which ads were shown to whom through which list: is it kept, and since when?", ["kept since:", "not kept"]),
  asked("Are older states in backups or in the warehouse's history?", ["no", "yes, from:"]),
  asked("In which time zone are times that name none?"),
  heading(3, ["What was taken back"]),
  asked(
    "Where are withdrawals, objections and erasures kept, each with its time, those to support and by letter included?",
  ),
  asked("When the account's owner withdrew, when did the matching know?"),
  heading(3, ["Who answers"]),
  {
    is: "form",
    text: ["Who was asked, and when."],
    head: ["Name", "Knows", "Asked on", "Signature"],
    rows: 4,
  },
];
