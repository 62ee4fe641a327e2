/**
 * One account of the sample case, as it really was: what it gave where, what it objected to, by which contact it was matched,
 * and what it was shown. What of that the platform can still tell is for the files to say.
 */
import type { Draw } from "./draw.js";
import { type SampleList, STOPPED_AT } from "./lists.js";
import { isForAds, SAMPLE_NOTICES, type SampleNotice } from "./notices.js";

export interface Point {
  readonly kind: "email" | "phone";
  /** Its normal form. */
  readonly form: string;
  /** As the person writes it. */
  readonly spelling: string;
}

/** Where the platform kept a contact. */
type ContactTable = "users" | "phone_signups" | "phones" | "security_contacts";

export interface Contact {
  readonly point: Point;
  readonly notice: SampleNotice;
  readonly atMs: number;
  readonly table: ContactTable;
  /** What was left of its value. */
  readonly kept: "value" | "digest" | "nothing";
}

interface Objection {
  readonly atMs: number;
  /** Of one contact point; undefined: to all ads that are chosen for one. */
  readonly point: Point | undefined;
  /** Whether it was written down which contact it was. */
  readonly isNamed: boolean;
}

export interface Membership {
  readonly list: SampleList;
  readonly points: readonly Point[];
  /** Exclusive; Infinity: it goes on. */
  readonly endMs: number;
  readonly shown: readonly { readonly atMs: number; readonly campaign: string }[];
}

export interface Account {
  readonly id: string;
  readonly country: string | undefined;
  readonly contacts: readonly Contact[];
  /** Closed: its contacts were deleted, that it had been matched was not. */
  readonly isClosed: boolean;
  readonly objections: readonly Objection[];
  readonly memberships: readonly Membership[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const FIRST_DAY = at("2012-01-01");
const LAST_CREATED = at("2019-07-01");
const LAST_GIVEN = at("2019-09-10");
/** A person is in few lists. */
const MAX_LISTS = 5;
/** Account numbers are a permutation of numbers below this. */
const NUMBERS = 1_000_000_007;
const NUMBER_STEP = 7_919_317;

interface Country {
  readonly name: string;
  readonly code: string;
  readonly prefixes: readonly string[];
  readonly rest: number;
}
const country = (name: string, code: string, rest: number, prefixes: string): Country => ({
  ...{ name, code, rest, prefixes: prefixes.split(" ") },
});
const COUNTRIES = [
  country("US", "1", 6, "2122 4153 6505 3034"),
  country("US", "1", 6, "2068 3105 7024 8187"),
  country("DE", "49", 8, "151 152 157 176"),
  country("GB", "44", 6, "7400 7511 7700 7911"),
  country("FR", "33", 7, "61 62 67 75"),
  country("IN", "91", 7, "981 982 987 991"),
] as const;
const NAMES = ["ada", "bo", "cleo", "dario", "edda", "femi", "gus", "hana", "ines", "jun", "kofi", "lea"] as const;

/** @param number from 0 on @param draw of this account alone */
export function drawAccount(number: number, draw: Draw, lists: readonly SampleList[]): Account {
  const id = String((number * NUMBER_STEP + 104_729) % NUMBERS);
  const home = draw.one(COUNTRIES);
  const person = new Person(id, home, draw);
  const contacts = drawContacts(person, home, draw);
  const objections = drawObjections(contacts, draw);
  const isClosed = objections.length === 0 && contacts.every(({ notice }) => isForAds(notice)) && draw.chance(0.02);
  return {
    ...{ id, country: draw.chance(0.95) ? home.name : undefined, contacts, isClosed, objections },
    memberships: drawMemberships(contacts, objections, lists, draw),
  };
}

/** Somebody with two e-mail addresses and two numbers at most, of which the first is the usual one. */
class Person {
  readonly #emails: readonly Point[];
  readonly #phones: readonly Point[];
  readonly #draw: Draw;

  constructor(id: string, { name, code, prefixes, rest }: Country, draw: Draw) {
    this.#draw = draw;
    this.#emails = ["example.com", "example.org"].map((domain): Point => {
      const form = `${draw.one(NAMES)}.${id}@${domain}`;
      return { kind: "email", form, spelling: draw.chance(0.2) ? form[0]!.toUpperCase() + form.slice(1) : form };
    });
    this.#phones = [0, 1].map((): Point => {
      const prefix = draw.one(prefixes);
      const number = String(draw.between(0, 10 ** rest)).padStart(rest, "0");
      const isAtHome = name === "DE" && draw.chance(0.5);
      const spelling = isAtHome ? `0${prefix} ${number}` : `+${code} ${prefix} ${number}`;
      return { kind: "phone", form: `+${code}${prefix}${number}`, spelling };
    });
  }

  email = (usual: number): Point => this.#emails[this.#draw.chance(usual) ? 0 : 1]!;
  phone = (usual: number): Point => this.#phones[this.#draw.chance(usual) ? 0 : 1]!;
}

