/**
 * Normalisers by region, for lists whose rows say which country their phones are of.
 */
import { ContactError, Normaliser } from "../contact/index.js";
import { ListError } from "./error.js";

const LETTERS = 26;
const LETTER_A = 0x41;

export class Regions {
  /** The list's own: for rows that name no country. */
  readonly own: Normaliser;
  /** By the place of two letters in AA..ZZ; null where there is no such country. */
  readonly #byCode: (Normaliser | null | undefined)[] = new Array(LETTERS * LETTERS).fill(undefined);

  /** @throws {ListError} code `unknown-region` */
  constructor(region?: string) {
    try {
      this.own = new Normaliser(region === undefined ? {} : { region });
    } catch (cause) {
      if (!(cause instanceof ContactError)) throw cause;
      throw new ListError("unknown-region", cause.message, cause.fix, { cause });
    }
  }

  /** The normaliser for phones of a row whose country is `src[start, end)`; undefined where there is no such country. */
  of(src: Uint8Array, start: number, end: number): Normaliser | undefined {
    let from = start;
    let to = end;
    while (from < to && src[from]! <= 0x20) from++;
    while (to > from && src[to - 1]! <= 0x20) to--;
    if (from === to) return this.own;
    const place = to - from === 2 ? placeOf(src[from]!, src[from + 1]!) : -1;
    if (place < 0) return undefined;
    if (this.#byCode[place] === undefined) this.#byCode[place] = made(place);
    return this.#byCode[place] ?? undefined;
  }
}

function placeOf(first: number, second: number): number {
  const [a, b] = [(first & ~0x20) - LETTER_A, (second & ~0x20) - LETTER_A];
  return a >= 0 && a < LETTERS && b >= 0 && b < LETTERS ? a * LETTERS + b : -1;
}

function made(place: number): Normaliser | null {
  const region = String.fromCharCode(LETTER_A + Math.floor(place / LETTERS), LETTER_A + (place % LETTERS));
  try {
    return new Normaliser({ region });
  } catch (error) {
    if (error instanceof ContactError) return null;
    throw error;
  }
}
