/** The rows of each table of an audit, as records of the spill. */
import { ByteNames, BytesColumn, grown } from "../column/index.js";
import { isKindCode, KINDS, type KindCode } from "../contact/index.js";
import { ALL_PROMOTIONAL, coversAds, EVENT_TYPES } from "../grant/index.js";
import { fault, REFUSAL } from "../input/index.js";
import { INTAKE_REFUSAL, NoticeReferences } from "../intake/index.js";
import { purposeCode, purposeNames } from "../purpose/index.js";
import type { AuditTable } from "./finding.js";
import { LABEL_WORDS, ValueColumn } from "./labels.js";
import { AUDIT_SOURCE } from "./notices.js";
import { AUDIT_REFUSAL } from "./refusal.js";
import { AuditRows, type Reading } from "./rows.js";
import { type AuditSource, COLUMNS } from "./sources.js";
import { NAME_HEAD_WORDS, NO_NAME, type SpillWriter } from "./spill.js";

const BY_KIND = new ByteNames(KINDS);
const BY_TYPE = new ByteNames(EVENT_TYPES);
const BY_PURPOSE = new ByteNames(purposeNames);
const WITHDRAW = EVENT_TYPES.indexOf("withdraw");
const FIRST_ROWS = 1 << 10;

/** Bits of a contact's word, above its notice's 16. */
export const CONTACT = { kindShift: 16, byOther: 1 << 20, verified: 1 << 21, hasValue: 1 << 22 } as const;
/** Bits of an event's word: a kind of ANY_KIND is of the whole account. */
export const EVENT = { hasValue: 1 << 4 } as const;
/** Bits of a match's word, above its list's 24. */
export const MATCH = { listMask: 0xffffff, kindShift: 24, hasValue: 1 << 27, claimed: 1 << 28 } as const;
/** In three bits: whichever kind. */
export const ANY_KIND = 7;
export const KIND_BITS = 7;
/** Where a membership ends that nobody says the end of; one that goes on ends at Infinity. */
export const UNKNOWN_END = Number.NaN;

/** Places of a table's columns. */
function columnsOf<T extends AuditTable>(table: T): Record<(typeof COLUMNS)[T][number], number> {
  const entries = COLUMNS[table].map((column, i) => [column, i] as const);
  return Object.fromEntries(entries) as Record<(typeof COLUMNS)[T][number], number>;
}

/** Takes the rows of a source. */
export function rowsOf(source: AuditSource, reading: Reading): AuditRows {
  return new ROWS[source.table](source, reading);
}

/** Rows that may hold a value; columns grow with the batch. */
abstract class ValueRows extends AuditRows {
  protected word = new Uint32Array(FIRST_ROWS);
  protected at = new Float64Array(FIRST_ROWS);
  readonly #values: ValueColumn;

  constructor(source: AuditSource, reading: Reading) {
    super(source, reading);
    this.#values = new ValueColumn(reading.region, reading.runKey);
  }

  /** Code of the kind in a column; ANY_KIND where there is none, minus a fault where it is unknown. */
  protected kindOf(column: number): number {
    if (!this.isGiven(column)) return ANY_KIND;
    const kind = this.find(BY_KIND, column);
    return isKindCode(kind) ? kind : -fault(column, INTAKE_REFUSAL.unknownKind);
  }

  /** Adds the row's value, if it has one; or returns its fault. */
  protected addValue(kind: number, column: number): number {
    if (!this.isGiven(column)) {
      this.#values.addNone();
      return 0;
    }
    if (!isKindCode(kind)) return fault(column, INTAKE_REFUSAL.valueWithoutKind);
    const bytes = this.bytesOf(column);
    const code = this.#values.add(kind as KindCode, bytes, this.startOf(column), this.endOf(column));
    return code === 0 ? 0 : fault(column, code);
  }

  /** Keeps a row that is good. */
  protected keep(word: number, atMs: number): number {
    const row = this.accounts.count;
    if (row >= this.word.length) {
      this.word = grown(this.word, row + 1);
      this.at = grown(this.at, row + 1);
    }
    this.word[row] = word;
    this.at[row] = atMs;
    this.addAccount(this.accountColumn);
    return row;
  }

  protected abstract readonly accountColumn: number;
  protected abstract pourRow(row: number, label: number, otherLabel: number): void;

