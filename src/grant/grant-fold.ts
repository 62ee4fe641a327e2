/**
 * The fold of what comes in of people: contacts, events, and what is known of accounts.
 */
import { LeafKind } from "../ledger/index.js";
import { columnSections, type Fold, jsonSection, type Kept, payloadOf, readJson, type Section } from "../log/index.js";
import { Paging } from "../paging/index.js";
import type { NoticeBook, Sources } from "../purpose/index.js";
import { OrdinalSet } from "../set/index.js";
import { type FactRow, viewF64, viewU16, viewU32 } from "../store/index.js";
import { AccountFacts } from "./account-facts.js";
import { decodeEvents, decodeGrants, foldEvents, foldGrants } from "./contact-facts.js";
import { type Change, Contacts, isSeldomLookedAt } from "./contacts.js";
import type { CorrectionStep } from "./corrections.js";
import { applyErasures, decodeErasures } from "./erasure.js";
import { Feeds } from "./feeds.js";

/** What a leaf of a compaction says. */
export interface CompactionFact {
  readonly type: "compaction";
  readonly actor: string;
  /** Everything that was erased before this ledger position has left the disk. */
  readonly upTo: number;
  readonly isLogClean: boolean;
}

export class GrantFold implements Fold {
  readonly kinds = [LeafKind.contacts, LeafKind.events, LeafKind.accounts, LeafKind.erasure, LeafKind.compaction];
  readonly contacts: Contacts;
  readonly accountFacts = new AccountFacts();
  readonly feeds: Feeds;
  /** Tokens that died while facts were folded and no index was looking: ordinal, bits of tags. */
  readonly deadSpellings: { readonly ordinal: number; readonly tags: number }[] = [];

  /** When the first erasure was learned of which the disk may still hold what it destroyed. */
  erasedSinceMs: number | undefined;
  #lastErasedAt = -1;

  /** Ordinals whose entries in the index change by leaves that are on their way; one set a leaf. */
  readonly #onTheWay = new Set<OrdinalSet>();

  constructor(notices: NoticeBook, sources: Sources, paging = Paging.none) {
    this.contacts = new Contacts(notices, paging);
    this.feeds = new Feeds(notices, sources);
  }

  /** Takes note of a leaf of erasures that counts. */
  noteErasure(position: number, timeMs: number): void {
    this.erasedSinceMs ??= timeMs;
    this.#lastErasedAt = position;
  }

  /**
   * Notes what a sealed leaf will change in the index.
   * @param fresh ordinals that get tokens
   * @returns to be called when it has, or never will
   */
  noteOnTheWay({ ended, droppedOrdinals }: Change, fresh: Uint32Array = new Uint32Array(0)): () => void {
    const ordinals = OrdinalSet.from(fresh);
    ordinals.addAll(ended.values);
    ordinals.addAll(Uint32Array.from(droppedOrdinals));
    this.#onTheWay.add(ordinals);
    return () => {
      if (this.#onTheWay.delete(ordinals)) ordinals.dispose();
    };
  }

  /** Whether the index is yet to change for an ordinal. */
  isOnTheWay(ordinal: number): boolean {
    for (const ordinals of this.#onTheWay) if (ordinals.has(ordinal)) return true;
    return false;
  }

  /** Plans what a correction changes; what can't be planned is taken back. */
  planCorrection(step: CorrectionStep): Change {
    const change = this.contacts.begin(step.position);
    try {
      this.contacts.correct(change, step);
      this.contacts.settle(change);
      this.contacts.dropDeadSpellings(change);
      return change;
    } catch (error) {
      this.contacts.undo(change);
      throw error;
    }
  }

  /** Takes note of a correction that counts: once one is undone, the same feed brings tokens back. */
  noteCorrection({ type }: CorrectionStep): void {
    if (type === "undo") this.feeds.forgetBatches();
  }

  /** Applies a correction that is in the store already. */
  correct(step: CorrectionStep): void {
    const change = this.planCorrection(step);
    this.contacts.publish(change);
    this.noteCorrection(step);
    this.#noteDead(change);
  }

  apply({ kind, position, timeMs, body, keys }: FactRow): void {
    if (kind === LeafKind.compaction) {
      const { upTo }: CompactionFact = JSON.parse(Buffer.from(payloadOf(body)).toString("utf8"));
      this.erasedSinceMs = this.#lastErasedAt < upTo ? undefined : timeMs;
      return;
    }
    const change = this.contacts.begin(position);
    if (kind === LeafKind.accounts) {
      this.accountFacts.apply(position, body, keys, this.contacts);
      this.contacts.settle(change);
    } else if (kind === LeafKind.erasure) {
      applyErasures(this.contacts, change, decodeErasures(body).rows);
      this.noteErasure(position, timeMs);
    } else if (kind === LeafKind.contacts) {
      const facts = decodeGrants(body);
      foldGrants(this.contacts, change, facts, keys);
      this.feeds.learn(facts.header, facts.notice, position, timeMs);
    } else foldEvents(this.contacts, change, decodeEvents(body), keys);
    this.contacts.publish(change);
    this.#noteDead(change);
  }

  #noteDead({ droppedOrdinals, droppedTags }: Change): void {
    droppedOrdinals.forEach((ordinal, i) => {
      this.deadSpellings.push({ ordinal, tags: droppedTags[i]! });
    });
  }

  readonly kept: Kept = {
    name: "grants",
    isPaged: isSeldomLookedAt,
    save: (): Section[] => {
      const { state, fields, sets } = this.accountFacts.save();
      return [
        ...this.contacts.save(),
        this.feeds.save(),
        ...this.accountFacts.told.save(),
        jsonSection("account-state", state),
        jsonSection("erasures", { sinceMs: this.erasedSinceMs, lastAt: this.#lastErasedAt }),
        ...columnSections("fields", fields),
        ...sets.map((bytes, i) => ({ name: `attribute.${i}`, bytes })),
      ];
    },
    restore: (sections) => {
      this.contacts.restore(sections);
      this.feeds.restore(sections);
      const erasures = readJson(sections, "erasures") as { sinceMs?: number; lastAt: number };
      this.erasedSinceMs = erasures.sinceMs;
      this.#lastErasedAt = erasures.lastAt;
      const state = readJson(sections, "account-state") as Parameters<AccountFacts["restore"]>[0];
      const column = (i: number): Uint8Array => sections.get(`fields.${i}`) ?? new Uint8Array(0);
      const fields = [viewU16(column(0)), viewF64(column(1)), viewF64(column(2)), viewU32(column(3))] as const;
      const sets = state.attributes.map((_, i) => sections.get(`attribute.${i}`)!);
      this.accountFacts.restore(state, fields, sets);
      this.accountFacts.told.restore(sections);
    },
  };
}
