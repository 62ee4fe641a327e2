/**
 * Guesses: what each table of a schema looks like, by the names and types of its columns alone, and why.
 *
 * A guess is never more: a table may hold contacts in a column that no name tells of. So tables without a guess are kept
 * beside those with one, and columns that could hold anything are named.
 */
import type { Kind } from "../../contact/index.js";
import type { Purpose } from "../../purpose/index.js";
import type { SchemaColumn, SchemaTable } from "./schema.js";
import * as words from "./words.js";

/** What a table may be to an audit; `lists` and `jobs` are asked about and not read. */
const ROLES = ["contacts", "matches", "showings", "events", "notices", "accounts", "lists", "jobs"] as const;
export type Role = (typeof ROLES)[number];

/** A column that looks as if it held contacts. */
export interface ContactGuess {
  readonly column: string;
  /** Undefined where another column tells it, or nothing does. */
  readonly kind: Kind | undefined;
  readonly kindColumn: string | undefined;
  readonly why: string;
  /** What it looks as if given for: a purpose of security, or `security` where no name tells which. */
  readonly security: Purpose | "security" | undefined;
  readonly givenAt: string | undefined;
  /** Whether `givenAt` is about this column, and not about the row. */
  readonly isGivenAtOwn: boolean;
  readonly verifiedAt: string | undefined;
}

/** Columns of a table by what they look like, where one does. */
interface TableColumns {
  readonly account?: string | undefined;
  readonly givenBy?: string | undefined;
  readonly surface?: string | undefined;
  readonly notice?: string | undefined;
  readonly advertiser?: string | undefined;
  readonly list?: string | undefined;
  readonly campaign?: string | undefined;
  readonly matchedAt?: string | undefined;
  readonly leftAt?: string | undefined;
  readonly matchKind?: string | undefined;
  readonly matchValue?: string | undefined;
  readonly matchRun?: string | undefined;
  readonly at?: string | undefined;
  readonly eventType?: string | undefined;
  readonly country?: string | undefined;
  readonly updatedAt?: string | undefined;
}

export interface TableGuess {
  readonly table: SchemaTable;
  /** The likeliest first; empty: no guess. */
  readonly roles: readonly { readonly role: Role; readonly why: string }[];
  readonly contacts: readonly ContactGuess[];
  readonly columns: TableColumns;
  /** Type of its events, where its name tells it. */
  readonly eventType: "withdraw" | "erase" | "disown";
  /** Columns that could hold anything, contacts too: JSON and its like, and the values of tables of keys and values. */
  readonly opaque: readonly string[];
  readonly isCopy: boolean;
  readonly isHistory: boolean;
  /** Contacts that somebody else gave. */
  readonly isAddressBook: boolean;
}

type TypeClass = "text" | "number" | "boolean" | "time" | "uuid" | "binary" | "opaque" | "unknown";

/** The first that fits. */
const TYPES: readonly (readonly [TypeClass, RegExp])[] = [
  ["opaque", /json|variant|^object|^super|struct|record|^map|^xml|hstore|^row\b/],
  ["boolean", /^bool|^bit\b|^tinyint\(1\)/],
  ["time", /timestamp|datetime|^date|^time/],
  ["uuid", /^uuid|uniqueidentifier/],
  ["text", /char|text|string|clob|citext|enum|array|\[\]|^name$|^set\b/],
  ["number", /int|serial|^num|^dec|^float|^real|^double|^oid|money/],
  ["binary", /bytea|blob|binary|^raw|^bytes/],
];

const typeOf = ({ type }: SchemaColumn): TypeClass =>
  TYPES.find(([, form]) => form.test(type.toLowerCase()))?.[0] ?? "unknown";

/** A column as it is read. */
interface ReadColumn {
  readonly name: string;
  readonly spelled: string;
  readonly type: TypeClass;
}

/** What each table looks like, in the order given. */
export const guessTables = (tables: readonly SchemaTable[]): TableGuess[] => tables.map(guessTable);

function guessTable(table: SchemaTable): TableGuess {
  const name = words.spelled(table.name);
  const place = `${words.spelled(table.schema)}${name.slice(1)}`;
  const columns = table.columns.map((column) => ({
    name: column.name,
    spelled: words.spelled(column.name),
    type: typeOf(column),
  }));
  const isAddressBook = words.ADDRESS_BOOK.test(name);
  const contacts = contactsIn(name, columns);
  const kinds = contacts.map(({ kindColumn }) => kindColumn);
  const found = namedColumns(
    name,
    columns.filter((column) => !kinds.includes(column.name)),
    isAddressBook,
  );
  return {
    table,
    roles: rolesOf(name, columns, found, contacts),
    contacts,
    columns: found,
    eventType: words.ERASURE.test(name) ? "erase" : words.DISOWNED.test(name) ? "disown" : "withdraw",
    opaque: opaqueIn(columns).map((column) => column.name),
    isCopy: contacts.length > 0 && words.COPY.test(place),
    isHistory: words.HISTORY.test(name),
    isAddressBook,
  };
}