  protected pour(): void {
    const { rows, forms } = this.#values.take();
    for (let row = 0; row < rows.length / 2; row++) this.pourRow(row, rows[2 * row]!, rows[2 * row + 1]!);
    const { spill } = this.reading;
    for (let i = 0; i < forms.length; i += 3) {
      const row = forms[i]!;
      if (!this.isKept(row)) continue;
      const at = this.record("alias", row);
      const { words } = spill;
      words[at + 3] = this.kindAt(row);
      words[at + 4] = rows[2 * row]!;
      words[at + 5] = rows[2 * row + 1]!;
      words[at + 6] = forms[i + 1]!;
      words[at + 7] = forms[i + 2]!;
    }
  }

  protected abstract kindAt(row: number): number;
}

const contacts = columnsOf("contacts");

class ContactRows extends ValueRows {
  protected readonly accountColumn = contacts.account;
  readonly #notices: NoticeReferences;
  readonly #surfaces: NoticeReferences;

  constructor(source: AuditSource, reading: Reading) {
    super(source, reading);
    this.#notices = new NoticeReferences(reading.notices.byNotice, AUDIT_SOURCE);
    this.#surfaces = new NoticeReferences(reading.notices.bySurface, AUDIT_SOURCE);
  }

  protected add(): number {
    const { account, kind: kindColumn, value, given_at, given_by, verified_at } = contacts;
    const badAccount = this.badAccount(account);
    if (badAccount !== 0) return badAccount;
    const kind = this.kindOf(kindColumn);
    if (kind < 0) return -kind;
    if (kind === ANY_KIND) return fault(kindColumn, REFUSAL.missingField);
    if (!this.isGiven(given_at)) return fault(given_at, REFUSAL.missingField);
    const givenAtMs = this.timeOf(given_at);
    if (!this.isInstant(givenAtMs)) return this.timeFault(given_at, givenAtMs);
    const notice = this.#noticeOf(givenAtMs);
    if (notice < 0) return -notice;
    let isVerified = !this.has(verified_at);
    if (this.isGiven(verified_at)) {
      const verifiedAtMs = this.timeOf(verified_at);
      if (!this.isInstant(verifiedAtMs)) return this.timeFault(verified_at, verifiedAtMs);
      isVerified = true;
    }
    const isByOther = this.isGiven(given_by) && !this.areSame(given_by, account);
    const badValue = this.addValue(kind, value);
    if (badValue !== 0) return badValue;
    this.noteTime(givenAtMs);
    this.reading.noticeRows[notice]!++;
    if (!this.has(verified_at)) this.reading.told.takenAsVerified++;
    const bits =
      (isByOther ? CONTACT.byOther : 0) |
      (isVerified ? CONTACT.verified : 0) |
      (this.isGiven(value) ? CONTACT.hasValue : 0);
    this.keep(notice | (kind << CONTACT.kindShift) | bits, givenAtMs);
    return 0;
  }

  /** The notice version that the row names, or minus its fault. */
  #noticeOf(givenAtMs: number): number {
    const { notice, surface } = contacts;
    const isNamed = this.isGiven(notice);
    const column = isNamed ? notice : surface;
    if (!this.isGiven(column)) return -fault(column, REFUSAL.missingField);
    const references = isNamed ? this.#notices : this.#surfaces;
    const found = references.find(this.bytesOf(column), this.startOf(column), this.endOf(column));
    if (found < 0) return -fault(column, isNamed ? -found : AUDIT_REFUSAL.unknownSurface);
    const version = references.resolve(found, givenAtMs);
    return version < 0 ? -fault(column, AUDIT_REFUSAL.notInForce) : version;
  }

  protected kindAt(row: number): number {
    return (this.word[row]! >>> CONTACT.kindShift) & KIND_BITS;
  }

  protected pourRow(row: number, label: number, otherLabel: number): void {
    if (!this.isKept(row)) return;
    const at = this.record("contact", row);
    const { words, floats } = this.reading.spill;
    words[at + 3] = this.word[row]!;
    floats[at / 2 + 2] = this.at[row]!;
    words[at + 6] = label;
    words[at + 7] = otherLabel;
  }
}

const events = columnsOf("events");

class EventRows extends ValueRows {
  protected readonly accountColumn = events.account;

