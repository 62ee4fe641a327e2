/**
 * Events: withdrawals, erasures and losses of ownership, from NDJSON (or CSV and Parquet with the same names).
 *
 * `{"type":"withdraw"|"erase"|"disown","account":…,"kind":…,"value":…,"purpose":…,"at":…}`. Without `kind` and
 * `value` an event is about the whole account; `purpose` belongs to withdrawals; `at` is now when absent.
 */

import { ByteNames, BytesColumn, grown } from "../column/index.js";
import { isKindCode, KINDS, Normaliser } from "../contact/index.js";
import { ALL_PROMOTIONAL, EVENT_TYPES, type EventColumns, IDENTITY_BYTES, Identities } from "../grant/index.js";
import {
  fault,
  INPUT_LIMITS,
  InputError,
  type InputOptions,
  parseTime,
  REFUSAL,
  RefusalList,
  type Refusals,
  type RowTaker,
  tableBatches,
  timeRefusal,
} from "../input/index.js";
import { purposeCode, purposeNames } from "../purpose/index.js";
import { accountRefusal } from "./account-name.js";
import { INTAKE_REFUSAL, REFUSAL_COLUMNS } from "./refusal.js";

// One for all requests, of which each may bring one row.
const TYPE_NAMES = new ByteNames(EVENT_TYPES);
const KIND_NAMES = new ByteNames(KINDS);
const PURPOSE_NAMES = new ByteNames(purposeNames);
const WITHDRAW = EVENT_TYPES.indexOf("withdraw");

/** One batch of good rows, column by column, and what was refused. */
export interface EventBatch extends EventColumns {
  readonly refusals: Refusals;
  /** Good and refused rows. */
  readonly totalRows: number;
}

export interface EventRowsOptions {
  /** 32 bytes. */
  readonly identityKey: Uint8Array;
  readonly region?: string | undefined;
  /** The clock, where it is not the system's. */
  readonly nowMs?: number | undefined;
}

export interface EventsInputOptions extends EventRowsOptions, InputOptions {
  readonly delimiter?: string | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
  /** For tests. */
  readonly batchBytes?: number | undefined;
}

/**
 * The events of a file or a stream, batch by batch.
 * @throws {InputError} while it is read
 * @throws {ContactError} code `unknown-region`
 * @example for await (const batch of readEvents(body, { format: "ndjson", identityKey })) await commit(batch);
 */
export function readEvents(
  input: string | AsyncIterable<Uint8Array>,
  options: EventsInputOptions,
): AsyncGenerator<EventBatch> {
  return tableBatches(input, new EventRows(options), options);
}

const COLUMNS = ["type", "account", "kind", "value", "purpose", "at"] as const;
const TYPE = 0;
const ACCOUNT = 1;
const KIND = 2;
const VALUE = 3;
const PURPOSE = 4;
const AT = 5;
const REFUSAL_COLUMN = COLUMNS.map((name) => REFUSAL_COLUMNS.indexOf(name));

class EventRows implements RowTaker {
  readonly #identities: Identities;
  readonly #nowMs: number | undefined;
  readonly #found = new Set<string>();

  #rows = 0;
  #type = new Uint8Array(1 << 3);
  #hasContact = new Uint8Array(1 << 3);
  #kind = new Uint8Array(1 << 3);
  #at = new Float64Array(1 << 3);
  #purpose = new Uint8Array(1 << 3);
  readonly #accounts = new BytesColumn();
  readonly #refusals = new RefusalList();

  constructor(options: EventRowsOptions) {
    this.#identities = new Identities(new Normaliser({ region: options.region }), options.identityKey);
    this.#nowMs = options.nowMs;
  }

  columnOf(name: string): number {
    const column = (COLUMNS as readonly string[]).indexOf(name);
    if (column >= 0) this.#found.add(name);
    return column;
  }

