/** Ways in for the lists that carry canaries: the function that every list comes to, and what a server opens besides. */
import { type MatchRooms, matchList } from "../audience/index.js";
import type { Scheme } from "../contact/index.js";

/** Whose lists they are. */
export const CANARY_ADVERTISER = "solely-canary";

/** A list that replaces the one of its name. */
export interface CanaryList {
  readonly name: string;
  readonly scheme: Scheme;
  /** A header and rows, without line ends; at least one row. */
  readonly lines: readonly string[];
}

export interface CanaryWay {
  readonly name: string;
  send(list: CanaryList): Promise<void>;
}

/** The ways of a server that runs: opened for a check, and closed after it. */
export interface CanaryEntrance {
  open(): { readonly ways: readonly CanaryWay[]; close(): void };
}

/** The function that every list comes to. */
export const gateWay = (rooms: MatchRooms, actor: string): CanaryWay => ({
  name: "gate",
  async send({ name, scheme, lines }) {
    const csv = (async function* () {
      yield new Uint8Array(Buffer.from(csvOf(lines)));
    })();
    await matchList(rooms, csv, { advertiser: CANARY_ADVERTISER, name, operation: "replace", scheme, actor });
  },
});

export const csvOf = (lines: readonly string[]): string => `${lines.join("\n")}\n`;