  protected add(): number {
    const { type: typeColumn, account, kind: kindColumn, value, purpose, at } = events;
    if (!this.isGiven(typeColumn)) return fault(typeColumn, REFUSAL.missingField);
    const type = this.find(BY_TYPE, typeColumn);
    if (type < 0) return fault(typeColumn, INTAKE_REFUSAL.unknownType);
    const badAccount = this.badAccount(account);
    if (badAccount !== 0) return badAccount;
    const kind = this.kindOf(kindColumn);
    if (kind < 0) return -kind;
    const named = this.isGiven(purpose) ? this.find(BY_PURPOSE, purpose) : -1;
    if (this.isGiven(purpose) && (named < 0 || type !== WITHDRAW)) return fault(purpose, INTAKE_REFUSAL.unknownPurpose);
    if (!this.isGiven(at)) return fault(at, REFUSAL.missingField);
    const atMs = this.timeOf(at);
    if (!this.isInstant(atMs)) return this.timeFault(at, atMs);
    // What takes nothing from ads is read, so that a fault in it is told, and not kept.
    const isOfAds = coversAds(type, named < 0 ? ALL_PROMOTIONAL : purposeCode(purposeNames[named]!));
    const badValue = this.addValue(kind, value);
    if (badValue !== 0) return badValue;
    this.noteTime(atMs);
    this.keep(kind | (this.isGiven(value) ? EVENT.hasValue : 0) | (isOfAds ? 0 : NOT_OF_ADS), atMs);
    return 0;
  }

  protected kindAt(row: number): number {
    return this.word[row]! & KIND_BITS;
  }

  protected override isKept(row: number): boolean {
    return (this.word[row]! & NOT_OF_ADS) === 0 && super.isKept(row);
  }

  protected pourRow(row: number, label: number, otherLabel: number): void {
    if (!this.isKept(row)) return;
    const at = this.record("event", row);
    const { words, floats } = this.reading.spill;
    words[at + 3] = this.word[row]!;
    floats[at / 2 + 2] = this.at[row]!;
    words[at + 6] = label;
    words[at + 7] = otherLabel;
  }
}

const NOT_OF_ADS = 1 << 5;
const matches = columnsOf("matches");

class MatchRows extends ValueRows {
  protected readonly accountColumn = matches.account;
  #end = new Float64Array(FIRST_ROWS);
  readonly #names = new BytesColumn();

  protected add(): number {
    const { advertiser, list, account, kind: kindColumn, value, matched_at, left_at, match } = matches;
    if (!this.isGiven(advertiser)) return fault(advertiser, REFUSAL.missingField);
    if (!this.isGiven(list)) return fault(list, REFUSAL.missingField);
    const badAccount = this.badAccount(account);
    if (badAccount !== 0) return badAccount;
    const kind = this.kindOf(kindColumn);
    if (kind < 0) return -kind;
    if (!this.isGiven(matched_at)) return fault(matched_at, REFUSAL.missingField);
    const atMs = this.timeOf(matched_at);
    if (!this.isInstant(atMs)) return this.timeFault(matched_at, atMs);
    let endMs = this.has(left_at) ? Number.POSITIVE_INFINITY : UNKNOWN_END;
    if (this.isGiven(left_at)) {
      endMs = this.timeOf(left_at);
      // "Never", in whatever year, is that it goes on.
      if (!(endMs >= 0)) return this.timeFault(left_at, endMs);
    }
    const named = this.nameOf(this.reading.lists, advertiser, list);
    if (named < 0) return -named;
    const badValue = this.addValue(kind, value);
    if (badValue !== 0) return badValue;
    const { claimedMatches } = this.reading;
    const isClaimed = claimedMatches.size > 0 && this.isGiven(match) && claimedMatches.has(this.textOf(match));
    const bits = (this.isGiven(value) ? MATCH.hasValue : 0) | (isClaimed ? MATCH.claimed : 0);
    const row = this.keep(named | (kind << MATCH.kindShift) | bits, atMs);
    this.#end = grown(this.#end, row + 1);
    this.#end[row] = endMs;
    this.noteTime(atMs);
    if (Number.isFinite(endMs)) this.noteTime(endMs);
    // A match is not lost for that: it counts at its instant.
    if (endMs < atMs) this.reading.told.endsBefore++;
    if (Number.isNaN(endMs)) this.reading.told.unknownEnds++;
    if (this.reading.keepsNames) this.#names.add(this.bytesOf(account), this.startOf(account), this.endOf(account));
    return 0;
  }

  protected kindAt(row: number): number {
    return (this.word[row]! >>> MATCH.kindShift) & KIND_BITS;
  }

