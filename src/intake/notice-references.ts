/**
 * Notice references of rows: from the text of a row (`id@version`, or `id`) and its time to a notice version.
 *
 * Of the versions in force at the time of giving, the one with the greatest start counts. Looked up by
 * bytes; made once for each reader from the table that the book of notices gives.
 */

import { ByteNames } from "../column/index.js";
import { REFUSAL } from "../input/index.js";
import type { NoticeTable } from "../purpose/index.js";
import { INTAKE_LIMITS } from "./limits.js";
import { INTAKE_REFUSAL } from "./refusal.js";

export class NoticeReferences {
  readonly #names: ByteNames;
  /** What is longer is no reference. */
  readonly #mostBytes: number;
  readonly #byId: Uint8Array;
  /** Versions of reference r: [#first[r], #first[r + 1]) of the columns below, by start. */
  readonly #first: Uint32Array;
  readonly #version: Uint16Array;
  readonly #fromMs: Float64Array;
  readonly #toMs: Float64Array;
  /** 1 if the notice lists the source. */
  readonly #isListed: Uint8Array;
  readonly #mayMatch: Uint8Array;

  constructor(table: NoticeTable, source: string) {
    this.#names = new ByteNames(table.references.map(({ ref }) => ref));
    const longest = table.references.map(({ ref }) => Buffer.byteLength(ref));
    this.#mostBytes = Math.max(INTAKE_LIMITS.noticeBytes, ...longest);
    this.#byId = Uint8Array.from(table.references, ({ byId }) => (byId ? 1 : 0));
    const versions = table.references.flatMap((reference) => reference.versions);
    this.#first = new Uint32Array(table.references.length + 1);
    table.references.forEach((reference, r) => {
      this.#first[r + 1] = this.#first[r]! + reference.versions.length;
    });
    this.#version = Uint16Array.from(versions, ({ version }) => version);
    this.#fromMs = Float64Array.from(versions, ({ fromMs }) => fromMs);
    this.#toMs = Float64Array.from(versions, ({ toMs }) => toMs);
    this.#isListed = Uint8Array.from(versions, ({ sources }) => (sources.includes(source) ? 1 : 0));
    this.#mayMatch = table.mayMatch;
  }

  /** Number of the reference src[start, end), or minus a refusal code. */
  find(src: Uint8Array, start: number, end: number): number {
    if (end - start > this.#mostBytes) return -REFUSAL.fieldTooLong;
    const reference = this.#names.find(src, start, end);
    return reference < 0 ? -INTAKE_REFUSAL.unknownNotice : reference;
  }

  /** Index of the notice version that a row given at `givenAtMs` names, or minus a refusal code. */
  resolve(reference: number, givenAtMs: number): number {
    const first = this.#first[reference]!;
    for (let at = this.#first[reference + 1]! - 1; at >= first; at--) {
      if (this.#fromMs[at]! <= givenAtMs && givenAtMs < this.#toMs[at]!) {
        return this.#isListed[at] === 1 ? this.#version[at]! : -INTAKE_REFUSAL.sourceMayNotNameNotice;
      }
    }
    return -INTAKE_REFUSAL.noticeNotInForce;
  }

  /** 1 if the reference leaves the version open. */
  byId(reference: number): number {
    return this.#byId[reference]!;
  }

  /** Whether a grant under this version may count for matching. */
  mayMatch(version: number): boolean {
    return this.#mayMatch[version] === 1;
  }
}
