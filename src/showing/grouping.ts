/**
 * Rows of a batch by audience, campaign and day, as a leaf holds them: numbers in columns, no object for a row or a group.
 */
import type { Audiences } from "../audience/index.js";
import { grown, Scratch } from "../column/index.js";
import type { Contacts } from "../grant/index.js";
import { RefusalList } from "../input/index.js";
import { DAY_MS, GROUP, type ShownBatch } from "./facts.js";
import { SHOWING_REFUSAL } from "./refusal.js";
import type { ShowingBatch } from "./rows.js";

export interface GroupingRooms {
  readonly contacts: Contacts;
  readonly audiences: Audiences;
}

const [ADVERTISER, AUDIENCE, ACCOUNT] = [1, 3, 4];
const NO_GROUP = -1;

/** Memory for the steps of one batch. */
const FOUND = new Scratch(Uint32Array);
const GROUP_OF = new Scratch(Uint32Array);

/** Rows in groups, those of one audience one after the other; rows that name what there is not are refused. */
export function grouped(
  { audiences, contacts }: GroupingRooms,
  batch: ShowingBatch,
): { readonly shown: ShownBatch; readonly refused: RefusalList } {
  const { rows, audience, campaign, advertiser, atMs } = batch;
  const refused = new RefusalList();
  const known = new Map(audiences.all().map((one) => [one.id, one]));
  // By the places of names: the advertiser that an audience is of, -1 if it is of none that is named here, -2 for none.
  const advertiserOf = batch.audiences.map((id) => {
    const found = known.get(id);
    return found === undefined ? -2 : batch.advertisers.indexOf(found.advertiser);
  });
  const accounts = signed(FOUND.of(rows));
  contacts.accounts.findAll(batch.accountBytes, batch.accountEnds, rows, accounts);
  const groups = new Groups();
  const groupOf = signed(GROUP_OF.of(rows));
  for (let row = 0; row < rows; row++) {
    groupOf[row] = NO_GROUP;
    const owner = advertiserOf[audience[row]!]!;
    if (owner !== advertiser[row]) {
      const [column, code] =
        owner === -2 ? [AUDIENCE, SHOWING_REFUSAL.unknownAudience] : [ADVERTISER, SHOWING_REFUSAL.otherAdvertiser];
      refused.add(batch.line[row]!, column!, code!);
    } else if (accounts[row]! < 0) refused.add(batch.line[row]!, ACCOUNT, SHOWING_REFUSAL.unknownAccount);
    else groupOf[row] = groups.count(audience[row]!, campaign[row]!, Math.floor(atMs[row]! / DAY_MS));
  }
  const { directory, starts } = groups.laidOut(batch.audiences.length);
  const kept = directory.at(-1) ?? 0;
  const [account, ofDayMs] = [new Uint32Array(kept), new Uint32Array(kept)];
  for (let row = 0; row < rows; row++) {
    const group = groupOf[row]!;
    if (group === NO_GROUP) continue;
    const at = starts[group]!++;
    account[at] = accounts[row]!;
    ofDayMs[at] = atMs[row]! % DAY_MS;
  }
  return { shown: { audiences: batch.audiences, campaigns: batch.campaigns, directory, account, ofDayMs }, refused };
}

const signed = ({ buffer, byteOffset, length }: Uint32Array): Int32Array => new Int32Array(buffer, byteOffset, length);

const MIN_SLOTS = 256;
const WORDS = 3;

/** Numbers groups by audience, campaign and day, and counts their rows. */
class Groups {
  #size = 0;
  /** Three words for each group. */
  #keys: Uint32Array = new Uint32Array(WORDS * MIN_SLOTS);
  #rows: Uint32Array = new Uint32Array(MIN_SLOTS);
  /** Group + 1, open-addressed; half of them are free. */
  #slots = new Uint32Array(2 * MIN_SLOTS);
  #last = -1;

  /** Counts one more row; returns its group. */
  count(audience: number, campaign: number, day: number): number {
    if (this.#last < 0 || !this.#is(this.#last, audience, campaign, day))
      this.#last = this.#find(audience, campaign, day);
    this.#rows[this.#last]!++;
    return this.#last;
  }

  #find(audience: number, campaign: number, day: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(audience, campaign, day) & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const group = this.#slots[slot]! - 1;
      if (this.#is(group, audience, campaign, day)) return group;
    }
    const group = this.#size++;
    this.#keys = grown(this.#keys, WORDS * this.#size);
    this.#rows = grown(this.#rows, this.#size);
    this.#keys[WORDS * group] = audience;
    this.#keys[WORDS * group + 1] = campaign;
    this.#keys[WORDS * group + 2] = day;
    this.#slots[slot] = group + 1;
    if (2 * this.#size > this.#slots.length) this.#enlarge();
    return group;
  }

  #is(group: number, audience: number, campaign: number, day: number): boolean {
    const keys = this.#keys;
    const at = WORDS * group;
    return keys[at] === audience && keys[at + 1] === campaign && keys[at + 2] === day;
  }

  #enlarge(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    for (let group = 0; group < this.#size; group++) {
      const at = WORDS * group;
      let slot = hash(this.#keys[at]!, this.#keys[at + 1]!, this.#keys[at + 2]!) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = group + 1;
    }
  }

  /** The groups in the order of their audiences: as a directory, and where the rows of each begin. */
  laidOut(audiences: number): { readonly directory: Uint32Array; readonly starts: Uint32Array } {
    const places = new Uint32Array(audiences + 1);
    for (let group = 0; group < this.#size; group++) places[this.#keys[WORDS * group]! + 1]!++;
    for (let audience = 0; audience < audiences; audience++) places[audience + 1]! += places[audience]!;
    const order = new Uint32Array(this.#size);
    for (let group = 0; group < this.#size; group++) order[places[this.#keys[WORDS * group]!]!++] = group;
    const directory = new Uint32Array(GROUP.words * this.#size);
    const starts = new Uint32Array(this.#size);
    let end = 0;
    order.forEach((group, place) => {
      starts[group] = end;
      end += this.#rows[group]!;
      const at = GROUP.words * place;
      directory[at + GROUP.audience] = this.#keys[WORDS * group]!;
      directory[at + GROUP.campaign] = this.#keys[WORDS * group + 1]!;
      directory[at + GROUP.day] = this.#keys[WORDS * group + 2]!;
      directory[at + GROUP.end] = end;
    });
    return { directory, starts };
  }
}

/** Multiplications that spread all three over all bits. */
function hash(audience: number, campaign: number, day: number): number {
  let sum = Math.imul(audience, 0x9e3779b1) ^ Math.imul(campaign, 0x85ebca6b) ^ Math.imul(day, 0xc2b2ae35);
  sum = Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d);
  return (sum ^ (sum >>> 13)) >>> 0;
}
