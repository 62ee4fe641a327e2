/**
 * What a bench job is: one piece of work that ours and a peer do on the same files, in turn, with answers
 * that must be equal. Only `run` is timed; reading the answer is not.
 */
import { createHash } from "node:crypto";

/** One of the two who do the work. */
export interface Side {
  readonly name: string;
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
  /** Rows of each of its lists. */
  readonly listRows: number;
  readonly isShort: boolean;
}

/** The same engines, ready to run; what this takes is not timed. */
export interface Prepared {
  readonly ours?: Side;
  readonly peer: Side;
}

export interface Job {
  readonly name: string;
  /** Rows that the job works through. */
  rows(setting: Setting): number;
  prepare(setting: Setting): Promise<Prepared>;
  /** Whether two answers say the same. */
  answersEqual(a: string, b: string): boolean;
  /** What the files themselves say that the answer is, where they do. */
  expected?(setting: Setting): Promise<string>;
}

/** The answer of a job that ends in a set of accounts: how many, and which. */
export async function accountsAnswer(accounts: Iterable<string> | AsyncIterable<string>): Promise<string> {
  const sorted: string[] = [];
  for await (const account of accounts) sorted.push(account);
  sorted.sort();
  return `${sorted.length} accounts, ${createHash("sha256").update(sorted.join("\n")).digest("hex").slice(0, 16)}`;
}
