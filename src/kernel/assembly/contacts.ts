/**
 * Contacts: rows of a CSV table, cell by cell -> times, kinds and notice references; then values -> plain forms, masks,
 * and what identities and tokens are hashed from.
 *
 * A row is good, or left to others: only what needs no thought is judged here, and no row is refused. Between the two
 * calls whoever calls says which rows may be matched: no form is made of others. What a call is told and tells is a
 * record of 32-bit words in memory. Reads and writes run over by up to 16 bytes.
 */
import { dropBlanks, skipBlanks } from "./blanks";
import { maskContact } from "./contact-mask";
import { copied } from "./copy";
import { foldEmail, indexOfByte, writeEmail } from "./email";
import { writeIdentifier } from "./identifier";
import { findName } from "./names";
import { writePhone } from "./phone";
import { parseTime } from "./time";

const GOOD: u8 = 0;
const LEFT: u8 = 1;

/** Words of the record: the records and their fields (scan.ts), what the header had, and the field of each column, */
const RECORDS: usize = 0;
const RECORD_FIRST_FIELD: usize = 4;
const RECORD_PROBLEM: usize = 8;
const FIELD_START: usize = 12;
const FIELD_END: usize = 16;
const FIELD_QUOTED: usize = 20;
const HEADER_COLUMNS: usize = 24;
const FIELDS: usize = 28;
/** the names of kinds and of notices, whether rows are verified without a time of it, the latest time that may be, */
const KINDS: usize = 56;
const NOTICES: usize = 60;
const VOUCHES: usize = 64;
const LATEST_MS: usize = 72;
/** columns by record: what became of it, kind, notice reference, times, whether another account gave it, */
const CODES: usize = 80;
const KIND_OF: usize = 84;
const REFERENCE_OF: usize = 88;
const GIVEN_AT: usize = 92;
const VERIFIED_AT: usize = 96;
const IS_BY_OTHER: usize = 100;
/** whether it may be matched; the record that comes next, whether values are kept, tags of forms, */
const MAY_MATCH: usize = 104;
const NEXT: usize = 108;
const KEEPS_VALUES: usize = 112;
const EVERY_TAG: usize = 116;
const LOWER_TAG: usize = 120;
const GMAIL_TAG: usize = 124;
const PLUS_TAG: usize = 128;
const DIGITS_TAG: usize = 132;
const FORM_TAGS: usize = 136;
const FORM_RECORDS: usize = 140;
const GIVER_RECORDS: usize = 144;
/** and lists of byte strings. */
const ACCOUNTS: usize = 148;
const GIVERS: usize = 164;
const VALUES: usize = 180;
const MASKS: usize = 196;
const IDENTITIES: usize = 212;
const FORMS: usize = 228;

/** Words of a list: where its bytes start and where no string may start any more, where the ends are, how many there are. */
const BYTES: usize = 0;
const LIMIT: usize = 4;
const ENDS: usize = 8;
const COUNT: usize = 12;

/** Columns of a contact. */
const ACCOUNT: u32 = 0;
const KIND: u32 = 1;
const VALUE: u32 = 2;
const NOTICE: u32 = 3;
const GIVEN: u32 = 4;
const GIVER: u32 = 5;
const VERIFIED: u32 = 6;

const EMAIL: u32 = 0;
const PHONE: u32 = 1;
const MAX_ACCOUNT_BYTES: u32 = 256;
const QUOTED: u8 = 1;

/** Where a cell starts and ends; from the last call of `find`. */
let from: u32 = 0;
let to: u32 = 0;

/** Finds a record's cell; there is none where `from` is `to`. @returns whether it can be read as it lies */
function find(contacts: usize, firstField: u32, nextField: u32, column: u32): bool {
  const field = load<u32>(contacts + FIELDS + (column << 2));
  from = to = 0;
  if (field >= nextField - firstField) return true;
  const at = firstField + field;
  from = load<u32>(<usize>load<u32>(contacts, FIELD_START) + (at << 2));
  to = load<u32>(<usize>load<u32>(contacts, FIELD_END) + (at << 2));
  return load<u8>(<usize>load<u32>(contacts, FIELD_QUOTED) + at) !== QUOTED;
}

