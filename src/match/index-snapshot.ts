/**
 * The matcher's index over a restart: kept in the snapshot, and filled at start with the tokens that stand.
 *
 * A token gets in only if its contact point is permitted now, under a spelling whose own grant is later than every
 * promise and withdrawal. What a snapshot holds beyond that is taken out first.
 */
import { type Contacts, decodeTokens, type GrantFold } from "../grant/index.js";
import { bytesOf, type Kept, type Log, type Section } from "../log/index.js";
import { type TokenRow, viewU32 } from "../store/index.js";
import type { KeyHistory } from "../token/index.js";
import { TOKEN_BYTES } from "../token/index.js";
import type { Matcher } from "./matcher.js";

const ALL_TAGS = 0xffff;
/** Section with the epoch of the key that the tokens were made with. */
const EPOCH = "epoch";

export interface LoadRooms {
  readonly log: Log;
  readonly grants: GrantFold;
  readonly keyHistory: KeyHistory;
  readonly matcher: Matcher;
}

export class IndexSnapshot implements Kept {
  readonly name = "index";
  readonly isPaged = (): boolean => true;
  #matcher: Matcher | undefined;
  #restored: ReadonlyMap<string, Uint8Array> | undefined;

  async save(): Promise<Section[]> {
    if (this.#matcher === undefined) return [];
    const sections = await this.#matcher.sections();
    sections.set(EPOCH, bytesOf(Uint32Array.of(this.#matcher.epoch)));
    return [...sections].map(([name, bytes]) => ({ name, bytes }));
  }

  restore(sections: ReadonlyMap<string, Uint8Array>): void {
    this.#restored = sections;
  }

  /** Fills the matcher's index as of the log's position; from now on snapshots hold what it has. */
  async load(rooms: LoadRooms, onProgress: (position: number, length: number) => void = () => {}): Promise<void> {
    const { log, grants, keyHistory, matcher } = rooms;
    const { rotation } = keyHistory;
    const from = (await this.#loadRestored(rooms)) ? log.snapshotPosition : 0;
    this.#restored = undefined;
    grants.deadSpellings.length = 0;
    for await (const row of log.store.tokens(from, log.position)) {
      const isPrevious = rotation !== undefined && row.epoch === rotation.from;
      await matcher.insert({ ...standingTokens(grants.contacts, row), isPrevious });
      onProgress(row.position, log.position);
    }
    this.#matcher = matcher;
  }

  /** @returns whether the snapshot's index was of use */
  async #loadRestored({ grants, keyHistory, matcher }: LoadRooms): Promise<boolean> {
    const epoch = this.#restored?.get(EPOCH);
    if (this.#restored === undefined || epoch === undefined) return false;
    if (keyHistory.rotation !== undefined || viewU32(epoch)[0] !== keyHistory.epoch) return false;
    if (!(await matcher.restore(this.#restored))) return false;
    const { permitted } = grants.contacts;
    for (const ordinals of await matcher.ordinals()) {
      const retired = ordinals.filter((ordinal) => !permitted.has(ordinal));
      await matcher.drop(retired, new Uint16Array(retired.length).fill(ALL_TAGS));
    }
    const dead = grants.deadSpellings;
    await matcher.drop(
      Uint32Array.from(dead, ({ ordinal }) => ordinal),
      Uint16Array.from(dead, ({ tags }) => tags),
    );
    return true;
  }
}

/** The tokens of one stored row that belong in the index now, with their ordinals. */
export function standingTokens(
  contacts: Contacts,
  { position, body, keys }: Pick<TokenRow, "position" | "body" | "keys">,
): { tokens: Uint8Array; ordinals: Uint32Array; marks: Uint8Array; kinds: Uint8Array } {
  const { number, mark, token } = decodeTokens(body, keys);
  const ordinals = new Uint32Array(number.length);
  const marks = new Uint8Array(number.length);
  const kinds = new Uint8Array(number.length);
  const tokens = new Uint8Array(token.length);
  let count = 0;
  for (let i = 0; i < number.length; i++) {
    if (!contacts.tagStands(number[i]!, mark[i]! >> 4, position)) continue;
    ordinals[count] = contacts.ordinalOf(number[i]!);
    marks[count] = mark[i]!;
    kinds[count] = contacts.points.kind(number[i]!);
    tokens.set(token.subarray(i * TOKEN_BYTES, (i + 1) * TOKEN_BYTES), count * TOKEN_BYTES);
    count++;
  }
  return {
    tokens: tokens.slice(0, count * TOKEN_BYTES),
    ordinals: ordinals.slice(0, count),
    marks: marks.slice(0, count),
    kinds: kinds.slice(0, count),
  };
}
