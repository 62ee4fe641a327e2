/**
 * Canonical JSON (RFC 8785): one text for one value, so that what is signed is exactly what is read.
 *
 * Members sorted by UTF-16 code units, no blanks, ECMAScript's own numbers and strings. A text that is not
 * canonical is refused on reading: two members of one name, which readers resolve differently, can't occur.
 */
import { OperatorError } from "./error.js";
import { MAX_STATEMENT_DEPTH } from "./limits.js";

/**
 * The canonical text of a plain value.
 * @throws {OperatorError} code `malformed`: not JSON, too deep, or a string with half a surrogate pair
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > MAX_STATEMENT_DEPTH) throw malformed(`nested deeper than ${MAX_STATEMENT_DEPTH}`);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return writeString(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: unknown) => write(item, depth + 1)).join(",")}]`;
  if (typeof value !== "object" || !isPlain(value)) throw malformed("not a JSON value");
  const members: [string, unknown][] = Object.entries(value);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${writeString(name)}:${write(member, depth + 1)}`).join(",")}}`;
}

function writeString(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw malformed("half a surrogate pair in a string");
  return JSON.stringify(text);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Reads a text that must be canonical and at most `maxBytes` long.
 * @throws {OperatorError} code `malformed`
 */
export function parseCanonical(text: string, maxBytes: number): unknown {
  if (Buffer.byteLength(text) > maxBytes) throw malformed(`longer than ${maxBytes} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed("not JSON");
  }
  if (canonicalJson(value) !== text) throw malformed("not in canonical form");
  return value;
}

/** Bytes as canonical JSON in UTF-8; the inverse of encoding `canonicalJson`'s text. */
export function parseCanonicalBytes(bytes: Uint8Array, maxBytes: number): unknown {
  if (bytes.length > maxBytes) throw malformed(`longer than ${maxBytes} bytes`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed("not UTF-8");
  }
  return parseCanonical(text, maxBytes);
}

function malformed(reason: string): OperatorError {
  return new OperatorError("malformed", `statement: ${reason}`);
}
