/**
 * What the writers of advertisers' lists share: whom a row is about, and how a cell gets both into the file
 * and into the table of forms by which the truth is told.
 *
 * A row is about a person of the world or, in three of ten, a stranger; known contact points are drawn
 * without looking at what they were given for, so that every list hits security contacts too.
 */
import { hash } from "node:crypto";
import { type ByteFile, Bytes } from "./bytes.js";
import { Draw } from "./draw.js";
import { type FormTable, type SchemeName, writeForm } from "./form.js";
import type { History } from "./history.js";
import { noticeFacts } from "./notices.js";
import { EMAIL, PHONE, SPELLING } from "./values.js";

/** What `lists.json` says of a list. */
export interface ListFacts {
  readonly name: string;
  readonly file: string;
  readonly scheme: SchemeName;
  /** Home of phones without a country code. */
  readonly region?: string;
  readonly hasHeader: boolean;
  /** For a person: what it looks like. */
  readonly shape: string;
  readonly rows: number;
  readonly usable: number;
  readonly refused: number;
}

/** One shape of list. */
export interface ListShape extends Omit<ListFacts, "rows" | "usable" | "refused"> {
  /** Writes a list of `rows` rows. */
  write(maker: ListMaker, rows: number): Promise<void>;
}

/** Persons who have no account. */
const STRANGERS_FROM = 0x6000_0000;
const STRANGER_PER_MILLE = 300;
const MAX_TRIES = 2000;

/** Whose identifier a cell holds. */
export interface Subject {
  kind: number;
  person: number;
  slot: number;
  spelling: number;
}

export class ListMaker {
  readonly draw = new Draw();
  usable = 0;
  refused = 0;
  /** The subject of the last `pick`. */
  readonly subject: Subject = { kind: EMAIL, person: 0, slot: 0, spelling: 0 };
  readonly #raw = new Bytes();
  readonly #form = new Bytes();

  constructor(
    readonly out: ByteFile,
    readonly history: History,
    readonly table: FormTable,
    readonly scheme: SchemeName,
    readonly listBit: number,
  ) {
    this.draw.from(history.people.seed, listBit, 4096);
  }

  /** Draws somebody who has an identifier of one of `kinds`, or a stranger; in one of their spellings. */
  pick(...kinds: readonly number[]): Subject {
    const { draw, history, subject } = this;
    const isKnown = !draw.chance(STRANGER_PER_MILLE);
    for (let tries = 0; isKnown && tries < MAX_TRIES; tries++) {
      history.fill(draw.below(history.accounts));
      const slot = draw.below(history.points);
      if (!kinds.includes(history.kind[slot]!)) continue;
      subject.kind = history.kind[slot]!;
      subject.person = history.person[slot]!;
      subject.slot = slot;
      subject.spelling = SPELLING.asIs;
      for (let g = 0; g < history.grants; g++) {
        if (history.grantPoint[g] === slot && draw.chance(600)) subject.spelling = history.grantSpelling[g]!;
      }
      return subject;
    }
    return this.#stranger(kinds[draw.below(kinds.length)]!);
  }

  /** Somebody who has no account. */
  #stranger(kind: number): Subject {
    const { draw, subject } = this;
    const person = STRANGERS_FROM + draw.below(1 << 28);
    return Object.assign(subject, { kind, person, slot: draw.below(5), spelling: SPELLING.asIs });
  }

  /** Draws a contact that its one owner gave for nothing but the security of the account; else a stranger. */
  pickSecurityOnly(): Subject {
    const { draw, history, subject } = this;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const account = draw.below(history.accounts);
      const slot = draw.below(history.fill(account).points);
      if (history.person[slot] !== account || !isSecurityOnly(history, slot)) continue;
      const kind = history.kind[slot]!;
      const spelling = history.grantSpelling[history.grantPoint.indexOf(slot)]!;
      const neighbour = account ^ 1;
      if (neighbour < history.accounts) {
        history.fill(neighbour);
        if (slot < history.points && history.person[slot] === account) continue;
      }
      return Object.assign(subject, { kind, person: account, slot, spelling });
    }
    return this.#stranger(EMAIL);
  }

  /** The value as typed; valid until the next call. */
  raw(subject: Subject): Uint8Array {
    this.history.people.write(this.#raw.clear(), subject.kind, subject.person, subject.slot, subject.spelling);
    return this.#raw.view();
  }

  /** Enters the form of a value into the truth, and gives it; valid until the next call. */
  enter(subject: Subject): Uint8Array {
    writeForm(this.#form.clear(), subject.kind, this.scheme, this.raw(subject));
    this.table.add(subject.kind, this.#form.view(), this.listBit);
    return this.#form.view();
  }

  /** A cell with the value itself. */
  rawCell(subject: Subject): void {
    this.enter(subject);
    const raw = this.raw(subject);
    this.out.need(raw.length + 16);
    this.out.put(raw);
  }

  /** A cell with the SHA-256 of the value's form. */
  digestCell(subject: Subject, isUpper = false): void {
    const digest = hash("sha256", this.enter(subject), "hex");
    this.out.need(80);
    this.out.ascii(isUpper ? digest.toUpperCase() : digest);
  }

  /** A phone as it is written at home. */
  nationalCell(subject: Subject): void {
    this.enter(subject);
    this.history.people.writeNational(this.out, subject.person, subject.slot, this.draw.below(3));
  }

  text(text: string): void {
    this.out.need(text.length + 80);
    this.out.ascii(text);
  }

  /** Ends a row that has a good identifier. */
  async good(end = "\n"): Promise<void> {
    this.usable++;
    await this.end(end);
  }

  /** Ends a row that has none. */
  async bad(end = "\n"): Promise<void> {
    this.refused++;
    await this.end(end);
  }

  /** Ends a line that is no row. */
  async end(end = "\n"): Promise<void> {
    this.text(end);
    if (this.out.isFull) await this.out.pour();
  }

  countryOf(subject: Subject): number {
    return this.history.people.country(subject.person);
  }

  /** Draws until somebody's phone is of one of the countries; else the last one drawn. */
  pickPhoneOf(...countries: readonly number[]): Subject {
    for (let tries = 0; tries < 60; tries++) {
      if (countries.includes(this.countryOf(this.pick(PHONE)))) break;
    }
    return this.subject;
  }
}

function isSecurityOnly(history: History, slot: number): boolean {
  for (let g = 0; g < history.grants; g++) {
    const { isSecurity, namesAds } = noticeFacts[history.grantNotice[g]!]!;
    if (history.grantPoint[g] === slot && (!isSecurity || namesAds)) return false;
  }
  return true;
}
