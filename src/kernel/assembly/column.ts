/**
 * One column of some thousand records: values -> normal forms to be hashed, digests -> their bytes.
 *
 * A value is good, there is none, or it is left to others: only what needs no thought is judged here, an e-mail address
 * (email.ts), a phone number with "+" whose plan is known (phone.ts), 64 hex digits. What a call is told and tells is a
 * record of 32-bit words in memory. Reads and writes run over by up to 16 bytes.
 */
import { dropBlanks, skipBlanks } from "./blanks";
import { writeEmail } from "./email";
import { areDigits, firstBytes } from "./hex";
import { writePhone } from "./phone";

/** What became of a cell. */
const GOOD: u8 = 0;
const NONE: u8 = 1;
const LEFT: u8 = 2;

/** Words of the record: the records and their fields (scan.ts), and which field it is, */
const RECORDS: usize = 0;
const RECORD_FIRST_FIELD: usize = 4;
const FIELD_START: usize = 8;
const FIELD_END: usize = 12;
const FIELD_QUOTED: usize = 16;
const FIELD: usize = 20;
/** how values are written, and whether 64 hex digits are a digest, */
const FORM: usize = 24;
const MAY_BE_DIGEST: usize = 28;
/** the cells' slots: the first record's, how far the next one's is, what became of each, and 16 bytes for a digest, */
const SLOT: usize = 32;
const SLOT_STEP: usize = 36;
const CODES: usize = 40;
const DIGESTS: usize = 44;
/** and forms behind one another: where they start, how many there are, where each ends, which slot is its. */
const FORMS: usize = 48;
const FORM_COUNT: usize = 52;
const FORM_ENDS: usize = 56;
const FORM_SLOTS: usize = 60;

/** How values are written. */
const LOWER_EMAIL: u32 = 1;
const GMAIL_EMAIL: u32 = 2;
const PLUS_PHONE: u32 = 3;
const DIGITS_PHONE: u32 = 4;

const HEX_DIGITS: u32 = 64;
const QUOTED: u8 = 1;

/**
 * Reads the column; `column` is the address of the record of words above.
 * @returns how many cells are not good
 */
export function readColumn(column: usize): u32 {
  const records = load<u32>(column, RECORDS);
  const recordFirstField: usize = load<u32>(column, RECORD_FIRST_FIELD);
  const fieldStart: usize = load<u32>(column, FIELD_START);
  const fieldEnd: usize = load<u32>(column, FIELD_END);
  const fieldQuoted: usize = load<u32>(column, FIELD_QUOTED);
  const index = load<u32>(column, FIELD);
  const form = load<u32>(column, FORM);
  const mayBeDigest = load<u32>(column, MAY_BE_DIGEST) !== 0;
  const step = load<u32>(column, SLOT_STEP);
  const codes: usize = load<u32>(column, CODES);
  const digests: usize = load<u32>(column, DIGESTS);
  const forms: u32 = load<u32>(column, FORMS);
  const formEnds: usize = load<u32>(column, FORM_ENDS);
  const formSlots: usize = load<u32>(column, FORM_SLOTS);

  let slot = load<u32>(column, SLOT);
  let count = load<u32>(column, FORM_COUNT);
  let out = forms + (count === 0 ? 0 : load<u32>(formEnds + ((count - 1) << 2)));
  let notGood: u32 = 0;
  let firstField = load<u32>(recordFirstField);
  for (let record: u32 = 0; record < records; record++, slot += step) {
    const nextField = load<u32>(recordFirstField + (record << 2), 4);
    const field = firstField + index;
    firstField = nextField;
    let code = NONE;
    if (field < nextField) {
      const from = skipBlanks(load<u32>(fieldStart + (field << 2)), load<u32>(fieldEnd + (field << 2)));
      const to = dropBlanks(from, load<u32>(fieldEnd + (field << 2)));
      if (load<u8>(fieldQuoted + field) === QUOTED) code = LEFT;
      else if (from < to) {
        code = LEFT;
        if (mayBeDigest && to - from === HEX_DIGITS && areDigits(from)) {
          v128.store(digests + (slot << 4), firstBytes(from));
          code = GOOD;
        } else {
          let end: u32 = 0;
          if (form === LOWER_EMAIL || form === GMAIL_EMAIL) end = writeEmail(from, to, out, form === GMAIL_EMAIL);
          else if (form === PLUS_PHONE || form === DIGITS_PHONE) end = writePhone(from, to, out, form === PLUS_PHONE);
          if (end !== 0) {
            out = end;
            store<u32>(formEnds + (count << 2), end - forms);
            store<u32>(formSlots + (count << 2), slot);
            count++;
            code = GOOD;
          }
        }
      }
    }
    store<u8>(codes + slot, code);
    notGood += u32(code !== GOOD);
  }
  store<u32>(column, count, FORM_COUNT);
  return notGood;
}

/**
 * Moves the digests of the good cells together, in the order of their slots, and writes the kinds of each.
 * @param kinds a byte for each of the `columns` of a record
 * @returns how many there are
 */
export function packDigests(codes: usize, digests: usize, slots: u32, kinds: usize, columns: u32, out: usize): u32 {
  let count: u32 = 0;
  let column: u32 = 0;
  for (let slot: u32 = 0; slot < slots; slot++) {
    v128.store(digests + (count << 4), v128.load(digests + (slot << 4)));
    store<u8>(out + count, load<u8>(kinds + column));
    count += u32(load<u8>(codes + slot) === GOOD);
    column = column + 1 === columns ? 0 : column + 1;
  }
  return count;
}