/** Reads all cells but the values; `contacts` is the address of the record of words above. */
export function readContacts(contacts: usize): void {
  const records = load<u32>(contacts, RECORDS);
  const recordFirstField: usize = load<u32>(contacts, RECORD_FIRST_FIELD);
  const codes: usize = load<u32>(contacts, CODES);
  for (let record: u32 = 0; record < records; record++) {
    const firstField = load<u32>(recordFirstField + (record << 2));
    const nextField = load<u32>(recordFirstField + (record << 2), 4);
    const isGood = readContact(contacts, record, firstField, nextField);
    store<u8>(codes + record, isGood ? GOOD : LEFT);
  }
}

function readContact(contacts: usize, record: u32, firstField: u32, nextField: u32): bool {
  if (load<u8>(<usize>load<u32>(contacts, RECORD_PROBLEM) + record) !== 0) return false;
  if (nextField - firstField > load<u32>(contacts, HEADER_COLUMNS)) return false;
  if (!find(contacts, firstField, nextField, VALUE) || from === to) return false;
  if (!find(contacts, firstField, nextField, ACCOUNT) || !isPlainName(from, to)) return false;
  const account = from;
  const accountEnd = to;
  if (!find(contacts, firstField, nextField, KIND) || from === to) return false;
  const kind = findName(load<u32>(contacts, KINDS), from, to);
  if (!find(contacts, firstField, nextField, NOTICE) || from === to) return false;
  const reference = findName(load<u32>(contacts, NOTICES), from, to);
  if (kind < 0 || reference < 0) return false;
  const latestMs = load<f64>(contacts, LATEST_MS);
  if (!find(contacts, firstField, nextField, GIVEN)) return false;
  const givenAt = parseTime(from, to);
  if (!(givenAt >= 0 && givenAt <= latestMs)) return false;
  let verifiedAt = load<u32>(contacts, VOUCHES) !== 0 ? givenAt : f64.NaN;
  if (!find(contacts, firstField, nextField, VERIFIED)) return false;
  if (from !== to) {
    verifiedAt = parseTime(from, to);
    if (!(verifiedAt >= 0 && verifiedAt <= latestMs)) return false;
  }
  if (!find(contacts, firstField, nextField, GIVER)) return false;
  let isByOther = from !== to;
  if (isByOther) {
    isByOther = to - from !== accountEnd - account || memory.compare(from, account, to - from) !== 0;
    if (isByOther && !isPlainName(from, to)) return false;
  }
  store<u8>(<usize>load<u32>(contacts, KIND_OF) + record, <u8>kind);
  store<u16>(<usize>load<u32>(contacts, REFERENCE_OF) + (record << 1), <u16>reference);
  store<f64>(<usize>load<u32>(contacts, GIVEN_AT) + (record << 3), givenAt);
  store<f64>(<usize>load<u32>(contacts, VERIFIED_AT) + (record << 3), verifiedAt);
  store<u8>(<usize>load<u32>(contacts, IS_BY_OTHER) + record, u8(isByOther));
  return true;
}

/** Whether it is an account's name of printable ASCII. */
function isPlainName(start: u32, end: u32): bool {
  const length = end - start;
  if (length === 0 || length > MAX_ACCOUNT_BYTES) return false;
  for (let i: u32 = 0; i < length; i += 16) {
    const bytes = v128.load(start + i);
    // What is not ASCII is negative, and so less than a blank.
    const others = v128.or(i8x16.lt_s(bytes, i8x16.splat(0x20)), i8x16.eq(bytes, i8x16.splat(0x7f)));
    let found: u32 = i8x16.bitmask(others);
    if (length - i < 16) found &= (1 << (length - i)) - 1;
    if (found !== 0) return false;
  }
  return true;
}

/**
 * Writes what the good records from the next one on come to, up to one that is left to others or until a list is full;
 * which is next then is told. A record whose value needs thought becomes one that is left.
 */
export function writeContacts(contacts: usize): void {
  const records = load<u32>(contacts, RECORDS);
  const recordFirstField: usize = load<u32>(contacts, RECORD_FIRST_FIELD);
  const codes: usize = load<u32>(contacts, CODES);
  let record = load<u32>(contacts, NEXT);
  while (record < records && load<u8>(codes + record) === GOOD && hasRoom(contacts)) {
    const firstField = load<u32>(recordFirstField + (record << 2));
    const nextField = load<u32>(recordFirstField + (record << 2), 4);
    if (!writeContact(contacts, record, firstField, nextField)) {
      store<u8>(codes + record, LEFT);
      break;
    }
    record++;
  }
  store<u32>(contacts, record, NEXT);
}

function hasRoom(contacts: usize): bool {
  for (let list = contacts + ACCOUNTS; list <= contacts + FORMS; list += 16) {
    if (endOf(list) >= load<u32>(list, LIMIT)) return false;
  }
  return true;
}