  protected override pour(): void {
    const { filter, keepsNames, spill } = this.reading;
    for (let key = 0; key < this.keys.length; key += LABEL_WORDS) filter.add(this.keys[key + 1]!, this.keys[key + 2]!);
    super.pour();
    if (keepsNames) this.#pourNames(spill);
  }

  /** Words of a name: its account, how many bytes it has, and these. */
  #pourNames(spill: SpillWriter): void {
    const { bytes, ends } = this.#names.take();
    for (let row = 0, from = 0; row < ends.length; from = ends[row++]!) {
      const length = ends[row]! - from;
      const at = this.record("name", row, NAME_HEAD_WORDS + 2 * Math.ceil(length / 8));
      const { words } = spill;
      words[at + 3] = length;
      new Uint8Array(words.buffer, 4 * (at + NAME_HEAD_WORDS), length).set(bytes.subarray(from, ends[row]!));
    }
  }

  protected pourRow(row: number, label: number, otherLabel: number): void {
    const at = this.record("match", row);
    const { words, floats } = this.reading.spill;
    words[at + 3] = this.word[row]!;
    floats[at / 2 + 2] = this.at[row]!;
    floats[at / 2 + 3] = this.#end[row]!;
    words[at + 8] = label;
    words[at + 9] = otherLabel;
  }
}

/** Rows without a value, of accounts that were matched. */
abstract class PlainRows extends AuditRows {
  protected abstract pourRow(row: number): void;

  protected pour(): void {
    for (let row = 0; row < this.keys.length / LABEL_WORDS; row++) if (this.isKept(row)) this.pourRow(row);
  }
}

const showings = columnsOf("showings");

class ShowingRows extends PlainRows {
  #list = new Uint32Array(FIRST_ROWS);
  #campaign = new Uint32Array(FIRST_ROWS);
  #at = new Float64Array(FIRST_ROWS);

  protected add(): number {
    const { advertiser, list, campaign, account, at } = showings;
    if (!this.isGiven(advertiser)) return fault(advertiser, REFUSAL.missingField);
    if (!this.isGiven(list)) return fault(list, REFUSAL.missingField);
    const badAccount = this.badAccount(account);
    if (badAccount !== 0) return badAccount;
    if (!this.isGiven(at)) return fault(at, REFUSAL.missingField);
    const atMs = this.timeOf(at);
    if (!this.isInstant(atMs)) return this.timeFault(at, atMs);
    const named = this.nameOf(this.reading.lists, advertiser, list);
    if (named < 0) return -named;
    const campaignNumber = this.isGiven(campaign) ? this.nameOf(this.reading.campaigns, advertiser, campaign) : NO_NAME;
    if (campaignNumber < 0) return -campaignNumber;
    const row = this.accounts.count;
    this.#list = grown(this.#list, row + 1);
    this.#campaign = grown(this.#campaign, row + 1);
    this.#at = grown(this.#at, row + 1);
    this.#list[row] = named;
    this.#campaign[row] = campaignNumber;
    this.#at[row] = atMs;
    this.noteTime(atMs);
    this.addAccount(account);
    return 0;
  }

  protected pourRow(row: number): void {
    const at = this.record("showing", row);
    const { words, floats } = this.reading.spill;
    words[at + 3] = this.#list[row]!;
    floats[at / 2 + 2] = this.#at[row]!;
    words[at + 6] = this.#campaign[row]!;
  }
}

const accounts = columnsOf("accounts");

class AccountRows extends PlainRows {
  #country = new Uint32Array(FIRST_ROWS);

  protected add(): number {
    const { account, country } = accounts;
    const badAccount = this.badAccount(account);
    if (badAccount !== 0) return badAccount;
    if (!this.isGiven(country)) return 0;
    const number = this.nameOf(this.reading.countries, country);
    if (number < 0) return -number;
    const row = this.accounts.count;
    this.#country = grown(this.#country, row + 1);
    this.#country[row] = number;
    this.addAccount(account);
    return 0;
  }

  protected pourRow(row: number): void {
    const at = this.record("country", row);
    this.reading.spill.words[at + 3] = this.#country[row]!;
  }
}

const ROWS: Readonly<Record<AuditTable, new (source: AuditSource, reading: Reading) => AuditRows>> = {
  contacts: ContactRows,
  events: EventRows,
  matches: MatchRows,
  showings: ShowingRows,
  accounts: AccountRows,
};
