/**
 * What notices come to in an audit: as they stand, and as corrected; by a claim, or, where there is none, by the rule
 * itself applied to their texts.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import { type Claim, correctionsOf, type Meant, meanings, purposeBits, SPAN } from "../incident/index.js";
import {
  NOTICE_CLASS,
  type Notice,
  NoticeBook,
  type NoticeTable,
  parseNotice,
  unmentionedPurposes,
} from "../purpose/index.js";
import { AuditError } from "./error.js";
import type { FoundNotice } from "./finding.js";
import type { AuditMap } from "./sources.js";

/** The one source that rows of an audit come from. */
export const AUDIT_SOURCE = "audit";

/** Plain data that can be sent to a thread. */
export interface AuditNotices {
  /** How a row's notice, or its surface, is resolved. */
  readonly byNotice: NoticeTable;
  readonly bySurface: NoticeTable;
  /** By notice version: what it comes to, span by span of the time of giving. */
  readonly meant: readonly (readonly Meant[])[];
}

/** Notices of an audit. */
export class AuditedNotices {
  readonly book = new NoticeBook();
  readonly #confirmed: ReadonlySet<string>;

  /** @throws {AuditError} code `malformed-notice` */
  constructor(notices: readonly Notice[], confirmed: readonly string[]) {
    for (const notice of notices.toSorted((a, b) => a.version - b.version)) {
      const own = { ...notice, sources: [AUDIT_SOURCE] };
      try {
        this.book.adopt(own, notice.purposes, 0, 0);
      } catch (cause) {
        throw malformed((cause as Error).message);
      }
    }
    const known = new Set(this.book.versions().map(({ notice }) => nameOf(notice)));
    const unknown = confirmed.find((one) => !known.has(one));
    if (unknown !== undefined) throw malformed(`confirmed: there is no notice ${unknown}; name it as id@version`);
    this.#confirmed = new Set(confirmed);
  }

  /** Whether a notice names ads in a text that never mentions advertising, and nobody confirmed it. */
  #isUnmentioned(notice: Notice): boolean {
    return unmentionedPurposes(notice).includes("ads.match") && !this.#confirmed.has(nameOf(notice));
  }

  /** Surfaces at which notices of different meaning were shown at one time; rows must name the notice there. */
  ambiguousSurfaces(claim: Claim | undefined): string[] {
    const meant = claim === undefined ? this.#byText() : this.#byClaim(claim);
    const versions = this.book.versions().map(({ index, notice, fromMs }) => {
      // The next version of the same notice takes its place.
      const later = this.book.versions().filter((other) => other.notice.id === notice.id && other.fromMs > fromMs);
      const toMs = later.reduce((first, other) => Math.min(first, other.fromMs), Number.POSITIVE_INFINITY);
      const meaning = JSON.stringify([meant[index], [...notice.purposes].sort()]);
      return { surface: notice.surface, id: notice.id, fromMs, toMs, meaning };
    });
    const found = versions.filter((one) =>
      versions.some(
        (other) =>
          other.surface === one.surface &&
          other.id !== one.id &&
          other.meaning !== one.meaning &&
          one.fromMs < other.toMs &&
          other.fromMs < one.toMs,
      ),
    );
    return [...new Set(found.map(({ surface }) => surface))];
  }

  /** @throws {IncidentError} code `malformed-claim` when it is about a notice that there is not */
  forThreads(claim: Claim | undefined): AuditNotices {
    const byNotice = this.book.table();
    const versions = byNotice.references.filter(({ byId }) => byId).flatMap((reference) => reference.versions);
    const ambiguous = new Set(this.ambiguousSurfaces(claim));
    const surfaces = new Map<string, typeof versions>();
    for (const one of versions) {
      const { surface } = this.book.version(one.version).notice;
      if (!ambiguous.has(surface)) surfaces.set(surface, [...(surfaces.get(surface) ?? []), one]);
    }
    const references = [...surfaces].map(([ref, own]) => ({
      ...{ ref, byId: true },
      versions: own.toSorted((a, b) => a.fromMs - b.fromMs || a.version - b.version),
    }));
    const meant = claim === undefined ? this.#byText() : this.#byClaim(claim);
    return { byNotice, bySurface: { references, mayMatch: byNotice.mayMatch }, meant };
  }

  #byClaim(claim: Claim): Meant[][] {
    const claimed = meanings(this.book, [], correctionsOf(claim, this.book));
    return this.book.versions().map(({ index }) => {
      const bits = this.book.classes[index]!;
      return claimed[index] ?? [{ toMs: Number.POSITIVE_INFINITY, believed: bits, corrected: bits, claim: 0 }];
    });
  }

  #byText(): Meant[][] {
    const versions = this.book.versions();
    const unmentioned = versions.filter(({ notice }) => this.#isUnmentioned(notice));
    const corrections = unmentioned.map(({ index: notice, notice: { purposes, exclusive } }) => ({
      ...{ notice, fromMs: 0, toMs: Number.POSITIVE_INFINITY, exclusive },
      purposes: purposes.filter((purpose) => purpose !== "ads.match"),
    }));
    const corrected = meanings(this.book, [], corrections);
    return versions.map(({ index, notice }) => {
      const bits = corrected[index]?.at(-1)?.corrected ?? this.book.classes[index]!;
      const claim = (bits & NOTICE_CLASS.namesAds) !== 0 ? 0 : SPAN.claimed | purposeBits(notice.purposes);
      return [{ toMs: Number.POSITIVE_INFINITY, believed: bits, corrected: bits, claim }];
    });
  }

  /** @param rows of contacts, by notice version */
  found(rows: Float64Array): FoundNotice[] {
    return this.book.versions().map(({ index, notice }) => ({
      ...{ notice: nameOf(notice), surface: notice.surface, purposes: notice.purposes },
      ...{ isExclusive: notice.exclusive, from: new Date(notice.effective_from).toISOString() },
      textDigest: createHash("sha256").update(notice.text).digest("hex"),
      isForAds: notice.purposes.includes("ads.match") && notice.subject === "self" && !this.#isUnmentioned(notice),
      ...{ isUnmentioned: this.#isUnmentioned(notice), rows: rows[index]! },
    }));
  }
}

