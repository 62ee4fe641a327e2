/**
 * Small random platforms for the audit, and the files that such a platform would export of them.
 *
 * Few instants, so that ties happen; few values, and many rows without one. Written with real values: several spellings of one
 * contact point, or the SHA-256 of a form of one; which these come to is written down here, not asked of the product.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { stringify } from "yaml";
import type { Claim } from "../src/incident/index.js";
import type { Purpose } from "../src/purpose/index.js";
import {
  type AuditContact,
  type AuditEvent,
  type AuditMatch,
  type AuditNotice,
  type AuditRecords,
  type AuditShowing,
  countHistories,
} from "./audit-model.js";

/** Of more histories an account's last records are dropped. */
export const MAX_HISTORIES = 1500;

const START = Date.UTC(2016, 0, 1);
const HALF_DAY_MS = 43_200_000;
const INSTANTS = 9;

const notice = (
  id: string,
  text: string,
  purposes: readonly string[],
  more: Partial<Pick<AuditNotice, "exclusive" | "subject">> = {},
): AuditNotice => ({
  ...{ id, surface: `${id} form`, version: 1, language: "en", text, purposes, exclusive: false, subject: "self" },
  ...{ effective_from: "2010-01-01T00:00:00Z", ...more },
});

export const auditNotices: readonly AuditNotice[] = [
  notice("signup", "We use your contact for your account, and to choose the ads that you see.", [
    "service.account",
    "ads.match",
  ]),
  notice("two-factor", "We use this only to send you a code when you log in.", ["security.mfa"], { exclusive: true }),
  notice("recovery", "So that you get back into your account.", ["security.recovery"]),
  notice("unlock", "So that we know that it's you; we may use it for advertising too.", [
    "security.unlock",
    "ads.match",
  ]),
  notice("alerts", "So that we can tell you of new logins.", ["security.login-alert", "ads.match"]),
  notice("orders", "We write to you about your orders.", ["service.message"]),
  notice("offers", "We use this only for choosing ads.", ["ads.match"], { exclusive: true }),
  notice("friends", "Your friends may be shown ads.", ["ads.match"], { subject: "other" }),
];

const anyInstant = fc.nat({ max: INSTANTS - 1 }).map((i) => START + i * HALF_DAY_MS);
const mostly = <T>(usual: fc.Arbitrary<T>, seldom: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: usual }, { weight: 1, arbitrary: seldom });
/** @param freq one in so many is undefined */
const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 2) => fc.option(arbitrary, { nil: undefined, freq });
const later = fc.tuple(anyInstant, anyInstant).map(([one, other]) => Math.max(one, other));
const anyKind = mostly(fc.constant("email"), fc.constant("phone"));
const anyLabel = fc.constantFrom("a", "a", "a", "b", "b", "c");
const anyNotice = mostly(
  fc.constantFrom("signup", "two-factor", "recovery", "unlock"),
  fc.constantFrom(...auditNotices.map(({ id }) => id)),
);

const anyContact = fc.record({
  kind: anyKind,
  value: maybe(anyLabel),
  isOwn: mostly(fc.constant(true), fc.boolean()),
  isVerified: mostly(fc.constant(true), fc.boolean()),
  notice: anyNotice.map((id) => `${id}@1`),
  at: anyInstant,
});
const anyAbout = fc.oneof(fc.constant({}), fc.record({ kind: anyKind }), fc.record({ kind: anyKind, value: anyLabel }));
const anyEvent = fc
  .tuple(anyAbout, mostly(fc.constant(true), fc.boolean()), anyInstant)
  .map(([about, coversAds, at]) => ({ ...about, coversAds, at }));
const anyList = fc.constantFrom(
  { advertiser: "shop", list: "spring" },
  { advertiser: "shop", list: "spring" },
  { advertiser: "shop", list: "autumn" },
  { advertiser: "bank", list: "spring" },
);
const anyId = (i: number): string => `m${i.toString(16).padStart(16, "0")}`;
const anyMatch = fc
  .tuple(
    anyList,
    fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 2, arbitrary: anyAbout }),
    fc.record({
      at: later,
      left: fc.oneof(fc.constant(undefined), fc.constant("goes-on" as const), anyInstant),
      match: maybe(fc.constantFrom(1, 2, 3).map(anyId), 2),
    }),
  )
  .map(([list, about, more]) => ({ ...list, ...about, ...more }));
