/**
 * Writes the case of 2019 at a share of its size: contacts as the platform would feed them, the lists of its
 * advertisers and brokers with the times at which they were matched, who was shown ads, and the same facts as tables
 * for the peers. What is kept in memory is a few bits a person.
 *
 * The world is wrong on purpose: the notices of the security surfaces were adopted with `ads.match` among their
 * purposes, as it was used. Lists grow in number with the root of the size, and in length as much.
 */
import { mkdir } from "node:fs/promises";
import { devNull } from "node:os";
import { join } from "node:path";
import { ByteFile, type Bytes, utf8, writeInstant } from "../../src/world/bytes.js";
import { Draw, mix3 } from "../../src/world/draw.js";
import { END, NEVER, Person, PROFILE, SECURITY, SIGN_UP, SLOTS } from "./person.js";
import { type CaseTruth, Truth } from "./truth.js";

const ACCOUNTS = 330_000_000;
const MATCHES = 200_000_000;
const LISTS = 10_000;
const LISTS_FROM = Date.UTC(2014, 0, 1) / 1000;
const PHONE_LISTS_FROM = Date.UTC(2014, 8, 1) / 1000;
const DAY = 86_400;
/** Stands for "for good" in the peers' tables; seconds, 1 January 2100. */
export const FOR_GOOD = 4_102_444_800;
/** Words of one showing in `showings.bin`. */
export const SHOWING_WORDS = 4;
const SURFACES = ["signup", ...SECURITY.map(({ notice }) => notice), "profile"] as const;

export interface CaseList {
  readonly file: string;
  readonly advertiser: string;
  readonly name: string;
  readonly operation: "create" | "replace";
  /** Seconds since 1970. */
  readonly at: number;
}

export interface CaseWorld {
  readonly folder: string;
  readonly accounts: number;
  readonly grants: number;
  readonly contactPoints: number;
  readonly securityGrants: Readonly<Record<string, number>>;
  readonly lists: readonly CaseList[];
  readonly listRows: number;
  readonly memberships: number;
  readonly showings: number;
  readonly truth: CaseTruth;
}

export function caseNotices(): object[] {
  const text =
    "We use this contact as this page says. We may also compare it with the lists of advertisers, to show you ads.";
  const own: Readonly<Record<string, string>> = Object.fromEntries(SECURITY.map((use) => [use.notice, use.purpose]));
  return SURFACES.map((id) => ({
    ...{ id, surface: id, version: 1, language: "en", text, exclusive: false, subject: "self", sources: ["local"] },
    purposes: [own[id] ?? "service.account", "ads.match"],
    effective_from: "2000-01-01T00:00:00Z",
  }));
}

export function caseClaim(): object {
  const span = { given_from: "2006-01-01T00:00:00Z", given_to: "2019-09-17T00:00:00Z" };
  const claims = SECURITY.map(({ notice, purpose }) => ({
    notice: `${notice}@1`,
    ...span,
    corrected: { purposes: [purpose], exclusive: true },
  }));
  return { id: "case-2019", title: "Contacts given for security were matched", purpose: "ads.match", claims };
}

/** @param hasTables whether there are peers, who ask tables */
export async function writeCase(
  folder: string,
  { scale, seed, hasTables }: { readonly scale: number; readonly seed: number; readonly hasTables: boolean },
  say: (text: string) => void,
): Promise<CaseWorld> {
  const tables = hasTables ? join(folder, "tables") : undefined;
  for (const each of [join(folder, "lists"), tables]) if (each !== undefined) await mkdir(each, { recursive: true });
  const accounts = Math.round(ACCOUNTS * scale);
  const contacts = await writeContacts(folder, tables, accounts, seed);
  say(`${accounts.toLocaleString("en")} people, ${contacts.grants.toLocaleString("en")} grants written`);
  const lists = await new ListWriter(folder, tables, accounts, seed).write(
    Math.max(10, Math.round(LISTS * Math.sqrt(scale))),
    MATCHES * scale,
  );
  return { folder, accounts, ...contacts, ...lists };
}

/** A table of the peers, or nothing. */
const createTable = (tables: string | undefined, name: string): Promise<ByteFile> =>
  ByteFile.create(tables === undefined ? devNull : join(tables, name));

