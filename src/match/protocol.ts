/** What is said between the matcher and its threads: columns only. */
import type { PagingOptions } from "../paging/index.js";
import type { EntryColumns, KeptRuns, OrderRange, SharedBatch } from "../token/index.js";

/** A key's file, and the check value that it must have. */
export interface KeyFile {
  readonly keyFile: string;
  readonly keyName: string;
  readonly keyCheck: string;
}

/** With what a matching thread starts: the ads key's file, and no other key. */
export interface ThreadStart extends KeyFile {
  /** While a rotation is unfinished: the key that older stored tokens were made with. */
  readonly previous?: KeyFile | undefined;
  /** Which of the threads it is. */
  readonly thread: number;
}

/** With what the keeper starts: no key. */
export interface KeeperStart {
  readonly threads: number;
  /** Where large runs are kept; else in memory. */
  readonly paging: PagingOptions | undefined;
}

/** `next`: while the key is rotated, the index that is built for the next key. */
export type IndexName = "live" | "next";

/** What every thread and the keeper are told, in one order. */
export type Change =
  | ({ readonly op: "insert"; readonly index: IndexName } & EntryColumns)
  /** Of both indexes. */
  | { readonly op: "drop"; readonly ordinals: Uint32Array; readonly tags: Uint16Array; readonly sequence: number }
  /** What is fresh becomes a run. */
  | { readonly op: "seal"; readonly index: IndexName };

export type ThreadRequest =
  | Change
  | {
      readonly op: "tokenise";
      readonly digests: Uint8Array;
      readonly kinds: Uint8Array;
      readonly ordinals: Uint32Array;
      /** Schemes whose form each digest is of. */
      readonly schemes: Uint8Array;
    }
  /** Puts a batch in order in its own memory. */
  | { readonly op: "order"; readonly batch: SharedBatch }
  | {
      readonly op: "match";
      readonly batches: readonly SharedBatch[];
      readonly range: OrderRange;
      readonly schemes: number;
    }
  | ({ readonly op: "adopt"; readonly index: IndexName; readonly isSealedIn: boolean } & KeptRuns)
  | { readonly op: "rekey"; readonly tokens: Uint8Array; readonly from: "previous" | "live"; readonly to: IndexName }
  | ({ readonly op: "rotate-begin" } & KeyFile)
  | { readonly op: "rotate-end" };

export interface ThreadAnswers {
  insert: null;
  drop: null;
  seal: null;
  tokenise: { tokens: Uint8Array; known: Uint8Array };
  order: null;
  match: Uint32Array;
  adopt: null;
  rekey: Uint8Array;
  "rotate-begin": null;
  "rotate-end": null;
}

export type KeeperRequest =
  | Change
  | ({ readonly op: "add"; readonly index: IndexName } & EntryColumns)
  | { readonly op: "build"; readonly index: IndexName; readonly isIdle: boolean }
  | { readonly op: "wipe"; readonly index: IndexName }
  | { readonly op: "size" }
  | { readonly op: "ordinals" }
  | { readonly op: "restore"; readonly runs: KeptRuns["runs"] }
  | { readonly op: "rotate-begin" }
  | { readonly op: "rotate-end" };

export interface KeeperAnswers {
  insert: null;
  drop: null;
  seal: null;
  add: KeptRuns;
  build: KeptRuns;
  wipe: KeptRuns;
  size: number;
  ordinals: Uint32Array[];
  restore: KeptRuns;
  "rotate-begin": null;
  "rotate-end": null;
}
