/** What passes between the page and the threads that read a list. No value ever comes back from there: counts and digests alone. */
import type { Block, ColumnPlan, ListSummary, RowsRead } from "../../list/index.js";

export interface ListOptions {
  readonly scheme: "plain" | "x" | "meta" | "google";
  /** Two letters: how phones without a country code are read. */
  readonly region: string | undefined;
}

/** Reads a whole list, with threads of its own if it is long. */
export interface LookTask {
  readonly do: "look";
  readonly file: Blob;
  readonly options: ListOptions;
}

/** Reads one block of it. */
export interface ReadTask {
  readonly do: "read";
  readonly options: ListOptions;
  /** Undefined for a list's first block, by which the columns are planned. */
  readonly plan: ColumnPlan | undefined;
  readonly block: Block;
}

export interface Failed {
  readonly is: "failed";
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

export interface BlockRead {
  readonly is: "read";
  readonly read: RowsRead;
  readonly plan: ColumnPlan;
  /** The block's memory, to be used again. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A row that is no contact: where, and why. */
export interface RefusedRow {
  readonly line: number;
  /** From 1; 0: the row as a whole. */
  readonly column: number;
  readonly reason: string;
  readonly fix: string;
}

export interface Found {
  readonly summary: ListSummary;
  readonly refused: readonly RefusedRow[];
  /** Identifiers that came more than once, counted each further time; at least so many where `isMore`. */
  readonly duplicates: number;
  readonly isMore: boolean;
}

export type ListAnswer =
  | { readonly is: "progress"; readonly rows: number; readonly share: number }
  | { readonly is: "part"; readonly type: string; readonly bytes: ArrayBuffer; readonly rows: number }
  | { readonly is: "found"; readonly found: Found }
  | Failed;
