/**
 * Contact values: what person 4,711 writes as the e-mail address of slot 2, in one of several spellings.
 *
 * A value depends on (seed, kind, person, slot) alone, so that two accounts can share it and a list can
 * name it without anything being stored. The last character (or digit) tells the slot: two slots never
 * hold the same value. Phones have lengths that are possible in their country, and mobile prefixes.
 */
import { type Bytes, utf8 } from "./bytes.js";
import { cumulative, Draw, weighted } from "./draw.js";

/** Kinds of identifier; the order is the world's own. */
export const kindNames = ["email", "phone", "maid", "user_id", "handle", "external_id"] as const;
export type KindName = (typeof kindNames)[number];
export const EMAIL = 0;
export const PHONE = 1;
export const MAID = 2;
export const USER_ID = 3;
export const HANDLE = 4;
export const EXTERNAL_ID = 5;

/** Spellings are sums of these. Of one mailbox, all; case, blanks and phone marks do not change a plain form. */
export const SPELLING = {
  asIs: 0,
  title: 1,
  upper: 2,
  /** One dot more in the local part, where dots mean nothing. */
  dot: 4,
  tag: 8,
  /** gmail.com for googlemail.com and the other way round. */
  twin: 16,
  blanks: 32,
  /** A phone with blanks, a phone with dashes and parentheses; still international. */
  spaced: 64,
  dashed: 128,
} as const;

export const countryNames = ["US", "DE", "GB", "FR", "IN", "BR"] as const;
export const COUNTRY_DE = 1;
export const COUNTRY_BR = 5;
export const countryBytes = countryNames.map(utf8);
const countrySums = cumulative([40, 18, 12, 10, 12, 8]);

interface PhonePlan {
  readonly code: Uint8Array;
  readonly prefixes: readonly Uint8Array[];
  /** Digits of the national number after the prefix. */
  readonly rest: number;
}

const plan = (code: string, rest: number, prefixes: string): PhonePlan => ({
  code: utf8(code),
  rest,
  prefixes: prefixes.split(" ").map(utf8),
});
const phonePlans: readonly PhonePlan[] = [
  plan("1", 6, "2122 4153 6505 3034 5126 6177 2068 3105 7024 8187"),
  plan("49", 8, "151 152 157 159 176"),
  plan("44", 6, "7400 7511 7624 7700 7811 7911"),
  plan("33", 7, "61 62 66 67 75 76"),
  plan("91", 7, "981 982 987 991 701 811 900"),
  plan("55", 7, "1191 2198 3199 4197 5196 6198 7199 8599"),
];

const words = (text: string): readonly Uint8Array[] => text.split(" ").map(utf8);
const firstNames = words(
  "mary james anna peter lena tom eva john nina paul sofia max laura omar ida hugo clara ravi mila leo zara finn " +
    "rosa ben amina karl julia noah priya oscar marta luis jürgen zoé bjørn josé",
);
const lastNames = words(
  "smith meyer jones dubois kumar silva brown schmidt martin patel costa wilson weber moreau singh lima taylor wagner " +
    "petit sharma rocha clark becker roux gupta alves walker koch fournier mehta souza hall richter girard reddy " +
    "pereira young klein bonnet iyer gomes king wolf lambert nair ribeiro scott vogel fontaine bose müller garçon",
);
const domains = words(
  "gmail.com googlemail.com yahoo.com outlook.com hotmail.com icloud.com web.de gmx.de t-online.de orange.fr " +
    "free.fr btinternet.com rediffmail.com uol.com.br example.org mail.long-company-name.example",
);
const domainSums = cumulative([340, 30, 120, 90, 90, 70, 50, 50, 20, 30, 20, 20, 20, 20, 15, 15]);
const GMAIL = 0;
const GOOGLEMAIL = 1;
const separators = words(". _ -");
const tags = words("news shop ads work");

/** The facts of a person that their values hang on. */
export class People {
  readonly #draw = new Draw();

  constructor(readonly seed: number) {}

