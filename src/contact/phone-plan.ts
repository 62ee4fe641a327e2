/**
 * Numbering plans as tables, made from the phone library's own metadata, for the numbers whose reading
 * needs no thought: what a number's first three digits say about a national prefix, and which lengths are
 * possible. Where a plan needs more than that (a carrier code, an area code put in or moved, countries
 * that share a calling code and differ in length), the tables say so and the library is asked.
 * The tables hold nothing that the metadata does not; phone.test.ts holds both against each other.
 */
import metadata from "libphonenumber-js/metadata.max";
import { tellPhonePlan } from "../kernel/index.js";
import { alternatives, mayBegin, PREFIXES } from "./digit-prefixes.js";

/** What is to be done with a national number, by its first three digits. */
export const AS_IT_IS = 0;
/** 1 and 2: so many digits of national prefix come off, if what is left has a possible length. */
const MAX_STRIP = 2;
export const ASK = 3;

/** Metadata's form that these places belong to. */
const METADATA_VERSION = 4;
const IDD_PREFIX = 1;
const NATIONAL_PATTERN = 2;
const LENGTHS = 3;
const NATIONAL_PREFIX = 5;
const PREFIX_FOR_PARSING = 7;

export interface NumberPlan {
  readonly callingCode: string;
  /** By the first three digits of a national number: AS_IT_IS, digits to strip, or ASK. */
  readonly action: Uint8Array;
  /** Bit n: a national number of n digits is possible in every country of the calling code. */
  readonly everywhere: number;
  /** Bit n: it is possible in one of them. */
  readonly somewhere: number;
}

export interface RegionPlan extends NumberPlan {
  /** By the first three digits: 1 if they may be the region's way to dial abroad. */
  readonly abroad: Uint8Array;
  /** Most digits of a national number in this region. */
  readonly longest: number;
}

/** Tables are only made from metadata in the form that they know. */
const isKnownForm = metadata.version === METADATA_VERSION;

/** How many digits of a number, by its first three, are its calling code; 0 when they are none. */
export const CALLING_CODE_DIGITS: Uint8Array = callingCodeDigits();

const plans: (NumberPlan | undefined)[] = new Array(PREFIXES);

/** The plan of the calling code that a number's first three digits begin with, which must be one. */
export function internationalPlan(firstThree: number): NumberPlan {
  return plans[firstThree] ?? makePlan(firstThree);
}

/** Making one takes a millisecond, so it is made for the first number that asks, and the kernels know it from then on. */
function makePlan(firstThree: number): NumberPlan {
  const codeDigits = CALLING_CODE_DIGITS[firstThree]!;
  const callingCode = String(firstThree).slice(0, codeDigits);
  const rows = rowsOf(callingCode);
  const made = plan(callingCode, rows[0]!, rows);
  const width = 10 ** (3 - codeDigits);
  const first = Number(callingCode) * width;
  plans.fill(made, first, first + width);
  tellPhonePlan(
    callingCode,
    made.everywhere,
    made.action.map((action) => (action === AS_IT_IS ? 1 : 0)),
  );
  return made;
}

const regionPlans = new Map<string, RegionPlan | undefined>();

/** The plan of numbers written as in a region; undefined where the library has to read them all. */
export function regionPlan(region: string): RegionPlan | undefined {
  if (!regionPlans.has(region)) regionPlans.set(region, makeRegionPlan(region));
  return regionPlans.get(region);
}

function makeRegionPlan(region: string): RegionPlan | undefined {
  const row = Object.entries(metadata.countries).find(([name]) => name === region)?.[1];
  if (row === undefined || !isKnownForm) return undefined;
  const callingCode = String(row[0]);
  const own = lengths(row);
  return {
    ...plan(callingCode, row, rowsOf(callingCode)),
    abroad: mayBegin(String(row[IDD_PREFIX])),
    longest: 31 - Math.clz32(own),
  };
}

/** A country's metadata: a list whose places have fixed meanings. */
type Row = readonly unknown[];

function rowsOf(callingCode: string): Row[] {
  const countries = Object.entries(metadata.country_calling_codes).find(([code]) => code === callingCode)?.[1];
  if (countries === undefined) return [metadata.nonGeographic[callingCode] ?? []];
  const rows = new Map<string, Row>(Object.entries(metadata.countries));
  return countries.map((country) => rows.get(country) ?? []);
}

function plan(callingCode: string, row: Row, all: readonly Row[]): NumberPlan {
  return {
    callingCode,
    action: actions(row),
    everywhere: all.reduce((mask, other) => mask & lengths(other), -1),
    somewhere: all.reduce((mask, other) => mask | lengths(other), 0),
  };
}

function lengths(row: Row): number {
  const list = row[LENGTHS];
  if (!Array.isArray(list)) return 0;
  return list.reduce<number>((mask, length) => mask | (1 << Number(length)), 0);
}

function actions(row: Row): Uint8Array {
  const action = new Uint8Array(PREFIXES);
  const prefix = row[PREFIX_FOR_PARSING] || row[NATIONAL_PREFIX];
  if (typeof prefix !== "string") return action;
  // Only where a whole number can't begin like this is it sure that the prefix is one.
  const whole = mayBegin(String(row[NATIONAL_PATTERN]));
  const ways = alternatives(prefix);
  for (let firstThree = 0; firstThree < PREFIXES; firstThree++) {
    const way = ways.find((alternative) => alternative.mayBegin[firstThree] === 1);
    if (way === undefined) continue;
    const strip = way.literal?.length ?? ASK;
    action[firstThree] = strip <= MAX_STRIP && whole[firstThree] === 0 ? strip : ASK;
  }
  return action;
}

function callingCodeDigits(): Uint8Array {
  const digits = new Uint8Array(PREFIXES);
  if (!isKnownForm) return digits;
  const codes = new Set([...Object.keys(metadata.country_calling_codes), ...Object.keys(metadata.nonGeographic)]);
  // The shortest that fits, as the library looks for it; none begins with 0.
  for (let firstThree = 100; firstThree < PREFIXES; firstThree++) {
    const text = String(firstThree);
    digits[firstThree] = [1, 2, 3].find((length) => codes.has(text.slice(0, length))) ?? 0;
  }
  return digits;
}
