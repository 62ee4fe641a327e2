/** What passes between the page and the thread that reads a list. No value ever comes back from there: counts and digests alone. */
import type { ListSummary } from "../../list/index.js";

export interface ListOptions {
  readonly scheme: "plain" | "x" | "meta" | "google";
  /** Two letters: how phones without a country code are read. */
  readonly region: string | undefined;
}

export type ListTask =
  /** Reads the whole list, and tells what is in it. */
  | { readonly do: "look"; readonly file: Blob; readonly options: ListOptions }
  /** Reads it for sending; the first part comes at once, each other when it is asked for. */
  | { readonly do: "hash"; readonly file: Blob; readonly options: ListOptions }
  | { readonly do: "next" };

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
  | { readonly is: "found"; readonly found: Found }
  | {
      readonly is: "part";
      readonly type: string;
      readonly bytes: ArrayBuffer;
      readonly rows: number;
      readonly isLast: boolean;
    }
  | { readonly is: "failed"; readonly code: string; readonly message: string; readonly fix: string };
