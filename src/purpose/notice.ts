/**
 * Notices: the exact text a person was shown at one surface, with its purposes; and the book of those in force.
 *
 * A notice is immutable; a new version replaces it. Adoption and retirement are effects of a proposal that
 * two operators signed; this file only says what the effect is, and refuses a notice that claims an ads
 * purpose in words that never mention advertising, unless the approver confirmed that purpose by name.
 */
import { z } from "zod";
import { mentionsAdvertising } from "./advertising-words.js";
import { PurposeError } from "./error.js";
import { isPromotional, isSecurity, type Purpose, purposeNames } from "./purposes.js";
import { sourceSchema } from "./source.js";

/** Notice versions are numbered in two bytes of every grant. */
export const MAX_NOTICE_VERSIONS = 65_000;
export const MAX_NOTICE_TEXT_BYTES = 64 * 1024;

/** Control characters but line breaks and tabs, and those that turn the direction of writing: they hide what is read. */
export const HIDING_CHARACTERS = /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
const isReadable = (text: string): boolean => text.search(HIDING_CHARACTERS) < 0;
const UNREADABLE = "holds control characters, or characters that turn the direction of writing";

const instant = z.union([z.iso.datetime({ offset: true }), z.date().transform((date) => date.toISOString())]);

/** The form of a notice in YAML and JSON. */
export const noticeSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "an id is a-z, 0-9, dot, dash, underscore; at most 64"),
  surface: z
    .string()
    .min(1)
    .max(200)
    .refine(isReadable, UNREADABLE)
    .refine((text) => !/[\n\t]/.test(text), "is one line"),
  version: z.int().min(1).max(1_000_000),
  language: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, "a language is a BCP 47 tag such as en or de-AT"),
  text: z
    .string()
    .min(1)
    .refine(isReadable, UNREADABLE)
    .refine((text) => Buffer.byteLength(text) <= MAX_NOTICE_TEXT_BYTES, "a text has at most 64 KiB"),
  purposes: z.array(z.enum(purposeNames as [Purpose, ...Purpose[]])).min(1),
  exclusive: z.boolean().default(false),
  subject: z.enum(["self", "other"]).default("self"),
  sources: z.array(sourceSchema.shape.name).min(1).default(["local"]),
  effective_from: instant,
});

export type Notice = z.infer<typeof noticeSchema>;

/**
 * Checks the form of a notice.
 * @throws {PurposeError} code `malformed-notice`, naming the field
 */
export function parseNotice(value: unknown): Notice {
  const parsed = noticeSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new PurposeError("malformed-notice", `notice: ${issue.path.join(".") || "form"}: ${issue.message}`);
}

/** What is wrong with one field of a notice. */
export interface NoticeIssue {
  readonly field: string;
  readonly message: string;
}

/** All that is wrong with the form of a notice; one for each field. */
export function noticeIssues(value: unknown): NoticeIssue[] {
  const issues = new Map<string, string>();
  for (const { path, message } of noticeSchema.safeParse(value).error?.issues ?? []) {
    const field = String(path[0] ?? "form");
    if (!issues.has(field)) issues.set(field, message);
  }
  return [...issues].map(([field, message]) => ({ field, message }));
}

/** What a notice version means for the last specific promise, one bit each; kept by version index. */
export const NOTICE_CLASS = {
  /** Names `ads.match`. */
  namesAds: 1,
  /** Exclusive, and does not name `ads.match`: takes an earlier grant away. */
  excludesAds: 2,
  /** Asks for the person's own contact. */
  self: 4,
  /** For security, or exclusive: newly permitting such a contact counts as freeing it. */
  guarded: 8,
} as const;

export interface NoticeVersion {
  /** Position in the book, by order of adoption; what grants carry. */
  readonly index: number;
  readonly notice: Notice;
  readonly adoptedAtMs: number;
  readonly adoptedAt: number;
  /** From when a row may name it. */
  readonly fromMs: number;
  /** Until when (exclusive); Infinity while it is not retired. */
  readonly toMs: number;
}

/** What readers of rows need to resolve a reference; plain data that can be sent to a worker. */
export interface NoticeTable {
  readonly references: {
    ref: string;
    byId: boolean;
    versions: { version: number; fromMs: number; toMs: number; sources: string[] }[];
  }[];
  /** By version index: 1 if a grant under it may count for `ads.match`. */
  readonly mayMatch: Uint8Array;
}

interface Entry {
  notice: Notice;
  adoptedAtMs: number;
  adoptedAt: number;
  retiredFromMs: number;
}