const anyShowing = fc
  .tuple(anyList, maybe(fc.constantFrom("sale", "news"), 4), later)
  .map(([list, campaign, at]) => ({ ...list, campaign, at }));
const anyAccount = fc.record({
  contacts: fc.oneof(
    { weight: 15, arbitrary: fc.array(anyContact, { minLength: 1, maxLength: 5, size: "max" }) },
    { weight: 1, arbitrary: fc.constant([]) },
  ),
  events: fc.array(anyEvent, { maxLength: 2 }),
  matches: fc.array(anyMatch, { maxLength: 3, size: "max" }),
  showings: fc.array(anyShowing, { maxLength: 3 }),
  country: maybe(fc.constantFrom("DE", "US")),
});

const anyNoticeClaim = fc
  .record({
    about: fc.constantFrom(
      ...[{ notice: "unlock" }, { notice: "unlock@1" }, { surface: "signup form" }, { notice: "signup" }],
      ...[{ notice: "recovery" }, { surface: "alerts form" }],
    ),
    from: mostly(fc.constant(0), fc.nat({ max: INSTANTS - 1 })),
    instants: mostly(fc.constant(INSTANTS), fc.integer({ min: 1, max: INSTANTS })),
    purposes: fc.constantFrom<Purpose[]>(
      ["security.unlock"],
      ["security.mfa", "service.account"],
      ["service.account", "ads.match"],
    ),
    exclusive: fc.boolean(),
  })
  .map(({ about, from, instants, purposes, exclusive }) => ({
    ...about,
    given_from: new Date(START + from * HALF_DAY_MS).toISOString(),
    given_to: new Date(START + (from + instants) * HALF_DAY_MS).toISOString(),
    corrected: { purposes, exclusive },
  }));
const anyMatchesClaim = fc
  .uniqueArray(fc.constantFrom(1, 2, 3).map(anyId), { minLength: 1, maxLength: 2 })
  .map((matches) => ({ matches, reason: "the file was another advertiser's" }));
const anyClaim: fc.Arbitrary<Claim> = fc
  .array(mostly<Claim["claims"][number]>(anyNoticeClaim, anyMatchesClaim), { minLength: 1, maxLength: 2 })
  .map((claims) => ({ id: "claim", title: "What was wrong", purpose: "ads.match", claims }));

/** Records of one to four accounts, with and without a claim. */
export const auditRecords: fc.Arbitrary<AuditRecords> = fc
  .record({
    accounts: fc.array(anyAccount, { minLength: 1, maxLength: 4, size: "max" }),
    confirmed: fc.constantFrom<string[]>([], [], ["alerts@1"]),
    claim: maybe(anyClaim),
    /** Later than anything that happened. */
    until: maybe(fc.constant(START + INSTANTS * HALF_DAY_MS)),
  })
  .map(({ accounts, confirmed, claim, until }) => {
    const nameOf = (i: number) => `u${i + 1}`;
    const named = <Row extends object>(of: (one: (typeof accounts)[number]) => readonly Row[]) =>
      accounts.flatMap((one, i) => of(one).map((row) => ({ account: nameOf(i), ...row })));
    const countries = accounts.flatMap(({ country }, i) => (country === undefined ? [] : [[nameOf(i), country]]));
    const records: AuditRecords = {
      ...{ notices: auditNotices, confirmed, claim, until, countries: Object.fromEntries(countries) },
      contacts: named<Omit<AuditContact, "account">>((one) => one.contacts),
      events: named<Omit<AuditEvent, "account">>((one) => one.events),
      matches: named<Omit<AuditMatch, "account">>((one) => one.matches),
      showings: named<Omit<AuditShowing, "account">>((one) => one.showings),
    };
    return accounts.reduce((left, _, i) => withFewHistories(left, nameOf(i)), records);
  });

/** Drops an account's last match, then its last event, then its last contact, until there are few enough. */
function withFewHistories(records: AuditRecords, account: string): AuditRecords {
  let { contacts, events, matches } = records;
  const count = () => countHistories({ ...records, contacts, events, matches }, account, MAX_HISTORIES + 1);
  while (count() > MAX_HISTORIES) {
    if (matches.filter((row) => row.account === account).length > 1) matches = withoutLast(matches, account);
    else if (events.some((row) => row.account === account)) events = withoutLast(events, account);
    else contacts = withoutLast(contacts, account);
  }
  return { ...records, contacts, events, matches };
}

