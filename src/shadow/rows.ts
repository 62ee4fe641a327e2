/**
 * Rows of what another system matched: `advertiser, list, account`, and where it is known the `kind` and `value` of the
 * identifier that matched, as columns.
 *
 * A value in the clear becomes the identity of a contact point of that account, and is gone. A value of 64 hex digits is the
 * SHA-256 of some normal form: nothing here can be compared with it, since no such digest is kept of anything, so it says
 * no more than its kind.
 */
import { ByteNames, BytesColumn, grown, NamesColumn } from "../column/index.js";
import {
  dropBlanks,
  HASHABLE,
  isHashable,
  isKindCode,
  KINDS,
  type KindCode,
  kindCode,
  Normaliser,
  skipBlanks,
} from "../contact/index.js";
import { Identities } from "../grant/index.js";
import { type BatchTaker, fault, InputError, REFUSAL, RefusalList, type Refusals } from "../input/index.js";
import { accountRefusal } from "../intake/index.js";
import { SHADOW_LIMITS } from "./limits.js";
import { COLUMNS, SHADOW_REFUSAL } from "./refusal.js";

/** Good rows, column by column; names by their places in the lists of names. */
export interface ThereBatch {
  readonly rows: number;
  readonly advertiser: Uint32Array;
  readonly list: Uint32Array;
  readonly advertisers: readonly string[];
  readonly lists: readonly string[];
  readonly accountBytes: Uint8Array;
  readonly accountEnds: Uint32Array;
  /** Kinds that the identifier may be of, a bit each by their code. */
  readonly kinds: Uint8Array;
  /** Identities that the identifier may have, one for each kind that it may be of: how many; 0 where it is not known. */
  readonly identityCounts: Uint8Array;
  /** Four words each. */
  readonly identities: Uint32Array;
  readonly line: Uint32Array;
  readonly refusals: Refusals;
  /** Good and refused rows. */
  readonly totalRows: number;
}

const [ADVERTISER, LIST, ACCOUNT, KIND, VALUE] = [0, 1, 2, 3, 4];
const REQUIRED = 3;
const KIND_NAMES = new ByteNames(KINDS);
const HEX_DIGITS = 64;
const bitsOf = (codes: readonly KindCode[]): number => codes.reduce<number>((bits, code) => bits | (1 << code), 0);
const EVERY_CODE = KINDS.map(kindCode);
const EVERY_KIND = bitsOf(EVERY_CODE);
const EVERY_HASHABLE = bitsOf(HASHABLE.map(kindCode));

export class ThereRows implements BatchTaker<ThereBatch> {
  readonly #identities: Identities;
  readonly #found = new Set<string>();
  #rows = 0;
  readonly #advertisers = new NamesColumn();
  readonly #lists = new NamesColumn();
  readonly #accounts = new BytesColumn();
  #kinds = new Uint8Array(1 << 4);
  #identityCounts = new Uint8Array(1 << 4);
  #line: Uint32Array = new Uint32Array(1 << 4);
  readonly #refusals = new RefusalList();

