/**
 * CSV scanner: where the fields of whole records start and end (rules: scan.ts beside this folder).
 *
 * What a call is told and what it tells is a record of 32-bit words in memory, so that the scanner can stop anywhere,
 * at the end of its input or of its tables, and go on in the next call. Reads up to 16 bytes past the input.
 */
const LF: u8 = 10;
const CR: u8 = 13;
const QUOTE: u8 = 34;

const UNCLOSED_QUOTE: u32 = 1;
const TEXT_AFTER_QUOTE: u32 = 2;
const FIELD_TOO_LONG: u32 = 3;
const RECORD_TOO_LONG: u32 = 4;
const TOO_MANY_COLUMNS: u32 = 5;

/** Words of the record: what holds for the whole input, */
const DELIMITER: usize = 0;
const MAX_FIELD_BYTES: usize = 4;
const MAX_RECORD_BYTES: usize = 8;
const MAX_COLUMNS: usize = 12;
/** what is carried from call to call, */
const LINE: usize = 16;
const IS_SKIPPING: usize = 20;
/** room in the tables, their addresses, and what is taken off the address of a byte to give its place, */
const MAX_RECORDS: usize = 24;
const MAX_FIELDS: usize = 28;
const BIAS: usize = 32;
const RECORD_FIRST_FIELD: usize = 36;
const RECORD_LINE: usize = 40;
const RECORD_PROBLEM: usize = 44;
const FIELD_START: usize = 48;
const FIELD_END: usize = 52;
const FIELD_QUOTED: usize = 56;
/** and what was found. */
const RECORDS: usize = 60;
const IS_FULL: usize = 64;
/** Places, carried from call to call: how far was looked to judge a quoted field, and the last end of a record that none
 * of what is before it was judged by what is behind it. */
const LOOKED_TO: usize = 68;
const SURE_END: usize = 72;

/**
 * Finds whole records from `from` to `to`; `scan` is the address of the record of words above.
 * @returns where the last whole record ends
 */