  /** Position in `countryNames`. */
  country(person: number): number {
    return weighted(this.#draw.from(this.seed, person, 16), countrySums);
  }

  /** How many contact points the account of this person has: 1 to 5, 2.5 on average. */
  points(person: number): number {
    return 1 + weighted(this.#draw.from(this.seed, person, 17), pointSums);
  }

  kind(person: number, slot: number): number {
    const at = this.#draw.from(this.seed, person, 32 + slot).below(100);
    if (slot === 0) return at < 80 ? EMAIL : PHONE;
    if (at < 40) return EMAIL;
    if (at < 88) return PHONE;
    return MAID + (at & 3);
  }

  /** Writes a value as it was typed. @param spelling sum of SPELLING members */
  write(out: Bytes, kind: number, person: number, slot: number, spelling: number): void {
    out.need(256);
    const draw = this.#draw.from(this.seed, person, 64 + kind * 8 + slot);
    if (kind === EMAIL) this.#email(out, draw, person, slot, spelling);
    else if (kind === PHONE) this.#phone(out, draw, person, slot, spelling);
    else if (kind === MAID) writeMaid(out, draw, slot, (spelling & SPELLING.upper) !== 0);
    else if (kind === USER_ID) {
      out.decimal(1000 + person);
      out.byte(48 + slot);
    } else if (kind === HANDLE) {
      const from = out.length;
      if ((spelling & SPELLING.tag) !== 0) out.byte(64);
      out.put(firstNames[draw.below(32)]!);
      out.byte(95);
      out.base36(person);
      out.byte(48 + slot);
      if ((spelling & SPELLING.upper) !== 0) upper(out.bytes, from, out.length);
    } else {
      out.ascii("Crm-");
      out.base36(person);
      out.byte(45);
      out.byte(48 + slot);
    }
  }

  /** Writes a phone as people of its country write it at home, without the country code; not for India and Brazil. */
  writeNational(out: Bytes, person: number, slot: number, style: number): void {
    out.need(256);
    const from = out.length;
    this.write(out, PHONE, person, slot, SPELLING.asIs);
    const digits = out.bytes.slice(from, out.length);
    const { code } = phonePlans[this.country(person)]!;
    const national = digits.subarray(1 + code.length);
    out.length = from;
    if (code.length === 1) {
      if (style % 2 === 0) out.byte(40);
      out.put(national, 0, 3);
      out.ascii(style % 2 === 0 ? ") " : "-");
      out.put(national, 3, 6);
      out.byte(45);
      out.put(national, 6);
      return;
    }
    if (style % 3 === 2) out.byte(40);
    out.byte(48);
    out.put(national, 0, 3);
    out.ascii(style % 3 === 2 ? ") " : style % 3 === 1 ? "/" : " ");
    out.put(national, 3, 6);
    out.byte(32);
    out.put(national, 6);
  }

  #email(out: Bytes, draw: Draw, person: number, slot: number, spelling: number): void {
    if ((spelling & SPELLING.blanks) !== 0) out.byte(32);
    const from = out.length;
    out.put(firstNames[draw.below(firstNames.length)]!);
    const separator = draw.below(6);
    if (separator < 3) out.put(separators[separator]!);
    const lastAt = out.length;
    out.put(lastNames[draw.below(lastNames.length)]!);
    if ((spelling & SPELLING.dot) !== 0) out.byte(46);
    out.base36(person);
    out.byte(48 + slot);
    let domain = weighted(draw, domainSums);
    if ((spelling & SPELLING.tag) !== 0) {
      out.byte(43);
      out.put(tags[draw.below(tags.length)]!);
    }
    if ((spelling & SPELLING.twin) !== 0 && domain <= GOOGLEMAIL) domain = GOOGLEMAIL - domain;
    out.byte(64);
    out.put(domains[domain]!);
    if ((spelling & SPELLING.upper) !== 0) upper(out.bytes, from, out.length);
    else if ((spelling & SPELLING.title) !== 0) {
      upper(out.bytes, from, from + 1);
      upper(out.bytes, lastAt, lastAt + 1);
    }
    if ((spelling & SPELLING.blanks) !== 0) out.byte(32);
  }

  #phone(out: Bytes, draw: Draw, person: number, slot: number, spelling: number): void {
    const digits = draw.next();
    const prefix = draw.next();
    const { code, prefixes, rest } = phonePlans[this.country(person)]!;
    const head = prefixes[prefix % prefixes.length]!;
    out.byte(43);
    out.put(code);
    const dashed = (spelling & SPELLING.dashed) !== 0;
    if (spelling >= SPELLING.spaced) out.byte(32);
    if (dashed) out.byte(40);
    out.put(head);
    if (dashed) out.byte(41);
    if (spelling >= SPELLING.spaced) out.byte(32);
    const middle = Math.floor(digits / 10) % 10 ** (rest - 1);
    const split = Math.floor((rest - 1) / 2);
    const low = 10 ** (rest - 1 - split);
    out.padded(Math.floor(middle / low), split);
    if (dashed) out.byte(45);
    else if (spelling >= SPELLING.spaced) out.byte(32);
    out.padded(middle % low, rest - 1 - split);
    out.byte(48 + slot + 5 * (digits & 1));
  }

  /** Whether dots and the twin domain mean the same mailbox. */
  isGmail(person: number, slot: number): boolean {
    const draw = this.#draw.from(this.seed, person, 64 + EMAIL * 8 + slot);
    draw.below(firstNames.length);
    draw.below(6);
    draw.below(lastNames.length);
    const domain = weighted(draw, domainSums);
    return domain === GMAIL || domain === GOOGLEMAIL;
  }
}

const pointSums = cumulative([20, 35, 27, 11, 7]);

function writeMaid(out: Bytes, draw: Draw, slot: number, isUpper: boolean): void {
  const letters = isUpper ? 55 : 87;
  for (let group = 0, at = 0; group < 5; group++) {
    if (group > 0) out.byte(45);
    const width = group === 0 ? 8 : group === 4 ? 12 : 4;
    for (let i = 0, word = 0; i < width; i++, at++) {
      if (i % 8 === 0) word = draw.next();
      const digit = at === 31 ? slot : (word >>> ((i % 8) * 4)) & 15;
      out.byte(digit < 10 ? 48 + digit : letters + digit);
    }
  }
}

/** Upper case of ASCII and of the two-byte letters of Latin-1, in place. */
function upper(bytes: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte >= 97 && byte <= 122) bytes[i] = byte - 32;
    else if (i > 0 && bytes[i - 1] === 0xc3 && byte >= 0xa0 && byte !== 0xb7) bytes[i] = byte - 32;
  }
}