export class NoticeBook {
  readonly #versions: Entry[] = [];
  readonly #byId = new Map<string, number[]>();
  /** Ledger position of the first row that named an id. */
  readonly #firstNamedAt = new Map<string, number>();
  #classes: Uint8Array = new Uint8Array(256);
  #retirements = 0;
  #table: NoticeTable | undefined;

  get size(): number {
    return this.#versions.length;
  }

  /** NOTICE_CLASS bits by version index. */
  get classes(): Uint8Array {
    return this.#classes;
  }

  /**
   * Whether `notice` could be adopted now.
   * @throws {PurposeError} codes `version-exists`, `version-too-low`, `too-many-notices`, `unconfirmed-purpose`
   */
  checkAdoption(notice: Notice, confirmed: readonly string[] | undefined): void {
    if (this.#versions.length >= MAX_NOTICE_VERSIONS) {
      throw new PurposeError("too-many-notices", `a book holds at most ${MAX_NOTICE_VERSIONS} notice versions`);
    }
    const latest = this.latest(notice.id);
    if (latest !== undefined && latest.notice.version === notice.version) {
      throw new PurposeError(
        "version-exists",
        `${notice.id}@${notice.version} exists and is immutable`,
        "propose the next version",
      );
    }
    if (latest !== undefined && latest.notice.version > notice.version) {
      throw new PurposeError(
        "version-too-low",
        `${notice.id} is at version ${latest.notice.version} already`,
        "propose a higher version",
      );
    }
    if (confirmed === undefined) return;
    for (const purpose of unmentionedPurposes(notice)) {
      if (confirmed.includes(purpose)) continue;
      throw new PurposeError(
        "unconfirmed-purpose",
        `${notice.id}@${notice.version} claims ${purpose}, and its text never mentions advertising`,
        `read the text again; if people understood it so, approve with --confirm ${purpose}`,
      );
    }
  }

