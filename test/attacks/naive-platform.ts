/**
 * A customer-match platform as a good engineer would write it in a week, in memory. Every choice looks reasonable by
 * itself, many were made by large platforms, and each is what a published attack lives on:
 *
 * - one table of contacts by value, whatever each was given for: purposes become the union of them all;
 * - sizes count people exactly, once however many contacts matched, at each reading, and are then rounded;
 * - the floor, and the status with it, is of the true count;
 * - a withdrawal, or a change to a list, is counted at once;
 * - rows that match nobody are kept, and matched when somebody signs up with them;
 * - rows with two identifiers teach it that they are one person's.
 */
import { createHash } from "node:crypto";
import type { AccountFacts, Contact } from "./bed.js";

/** What it gets wrong besides. */
export interface Flaws {
  /** Noise in place of rounding: new at each reading, or kept for an audience, or seeded by what is asked or by who matched. */
  readonly noise?: "fresh" | "per-audience" | "per-content" | "per-set";
  /** The floor is held against the rows of a list, as its sender counts them. */
  readonly isFloorOnRows?: boolean;
  /** `>` where the papers say "at least". */
  readonly isOffByOne?: boolean;
  /** Brokers' lists come by a second way, where nobody put a floor. */
  readonly areBrokersUnchecked?: boolean;
}

export interface NaiveAudience {
  readonly id: string;
  readonly advertiser: string;
  readonly name: string;
  /** Who matched a list. */
  readonly members: Set<string>;
  /** What was sent, by its normal form. */
  readonly sent: Set<string>;
  /** Of an audience that is made out of others. */
  readonly expression?: NaiveExpression;
  readonly isUnchecked: boolean;
  /** By attribute, for reports. */
  breakdown: ReadonlyMap<string, number>;
  /** How often its list, or who is in it, has changed. */
  changes: number;
  /** How many were in it when as much had changed. */
  counted?: { readonly changes: number; readonly size: number };
}

export interface NaiveExpression {
  readonly include: readonly NaiveAudience[];
  readonly exclude: readonly NaiveAudience[];
  readonly with: readonly string[];
  readonly without: readonly string[];
}

/** Standard deviation of its noise: Diffix's for two conditions, each with two layers of one (Gadotti et al. 2019). */
export const NAIVE_SIGMA = 2;
export const NAIVE_FLOOR = 1000;

/** Two significant digits. */
export function rounded(count: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  return Math.round(count / step) * step;
}

export class NaivePlatform {
  readonly audiences = new Map<string, NaiveAudience>();
  /** By the normal form of a contact, and by its SHA-256. */
  readonly #owners = new Map<string, Set<string>>();
  readonly #attributes = new Map<string, readonly string[]>();
  readonly #withdrawn = new Set<string>();
  readonly #waiting = new Map<string, Set<NaiveAudience>>();
  #readings = 0;

  constructor(readonly flaws: Flaws) {}

  learn({ account, value }: Pick<Contact, "account" | "value">): void {
    const normal = normalForm(value);
    for (const form of [normal, sha256(normal)]) {
      const owners = this.#owners.get(form);
      if (owners === undefined) this.#owners.set(form, new Set([account]));
      else owners.add(account);
      // Somebody signs up with what a list brought long ago.
      for (const audience of this.#waiting.get(form) ?? []) {
        audience.members.add(account);
        audience.changes++;
      }
    }
  }

  describe({ account, likesSports }: AccountFacts): void {
    this.#attributes.set(account, likesSports === true ? ["likes_sports"] : []);
  }

  withdraw(account: string): void {
    this.#withdrawn.add(account);
  }

  /** @returns lines of rows that matched nobody, from 2 on: a good answer helps to mend a list */
  take(audience: NaiveAudience, rows: readonly string[], operation: string): number[] {
    if (operation === "replace") {
      audience.members.clear();
      audience.sent.clear();
    }
    audience.changes++;
    const unmatched: number[] = [];
    rows.forEach((row, i) => {
      const forms = row.split(",").filter((cell) => cell !== "");
      const found = this.#ownersOf(forms.map(normalForm));
      if (found.size === 0) unmatched.push(i + 2);
      if (operation === "remove") this.#remove(audience, forms, found);
      else this.#add(audience, forms, found);
    });
    // Where nothing matched there is nothing to count anew.
    if (unmatched.length < rows.length) audience.breakdown = this.#breakdownOf(audience);
    return unmatched;
  }

  #ownersOf(normals: readonly string[]): ReadonlySet<string> {
    const [first, ...others] = normals.map((normal) => this.#owners.get(normal)).filter((found) => found !== undefined);
    if (first === undefined) return new Set();
    return others.length === 0 ? first : new Set([first, ...others].flatMap((owners) => [...owners]));
  }

