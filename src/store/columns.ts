/**
 * Columnar body: several arrays in one block of bytes, the form in which a batch of facts is stored.
 *
 * Little-endian; every column starts at a multiple of 8, so that typed arrays look into the body without a copy when
 * the body itself starts at one (the store's readers hand out such bodies):
 *
 *     u32 magic "SCOL"   u16 version 1   u16 number of columns n   u32 CRC-32 of all that follows   u32 zero
 *     u32 × n lengths in bytes, then zeros up to a multiple of 8, then each column and zeros up to a multiple of 8
 *
 * The checksum finds accidents; it is no defence against a forger (the ledger's leaf is).
 */
import { crc32 } from "node:zlib";
import { StoreError } from "./failure.js";
import { BODY_LIMIT_BYTES, COLUMNS_LIMIT } from "./limits.js";

const MAGIC = 0x4c4f4353; // "SCOL" read as little-endian
const VERSION = 1;
const HEAD_BYTES = 16;

/**
 * Packs columns into one body; the types are the caller's to remember.
 *
 * @example encodeColumns([new Float64Array([1, 2]), new Uint16Array([7])])
 * @throws {StoreError} code `too-large`
 */
export function encodeColumns(columns: readonly ArrayBufferView[]): Uint8Array {
  if (columns.length > COLUMNS_LIMIT) {
    throw new StoreError("too-large", `${columns.length} columns; at most ${COLUMNS_LIMIT}`);
  }
  let size = padded(HEAD_BYTES + 4 * columns.length);
  for (const column of columns) size += padded(column.byteLength);
  if (size > BODY_LIMIT_BYTES) {
    throw new StoreError("too-large", `a columnar body of ${size} bytes; at most ${BODY_LIMIT_BYTES}`);
  }
  const body = new Uint8Array(size);
  const view = new DataView(body.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint16(6, columns.length, true);
  let at = padded(HEAD_BYTES + 4 * columns.length);
  columns.forEach((column, i) => {
    view.setUint32(HEAD_BYTES + 4 * i, column.byteLength, true);
    body.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += padded(column.byteLength);
  });
  view.setUint32(8, crc32(body.subarray(12)), true);
  return body;
}

/**
 * Unpacks a body into views of its columns; nothing is copied.
 *
 * @throws {StoreError} code `malformed` for anything that {@link encodeColumns} cannot have made
 */
export function decodeColumns(body: Uint8Array): Uint8Array[] {
  if (body.byteLength < HEAD_BYTES) throw malformed("shorter than its head");
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw malformed("no magic");
  if (view.getUint16(4, true) !== VERSION) throw malformed(`version ${view.getUint16(4, true)}`);
  const count = view.getUint16(6, true);
  let at = padded(HEAD_BYTES + 4 * count);
  if (count > COLUMNS_LIMIT || body.byteLength < at) throw malformed(`${count} columns in ${body.byteLength} bytes`);
  if (view.getUint32(8, true) !== crc32(body.subarray(12))) throw malformed("checksum");
  const columns: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const length = view.getUint32(HEAD_BYTES + 4 * i, true);
    if (at + padded(length) > body.byteLength) throw malformed("a column ends behind the body");
    columns.push(body.subarray(at, at + length));
    at += padded(length);
  }
  if (at !== body.byteLength) throw malformed("bytes behind the last column");
  return columns;
}

/** A column as 64-bit floats; copied only if it does not start at a multiple of 8. */
export function viewF64(column: Uint8Array): Float64Array {
  const at = aligned(column, 8);
  return new Float64Array(at.buffer, at.byteOffset, at.byteLength / 8);
}

/** A column as unsigned 32-bit numbers; copied only if it does not start at a multiple of 4. */
export function viewU32(column: Uint8Array): Uint32Array {
  const at = aligned(column, 4);
  return new Uint32Array(at.buffer, at.byteOffset, at.byteLength / 4);
}

/** A column as unsigned 16-bit numbers; copied only if it does not start at a multiple of 2. */
export function viewU16(column: Uint8Array): Uint16Array {
  const at = aligned(column, 2);
  return new Uint16Array(at.buffer, at.byteOffset, at.byteLength / 2);
}

function aligned(column: Uint8Array, unitBytes: number): Uint8Array {
  if (column.byteLength % unitBytes !== 0) {
    throw malformed(`a column of ${column.byteLength} bytes in units of ${unitBytes}`);
  }
  return column.byteOffset % unitBytes === 0 ? column : new Uint8Array(column);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function malformed(what: string): StoreError {
  return new StoreError("malformed", `not a columnar body: ${what}`);
}