export function scanRecords(scan: usize, from: u32, to: u32, isLast: bool): u32 {
  const delimiter = <u8>load<u32>(scan, DELIMITER);
  const delimiters = i8x16.splat(delimiter);
  const maxFieldBytes = load<u32>(scan, MAX_FIELD_BYTES);
  const maxRecordBytes = load<u32>(scan, MAX_RECORD_BYTES);
  const maxColumns = load<u32>(scan, MAX_COLUMNS);
  const maxRecords = load<u32>(scan, MAX_RECORDS);
  const fullFields = load<u32>(scan, MAX_FIELDS) - maxColumns;
  const bias = load<u32>(scan, BIAS);
  const recordFirstField: usize = load<u32>(scan, RECORD_FIRST_FIELD);
  const recordLine: usize = load<u32>(scan, RECORD_LINE);
  const recordProblem: usize = load<u32>(scan, RECORD_PROBLEM);
  const fieldStart: usize = load<u32>(scan, FIELD_START);
  const fieldEnd: usize = load<u32>(scan, FIELD_END);
  const fieldQuoted: usize = load<u32>(scan, FIELD_QUOTED);

  let line = load<u32>(scan, LINE);
  let isSkipping = load<u32>(scan, IS_SKIPPING) !== 0;
  let lookedTo = load<u32>(scan, LOOKED_TO);
  let sureEnd = load<u32>(scan, SURE_END);
  let isFull = false;
  let records: u32 = 0;
  let wholeFields: u32 = 0;
  let at = from;
  let consumed = from;
  for (;;) {
    if (isSkipping) {
      // Behind the next line break, or to the end of the input.
      at = nextBreak(at, to);
      consumed = at;
      if (at === to || (at + 1 === to && load<u8>(at) === CR && !isLast)) {
        if (at - bias >= lookedTo) sureEnd = at - bias;
        break;
      }
      isSkipping = false;
      line++;
      at = afterBreak(at, to);
      consumed = at;
    }
    if (at - bias >= lookedTo) sureEnd = at - bias;
    if (at >= to) break;
    if (records === maxRecords || wholeFields > fullFields) {
      isFull = true;
      break;
    }
    const recordStart = at;
    let problem: u32 = 0;
    let quotedBreaks: u32 = 0;
    let fields = wholeFields;
    let columns: u32 = 0;
    let isCut = false;
    let isOpen = false;
    for (;;) {
      let start = at;
      let isEscaped = false;
      let end: u32;
      if (at < to && load<u8>(at) === QUOTE) {
        start = ++at;
        let bad: u32 = 0;
        for (;;) {
          at = nextQuote(at, to);
          if (at === to) {
            if (isLast) bad = UNCLOSED_QUOTE;
            break;
          }
          if (at + 1 === to) break;
          const next = load<u8>(at, 1);
          if (next === QUOTE) {
            isEscaped = true;
            at += 2;
            continue;
          }
          if (next !== delimiter && next !== LF && next !== CR) bad = TEXT_AFTER_QUOTE;
          break;
        }
        end = at;
        if (end - start > maxFieldBytes) bad = FIELD_TOO_LONG;
        else if (bad === 0 && !isLast && at + 1 >= to) {
          isOpen = true;
          break;
        }
        if (bad !== 0) {
          if (problem === 0) problem = bad;
          lookedTo = max<u32>(lookedTo, min<u32>(end + 2, start + maxFieldBytes + 1) - bias);
          at = start;
          isCut = true;
          break;
        }
        at++;
        quotedBreaks += breaksIn(start, end);
      } else {
        at = nextStop(at, to, delimiters);
        end = at;
        // Whether a field that is still empty is quoted shows only with its first byte.
        if (at === to && start === to && !isLast) {
          isOpen = true;
          break;
        }
      }
      if (at - recordStart > maxRecordBytes) {
        if (problem === 0) problem = RECORD_TOO_LONG;
        isCut = true;
        break;
      }
      if (at === to && !isLast) {
        isOpen = true;
        break;
      }
      if (end - start > maxFieldBytes && problem === 0) problem = FIELD_TOO_LONG;
      if (columns === maxColumns) {
        if (problem === 0) problem = TOO_MANY_COLUMNS;
      } else {
        store<u32>(fieldStart + (fields << 2), start - bias);
        store<u32>(fieldEnd + (fields << 2), end - bias);
        store<u8>(fieldQuoted + fields, u8(isEscaped));
        fields++;
        columns++;
      }
      if (at === to || load<u8>(at) !== delimiter) break;
      at++;
    }
    if (isOpen) break;
    if (!isCut) {
      if (at + 1 === to && load<u8>(at) === CR && !isLast) break;
      if (at === recordStart) {
        at = afterBreak(at, to);
        line++;
        consumed = at;
        continue;
      }
    }
    store<u32>(recordFirstField + (records << 2), wholeFields);
    store<u32>(recordLine + (records << 2), line);
    store<u8>(recordProblem + records, <u8>problem);
    records++;
    if (problem === 0) wholeFields = fields;
    line += quotedBreaks;
    if (isCut) {
      isSkipping = true;
      continue;
    }
    if (at < to) {
      at = afterBreak(at, to);
      line++;
    }
    consumed = at;
  }
  store<u32>(recordFirstField + (records << 2), wholeFields);
  store<u32>(scan, line, LINE);
  store<u32>(scan, u32(isSkipping), IS_SKIPPING);
  store<u32>(scan, records, RECORDS);
  store<u32>(scan, u32(isFull), IS_FULL);
  store<u32>(scan, lookedTo, LOOKED_TO);
  store<u32>(scan, sureEnd, SURE_END);
  return consumed;
}

/** The next delimiter or line break, or `to`. */
function nextStop(at: u32, to: u32, delimiters: v128): u32 {
  for (; at < to; at += 16) {
    const bytes = v128.load(at);
    const breaks = v128.or(i8x16.eq(bytes, i8x16.splat(LF)), i8x16.eq(bytes, i8x16.splat(CR)));
    const bits = i8x16.bitmask(v128.or(breaks, i8x16.eq(bytes, delimiters)));
    if (bits !== 0) return min<u32>(to, at + ctz<u32>(bits));
  }
  return to;
}

function nextBreak(at: u32, to: u32): u32 {
  return nextStop(at, to, i8x16.splat(LF));
}

/** The next quote, or `to`. */
function nextQuote(at: u32, to: u32): u32 {
  for (; at < to; at += 16) {
    const bits = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(QUOTE)));
    if (bits !== 0) return min<u32>(to, at + ctz<u32>(bits));
  }
  return to;
}

function afterBreak(at: u32, to: u32): u32 {
  return load<u8>(at) === CR && at + 1 < to && load<u8>(at, 1) === LF ? at + 2 : at + 1;
}

/** Line breaks in a quoted field, whose closing quote is at `end`. */
function breaksIn(start: u32, end: u32): u32 {
  let breaks: u32 = 0;
  for (let at = start; at < end; at += 16) {
    const bytes = v128.load(at);
    const feeds = i8x16.eq(bytes, i8x16.splat(LF));
    const returns = v128.andnot(i8x16.eq(bytes, i8x16.splat(CR)), i8x16.eq(v128.load(at, 1), i8x16.splat(LF)));
    let bits: u32 = i8x16.bitmask(v128.or(feeds, returns));
    if (end - at < 16) bits &= (1 << (end - at)) - 1;
    breaks += popcnt<u32>(bits);
  }
  return breaks;
}