  /**
   * @param identityKey 32 bytes
   * @param region how phone numbers without "+" are read
   */
  constructor(identityKey: Uint8Array, region: string | undefined) {
    this.#identities = new Identities(new Normaliser({ region }), identityKey);
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
        fix: "the first line names advertiser, list, account, and where they are known kind and value, in any order",
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

  /** Adds a row, or returns its first fault. */
  #add(src: Uint8Array, starts: Int32Array, ends: Int32Array, line: number): number {
    const isGiven = (column: number) => starts[column]! >= 0 && starts[column] !== ends[column];
    for (let column = 0; column < REQUIRED; column++) {
      if (!isGiven(column)) return fault(column, REFUSAL.missingField);
      const isLong = ends[column]! - starts[column]! > SHADOW_LIMITS.nameBytes;
      if (isLong && column !== ACCOUNT) return fault(column, SHADOW_REFUSAL.nameTooLong);
    }
    const badAccount = accountRefusal(src, starts[ACCOUNT]!, ends[ACCOUNT]!);
    if (badAccount !== 0) {
      return fault(ACCOUNT, badAccount === REFUSAL.notUtf8 ? badAccount : SHADOW_REFUSAL.accountInvalid);
    }
    let kind = -1;
    if (isGiven(KIND)) {
      kind = KIND_NAMES.find(src, starts[KIND]!, ends[KIND]!);
      if (kind < 0) return fault(KIND, SHADOW_REFUSAL.unknownKind);
    }
    if (!this.#advertisers.add(src, starts[ADVERTISER]!, ends[ADVERTISER]!)) return fault(ADVERTISER, REFUSAL.notUtf8);
    if (!this.#lists.add(src, starts[LIST]!, ends[LIST]!)) {
      this.#advertisers.drop();
      return fault(LIST, REFUSAL.notUtf8);
    }
    const row = this.#rows;
    if (row === this.#kinds.length) this.#grow();
    this.#kinds[row] = kind < 0 ? EVERY_KIND : 1 << kind;
    this.#identityCounts[row] = 0;
    const bad = isGiven(VALUE) ? this.#takeValue(src, starts, ends, kind) : 0;
    if (bad !== 0) {
      this.#advertisers.drop();
      this.#lists.drop();
      return fault(VALUE, bad);
    }
    this.#accounts.add(src, starts[ACCOUNT]!, ends[ACCOUNT]!);
    this.#line[row] = line;
    this.#rows++;
    return 0;
  }

  /** Takes the identifier of the row that is being added; a refusal code, or 0. */
  #takeValue(src: Uint8Array, starts: Int32Array, ends: Int32Array, kind: number): number {
    const row = this.#rows;
    const start = skipBlanks(src, starts[VALUE]!, ends[VALUE]!);
    const end = dropBlanks(src, start, ends[VALUE]!);
    const mayBeDigest = kind < 0 || (isKindCode(kind) && isHashable(kind));
    if (mayBeDigest && isDigest(src, start, end)) {
      this.#kinds[row]! &= EVERY_HASHABLE;
      return 0;
    }
    const add = (code: KindCode) =>
      this.#identities.add(src, starts[ACCOUNT]!, ends[ACCOUNT]!, code, starts[VALUE]!, ends[VALUE]!);
    if (isKindCode(kind)) {
      const bad = add(kind);
      this.#identityCounts[row] = 1;
      return bad;
    }
    // Of whichever kind it is, the account has a contact point of that identity, or has not.
    let kinds = 0;
    for (const code of EVERY_CODE) {
      if (add(code) !== 0) continue;
      kinds |= 1 << code;
      this.#identityCounts[row]!++;
    }
    this.#kinds[row] = kinds;
    return kinds === 0 ? SHADOW_REFUSAL.noValue : 0;
  }

  take(): ThereBatch | undefined {
    const rows = this.#rows;
    const refusals = this.#refusals.take();
    if (rows === 0 && refusals.count === 0) return undefined;
    this.#rows = 0;
    const [advertisers, lists] = [this.#advertisers.take(), this.#lists.take()];
    const accounts = this.#accounts.take();
    const identities = this.#identities.take();
    return {
      rows,
      advertiser: advertisers.column,
      list: lists.column,
      advertisers: advertisers.names,
      lists: lists.names,
      accountBytes: accounts.bytes,
      accountEnds: accounts.ends,
      kinds: this.#kinds.slice(0, rows),
      identityCounts: this.#identityCounts.slice(0, rows),
      identities: new Uint32Array(identities.buffer, identities.byteOffset, identities.length / 4),
      line: this.#line.slice(0, rows),
      refusals,
      totalRows: rows + refusals.count,
    };
  }

  #grow(): void {
    const rows = this.#kinds.length + 1;
    this.#kinds = grown(this.#kinds, rows);
    this.#identityCounts = grown(this.#identityCounts, rows);
    this.#line = grown(this.#line, rows);
  }
}

function isDigest(src: Uint8Array, start: number, end: number): boolean {
  if (end - start !== HEX_DIGITS) return false;
  for (let at = start; at < end; at++) {
    const byte = src[at]!;
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66;
    if (!isLetter && !(byte >= 0x30 && byte <= 0x39)) return false;
  }
  return true;
}