function opaqueIn(columns: readonly ReadColumn[]): ReadColumn[] {
  const isKeyed = columns.some(({ spelled }) => words.ANY_KEY.test(spelled));
  return columns.filter(({ spelled, type }) => type === "opaque" || (isKeyed && words.ANY_VALUE.test(spelled)));
}

const isTime = ({ spelled, type }: ReadColumn): boolean =>
  type === "time" || (["unknown", "text", "number"].includes(type) && words.TIME_NAME.test(spelled));

function namedColumns(table: string, columns: readonly ReadColumn[], isAddressBook: boolean): TableColumns {
  const named = (form: RegExp, fits: (column: ReadColumn) => boolean = (column) => !isTime(column)) =>
    columns.find((column) => form.test(column.spelled) && column.type !== "boolean" && fits(column))?.name;
  const holder = named(words.ACCOUNT_COLUMN) ?? (words.ACCOUNT_TABLE.test(table) ? named(words.OWN_ID) : undefined);
  const whose = named(words.WHOSE_COLUMN);
  return {
    account: isAddressBook ? whose : holder,
    givenBy: isAddressBook ? holder : undefined,
    surface: named(words.SURFACE_COLUMN, ({ type, spelled }) => type !== "time" && !words.NOTICE_COLUMN.test(spelled)),
    notice: named(words.NOTICE_COLUMN),
    advertiser: named(words.ADVERTISER_COLUMN),
    list: named(words.LIST_COLUMN),
    campaign: named(words.CAMPAIGN_COLUMN),
    matchedAt: named(words.MATCHED_AT, isTime) ?? columns.find(isTime)?.name,
    leftAt: named(words.LEFT_AT, isTime),
    matchKind: named(words.MATCH_KIND_COLUMN),
    matchValue: named(words.MATCH_VALUE_COLUMN),
    matchRun: named(words.MATCH_RUN_COLUMN),
    at: columns.find((column) => isTime(column) && !words.UPDATED_AT.test(column.spelled))?.name,
    eventType: named(/^_(?:type|action|event|event_type|status|decision|request_type|aktion|accion)_$/u),
    country: named(words.COUNTRY_COLUMN),
    updatedAt: named(words.UPDATED_AT, isTime),
  };
}

/** Columns that look as if they held contacts. */
function contactsIn(table: string, columns: readonly ReadColumn[]): ContactGuess[] {
  const kindColumn = columns.find(
    ({ spelled, type }) => words.KIND_COLUMN.test(spelled) && (type === "text" || type === "unknown"),
  )?.name;
  const own = columns.flatMap((column) => {
    const kind = kindOf(column);
    return kind === undefined ? [] : [{ column, kind, kindColumn: undefined, why: `its name says ${kind}` }];
  });
  const values = own.length > 0 ? own : genericContacts(table, columns, kindColumn);
  return values.map(({ column, kind, kindColumn, why }) => {
    const { givenAt, isGivenAtOwn, verifiedAt } = timesOf(column, columns, values.length);
    const security = securityOf(column.spelled, words.BACKUP_COLUMN) ?? securityOf(table);
    return { column: column.name, kind, kindColumn, why, security, givenAt, isGivenAtOwn, verifiedAt };
  });
}

/** The kind of the contacts in a column, by its name. */
function kindOf(column: ReadColumn): Kind | undefined {
  const { spelled, type } = column;
  if (["boolean", "time", "opaque"].includes(type) || words.ASKED_OF_A_CONTACT.test(spelled)) return undefined;
  for (const [kind, form] of words.KIND_WORDS) {
    const found = form.exec(spelled);
    if (found === null) continue;
    const rest = `_${spelled.slice(found.index + found[0].length).replace(/^_/, "")}`;
    if (words.ABOUT_A_CONTACT.test(rest)) continue;
    const isReference = (kind === "email" || kind === "handle") && (type === "number" || type === "uuid");
    const isPhoneReference = kind === "phone" && (type === "uuid" || (type === "number" && /_id_$/.test(spelled)));
    if (!isReference && !isPhoneReference) return kind;
  }
  return undefined;
}

interface FoundContact {
  readonly column: ReadColumn;
  readonly kind: Kind | undefined;
  readonly kindColumn: string | undefined;
  readonly why: string;
}