  checkHeader(): void {
    for (const name of ["type", "account"]) {
      if (!this.#found.has(name))
        throw new InputError("missing-column", `the header lacks the column ${name}`, { field: name });
    }
    if (this.#found.has("kind") !== this.#found.has("value")) {
      const field = this.#found.has("kind") ? "value" : "kind";
      throw new InputError("missing-column", `the header lacks the column ${field}`, {
        field,
        fix: "kind and value come together",
      });
    }
  }

  refusalColumn(column: number): number {
    return REFUSAL_COLUMN[column]!;
  }

  refuse(line: number, column: number, code: number): void {
    this.#refusals.add(line, column, code);
  }

  row(src: Uint8Array, starts: Int32Array, ends: Int32Array, line: number): void {
    const bad = this.#add(src, starts, ends);
    if (bad !== 0) this.#refusals.add(line, this.refusalColumn(bad >> 8), bad & 0xff);
  }

  /** Adds a row, or returns its first fault. */
  #add(src: Uint8Array, starts: Int32Array, ends: Int32Array): number {
    const isGiven = (column: number) => starts[column]! >= 0 && starts[column] !== ends[column];
    const find = (names: ByteNames, column: number) => names.find(src, starts[column]!, ends[column]!);
    if (!isGiven(TYPE)) return fault(TYPE, REFUSAL.missingField);
    if (!isGiven(ACCOUNT)) return fault(ACCOUNT, REFUSAL.missingField);
    const type = find(TYPE_NAMES, TYPE);
    if (type < 0) return fault(TYPE, INTAKE_REFUSAL.unknownType);
    const badAccount = accountRefusal(src, starts[ACCOUNT]!, ends[ACCOUNT]!);
    if (badAccount !== 0) return fault(ACCOUNT, badAccount);
    if (isGiven(KIND) !== isGiven(VALUE)) return fault(isGiven(KIND) ? VALUE : KIND, INTAKE_REFUSAL.valueWithoutKind);
    const purpose = isGiven(PURPOSE) ? find(PURPOSE_NAMES, PURPOSE) : -1;
    if (isGiven(PURPOSE) && (purpose < 0 || type !== WITHDRAW)) return fault(PURPOSE, INTAKE_REFUSAL.unknownPurpose);
    // As of its own reading: a stream may be long, and what was given before this row is what it takes away.
    const nowMs = this.#nowMs ?? Date.now();
    const atMs = isGiven(AT) ? parseTime(src, starts[AT]!, ends[AT]!) : nowMs;
    if (!(atMs >= 0 && atMs <= nowMs + INPUT_LIMITS.clockSkewMs))
      return fault(AT, timeRefusal(atMs, src, starts[AT]!, ends[AT]!));
    let kind = 0;
    if (isGiven(KIND)) {
      kind = find(KIND_NAMES, KIND);
      if (!isKindCode(kind)) return fault(KIND, INTAKE_REFUSAL.unknownKind);
      const badValue = this.#identities.add(src, starts[ACCOUNT]!, ends[ACCOUNT]!, kind, starts[VALUE]!, ends[VALUE]!);
      if (badValue !== 0) return fault(VALUE, badValue);
    }
    const row = this.#rows++;
    if (row === this.#type.length) this.#grow();
    this.#type[row] = type;
    this.#hasContact[row] = isGiven(KIND) ? 1 : 0;
    this.#kind[row] = kind;
    this.#at[row] = atMs;
    this.#purpose[row] = purpose < 0 ? ALL_PROMOTIONAL : purposeCode(purposeNames[purpose]!);
    this.#accounts.add(src, starts[ACCOUNT]!, ends[ACCOUNT]!);
    return 0;
  }

  take(): EventBatch | undefined {
    const rows = this.#rows;
    const refusals = this.#refusals.take();
    if (rows === 0 && refusals.count === 0) return undefined;
    const accounts = this.#accounts.take();
    const hasContact = this.#hasContact.slice(0, rows);
    const identities = this.#identities.take();
    const identity = new Uint8Array(rows * IDENTITY_BYTES);
    for (let row = 0, from = 0; row < rows; row++) {
      if (hasContact[row] === 1)
        identity.set(identities.subarray(from, (from += IDENTITY_BYTES)), row * IDENTITY_BYTES);
    }
    const batch: EventBatch = {
      rows,
      type: this.#type.slice(0, rows),
      accountBytes: accounts.bytes,
      accountEnds: accounts.ends,
      hasContact,
      kind: this.#kind.slice(0, rows),
      identity,
      purpose: this.#purpose.slice(0, rows),
      at: this.#at.slice(0, rows),
      refusals,
      totalRows: rows + refusals.count,
    };
    this.#rows = 0;
    return batch;
  }

  #grow(): void {
    const rows = this.#type.length + 1;
    this.#type = grown(this.#type, rows);
    this.#hasContact = grown(this.#hasContact, rows);
    this.#kind = grown(this.#kind, rows);
    this.#purpose = grown(this.#purpose, rows);
    this.#at = grown(this.#at, rows);
  }
}
