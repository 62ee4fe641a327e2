/**
 * The lists that the sample case's advertisers uploaded, by what they were matched, and what the platform wrote down of it.
 */
import type { Draw } from "./draw.js";

export interface SampleList {
  readonly advertiser: string;
  readonly list: string;
  /** Kinds of contact that it was matched by. */
  readonly kinds: readonly ("email" | "phone")[];
  readonly atMs: number;
  /** When the advertiser took it down; Infinity: it was still there when all was stopped. */
  readonly endMs: number;
  /** Share of those with such a contact whom it names. */
  readonly reach: number;
  /** What was written down of a match: in the old log no more than who; later by which kind, or which contact. */
  readonly written: "account" | "kind" | "identifier";
  readonly match: string;
}

const DAY_MS = 86_400_000;
const ADVERTISERS = [
  "Amberfold Shoes",
  "Brookmere Travel",
  "Cinderwick Bank",
  "Dovetree Games",
  "Elderquay Insurance",
  "Fennimoss Grocers",
  "Gorselight Data Partner",
] as const;
const LIST_NAMES = ["customers", "newsletter", "lapsed", "loyalty", "prospects", "app users"] as const;
const LISTS = 28;
const FIRST_AT = Date.parse("2014-01-20T00:00:00Z");
/** Phone lists came later. */
const PHONES_FROM = Date.parse("2014-09-01T00:00:00Z");
/** From here on the log has ends, and what matched. */
const NEW_LOG_FROM = Date.parse("2016-07-01T00:00:00Z");
const LAST_AT = Date.parse("2019-08-01T00:00:00Z");
/** When the platform saw what it was doing. */
export const STOPPED_AT = Date.parse("2019-09-17T00:00:00Z");

export function drawLists(draw: Draw): SampleList[] {
  return Array.from({ length: LISTS }, (_, i) => {
    const day = Math.floor(((LAST_AT - FIRST_AT) / DAY_MS) * (i / LISTS)) + draw.between(0, 40);
    const atMs = FIRST_AT + day * DAY_MS;
    const endMs = atMs + draw.between(60, 500) * DAY_MS;
    const advertiser = ADVERTISERS[i % ADVERTISERS.length]!;
    const isPartner = advertiser === ADVERTISERS.at(-1);
    const kind = atMs > PHONES_FROM && draw.chance(0.4) ? "phone" : "email";
    const name = isPartner ? "segment" : draw.one(LIST_NAMES);
    return {
      advertiser,
      list: `${name} ${new Date(atMs).toISOString().slice(0, 7)}`,
      kinds: isPartner && atMs > PHONES_FROM ? ["email", "phone"] : [kind],
      // A night's run.
      atMs: atMs + draw.between(1, 5 * 3600) * 1000,
      endMs: endMs < STOPPED_AT && draw.chance(0.7) ? endMs : Number.POSITIVE_INFINITY,
      reach: isPartner ? 0.2 : 0.04 + 0.1 * draw.share(),
      written: atMs < NEW_LOG_FROM ? "account" : draw.one(["identifier", "kind", "account"]),
      match: `m${(0xa0d17 + i).toString(16).padStart(16, "0")}`,
    };
  });
}

export const isInOldLog = ({ atMs }: SampleList): boolean => atMs < NEW_LOG_FROM;