function withoutLast<Row extends { readonly account: string }>(rows: readonly Row[], account: string): Row[] {
  const last = rows.findLastIndex((row) => row.account === account);
  return rows.filter((_, i) => i !== last);
}

interface Spelling {
  readonly raw: string;
  /** Its normal forms. */
  readonly forms: readonly string[];
}

const line = (e164: string, ...raw: readonly string[]): Spelling[] =>
  raw.map((one) => ({ raw: one, forms: [e164, e164.slice(1)] }));
/** Spellings of one contact point each, by kind and label; phones as in `region: DE`. */
const SPELLINGS: Readonly<Record<string, readonly Spelling[]>> = {
  "email a": [
    { raw: "Ann.B+news@GMAIL.com", forms: ["ann.b+news@gmail.com", "annb@gmail.com"] },
    { raw: "annb@googlemail.com", forms: ["annb@googlemail.com"] },
    { raw: " a.nnb@gmail.com", forms: ["a.nnb@gmail.com", "annb@gmail.com"] },
  ],
  "email b": [
    { raw: "bea+shop@example.com", forms: ["bea+shop@example.com"] },
    { raw: "BEA@example.com", forms: ["bea@example.com"] },
  ],
  "email c": [{ raw: "cem@example.org", forms: ["cem@example.org"] }],
  "phone a": line("+491701234567", "+49 170 1234567", "0170 1234567", "0170/123-4567"),
  "phone b": line("+12025550143", "+1 (202) 555-0143", "+12025550143"),
  "phone c": line("+4917012345678", "+4917012345678", "0170 12345678"),
};

const sha256 = (form: string): string => createHash("sha256").update(form).digest("hex");

/** Draws that a seed repeats (mulberry32). */
class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = seed | 0;
  }
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let z = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return Math.floor((((z ^ (z >>> 14)) >>> 0) / 0x1_0000_0000) * limit);
  }
  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!;
  }
}

interface Valued {
  readonly account: string;
  readonly kind?: string | undefined;
  readonly value?: string | undefined;
  /** Of events. */
  readonly coversAds?: boolean;
}

/** What is written for each row that has a value: all of one label and account come to one contact point. */
function spelled(rows: readonly Valued[], dice: Dice): Map<Valued, string> {
  const written = new Map<Valued, string>();
  const digest = (forms: readonly string[]) => {
    const hex = sha256(dice.one(forms));
    return dice.below(4) === 0 ? hex.toUpperCase() : hex;
  };
  const valued = rows.filter(({ value }) => value !== undefined);
  for (const one of valued) {
    if (written.has(one)) continue;
    const same = valued.filter(
      (row) => row.account === one.account && row.kind === one.kind && row.value === one.value,
    );
    const spellings = SPELLINGS[`${one.kind} ${one.value}`]!;
    if (dice.below(4) === 0) {
      const hex = digest(dice.one(spellings).forms);
      for (const row of same) written.set(row, hex);
      continue;
    }
    // A digest is known to be of a value only if that value's own form is there, in a row that is about ads.
    const anchored = dice.one(spellings);
    for (const row of same) written.set(row, dice.below(2) === 0 ? dice.one(spellings).raw : digest(anchored.forms));
    const anchors = same.filter(({ coversAds }) => coversAds !== false);
    if (anchors.length > 0) written.set(dice.one(anchors), anchored.raw);
  }
  return written;
}

type Cells = Readonly<Record<string, string | undefined>>;

/** What an audit of the written files is asked for. */
export interface WrittenRecords {
  /** File of the claim. */
  readonly claim: string | undefined;
  /** RFC 3339. */
  readonly until: string | undefined;
}