const nameOf = ({ id, version }: Notice): string => `${id}@${version}`;
const malformed = (what: string): AuditError =>
  new AuditError("malformed-notice", what, "docs/notices.md has the form of a notice");

/**
 * The notices of an audit's folder: `notices.yaml`, or every YAML file of `notices/`.
 * @throws {AuditError} codes `missing-table`, `malformed-notice`
 */
export async function readNotices(dir: string, { notices, confirmed }: AuditMap): Promise<AuditedNotices> {
  const files = notices === undefined ? await usualFiles(dir) : await yamlFiles(resolve(dir, notices));
  const found: Notice[] = [];
  for (const file of files) {
    const text = await readFile(file, "utf8").catch(() => {
      throw new AuditError("unreadable-file", `${file} can't be read`, "check its name and permissions");
    });
    for (const [i, document] of parseAllDocuments(text).entries()) {
      const [broken] = document.errors;
      try {
        if (broken !== undefined) throw new Error(broken.message.split("\n")[0]);
        const value: unknown = document.toJS();
        if (value !== null) found.push(parseNotice(value));
      } catch (cause) {
        throw malformed(`${file}, document ${i + 1}: ${(cause as Error).message}`);
      }
    }
  }
  if (found.length === 0) {
    throw new AuditError("missing-table", `there are no notices in ${dir}`, "write them into notices.yaml");
  }
  return new AuditedNotices(found, confirmed);
}

async function usualFiles(dir: string): Promise<string[]> {
  const names = (await readdir(dir)).filter((name) => /^notices(\.ya?ml)?$/i.test(name));
  return (await Promise.all(names.map((name) => yamlFiles(join(dir, name))))).flat();
}

async function yamlFiles(path: string): Promise<string[]> {
  if (/\.ya?ml$/i.test(path)) return [path];
  const names = await readdir(path).catch(() => {
    throw new AuditError("unreadable-file", `the folder ${path} can't be read`, "check its name and permissions");
  });
  return names
    .filter((name) => /\.ya?ml$/i.test(name))
    .sort()
    .map((name) => join(path, name));
}