/** Where a list's last string ends. */
function endOf(list: usize): u32 {
  const count = load<u32>(list, COUNT);
  const bytes = load<u32>(list, BYTES);
  return count === 0 ? bytes : bytes + load<u32>(<usize>load<u32>(list, ENDS) + ((count - 1) << 2));
}

/** Ends a list's next string. @returns its number */
function endAt(list: usize, end: u32): u32 {
  const count = load<u32>(list, COUNT);
  store<u32>(<usize>load<u32>(list, ENDS) + (count << 2), end - load<u32>(list, BYTES));
  store<u32>(list, count + 1, COUNT);
  return count;
}

function writeContact(contacts: usize, record: u32, firstField: u32, nextField: u32): bool {
  find(contacts, firstField, nextField, VALUE);
  const start = skipBlanks(from, to);
  const end = dropBlanks(start, to);
  if (start === end) return false;
  const kind: u32 = load<u8>(<usize>load<u32>(contacts, KIND_OF) + record);
  const values = contacts + VALUES;
  if (load<u32>(contacts, KEEPS_VALUES) === 0) store<u32>(values, 0, COUNT);
  const value = endOf(values);
  let valueEnd: u32;
  if (kind === EMAIL) valueEnd = writeEmail(start, end, value, false);
  else if (kind === PHONE) valueEnd = writePhone(start, end, value, true);
  else valueEnd = writeIdentifier(kind, start, end, value);
  if (valueEnd === 0) return false;
  endAt(values, valueEnd);

  const at = kind === EMAIL ? indexOfByte(0x40, value, valueEnd) : 0;
  const masks = contacts + MASKS;
  endAt(masks, maskContact(kind, value, at, valueEnd, endOf(masks)));

  find(contacts, firstField, nextField, ACCOUNT);
  const accounts = contacts + ACCOUNTS;
  endAt(accounts, copied(from, to, endOf(accounts)));
  const identities = contacts + IDENTITIES;
  const separator = copied(from, to, endOf(identities));
  store<u16>(separator, <u16>(kind << 8));
  endAt(identities, writeCoarsest(kind, value, at, valueEnd, separator + 2));

  if (load<u8>(<usize>load<u32>(contacts, IS_BY_OTHER) + record) !== 0) {
    find(contacts, firstField, nextField, GIVER);
    const givers = contacts + GIVERS;
    const giver = endAt(givers, copied(from, to, endOf(givers)));
    store<u32>(<usize>load<u32>(contacts, GIVER_RECORDS) + (giver << 2), record);
  } else if (load<u8>(<usize>load<u32>(contacts, MAY_MATCH) + record) !== 0) {
    writeForms(contacts, record, kind, value, at, valueEnd);
  }
  return true;
}

/** The form that identity is made of: every spelling that some platform takes for the same. */
function writeCoarsest(kind: u32, value: u32, at: u32, end: u32, out: u32): u32 {
  if (kind === EMAIL) return foldEmail(value, at, end, out, true, true);
  return kind === PHONE ? copied(value + 1, end, out) : copied(value, end, out);
}

/** Each distinct form, and the schemes whose form it is. */
function writeForms(contacts: usize, record: u32, kind: u32, value: u32, at: u32, end: u32): void {
  const forms = contacts + FORMS;
  const first = endOf(forms);
  const firstEnd = copied(value, end, first);
  if (kind === EMAIL) {
    const folded = foldEmail(value, at, end, firstEnd, false, false);
    if (folded - firstEnd === end - value) addForm(contacts, record, firstEnd, EVERY_TAG);
    else {
      addForm(contacts, record, firstEnd, LOWER_TAG);
      addForm(contacts, record, folded, GMAIL_TAG);
    }
  } else if (kind === PHONE) {
    addForm(contacts, record, firstEnd, PLUS_TAG);
    addForm(contacts, record, copied(value + 1, end, firstEnd), DIGITS_TAG);
  } else addForm(contacts, record, firstEnd, EVERY_TAG);
}

/** Ends a form; `tag` is the place of its schemes in the record of words. */
function addForm(contacts: usize, record: u32, end: u32, tag: usize): void {
  const form = endAt(contacts + FORMS, end);
  store<u8>(<usize>load<u32>(contacts, FORM_TAGS) + form, load<u8>(contacts + tag));
  store<u32>(<usize>load<u32>(contacts, FORM_RECORDS) + (form << 2), record);
}
