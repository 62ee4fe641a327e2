/**
 * Who was eligible then: whether at an instant in the world an account had a contact point in an audience that was
 * permitted there, by everything known now. What an account's history comes to is found once, and kept as the spans in
 * which it was; most accounts of an audience have the same ones.
 *
 * A membership begins with its match, and ends with the list that took it out or with permission, for good. What is served
 * is who was a member when the size was last released; of lists that were replayed as of the past it is who was one then.
 */
import type { Audience, Audiences, Membership, Memberships } from "../audience/index.js";
import { NumberMap } from "../column/index.js";
import type { Contacts } from "../grant/index.js";
import type { Log } from "../log/index.js";
import type { ReadonlyOrdinalSet } from "../set/index.js";
import { permittedUntilMs } from "./permitted-until.js";

export interface EligibleRooms {
  readonly log: Log;
  readonly contacts: Contacts;
  readonly audiences: Audiences;
  readonly memberships: Memberships;
}

/** Bytes of accounts' spans that are kept of all audiences, about. */
const MAX_KEPT_BYTES = 128 * 1024 * 1024;

export class Eligible {
  readonly #rooms: EligibleRooms;
  /** By audience; the last used last. */
  readonly #kept = new Map<string, EligibleAccounts>();

  constructor(rooms: EligibleRooms) {
    this.#rooms = rooms;
  }

  /** Learns what lists came to; to be waited for before `of`, inside a section, when everything before it counts. */
  async learn(): Promise<void> {
    const { log, contacts, memberships } = this.#rooms;
    await memberships.read(log, contacts);
    let bytes = 0;
    for (const accounts of this.#kept.values()) bytes += accounts.bytes;
    for (const [id, accounts] of this.#kept) {
      if (bytes <= MAX_KEPT_BYTES) break;
      bytes -= accounts.bytes;
      this.#kept.delete(id);
    }
  }

  /** Those who were eligible in an audience; good until anything else is learned. */
  of(id: string): EligibleAccounts {
    const { log, contacts, audiences, memberships } = this.#rooms;
    const audience = audiences.known(id);
    const { more, accountEvents, corrections } = contacts;
    const learned = [audience.position, audience.releases.length, more.count, accountEvents.count];
    const state = [...learned, corrections.steps.length].join();
    const known = this.#kept.get(id);
    this.#kept.delete(id);
    const accounts =
      known?.state === state
        ? known
        : new EligibleAccounts(state, contacts, audience, memberships.of(id, log.position));
    this.#kept.set(id, accounts);
    return accounts;
  }
}

/** Three numbers for each span: from when on a match counts, when a list ended it, when permission did. */
type Spans = readonly number[];

/** Accounts that one audience keeps, some 11 bytes each. */
const MAX_ACCOUNTS = 8_000_000;

/** The accounts of one audience, each looked at when it is first asked for. */
export class EligibleAccounts {
  /** What it was made of. */
  readonly state: string;
  readonly #contacts: Contacts;
  readonly #audience: Audience;
  readonly #memberships: readonly Membership[];
  /** Places of accounts' spans. */
  #places = new NumberMap();
  #spans: Spans[] = [];
  #placeOf = new Map<string, number>();

  constructor(state: string, contacts: Contacts, audience: Audience, memberships: readonly Membership[]) {
    this.state = state;
    this.#contacts = contacts;
    this.#audience = audience;
    this.#memberships = memberships;
  }

  /** What it keeps, about. */
  get bytes(): number {
    return 1024 + this.#places.bytes + 256 * this.#spans.length;
  }

  wasEligible(account: number, atMs: number): boolean {
    const servedAsOfMs = this.#servedAsOfMs(atMs);
    const spans = this.#spansOf(account);
    for (let at = 0; at < spans.length; at += 3) {
      if (spans[at]! <= servedAsOfMs && servedAsOfMs < spans[at + 1]! && atMs < spans[at + 2]!) return true;
    }
    return false;
  }

  /** As of when members were served at an instant; NaN while nothing was. */
  #servedAsOfMs(atMs: number): number {
    const { isReplayed, releases } = this.#audience;
    if (isReplayed) return atMs;
    for (let i = releases.length - 1; i >= 0; i--) {
      const { atMs: releasedMs, isServed } = releases[i]!;
      if (releasedMs <= atMs) return isServed ? releasedMs : Number.NaN;
    }
    return Number.NaN;
  }

  #spansOf(account: number): Spans {
    const known = this.#places.get(account);
    if (known >= 0) return this.#spans[known]!;
    if (this.#places.size >= MAX_ACCOUNTS) {
      this.#places = new NumberMap();
      this.#spans = [];
      this.#placeOf = new Map();
    }
    const spans = this.#found(account);
    const key = spans.join();
    const place = this.#placeOf.get(key) ?? this.#spans.push(spans) - 1;
    this.#placeOf.set(key, place);
    this.#places.set(account, place);
    return this.#spans[place]!;
  }

  #found(account: number): Spans {
    const contacts = this.#contacts;
    const { accounts, points } = contacts;
    const spans: number[] = [];
    for (let number = accounts.firstPoint[account]! - 1; number >= 0; number = points.next[number]! - 1) {
      for (const { fromMs, toMs, ordinals } of this.#memberships) {
        if (!hasPoint(contacts, ordinals, number)) continue;
        const untilMs = permittedUntilMs(contacts, number, fromMs);
        if (untilMs > fromMs) spans.push(fromMs, toMs, untilMs);
      }
    }
    return spans;
  }
}

/** Whether a stretch of a contact point is a member. */
function hasPoint(contacts: Contacts, ordinals: ReadonlyOrdinalSet, number: number): boolean {
  for (let ordinal = contacts.ordinalOf(number); ; ordinal = contacts.points.ordinalBefore(ordinal)) {
    if (ordinals.has(ordinal)) return true;
    if (ordinal === number) return false;
  }
}