async function writeContacts(folder: string, tables: string | undefined, accounts: number, seed: number) {
  const files = await Promise.all([
    ...["contacts.csv", "accounts.csv", "events.ndjson"].map((name) => ByteFile.create(join(folder, name))),
    ...["grants.csv", "events.csv"].map((name) => createTable(tables, name)),
  ]);
  const [contacts, countries, events, grantTable, eventTable] = files as [
    ByteFile,
    ByteFile,
    ByteFile,
    ByteFile,
    ByteFile,
  ];
  contacts.ascii("account,kind,value,notice,given_at\n");
  countries.ascii("account,country\n");
  const person = new Person(seed);
  const bySlot = new Float64Array(SLOTS);
  let [grants, contactPoints] = [0, 0];
  const grant = (slot: number, notice: number, at: number) => {
    grants++;
    writeAccount(contacts, person.account);
    contacts.ascii(person.isPhone[slot] === 1 ? ",phone," : ",email,");
    writeValue(contacts, person.account, slot, person.isPhone[slot] === 1);
    contacts.byte(44);
    contacts.ascii(SURFACES[notice]!);
    contacts.ascii("@1,");
    writeInstant(contacts, at * 1000);
    contacts.byte(10);
    row(grantTable, person.account * SLOTS + slot, notice, at);
  };
  for (let account = 0; account < accounts; account++) {
    person.become(account);
    if (person.country !== "unknown") {
      writeAccount(countries, account);
      countries.byte(44);
      countries.ascii(person.country);
      countries.byte(10);
    }
    for (let slot = 0; slot < SLOTS; slot++) {
      if (person.firstAt[slot] === NEVER) continue;
      contactPoints++;
      if (person.adsAt[slot]! < NEVER) grant(slot, slot === SIGN_UP ? 0 : PROFILE, person.adsAt[slot]!);
      for (const { slot: use } of SECURITY) {
        const at = person.securityAt[slot * SLOTS + use]!;
        if (at === NEVER) continue;
        bySlot[use]!++;
        grant(slot, use, at);
      }
      const withdrawn = person.withdrawnAt[slot]!;
      if (withdrawn === NEVER) continue;
      events.ascii('{"type":"withdraw","account":"');
      writeAccount(events, account);
      events.ascii(person.isPhone[slot] === 1 ? '","kind":"phone","value":"' : '","kind":"email","value":"');
      writeValue(events, account, slot, person.isPhone[slot] === 1);
      events.ascii('","purpose":"ads.match","at":"');
      writeInstant(events, withdrawn * 1000);
      events.ascii('"}\n');
      row(eventTable, account * SLOTS + slot, withdrawn);
    }
    for (const file of files) if (file.isFull) await file.pour();
  }
  await Promise.all(files.map((file) => file.close()));
  const securityGrants = Object.fromEntries(SECURITY.map(({ slot, purpose }) => [purpose, bySlot[slot]!]));
  return { grants, contactPoints, securityGrants };
}

/** Whole numbers as one line of CSV. */
function row(file: Bytes, ...numbers: number[]): void {
  for (const [i, number] of numbers.entries()) {
    if (i > 0) file.byte(44);
    file.decimal(number);
  }
  file.byte(10);
}

export function writeAccount(out: Bytes, account: number): void {
  out.byte(117);
  out.base36(account);
}

const MAIL = utf8("@mail.example");
const LETTERS = utf8("smrk");

function writeValue(out: Bytes, account: number, slot: number, isPhone: boolean): void {
  if (isPhone) {
    out.ascii("+4915");
    out.decimal(slot);
    out.padded(account, 9);
  } else {
    out.byte(LETTERS[slot]!);
    out.base36(account);
    out.put(MAIL);
  }
}

/** Lists, what they matched, and whom ads were shown. */
class ListWriter {
  readonly #folder: string;
  readonly #tables: string | undefined;
  readonly #accounts: number;
  readonly #seed: number;
  readonly #person: Person;
  readonly #draw = new Draw();
  readonly #truth: Truth;
  readonly #lists: CaseList[] = [];
  #rows = 0;
  #memberships = 0;
  #showings = 0;

  constructor(folder: string, tables: string | undefined, accounts: number, seed: number) {
    this.#folder = folder;
    this.#tables = tables;
    this.#accounts = accounts;
    this.#seed = seed;
    this.#person = new Person(seed);
    this.#truth = new Truth(seed, accounts);
  }

