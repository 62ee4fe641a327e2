/**
 * Contact rows: from the cells of a row to columns of accounts, identities, notice versions and times.
 *
 * A row is good as a whole or refused with its first fault. Digests of normal forms, which tokens are made
 * of, are computed only for rows that may count for matching: a verified grant by the account itself, under
 * a notice of its own contact that names it. For any other row they never exist. Values travel on in their plain form,
 * for the vault to seal, only where values are kept; else nothing but their masks. The reader's own copies are
 * overwritten as soon as a batch is made.
 */

import { ByteNames, BytesColumn, grown } from "../column/index.js";
import {
  contactTurn,
  digestMessages,
  isKindCode,
  KINDS,
  type KindCode,
  Messages,
  Normaliser,
  writeMask,
} from "../contact/index.js";
import { type ContactColumns, Identities } from "../grant/index.js";
import {
  type FoundRecords,
  fault,
  INPUT_LIMITS,
  InputError,
  parseTime,
  REFUSAL,
  RefusalList,
  type Refusals,
  type RowTaker,
  timeRefusal,
} from "../input/index.js";
import { CONTACT, type ContactTurn, TURN_CONTACTS } from "../kernel/index.js";
import type { NoticeTable } from "../purpose/index.js";
import type { ValueColumns } from "../vault/index.js";
import { accountRefusal } from "./account-name.js";
import { NoticeReferences } from "./notice-references.js";
import { INTAKE_REFUSAL } from "./refusal.js";

/** One batch of good rows, column by column, and what was refused. */
export interface ContactBatch extends ContactColumns, ValueColumns {
  /** Line of each row in its input. */
  readonly line: Uint32Array;
  readonly refusals: Refusals;
  /** 32 bytes: a keyed digest of the batch's bytes as they came. */
  readonly digest: Uint8Array;
  /** Good and refused rows. */
  readonly totalRows: number;
}

/** What rows are judged by. */
export interface ContactRowsOptions {
  /** 32 bytes. */
  readonly identityKey: Uint8Array;
  /** Two letters: how phone numbers without "+" are read. */
  readonly region?: string | undefined;
  readonly source: string;
  /** Whether the source's rows count as verified without a time of it. */
  readonly vouches: boolean;
  readonly notices: NoticeTable;
  /** The clock, where it is not the system's. */
  readonly nowMs?: number | undefined;
  /** Whether the vault keeps values, or masks alone. */
  readonly keepsValues: boolean;
}

const COLUMNS = ["account", "kind", "value", "notice", "given_at", "given_by", "verified_at"] as const;
const ACCOUNT = 0;
const KIND = 1;
const VALUE = 2;
const NOTICE = 3;
const GIVEN_AT = 4;
const GIVEN_BY = 5;
const VERIFIED_AT = 6;
const REQUIRED = 5;
/** Fewer records are read one by one sooner. */
const FEW_RECORDS = 16;

export class ContactRows implements RowTaker {
  readonly #kinds = new ByteNames(KINDS);
  readonly #references: NoticeReferences;
  readonly #normaliser: Normaliser;
  readonly #identities: Identities;
  readonly #vouches: boolean;
  readonly #nowMs: number | undefined;
  #latestMs = 0;
  readonly #keepsValues: boolean;
  readonly #turn: () => ContactTurn;
  readonly #found = new Set<string>();

  /** Notice versions of the records of a turn. */
  readonly #resolved = new Uint16Array(TURN_CONTACTS);
  #rows = 0;
  #line = new Uint32Array(1 << 10);
  readonly #values = new Messages();
  readonly #masks = new Messages();
  #kind = new Uint8Array(1 << 10);
  #notice = new Uint16Array(1 << 10);
  #byId = new Uint8Array(1 << 10);
  #givenAt = new Float64Array(1 << 10);
  #verifiedAt = new Float64Array(1 << 10);
  readonly #accounts = new BytesColumn();
  readonly #givers = new BytesColumn();
  #giverRow = new Uint32Array(1 << 6);
  #forms = 0;
  #formRow = new Uint32Array(1 << 10);
  readonly #formMessages = new Messages();
  readonly #refusals = new RefusalList();