function drawContacts(person: Person, { name }: Country, draw: Draw): Contact[] {
  // More at the beginning, as platforms grow.
  const created = FIRST_DAY + Math.floor((LAST_CREATED - FIRST_DAY) * draw.share() ** 1.5);
  const contacts: Contact[] = [];
  /** With the notice that was shown then: the last of these. */
  const give = (point: Point, atMs: number, table: ContactTable, notices: readonly SampleNotice[]) => {
    const notice = notices.findLast(({ fromMs }) => fromMs <= atMs)!;
    const kept =
      table === "security_contacts"
        ? "nothing"
        : table === "phones"
          ? draw.one(["value", "value", "digest", "nothing"] as const)
          : draw.chance(0.1)
            ? "digest"
            : "value";
    contacts.push({ point, notice, atMs: wholeSecond(atMs), table, kept });
  };
  const { signUp, signUpLater, signUpHindi, twoFactor, unlock, recovery, recoveryLater, loginAlerts } = SAMPLE_NOTICES;
  const since = ({ fromMs }: SampleNotice) => {
    const firstMs = Math.max(created, fromMs) + HOUR_MS;
    return firstMs + Math.floor((LAST_GIVEN - firstMs) * draw.share() ** 1.5);
  };

  const way = draw.share();
  const signUps = name === "IN" && draw.chance(0.5) ? [signUpHindi] : [signUp, signUpLater];
  if (way < 0.74) give(person.email(1), created, "users", signUps);
  else if (way < 0.82) give(person.phone(1), created, "phone_signups", [signUp, signUpLater]);
  // The others came with another company's login, and gave no contact.

  if (draw.chance(0.06)) give(person.phone(0.95), since(twoFactor), "phones", [twoFactor]);
  if (draw.chance(0.3)) {
    if (draw.chance(0.6)) give(person.phone(0.9), since(unlock), "phones", [unlock]);
    else give(person.email(0.6), since(unlock), "security_contacts", [unlock]);
  }
  if (draw.chance(0.16)) give(person.phone(0.9), since(recovery), "phones", [recovery, recoveryLater]);
  if (draw.chance(0.05)) give(person.email(0.2), since(recoveryLater), "security_contacts", [recoveryLater]);
  if (draw.chance(0.05)) give(person.email(0.7), since(loginAlerts), "security_contacts", [loginAlerts]);
  return contacts;
}

function drawObjections(contacts: readonly Contact[], draw: Draw): Objection[] {
  const first = contacts[0];
  if (first === undefined || !draw.chance(0.06)) return [];
  const { point, atMs } = draw.one(contacts);
  const laterMs = wholeSecond(draw.between(Math.max(atMs, first.atMs) + DAY_MS, LAST_GIVEN + 2 * DAY_MS));
  const isWhole = draw.chance(0.6);
  return [{ atMs: laterMs, point: isWhole ? undefined : point, isNamed: !isWhole && draw.chance(0.6) }];
}

/** The platform's mistake: every contact was matched, whatever it was given for. It let go of who objected to all. */
function drawMemberships(
  contacts: readonly Contact[],
  objections: readonly Objection[],
  lists: readonly SampleList[],
  draw: Draw,
): Membership[] {
  const objectedMs = Math.min(
    Number.POSITIVE_INFINITY,
    ...objections.filter(({ point }) => point === undefined).map(({ atMs }) => atMs),
  );
  const memberships: Membership[] = [];
  for (const list of lists) {
    if (memberships.length === MAX_LISTS || list.atMs >= objectedMs) break;
    const there = contacts.filter(({ atMs, point }) => atMs <= list.atMs && list.kinds.includes(point.kind));
    const points = [...new Set(there.map(({ point }) => point))];
    if (points.length === 0 || !draw.chance(list.reach)) continue;
    const named = points.filter(() => draw.chance(0.7));
    const endMs = Math.min(list.endMs, objectedMs);
    const shown = Array.from({ length: draw.between(0, 4) }, () => {
      const atMs = wholeSecond(draw.between(list.atMs, Math.min(endMs, STOPPED_AT) - 1000));
      return { atMs: Math.max(atMs, list.atMs), campaign: `${list.list} ${draw.one(["spring", "summer", "winter"])}` };
    });
    memberships.push({ list, points: named.length === 0 ? [points[0]!] : named, endMs, shown });
  }
  return memberships;
}

const wholeSecond = (ms: number): number => ms - (ms % 1000);