/** Writes the files of a platform that has these records into an empty folder. @param seed draws spellings and forms */
export function writeAuditRecords(dir: string, records: AuditRecords, seed: number): WrittenRecords {
  const dice = new Dice(seed);
  const { contacts, events, matches, showings, notices, confirmed, countries, claim, until } = records;
  const values = spelled([...contacts, ...events, ...matches], dice);
  const instant = (ms: number): string =>
    dice.below(3) > 0 ? new Date(ms).toISOString() : `${new Date(ms + 7_200_000).toISOString().slice(0, -5)}+02:00`;
  const table = (name: string, rows: readonly Cells[], columns: readonly string[], isNeeded = false) => {
    if (isNeeded || rows.length > 0 || dice.below(2) === 0) writeTable(dir, name, rows, columns, dice);
  };

  const proven = new Map(contacts.map((row) => [row, row.isVerified && dice.below(2) === 0]));
  for (const isProven of [true, false]) {
    // Without the column all rows of a file are verified.
    const own = contacts.filter((row) => proven.get(row) === isProven);
    const rows = own.map((row): Cells => {
      const [id, version] = row.notice.split("@");
      const known = notices.find((one) => one.id === id && String(one.version) === version)!;
      const by = dice.below(3);
      return {
        ...{ account: row.account, kind: row.kind, value: values.get(row), given_at: instant(row.at) },
        ...(by === 0 ? { notice: row.notice } : by === 1 ? { notice: id } : { surface: known.surface }),
        given_by: row.isOwn ? dice.one([undefined, row.account]) : "somebody else",
        verified_at: row.isVerified ? instant(row.at) : undefined,
      };
    });
    const columns = ["account", "kind", "given_at", "notice", "surface", "value", "given_by"];
    table(isProven ? "contacts" : "contacts-claimed", rows, isProven ? columns : [...columns, "verified_at"], isProven);
  }

  const eventRows = events.map((row): Cells => {
    const [type, purpose] = row.coversAds
      ? dice.one([["withdraw"], ["withdraw", "ads.match"], ["erase"], ["disown"]])
      : ["withdraw", dice.one(["marketing.message", "security.mfa"])];
    return { type, purpose, account: row.account, at: instant(row.at), kind: row.kind, value: values.get(row) };
  });
  table("events", eventRows, ["type", "account", "at", "kind", "value", "purpose"]);

  for (const isKnown of [true, false]) {
    // Without the column nobody knows when a membership ended.
    const rows = matches
      .filter((row) => (row.left !== undefined) === isKnown)
      .map((row): Cells => {
        const left = typeof row.left === "number" ? instant(row.left) : undefined;
        const { advertiser, list, account, kind, match } = row;
        return {
          advertiser,
          list,
          account,
          kind,
          match,
          value: values.get(row),
          matched_at: instant(row.at),
          left_at: left,
        };
      });
    const columns = ["advertiser", "list", "account", "matched_at", "kind", "value", "match"];
    table(isKnown ? "matches/ended" : "matches/log", rows, isKnown ? [...columns, "left_at"] : columns, !isKnown);
  }

  const shown = showings.map(({ at, ...row }): Cells => ({ ...row, at: instant(at) }));
  table("showings", shown, ["advertiser", "list", "account", "at", "campaign"]);
  const named = Object.entries(countries).map(([account, country]): Cells => ({ account, country }));
  table("accounts", named, ["account", "country"]);

  const documents = notices.map(({ exclusive, subject, ...rest }) => ({
    ...rest,
    ...(exclusive ? { exclusive } : {}),
    ...(subject === "self" ? {} : { subject }),
  }));
  writeFileSync(join(dir, "notices.yaml"), documents.map((one) => stringify(one)).join("---\n"));
  writeFileSync(join(dir, "audit.yaml"), stringify({ region: "DE", ...(confirmed.length > 0 ? { confirmed } : {}) }));
  if (claim !== undefined) writeFileSync(join(dir, "claim.yaml"), stringify(claim));
  return {
    claim: claim === undefined ? undefined : join(dir, "claim.yaml"),
    until: until === undefined ? undefined : new Date(until).toISOString(),
  };
}

/** @param name with a "/": in a folder of the table's name */
function writeTable(dir: string, name: string, rows: readonly Cells[], columns: readonly string[], dice: Dice): void {
  const order = columns.map((column) => [dice.below(1000), column] as const).sort(([a], [b]) => a - b);
  const header = order.map(([, column]) => column);
  const isCsv = rows.length === 0 || dice.below(2) === 0;
  const text = isCsv
    ? [header, ...rows.map((row) => header.map((column) => quoted(row[column] ?? "")))].map(
        (cells) => `${cells.join(",")}\n`,
      )
    : rows.map(
        (row) => `${JSON.stringify(Object.fromEntries(header.map((column) => [column, row[column] ?? null])))}\n`,
      );
  const isZipped = dice.below(4) === 0;
  const bytes = Buffer.from(text.join(""));
  const path = join(dir, `${name}.${isCsv ? "csv" : "ndjson"}${isZipped ? ".gz" : ""}`);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, isZipped ? gzipSync(bytes) : bytes);
}

const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
