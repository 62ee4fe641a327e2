/**
 * A part of the accounts, in memory: the records of those that were matched, account by account.
 */
import { Slots } from "../column/index.js";
import { NO_NAME, RECORDS, type RecordSort, type SpilledRecords, type SpillReader } from "./spill.js";
import { MATCH } from "./table-rows.js";

/** Records of one sort, in the order of their accounts. */
interface OwnRecords {
  readonly words: Uint32Array;
  readonly floats: Float64Array;
  /** Where each record begins, in words; those of an account from its `first` to the next one's. */
  readonly places: Uint32Array;
  readonly first: Uint32Array;
}

/** What each thread's numbers of lists, campaigns and countries are in the order of all. */
export interface JoinedNumbers {
  readonly lists: readonly Uint32Array[];
  readonly campaigns: readonly Uint32Array[];
  readonly countries: readonly Uint32Array[];
}

export class Part {
  readonly accounts: number;
  readonly matches: OwnRecords;
  readonly contacts: OwnRecords;
  readonly events: OwnRecords;
  readonly aliases: OwnRecords;
  readonly showings: OwnRecords;
  /** By account: its country + 1, or 0. */
  readonly country: Uint32Array;
  readonly #slots = new Slots();
  readonly #keys: Uint32Array;

  constructor(reader: SpillReader, part: number, joined: JoinedNumbers) {
    const matches = reader.read("match", part);
    renumber(matches, "match", 3, joined.lists, MATCH.listMask);
    const { words } = matches;
    const size = RECORDS.match;
    const count = words.length / size;
    this.#slots.makeFor(count);
    const keys = new Uint32Array(3 * count);
    const account = new Uint32Array(count);
    let accounts = 0;
    for (let i = 0, at = 0; i < count; i++, at += size) {
      const [a, b, c] = [words[at]!, words[at + 1]!, words[at + 2]!];
      let found = this.#slots.findKey(keys, a, b, c);
      if (found < 0) {
        found = accounts++;
        keys[3 * found] = a;
        keys[3 * found + 1] = b;
        keys[3 * found + 2] = c;
        this.#slots.add(a, b, found);
      }
      account[i] = found;
    }
    this.accounts = accounts;
    this.#keys = keys;
    this.matches = this.#ordered(matches, account, size);
    this.contacts = this.#own(reader.read("contact", part), "contact");
    this.events = this.#own(reader.read("event", part), "event");
    this.aliases = this.#own(reader.read("alias", part), "alias");
    const showings = reader.read("showing", part);
    renumber(showings, "showing", 3, joined.lists);
    renumber(showings, "showing", 6, joined.campaigns);
    this.showings = this.#own(showings, "showing");
    this.country = this.#countries(reader.read("country", part), joined);
  }

  /** Number of an account in this part, or -1. */
  find(words: Uint32Array, at: number): number {
    return this.#slots.findKey(this.#keys, words[at]!, words[at + 1]!, words[at + 2]!);
  }

  #own(records: SpilledRecords, sort: RecordSort): OwnRecords {
    const size = RECORDS[sort];
    const account = new Uint32Array(records.words.length / size);
    for (let i = 0, at = 0; i < account.length; i++, at += size) account[i] = this.find(records.words, at);
    return this.#ordered(records, account, size);
  }

  /** @param account of each record; none of this part: 2^32 - 1 */
  #ordered({ words, floats }: SpilledRecords, account: Uint32Array, size: number): OwnRecords {
    const first = new Uint32Array(this.accounts + 1);
    for (const one of account) if (one < this.accounts) first[one + 1]!++;
    for (let i = 0; i < this.accounts; i++) first[i + 1]! += first[i]!;
    const next = first.slice(0, this.accounts);
    const places = new Uint32Array(first[this.accounts]!);
    for (let i = 0; i < account.length; i++) {
      const one = account[i]!;
      if (one < this.accounts) places[next[one]!++] = i * size;
    }
    return { words, floats, places, first };
  }

  #countries(records: SpilledRecords, { countries }: JoinedNumbers): Uint32Array {
    renumber(records, "country", 3, countries);
    const found = new Uint32Array(this.accounts);
    for (let at = 0; at < records.words.length; at += RECORDS.country) {
      const account = this.find(records.words, at);
      const country = records.words[at + 3]! + 1;
      // Of several, the first by name: whatever order they were read in.
      if (account >= 0 && (found[account] === 0 || country < found[account]!)) found[account] = country;
    }
    return found;
  }
}

/** Puts the numbers of all threads' names in the place of a thread's own. */
function renumber(
  { words, ends }: SpilledRecords,
  sort: RecordSort,
  place: number,
  numbers: readonly Uint32Array[],
  mask = 0xffffffff,
): void {
  const size = RECORDS[sort];
  for (let thread = 0, at = 0; thread < ends.length; thread++) {
    const own = numbers[thread]!;
    for (; at < ends[thread]!; at += size) {
      const word = words[at + place]!;
      if (word === NO_NAME) continue;
      words[at + place] = ((word & ~mask) | own[(word & mask) >>> 0]!) >>> 0;
    }
  }
}
