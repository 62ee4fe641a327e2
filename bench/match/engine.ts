/** What an engine that matches lists is, ours or another: opened over so many contacts, its table built, then asked. */
import type { Answer, Form, List } from "./population.js";

export interface Engine {
  /** With its version. */
  readonly name: string;
  /** Each way in which its experts would do it, by name; the fastest one counts. */
  readonly ways: Readonly<Record<string, (list: List) => Promise<Answer>>>;
  /** Where it takes a list that is in memory already. */
  matchBytes?(bytes: Uint8Array): Promise<Answer>;
  close(): Promise<void>;
}

export interface EngineKind {
  readonly name: string;
  /** What it was seen to need while it is built and asked. */
  readonly bytesPerContact: number;
  /** Why it can't do this at all. */
  refuses?(form: Form, contacts: number): string | undefined;
  /** @param scratch a folder of its own */
  open(contacts: number, scratch: string): Promise<Engine | { readonly skipped: string }>;
}

/** Threads that an engine may use, where it can be told. */
export const THREADS = 2;

export const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`;