/** Columns called `value`, `number` or the like, in a table whose name tells of contacts. */
function genericContacts(
  table: string,
  columns: readonly ReadColumn[],
  kindColumn: string | undefined,
): FoundContact[] {
  const kinds = words.KIND_WORDS.filter(([kind, form]) => kind !== "handle" && form.test(table)).map(([kind]) => kind);
  const isOfContacts = words.CONTACT_TABLE.test(table) || securityOf(table) !== undefined;
  if (kinds.length === 0 && !isOfContacts) return [];
  return columns
    .filter(({ spelled, type }) => words.GENERIC_VALUE.test(spelled) && !["boolean", "time", "opaque"].includes(type))
    .map((column) => {
      const isNumber = /^_(?:number|nr|no|num|numero|nummer)_$/u.test(column.spelled);
      const kind =
        kindColumn !== undefined ? undefined : kinds.length === 1 ? kinds[0] : isNumber ? "phone" : undefined;
      const why =
        kinds.length > 0
          ? `a value in a table that is called after ${kinds.join(" and ")}`
          : "a value in a table that is called after contacts";
      return { column, kind, kindColumn, why };
    });
}

function securityOf(name: string, more?: RegExp): Purpose | "security" | undefined {
  const [purpose] = words.SECURITY_WORDS.find(([, form]) => form.test(name)) ?? [];
  if (purpose !== undefined) return purpose;
  if (more?.test(name)) return "security.recovery";
  return words.SOME_SECURITY.test(name) ? "security" : undefined;
}

/** When a column's contacts were given and verified: by a column that is called after it, else by one of the row. */
function timesOf(contact: ReadColumn, columns: readonly ReadColumn[], contacts: number) {
  const times = columns.filter((column) => isTime(column) && column !== contact);
  const stem = contact.spelled.replace(words.VALUE_ENDING, "_");
  const own = stem === "_" ? [] : times.filter(({ spelled }) => spelled.startsWith(stem));
  const ofRow = times.filter(({ name, spelled }) => {
    const about = spelled.replace(words.TIME_ENDING, "_");
    return kindOf({ name, spelled: about, type: "text" }) === undefined;
  });
  const firstOf = (from: readonly ReadColumn[]) =>
    words.GIVEN_AT.map((form) => from.find(({ spelled }) => form.test(spelled))).find((column) => column !== undefined);
  const ownGiven = firstOf(own);
  const verified = [...own, ...(contacts === 1 ? ofRow : [])].find(({ spelled }) => words.VERIFIED_AT.test(spelled));
  return {
    givenAt: (ownGiven ?? firstOf(ofRow))?.name,
    isGivenAtOwn: ownGiven !== undefined,
    verifiedAt: verified?.name,
  };
}

function rolesOf(
  table: string,
  columns: readonly ReadColumn[],
  found: TableColumns,
  contacts: readonly ContactGuess[],
): { role: Role; why: string }[] {
  const has = (form: RegExp) => columns.some(({ spelled }) => form.test(spelled));
  const beside = (what: string | undefined) => (what === undefined ? "" : `, and a column ${what}`);
  const { account, list, advertiser, campaign } = found;
  const roles: { role: Role; why: string }[] = [];
  const isAds = words.ADS.test(table) || advertiser !== undefined;
  const isShowing = words.SHOWING_TABLE.test(table) && (account !== undefined || campaign !== undefined);
  const isMatch = !isShowing && account !== undefined && list !== undefined && isAds && !words.EVENT_TABLE.test(table);
  const isList =
    !isMatch && !isShowing && account === undefined && isAds && (words.LIST_TABLE.test(table) || list !== undefined);
  const isEvent = words.EVENT_TABLE.test(table) && (account !== undefined || contacts.length > 0);
  const isNotice = words.NOTICE_TABLE.test(table) && has(words.TEXT_COLUMN);
  if (isShowing) roles.push({ role: "showings", why: `its name tells of ads that were shown${beside(campaign)}` });
  if (isMatch) roles.push({ role: "matches", why: `accounts (${account}) beside lists or audiences (${list})` });
  if (isList)
    roles.push({ role: "lists", why: "its name tells of advertisers or their lists, and it names no account" });
  if (isEvent) roles.push({ role: "events", why: "its name tells of consent taken back, erasure or its like" });
  if (isNotice) roles.push({ role: "notices", why: "its name tells of texts that people were shown, or of forms" });
  if (roles.length === 0 && contacts.length > 0) {
    roles.push({
      role: "contacts",
      why: contacts.length === 1 ? "one column looks like it" : `${contacts.length} columns look like it`,
    });
  }
  if (words.ACCOUNT_TABLE.test(table) && account !== undefined && !words.ADS.test(table)) {
    const country = found.country === undefined ? "" : ` with a country (${found.country})`;
    roles.push({ role: "accounts", why: `it is called after accounts (${account})${country}` });
  }
  if (roles.length === 0 && words.JOB_TABLE.test(table)) {
    roles.push({
      role: "jobs",
      why: "its name tells of jobs, feeds or exports: it may say which of them read contacts",
    });
  }
  return roles;
}
