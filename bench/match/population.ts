/**
 * Contacts and lists by a formula that every engine can evaluate itself: contact i, from 0, has the address
 * `u<i>@example.com`, and its token is the first 16 bytes of the address's SHA-256.
 *
 * 60 % of a list's rows are of contacts, drawn evenly, so that some come again; the others are of nobody. Whoever matches a
 * list is to find how many different contacts it has, and the sum of their numbers.
 */
import { sha256Batch } from "../../src/kernel/index.js";
import { OrdinalSet } from "../../src/set/index.js";
import { ByteFile, Bytes, utf8 } from "../../src/world/bytes.js";

/** `hashed`: a column of digests; `raw`: of addresses; `dirty`: a CRM's export, see `writeDirtyRow`. */
export const FORMS = ["hashed", "raw", "dirty"] as const;
export type Form = (typeof FORMS)[number];

/** The name of its match as a job. */
export const jobOf = (form: Form): string => `match-${form}`;

export interface List {
  readonly file: string;
  readonly form: Form;
  readonly rows: number;
}

export interface Answer {
  readonly contacts: number;
  /** Of their numbers, in decimal digits: it can be more than a double holds. */
  readonly sum: string;
}

export const answerText = ({ contacts, sum }: Answer): string => `${contacts} contacts, sum ${sum}`;

export const DIGEST_BYTES = 32;
const MEMBERS = 0.6;
const BLOCK = 4096;
const ADDRESS_BYTES = 24;
const DOMAIN = utf8("@example.com");
const HEX = utf8("0123456789abcdef");
const UPPER_HEX = utf8("0123456789ABCDEF");
const DIRTY_HEADER = utf8("name,email\r\n");
const DIRTY_NAME = utf8('"Doe, Jane ""J""",');
const NO_ADDRESS = utf8("n/a");
const [QUOTE, BLANK, CR, LF, LETTER_U] = utf8('" \r\nu') as unknown as [number, number, number, number, number];

/** The addresses of contacts, one after the other, and where each ends. */
export class Addresses {
  readonly #text = new Bytes(BLOCK * ADDRESS_BYTES);
  readonly #ends = new Uint32Array(BLOCK);
  readonly #digests = new Uint8Array(BLOCK * DIGEST_BYTES);
  #count = 0;

  /** Takes up to 4096 contacts' numbers, in place of those before. */
  set(numbers: Uint32Array): void {
    this.#text.clear();
    this.#count = numbers.length;
    for (let i = 0; i < numbers.length; i++) {
      this.#text.need(ADDRESS_BYTES);
      this.#text.byte(LETTER_U);
      this.#text.decimal(numbers[i]!);
      this.#text.put(DOMAIN);
      this.#ends[i] = this.#text.length;
    }
  }

  of(i: number): Uint8Array {
    return this.#text.bytes.subarray(i === 0 ? 0 : this.#ends[i - 1]!, this.#ends[i]!);
  }

  /** Their digests, 32 bytes each; good until the next `set`. */
  digests(): Uint8Array {
    sha256Batch(this.#text.view(), this.#ends, this.#count, this.#digests);
    return this.#digests.subarray(0, this.#count * DIGEST_BYTES);
  }
}

/** The digests of all contacts, some at a time, with the number of the first; good until the next. */
export function* contactDigests(contacts: number): Generator<{ readonly first: number; readonly digests: Uint8Array }> {
  const addresses = new Addresses();
  for (let first = 0; first < contacts; first += BLOCK) {
    addresses.set(Uint32Array.from({ length: Math.min(BLOCK, contacts - first) }, (_, i) => first + i));
    yield { first, digests: addresses.digests() };
  }
}

/** Writes a list against so many contacts; returns what a match of it must find. */
export async function writeList({ file, form, rows }: List, contacts: number): Promise<Answer> {
  const out = await ByteFile.create(file);
  const addresses = new Addresses();
  const members = OrdinalSet.empty();
  if (form === "dirty") out.put(DIRTY_HEADER);
  for (let first = 0; first < rows; first += BLOCK) {
    const numbers = Uint32Array.from({ length: Math.min(BLOCK, rows - first) }, (_, i) =>
      numberOf(first + i, contacts),
    );
    members.addAll(numbers.filter((number) => number < contacts));
    addresses.set(numbers);
    const digests = form === "raw" ? undefined : addresses.digests();
    for (let i = 0; i < numbers.length; i++) {
      out.need(1024);
      if (form === "dirty") writeDirtyRow(out, first + i, numbers[i]! < contacts, addresses.of(i), digests!, i);
      else {
        if (form === "hashed") putHex(out, HEX, digests!, i);
        else out.put(addresses.of(i));
        out.byte(LF);
      }
      if (out.isFull) await out.pour();
    }
  }
  await out.close();
  const answer = { contacts: members.size, sum: sumOf(members.toArray()) };
  members.dispose();
  return answer;
}

/** The number of a row's contact; of a row of nobody's, one that no contact has. */
function numberOf(row: number, contacts: number): number {
  if (share(row, 1) >= MEMBERS) return contacts + row;
  return Math.floor(share(row, 2) * contacts);
}

/** 0 to 1, as if drawn: MurmurHash3's last step, over the row and what it is drawn for. */
function share(row: number, what: number): number {
  let hash = Math.imul(row, 0x9e3779b1) ^ Math.imul(what, 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/**
 * A name with a comma and quotes, then a digest in lower or upper case, or an address: as it is, in upper case, between
 * blanks, in quotes; of nobody's also an empty cell, or a text that is no address.
 */
function writeDirtyRow(
  out: Bytes,
  row: number,
  isMember: boolean,
  address: Uint8Array,
  digests: Uint8Array,
  i: number,
): void {
  out.put(DIRTY_NAME);
  switch (row & 7) {
    case 0:
    case 1:
      putHex(out, HEX, digests, i);
      break;
    case 2:
      putHex(out, UPPER_HEX, digests, i);
      break;
    case 3:
      for (const byte of address) out.byte(byte >= 97 && byte <= 122 ? byte - 32 : byte);
      break;
    case 4:
      out.byte(BLANK);
      out.put(address);
      out.byte(BLANK);
      break;
    case 5:
      out.byte(QUOTE);
      out.put(address);
      out.byte(QUOTE);
      break;
    case 6:
      if (isMember) out.put(address);
      break;
    default:
      out.put(isMember ? address : NO_ADDRESS);
  }
  out.byte(CR);
  out.byte(LF);
}

function putHex(out: Bytes, digits: Uint8Array, digests: Uint8Array, i: number): void {
  for (let at = i * DIGEST_BYTES; at < (i + 1) * DIGEST_BYTES; at++) {
    out.byte(digits[digests[at]! >> 4]!);
    out.byte(digits[digests[at]! & 15]!);
  }
}

/** In decimal digits, exact. */
export function sumOf(numbers: ArrayLike<number>): string {
  let [sum, part] = [0n, 0];
  for (let i = 0; i < numbers.length; i++) {
    part += numbers[i]!;
    // Far from where a double ends.
    if ((i & 0xfffff) === 0xfffff) [sum, part] = [sum + BigInt(part), 0];
  }
  return String(sum + BigInt(part));
}
