/**
 * What a bench job is: one piece of work that ours and a peer do on the same files, in turn, with answers
 * that must be equal. Only `run` is timed; getting ready for it and reading the answer are not.
 */
import { createHash } from "node:crypto";

/** One of the two who do the work. */
export interface Side {
  readonly name: string;
  /** Gets ready for the next run, untimed. */
  ready?(): Promise<void>;
  /** Does the work once, from the files to the finished answer inside its own engine. */
  run(): Promise<void>;
  /** What the last run found, in a form that can be compared. */
  answer(): Promise<string>;
  close(): Promise<void>;
}

/** The files that jobs work on. */
export interface Setting {
  /** A bench world, see `solely world`. */
  readonly worldDir: string;
  /** A folder for engines' own data; removed at the end. */
  readonly scratchDir: string;
  /** Contact points of the world. */
  readonly contacts: number;
  /** Rows of its contacts file. */
  readonly contactRows: number;
  /** Rows of each of its lists. */
  readonly listRows: number;
}

export interface Job {
  readonly name: string;
  /** Rows that the job works through. */
  rows(setting: Setting): number;
  /** Alternating runs, at most; long ones are run less often. */
  readonly rounds?: number;
  /** Both sides, ready to run; what this takes is not timed. */
  prepare(setting: Setting): Promise<{ readonly ours: Side; readonly peer: Side }>;
  /** What the files themselves say that the answer is, where they do. */
  expected?(setting: Setting): Promise<string>;
}

/** Something of ours that is measured without a peer. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  /** What is to be reached: below or above a number. */
  readonly target: string;
  take(setting: Setting): Promise<number | Taken>;
}

/** A measured value with what else is to be known of it. */
export interface Taken {
  readonly value: number;
  readonly details: Readonly<Record<string, string | number>>;
}

/** The answer of a job that ends in a set of accounts: how many, and which. */
export function accountsAnswer(accounts: readonly string[]): string {
  const sorted = accounts.toSorted();
  return `${sorted.length} accounts, ${createHash("sha256").update(sorted.join("\n")).digest("hex").slice(0, 16)}`;
}
