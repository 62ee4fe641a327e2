/**
 * With which three digits can a match of a numbering plan's pattern begin? Reads the small regular
 * expression language of those patterns (digits, classes, groups, alternatives, counts). What it can't
 * read begins with anything: the answer may say "can" where it can't, never the reverse.
 */

/** Digits looked at. */
const DEPTH = 3;
/** Numbers of three digits, 000 to 999. */
export const PREFIXES = 1000;

/** One of a pattern's alternatives. */
export interface Alternative {
  /** The digits it is, if it is nothing but digits. */
  readonly literal: string | undefined;
  /** By the first three digits of a number: 1 if the alternative can match at its beginning. */
  readonly mayBegin: Uint8Array;
}

/** The alternatives of `pattern`, in their order, each with what it can begin with. */
export function alternatives(pattern: string): Alternative[] {
  const found: Alternative[] = [];
  for (const part of split(pattern)) {
    found.push({ literal: /^\d+$/.test(part) ? part : undefined, mayBegin: table(beginnings(part)) });
  }
  return found;
}

/** By the first three digits of a number: 1 if `pattern` can match at its beginning. */
export function mayBegin(pattern: string): Uint8Array {
  return table(beginnings(pattern));
}

/** Splits at the "|" outside of groups and classes. */
function split(pattern: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === "(" || c === "[") depth++;
    else if (c === ")" || c === "]") depth--;
    else if (c === "|" && depth === 0) {
      parts.push(pattern.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(pattern.slice(from));
  return parts;
}

/** A beginning of up to DEPTH digits; a shorter one is a whole match, and anything may follow. */
type Beginnings = ReadonlySet<string>;

const ANYTHING: Beginnings = new Set([""]);

function beginnings(pattern: string): Beginnings {
  const reader = new Reader(pattern);
  const read = reader.union();
  return reader.isDone ? read : ANYTHING;
}

function table(set: Beginnings): Uint8Array {
  const flags = new Uint8Array(PREFIXES);
  for (const beginning of set) {
    const width = 10 ** (DEPTH - beginning.length);
    const first = beginning === "" ? 0 : Number(beginning) * width;
    flags.fill(1, first, first + width);
  }
  return flags;
}

function then(one: Beginnings, other: Beginnings): Beginnings {
  const joined = new Set<string>();
  for (const a of one) {
    if (a.length === DEPTH) joined.add(a);
    else for (const b of other) joined.add((a + b).slice(0, DEPTH));
  }
  return joined;
}

const DIGITS = "0123456789";

/** Recursive descent; stops where it does not understand, and then `isDone` stays false. */
class Reader {
  #at = 0;
  #isLost = false;
  readonly #pattern: string;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  get isDone(): boolean {
    return !this.#isLost && this.#at === this.#pattern.length;
  }

  union(): Beginnings {
    const all = new Set(this.#sequence());
    while (this.#take("|")) for (const beginning of this.#sequence()) all.add(beginning);
    return all;
  }

  #sequence(): Beginnings {
    let whole = ANYTHING;
    while (this.#at < this.#pattern.length && !this.#isLost) {
      const c = this.#pattern[this.#at];
      if (c === "|" || c === ")") break;
      whole = then(whole, this.#counted(this.#atom()));
    }
    return whole;
  }

  #atom(): Beginnings {
    if (this.#take("\\d")) return new Set(DIGITS);
    if (this.#take("$")) return ANYTHING;
    if (this.#take("[")) return this.#class();
    if (this.#take("(")) {
      this.#take("?:");
      const inner = this.union();
      if (!this.#take(")")) this.#isLost = true;
      return inner;
    }
    const c = this.#pattern[this.#at] ?? "";
    if (DIGITS.includes(c) && c !== "") {
      this.#at++;
      return new Set([c]);
    }
    this.#isLost = true;
    return ANYTHING;
  }

  #class(): Beginnings {
    const close = this.#pattern.indexOf("]", this.#at);
    const inside = this.#pattern.slice(this.#at, close);
    this.#at = close + 1;
    if (close < 0 || !/^(?:\d(?:-\d)?)+$/.test(inside)) {
      this.#isLost = true;
      return ANYTHING;
    }
    const members = new RegExp(`[${inside}]`);
    return new Set([...DIGITS].filter((digit) => members.test(digit)));
  }

  #counted(atom: Beginnings): Beginnings {
    if (this.#take("?")) return new Set([...atom, ""]);
    const count = /^\{(\d+)(?:,(\d*))?\}/.exec(this.#pattern.slice(this.#at));
    if (count === null) return atom;
    this.#at += count[0].length;
    let once = ANYTHING;
    for (let i = 0; i < Math.min(Number(count[1]), DEPTH); i++) once = then(once, atom);
    if (count[2] === undefined) return once;
    // More may follow; up to the depth looked at, each number of times is a possibility.
    let whole = once;
    for (let i = 0; i < DEPTH; i++) whole = new Set([...whole, ...then(whole, atom)]);
    return whole;
  }

  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
}