  constructor(options: ContactRowsOptions) {
    this.#references = new NoticeReferences(options.notices, options.source);
    this.#normaliser = new Normaliser({ region: options.region });
    this.#identities = new Identities(this.#normaliser, options.identityKey);
    this.#vouches = options.vouches;
    this.#nowMs = options.nowMs;
    this.#keepsValues = options.keepsValues;
    let turn: ContactTurn | undefined;
    const { vouches, keepsValues } = options;
    const notices = options.notices.references.map(({ ref }) => ref);
    this.#turn = () => (turn ??= contactTurn({ notices, vouches, keepsValues }));
  }

  columnOf(name: string): number {
    const column = (COLUMNS as readonly string[]).indexOf(name);
    if (column >= 0) this.#found.add(name);
    return column;
  }

  checkHeader(): void {
    for (const name of COLUMNS.slice(0, REQUIRED)) {
      if (this.#found.has(name)) continue;
      throw new InputError("missing-column", `the header lacks the column ${name}`, {
        field: name,
        fix: `the first line names ${COLUMNS.slice(0, REQUIRED).join(", ")}, in any order`,
      });
    }
  }

  refusalColumn(column: number): number {
    return column + 1;
  }

  refuse(line: number, column: number, code: number): void {
    this.#refusals.add(line, column, code);
  }

  row(src: Uint8Array, starts: Int32Array, ends: Int32Array, line: number): void {
    const bad = this.#add(src, starts, ends, line);
    if (bad !== 0) this.#refusals.add(line, this.refusalColumn(bad >> 8), bad & 0xff);
  }

  records(
    block: Uint8Array,
    { scanner, first, fieldOf, headerColumns }: FoundRecords,
    one: (record: number) => void,
  ): void {
    let next = first;
    if (scanner.records - first < FEW_RECORDS) while (next < scanner.records) one(next++);
    if (next === scanner.records) return;
    const turn = this.#turn();
    try {
      while (next < scanner.records) {
        turn.load(block, scanner, next, fieldOf, headerColumns);
        if (turn.records === 0) one(next++);
        else this.#addTurn(turn, scanner.recordLine, next, one);
        next += turn.records;
      }
    } finally {
      turn.wipe();
    }
  }

  /** Adds the records of a turn, the first of which is `first` of the block; those that it leaves go one by one. */
  #addTurn(turn: ContactTurn, lines: Uint32Array, first: number, one: (record: number) => void): void {
    turn.read((this.#nowMs ?? Date.now()) + INPUT_LIMITS.clockSkewMs);
    this.#resolve(turn);
    for (let record = 0; record < turn.records; ) {
      const end = turn.write(record);
      if (end > record) this.#addWritten(turn, record, end, lines.subarray(first + record, first + end));
      record = end;
      if (record < turn.records && turn.codes[record] === CONTACT.left) one(first + record++);
    }
  }

  /** Finds the notice version of each row that a turn has read, and whether it may be matched. */
  #resolve({ records, codes, reference, givenAt, verifiedAt, mayMatch }: ContactTurn): void {
    for (let record = 0; record < records; record++) {
      if (codes[record] !== CONTACT.good) continue;
      const notice = this.#references.resolve(reference[record]!, givenAt[record]!);
      if (notice < 0) codes[record] = CONTACT.left;
      this.#resolved[record] = notice;
      mayMatch[record] = !Number.isNaN(verifiedAt[record]!) && this.#references.mayMatch(notice) ? 1 : 0;
    }
  }

  /** Adds the rows that a turn has written. */
  #addWritten(turn: ContactTurn, from: number, to: number, lines: Uint32Array): void {
    const row = this.#rows;
    this.#rows += to - from;
    while (this.#rows > this.#kind.length) this.#grow();
    this.#line.set(lines, row);
    this.#kind.set(turn.kind.subarray(from, to), row);
    this.#notice.set(this.#resolved.subarray(from, to), row);
    this.#givenAt.set(turn.givenAt.subarray(from, to), row);
    this.#verifiedAt.set(turn.verifiedAt.subarray(from, to), row);
    for (let i = 0; i < to - from; i++) this.#byId[row + i] = this.#references.byId(turn.reference[from + i]!);
    const [accounts, masks, givers] = [turn.strings("accounts"), turn.strings("masks"), turn.strings("givers")];
    this.#accounts.addAll(accounts);
    this.#identities.addAll(turn.strings("identities"));
    this.#masks.addAll(masks);
    if (this.#keepsValues) this.#values.addAll(turn.strings("values"));
    this.#giverRow = grown(this.#giverRow, this.#givers.count + givers.count);
    for (let i = 0; i < givers.count; i++) {
      this.#giverRow[this.#givers.count + i] = row + turn.giverRecord[i]! - from;
    }
    this.#givers.addAll(givers);
    const forms = turn.strings("forms");
    this.#formRow = grown(this.#formRow, this.#forms + forms.count);
    for (let i = 0; i < forms.count; i++) this.#formRow[this.#forms + i] = row + turn.formRecord[i]! - from;
    this.#forms += forms.count;
    this.#formMessages.addAll(forms, turn.formTag);
  }

  /** Whether a time is no later than the clock allows; it is read again when one seems to be. */
  #mayBe(timeMs: number): boolean {
    if (timeMs > this.#latestMs) this.#latestMs = (this.#nowMs ?? Date.now()) + INPUT_LIMITS.clockSkewMs;
    return timeMs >= 0 && timeMs <= this.#latestMs;
  }

  /** Adds a row, or returns its first fault. */
  #add(src: Uint8Array, starts: Int32Array, ends: Int32Array, line: number): number {
    for (let column = 0; column < REQUIRED; column++) {
      if (starts[column]! < 0 || starts[column] === ends[column]) return fault(column, REFUSAL.missingField);
    }
    const accountStart = starts[ACCOUNT]!;
    const accountEnd = ends[ACCOUNT]!;
    const badAccount = accountRefusal(src, accountStart, accountEnd);
    if (badAccount !== 0) return fault(ACCOUNT, badAccount);
    const kind = this.#kinds.find(src, starts[KIND]!, ends[KIND]!);
    if (!isKindCode(kind)) return fault(KIND, INTAKE_REFUSAL.unknownKind);
    const reference = this.#references.find(src, starts[NOTICE]!, ends[NOTICE]!);
    if (reference < 0) return fault(NOTICE, -reference);
    const givenAtMs = parseTime(src, starts[GIVEN_AT]!, ends[GIVEN_AT]!);
    if (!this.#mayBe(givenAtMs))
      return fault(GIVEN_AT, timeRefusal(givenAtMs, src, starts[GIVEN_AT]!, ends[GIVEN_AT]!));
    const notice = this.#references.resolve(reference, givenAtMs);
    if (notice < 0) return fault(NOTICE, -notice);
    let verifiedAtMs = this.#vouches ? givenAtMs : Number.NaN;
    if (starts[VERIFIED_AT]! >= 0 && starts[VERIFIED_AT] !== ends[VERIFIED_AT]) {
      verifiedAtMs = parseTime(src, starts[VERIFIED_AT]!, ends[VERIFIED_AT]!);
      if (!this.#mayBe(verifiedAtMs)) {
        return fault(VERIFIED_AT, timeRefusal(verifiedAtMs, src, starts[VERIFIED_AT]!, ends[VERIFIED_AT]!));
      }
    }
    const giverStart = starts[GIVEN_BY]!;
    const giverEnd = ends[GIVEN_BY]!;
    const isByOther =
      giverStart >= 0 && giverStart !== giverEnd && !areSame(src, giverStart, giverEnd, accountStart, accountEnd);
    if (isByOther) {
      const badGiver = accountRefusal(src, giverStart, giverEnd);
      if (badGiver !== 0) return fault(GIVEN_BY, badGiver);
    }
    const badValue = this.#identities.add(src, accountStart, accountEnd, kind, starts[VALUE]!, ends[VALUE]!);
    if (badValue !== 0) return fault(VALUE, badValue);

    const row = this.#rows++;
    if (row === this.#kind.length) this.#grow();
    this.#line[row] = line;
    this.#addValue(kind, src, starts[VALUE]!, ends[VALUE]!);
    this.#kind[row] = kind;
    this.#notice[row] = notice;
    this.#byId[row] = this.#references.byId(reference);
    this.#givenAt[row] = givenAtMs;
    this.#verifiedAt[row] = verifiedAtMs;
    this.#accounts.add(src, accountStart, accountEnd);
    if (isByOther) {
      this.#giverRow = grown(this.#giverRow, this.#givers.count + 1);
      this.#giverRow[this.#givers.count] = row;
      this.#givers.add(src, giverStart, giverEnd);
    } else if (!Number.isNaN(verifiedAtMs) && this.#references.mayMatch(notice)) {
      const forms = this.#normaliser.forms(kind, src, starts[VALUE]!, ends[VALUE]!, this.#formMessages);
      this.#formRow = grown(this.#formRow, this.#forms + forms);
      for (let form = 0; form < forms; form++) this.#formRow[this.#forms++] = row;
    }
    return 0;
  }

  #addValue(kind: KindCode, src: Uint8Array, start: number, end: number): void {
    const values = this.#values;
    if (!this.#keepsValues) values.clear();
    this.#normaliser.form(kind, "plain", src, start, end, values);
    writeMask(kind, values.bytes, values.count === 1 ? 0 : values.ends[values.count - 2]!, values.used, this.#masks);
  }

  /** The rows since the last call as a batch with memory of its own, or undefined if there were none. */
  take(digest: Uint8Array): ContactBatch | undefined {
    const rows = this.#rows;
    const refusals = this.#refusals.take();
    if (rows === 0 && refusals.count === 0) return undefined;
    const accounts = this.#accounts.take();
    const givenByRow = this.#giverRow.slice(0, this.#givers.count);
    const givers = this.#givers.take();
    const formMask = this.#formMessages.tags.slice(0, this.#formMessages.count);
    const batch: ContactBatch = {
      rows,
      accountBytes: accounts.bytes,
      accountEnds: accounts.ends,
      givenByRow,
      givenByBytes: givers.bytes,
      givenByEnds: givers.ends,
      identity: this.#identities.take(),
      kind: this.#kind.slice(0, rows),
      notice: this.#notice.slice(0, rows),
      byId: this.#byId.slice(0, rows),
      givenAt: this.#givenAt.slice(0, rows),
      verifiedAt: this.#verifiedAt.slice(0, rows),
      formRow: this.#formRow.slice(0, this.#forms),
      formMask,
      formDigest: digestMessages(this.#formMessages),
      line: this.#line.slice(0, rows),
      ...this.#takeValues(),
      refusals,
      digest,
      totalRows: rows + refusals.count,
    };
    this.#rows = 0;
    this.#forms = 0;
    return batch;
  }

  #takeValues(): ValueColumns {
    if (!this.#keepsValues) this.#values.wipe();
    const [values, masks] = [this.#values, this.#masks];
    const taken: ValueColumns = {
      valueBytes: values.bytes.slice(0, values.used),
      valueEnds: values.ends.slice(0, values.count),
      maskBytes: masks.bytes.slice(0, masks.used),
      maskEnds: masks.ends.slice(0, masks.count),
    };
    values.wipe();
    masks.wipe();
    return taken;
  }

  #grow(): void {
    const rows = this.#kind.length + 1;
    this.#line = grown(this.#line, rows);
    this.#kind = grown(this.#kind, rows);
    this.#notice = grown(this.#notice, rows);
    this.#byId = grown(this.#byId, rows);
    this.#givenAt = grown(this.#givenAt, rows);
    this.#verifiedAt = grown(this.#verifiedAt, rows);
  }
}

function areSame(src: Uint8Array, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  if (end - start !== otherEnd - otherStart) return false;
  for (let at = start, other = otherStart; at < end; ) if (src[at++] !== src[other++]) return false;
  return true;
}

/** The memory of a batch, for giving it to another thread. */
export function batchMemory(batch: ContactBatch): ArrayBuffer[] {
  const { refusals, ...columns } = batch;
  return [...Object.values(columns), ...Object.values(refusals)]
    .filter((column: unknown) => ArrayBuffer.isView(column))
    .map(({ buffer }) => buffer)
    .filter((buffer) => buffer instanceof ArrayBuffer);
}