  #add(audience: NaiveAudience, cells: readonly string[], found: ReadonlySet<string>): void {
    for (const account of found) {
      audience.members.add(account);
      // The row says that its identifiers are one person's.
      if (cells.length > 1) for (const value of cells) this.learn({ account, value });
    }
    for (const normal of cells.map(normalForm)) {
      audience.sent.add(normal);
      if (found.size > 0) continue;
      const waiting = this.#waiting.get(normal);
      if (waiting === undefined) this.#waiting.set(normal, new Set([audience]));
      else waiting.add(audience);
    }
  }

  #remove(audience: NaiveAudience, cells: readonly string[], found: ReadonlySet<string>): void {
    for (const account of found) audience.members.delete(account);
    for (const normal of cells.map(normalForm)) {
      audience.sent.delete(normal);
      this.#waiting.get(normal)?.delete(audience);
    }
  }

  #breakdownOf({ members }: NaiveAudience): Map<string, number> {
    const counts = new Map<string, number>();
    for (const account of members) {
      for (const attribute of this.#attributes.get(account) ?? ["unknown"]) {
        counts.set(attribute, (counts.get(attribute) ?? 0) + 1);
      }
    }
    return counts;
  }

  /** How many are in an audience now: counted anew when anything has changed. */
  #count(audience: NaiveAudience): number {
    const changes = this.#withdrawn.size + this.#changesOf(audience);
    if (audience.counted?.changes !== changes) audience.counted = { changes, size: this.membersOf(audience).size };
    return audience.counted.size;
  }

  #changesOf({ changes, expression }: NaiveAudience): number {
    const parts = [...(expression?.include ?? []), ...(expression?.exclude ?? [])];
    return parts.reduce((sum, part) => sum + this.#changesOf(part), changes);
  }

  /** Who is in an audience now. */
  membersOf({ members, expression }: NaiveAudience): ReadonlySet<string> {
    if (expression === undefined) {
      return this.#withdrawn.size === 0 ? members : new Set([...members].filter((one) => !this.#withdrawn.has(one)));
    }
    const [first, ...others] = expression.include.map((part) => this.membersOf(part));
    const result = new Set(first);
    for (const other of others) for (const account of other) result.add(account);
    for (const part of expression.exclude) for (const account of this.membersOf(part)) result.delete(account);
    if (expression.with.length + expression.without.length === 0) return result;
    for (const account of result) {
      const has = this.#attributes.get(account) ?? [];
      const isIn =
        expression.with.every((attribute) => has.includes(attribute)) &&
        !expression.without.some((attribute) => has.includes(attribute));
      if (!isIn) result.delete(account);
    }
    return result;
  }

  isReady(audience: NaiveAudience, count = this.#count(audience)): boolean {
    const { isFloorOnRows, isOffByOne } = this.flaws;
    if (audience.isUnchecked) return true;
    const held = isFloorOnRows === true ? audience.sent.size : count;
    return isOffByOne === true ? held > NAIVE_FLOOR : held >= NAIVE_FLOOR;
  }

  /** What its advertiser is shown. */
  view(audience: NaiveAudience) {
    const { id, name, advertiser } = audience;
    const count = this.#count(audience);
    const isReady = this.isReady(audience, count);
    const shown = { audience: id, name, advertiser, status: isReady ? "ready" : "too-small" };
    if (!isReady) return { ...shown, size: null };
    // Each reading is a new one.
    const releasedAt = `${new Date().toISOString()} #${++this.#readings}`;
    return { ...shown, size: { value: this.#sizeOf(audience, count), releasedAt } };
  }

  #sizeOf(audience: NaiveAudience, count: number): number {
    const { noise } = this.flaws;
    if (noise === undefined || audience.isUnchecked) return rounded(count);
    const seed = {
      fresh: () => String(this.#readings),
      "per-audience": () => audience.id,
      "per-content": () => contentOf(audience),
      "per-set": () => [...this.membersOf(audience)].sort().join("\n"),
    }[noise]();
    return Math.max(0, count + noiseOf(`${this.#salt} ${seed}`));
  }

  readonly #salt = Math.random();
}

/** Lower case, no tag and no dots for all that Gmail delivers to one box, E.164 of a phone; digests as they are. */
function normalForm(value: string): string {
  const [local, domain] = value.trim().toLowerCase().split("@");
  if (domain === undefined) return /^[0-9a-f]{64}$/.test(value) ? value : `+${value.replace(/\D/g, "")}`;
  return domain === "gmail.com" ? `${local!.replace(/\+.*|\./g, "")}@${domain}` : `${local}@${domain}`;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** What was asked, as a text: the same question always has the same. */
function contentOf({ sent, expression }: NaiveAudience): string {
  if (expression === undefined) return sha256([...sent].join("\n"));
  const { include, exclude, ...attributes } = expression;
  return JSON.stringify([include.map(contentOf), exclude.map(contentOf), attributes]);
}

/** A whole number, normally distributed (Box, Muller 1958), made of a seed. */
function noiseOf(seed: string): number {
  const bytes = createHash("sha256").update(seed).digest();
  const [radius, angle] = [(bytes.readUInt32LE(0) + 1) / 2 ** 32, bytes.readUInt32LE(4) / 2 ** 32];
  return Math.round(NAIVE_SIGMA * Math.sqrt(-2 * Math.log(radius)) * Math.cos(2 * Math.PI * angle));
}