  async write(count: number, matches: number) {
    const files = await Promise.all([
      ...["memberships.csv", "showings.csv"].map((name) => createTable(this.#tables, name)),
      ByteFile.create(join(this.#folder, "showings.bin")),
    ]);
    const weights = Float64Array.from({ length: count }, (_, i) => (i + 5) ** -0.7);
    const sum = weights.reduce((a, b) => a + b);
    for (let list = 0; list < count; list++) {
      const size = Math.min(Math.floor(this.#accounts / 4), Math.max(20, Math.round((matches * weights[list]!) / sum)));
      await this.#writeList(list, size, files as [ByteFile, ByteFile, ByteFile]);
    }
    await Promise.all(files.map((file) => file.close()));
    return {
      ...{ lists: this.#lists, listRows: this.#rows, memberships: this.#memberships, showings: this.#showings },
      truth: this.#truth.result(),
    };
  }

  async #writeList(list: number, size: number, [table, showTable, showings]: [ByteFile, ByteFile, ByteFile]) {
    const draw = this.#draw.from(this.#seed, list, 2);
    const at = LISTS_FROM + draw.below(END - LISTS_FROM - 1);
    const replacedAt = at + DAY * (90 + draw.below(300));
    const isReplaced = draw.below(12) === 0 && replacedAt < END;
    const isBroker = draw.below(20) === 0;
    const advertiser = isBroker ? `broker-${draw.below(8)}` : `advertiser-${list >> 2}`;
    const name = `list-${list}`;
    const members = await this.#drawMembers(draw, join(this.#folder, "lists", `${name}.csv`), size, at);
    this.#lists.push({ file: `${name}.csv`, advertiser, name, operation: "create", at });
    const stays = (point: number) => !isReplaced || (mix3(this.#seed, point, list) & 1) === 1;
    if (isReplaced) {
      const file = `${name}-again.csv`;
      await this.#writeMembers(join(this.#folder, "lists", file), members.filter(stays));
      this.#lists.push({ file, advertiser, name, operation: "replace", at: replacedAt });
    }
    const leaving = (point: number) => (stays(point) ? FOR_GOOD : replacedAt);
    for (const point of members) {
      row(table, list, point, at, leaving(point));
      if (table.isFull) await table.pour();
    }
    this.#memberships += members.length;
    // Ads run for sixty days from the match on, to one member in five; only while the list stands as it was first sent.
    const until = Math.min(isReplaced ? replacedAt : END, at + 60 * DAY);
    const shown = (account: number) => {
      const drawn = mix3(this.#seed, account, list + 0x4000_0000);
      if (drawn % 5 !== 0) return undefined;
      const when = at + (mix3(drawn, account, list) % (until - at));
      return { at: when, campaign: `${name}-${drawn % 10 === 0 ? "a" : "b"}` };
    };
    this.#truth.add(advertiser, { members, at, leaving }, shown);
    let last = -1;
    for (const point of members) {
      const account = Math.floor(point / SLOTS);
      const showing = account === last ? undefined : shown(account);
      last = account;
      if (showing === undefined) continue;
      this.#showings++;
      const campaign = 2 * list + (showing.campaign.endsWith("a") ? 0 : 1);
      row(showTable, list, campaign, account, showing.at);
      showings.need(4 * SHOWING_WORDS);
      for (const word of [list, campaign, account, showing.at])
        for (let shift = 0; shift < 32; shift += 8) showings.byte((word >>> shift) & 0xff);
      if (showTable.isFull) await showTable.pour();
      if (showings.isFull) await showings.pour();
    }
  }

  /** Draws members until there are enough, strangers between them; the contact points in order, each once. */
  async #drawMembers(draw: Draw, path: string, size: number, at: number): Promise<Uint32Array> {
    const file = await ByteFile.create(path);
    file.ascii("email,phone\n");
    const drawn = new Uint32Array(size);
    for (let found = 0; found < size; ) {
      this.#rows++;
      const point = draw.below(3) === 0 ? -1 : this.#drawPoint(draw, at);
      if (point >= 0) drawn[found++] = point;
      this.#row(file, point, draw);
      // Some advertisers know several contacts of a person.
      if (point % SLOTS > 0 && found < size && draw.below(5) === 0 && this.#person.firstAt[SIGN_UP]! <= at) {
        this.#rows++;
        drawn[found++] = point - (point % SLOTS);
        this.#row(file, drawn[found - 1]!, draw);
      }
      if (file.isFull) await file.pour();
    }
    await file.close();
    drawn.sort();
    let kept = 0;
    for (let i = 0; i < size; i++) if (i === 0 || drawn[i] !== drawn[i - 1]) drawn[kept++] = drawn[i]!;
    return drawn.slice(0, kept);
  }

  /** A contact point that the platform had by then; mostly the one that was given for ads. */
  #drawPoint(draw: Draw, at: number): number {
    const person = this.#person.become(draw.below(this.#accounts));
    const slot = draw.chance(400) ? 1 + draw.below(SLOTS - 1) : SIGN_UP;
    const isThere = (one: number) =>
      person.firstAt[one]! <= at && (person.isPhone[one] === 0 || at >= PHONE_LISTS_FROM);
    if (isThere(slot)) return person.account * SLOTS + slot;
    return isThere(SIGN_UP) ? person.account * SLOTS : -1;
  }

  #row(file: ByteFile, point: number, draw: Draw): void {
    if (point < 0) {
      file.byte(120);
      file.base36(draw.next());
      file.ascii("@elsewhere.example,\n");
      return;
    }
    const [account, slot] = [Math.floor(point / SLOTS), point % SLOTS];
    const isPhone = slot !== SIGN_UP && this.#person.become(account).isPhone[slot] === 1;
    if (isPhone) file.byte(44);
    writeValue(file, account, slot, isPhone);
    if (!isPhone) file.byte(44);
    file.byte(10);
  }

  async #writeMembers(path: string, points: Uint32Array): Promise<void> {
    const file = await ByteFile.create(path);
    file.ascii("email,phone\n");
    for (const point of points) {
      this.#rows++;
      this.#row(file, point, this.#draw);
      if (file.isFull) await file.pour();
    }
    await file.close();
  }
}