  /** Takes a notice into force; the effect of an approved `notice.adopt`. */
  adopt(notice: Notice, confirmed: readonly string[], position: number, atMs: number): NoticeVersion {
    this.checkAdoption(notice, confirmed);
    const index = this.#versions.length;
    this.#versions.push({ notice, adoptedAtMs: atMs, adoptedAt: position, retiredFromMs: Number.POSITIVE_INFINITY });
    const versions = this.#byId.get(notice.id);
    if (versions === undefined) this.#byId.set(notice.id, [index]);
    else versions.push(index);
    if (index >= this.#classes.length) {
      const grown = new Uint8Array(this.#classes.length * 2);
      grown.set(this.#classes);
      this.#classes = grown;
    }
    this.#classes[index] = classOf(notice);
    this.#table = undefined;
    return this.version(index);
  }

  /**
   * Whether `id` (or `id@version`) could be retired from `fromMs` on.
   * @throws {PurposeError} codes `unknown-notice`, `retire-in-past`
   */
  checkRetirement(reference: string, fromMs: number, nowMs: number): void {
    this.#indexes(reference);
    if (fromMs < nowMs) {
      throw new PurposeError(
        "retire-in-past",
        "a notice can't be retired from a time in the past",
        "leave --from out to retire it now",
      );
    }
  }

  /** How often notices were retired. */
  get retirements(): number {
    return this.#retirements;
  }

  /** The effect of an approved `notice.retire`: never earlier than the approval itself. */
  retire(reference: string, fromMs: number, atMs: number): void {
    this.#retirements++;
    for (const index of this.#indexes(reference)) {
      const entry = this.#versions[index]!;
      entry.retiredFromMs = Math.min(entry.retiredFromMs, Math.max(fromMs, atMs));
    }
    this.#table = undefined;
  }

  /** Remembers that rows of the leaf at `position` named this version. */
  named(index: number, position: number): void {
    const { id } = this.#versions[index]!.notice;
    if (this.#firstNamedAt.has(id)) return;
    this.#firstNamedAt.set(id, position);
    this.#table = undefined;
  }

  /** Where each id was first named, for snapshots. */
  get firstNamedAt(): ReadonlyMap<string, number> {
    return this.#firstNamedAt;
  }

  restoreNamed(named: Iterable<readonly [string, number]>): void {
    for (const [id, position] of named) this.#firstNamedAt.set(id, position);
    this.#table = undefined;
  }

  /** @throws {PurposeError} code `unknown-notice` */
  version(index: number): NoticeVersion {
    const entry = this.#versions[index];
    if (entry === undefined) throw new PurposeError("unknown-notice", `no notice version has the index ${index}`);
    const effectiveMs = Date.parse(entry.notice.effective_from);
    const namedAt = this.#firstNamedAt.get(entry.notice.id);
    const moreOfNamed = namedAt !== undefined && namedAt < entry.adoptedAt;
    return {
      index,
      notice: entry.notice,
      adoptedAtMs: entry.adoptedAtMs,
      adoptedAt: entry.adoptedAt,
      fromMs: moreOfNamed ? Math.max(effectiveMs, entry.adoptedAtMs) : effectiveMs,
      toMs: entry.retiredFromMs,
    };
  }

  versions(): NoticeVersion[] {
    return this.#versions.map((_, index) => this.version(index));
  }

  latest(id: string): NoticeVersion | undefined {
    const index = this.#byId.get(id)?.at(-1);
    return index === undefined ? undefined : this.version(index);
  }

  /**
   * The version that `id@version` names, or the latest of `id`.
   * @throws {PurposeError} code `unknown-notice`
   */
  find(reference: string): NoticeVersion {
    return this.version(this.#indexes(reference).at(-1)!);
  }

  /** How a row's reference is resolved; made anew only when the book has changed. */
  table(): NoticeTable {
    if (this.#table !== undefined) return this.#table;
    const references: NoticeTable["references"] = [];
    for (const [id, indexes] of this.#byId) {
      const versions = indexes.map((index) => {
        const { fromMs, toMs, notice } = this.version(index);
        return { version: index, fromMs, toMs, sources: notice.sources };
      });
      indexes.forEach((index, i) => {
        references.push({
          ref: `${id}@${this.#versions[index]!.notice.version}`,
          byId: false,
          versions: [versions[i]!],
        });
      });
      references.push({
        ref: id,
        byId: true,
        versions: versions.toSorted((a, b) => a.fromMs - b.fromMs || a.version - b.version),
      });
    }
    const needed = NOTICE_CLASS.namesAds | NOTICE_CLASS.self;
    const mayMatch = this.#classes.slice(0, this.size).map((bits) => ((bits & needed) === needed ? 1 : 0));
    this.#table = { references, mayMatch };
    return this.#table;
  }

  #indexes(reference: string): number[] {
    const [id = "", version, ...rest] = reference.split("@");
    const indexes = this.#byId.get(id) ?? [];
    const wanted =
      version === undefined ? indexes : indexes.filter((i) => String(this.#versions[i]!.notice.version) === version);
    if (wanted.length > 0 && rest.length === 0) return wanted;
    throw new PurposeError(
      "unknown-notice",
      `no notice ${reference} is in force`,
      "solely notice list shows those that are",
    );
  }
}

/** The ads purposes that a notice claims though its text never mentions advertising in its language. */
export function unmentionedPurposes(notice: Notice): Purpose[] {
  if (mentionsAdvertising(notice.text, notice.language)) return [];
  return notice.purposes.filter((purpose) => purpose.startsWith("ads."));
}

/** NOTICE_CLASS bits of a notice. */
export function classOf(notice: Pick<Notice, "purposes" | "exclusive" | "subject">): number {
  const namesAds = notice.purposes.includes("ads.match");
  return (
    (namesAds ? NOTICE_CLASS.namesAds : 0) |
    (notice.exclusive && !namesAds ? NOTICE_CLASS.excludesAds : 0) |
    (notice.subject === "self" ? NOTICE_CLASS.self : 0) |
    (notice.exclusive || notice.purposes.some(isSecurity) ? NOTICE_CLASS.guarded : 0)
  );
}

const shown = (value: Notice[keyof Notice]): string => (Array.isArray(value) ? value.join(", ") : String(value));

/** What an approver must see: the notice, and what changes against the version before. */
export interface NoticeReview {
  readonly notice: Notice;
  readonly before: Notice | undefined;
  /** Field by field; text is compared as a whole. */
  readonly changes: { field: string; before: string; after: string }[];
  /** Ads purposes that the text never mentions; each must be confirmed by name. */
  readonly toConfirm: Purpose[];
  readonly promotional: Purpose[];
}

export function reviewNotice(book: NoticeBook, notice: Notice): NoticeReview {
  const before = book.latest(notice.id)?.notice;
  const changes: NoticeReview["changes"] = [];
  if (before !== undefined) {
    for (const field of Object.keys(noticeSchema.shape) as (keyof Notice)[]) {
      const [was, is] = [before[field], notice[field]];
      if (JSON.stringify(was) !== JSON.stringify(is)) changes.push({ field, before: shown(was), after: shown(is) });
    }
  }
  return {
    notice,
    before,
    changes,
    toConfirm: unmentionedPurposes(notice),
    promotional: notice.purposes.filter(isPromotional),
  };
}
