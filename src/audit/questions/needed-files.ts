/** The files that an audit needs, and the tables that seem to have what is in them. */
import { tableName } from "./card.js";
import { type Block, heading, listed, note, paragraph, type Text, text } from "./document.js";
import type { Role, TableGuess } from "./guess.js";

export function neededFiles(guesses: readonly TableGuess[]): Block[] {
  const from = (role: Role): Text => {
    const found = guesses.filter(
      (guess) =>
        guess.roles.some((one) => one.role === role) && (role !== "accounts" || guess.columns.country !== undefined),
    );
    return found.length === 0 ? ["–"] : listed(found.map(tableName));
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
    note(
      text`In contacts, only rows that have one: a row without a value is a contact whose value nobody knows any more. A table with an e-mail and a phone is exported twice, once for each.`,
    ),
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
