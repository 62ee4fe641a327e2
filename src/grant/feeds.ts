/**
 * Feeds: what leaves of grants tell beyond the contact points themselves. Which batches were taken (known again for 30
 * days by their keyed digests), what each source's runs freed, and which notices rows have named.
 */
import { jsonSection, readJson, type Section } from "../log/index.js";
import type { NoticeBook, Sources } from "../purpose/index.js";
import type { GrantHeader } from "./contact-facts.js";
import { type FedRun, RecentFeeds } from "./recent-feeds.js";

/** How long a batch is known again by its keyed digest. */
const REMEMBER_MS = 30 * 24 * 3600 * 1000;

interface TakenBatch {
  readonly atMs: number;
  /** Good rows. */
  readonly good: number;
}

interface SavedFeeds {
  readonly batches: [string, TakenBatch][];
  readonly charges: [string, { atMs: number; count: number }[]][];
  readonly named: [string, number][];
  readonly recent: readonly FedRun[];
}

export class Feeds {
  readonly #notices: NoticeBook;
  readonly #sources: Sources;
  readonly #batches = new Map<string, TakenBatch>();
  readonly recent = new RecentFeeds();

  constructor(notices: NoticeBook, sources: Sources) {
    this.#notices = notices;
    this.#sources = sources;
  }

  /** Takes note of a leaf of grants that counts. */
  learn(header: GrantHeader, notices: Uint16Array, position: number, timeMs: number): void {
    let last = -1;
    for (const notice of notices) {
      if (notice !== last) this.#notices.named(notice, position);
      last = notice;
    }
    this.recent.learn(header, position, timeMs);
    this.#sources.charge(header.source, header.freed, timeMs);
    if (header.refused === 0) this.#batches.set(header.digest, { atMs: timeMs, good: header.good });
  }

  /** Good rows of a batch that was taken whole within 30 days, by its keyed digest. */
  taken(digest: string, nowMs: number): number | undefined {
    const batch = this.#batches.get(digest);
    return batch !== undefined && batch.atMs > nowMs - REMEMBER_MS ? batch.good : undefined;
  }

  /** Knows no batch again: what one brought before may be wanted once more. */
  forgetBatches(): void {
    this.#batches.clear();
  }

  save(): Section {
    const since = Date.now() - REMEMBER_MS;
    const saved: SavedFeeds = {
      batches: [...this.#batches].filter(([, { atMs }]) => atMs > since),
      charges: this.#sources.charges,
      named: [...this.#notices.firstNamedAt],
      recent: this.recent.saved,
    };
    return jsonSection("feeds", saved);
  }

  restore(sections: ReadonlyMap<string, Uint8Array>): void {
    const saved = readJson(sections, "feeds") as SavedFeeds;
    for (const [digest, batch] of saved.batches) this.#batches.set(digest, batch);
    this.recent.restore(saved.recent);
    this.#sources.restoreCharges(saved.charges);
    this.#notices.restoreNamed(saved.named);
  }
}
