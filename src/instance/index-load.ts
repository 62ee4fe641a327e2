/**
 * Fills the matcher's index at start: from its snapshot, and from the stored tokens since then.
 *
 * Only tokens that stand get in: of a contact point that is permitted now, under a spelling whose own grant
 * is later than every promise and withdrawal. What the snapshot holds beyond that is taken out first.
 */
import { decodeTokens } from "../intake/index.js";
import type { Matcher } from "../match/index.js";
import { type Store, viewU32 } from "../store/index.js";
import type { State } from "./state.js";

const ALL_TAGS = 0xffff;
const TOKEN_BYTES = 16;

export async function loadTokens(
  store: Store,
  state: State,
  matcher: Matcher,
  snapshot: ReadonlyMap<string, Uint8Array> | undefined,
  onProgress?: (what: string, done: number, total: number) => void,
): Promise<void> {
  const { contacts, control } = state;
  let from = 0;
  if (snapshot !== undefined) {
    from = state.restoredAt;
    await matcher.restore({
      tokens: viewU32(snapshot.get("tokens")!),
      ordinals: viewU32(snapshot.get("ordinals")!),
      marks: snapshot.get("marks")!,
    });
    const retired = (await matcher.ordinals()).filter((ordinal) => !contacts.permitted.has(ordinal));
    await matcher.drop(retired, new Uint16Array(retired.length).fill(ALL_TAGS));
    const dead = state.deadTags;
    await matcher.drop(
      Uint32Array.from(dead, ({ ordinal }) => ordinal),
      Uint16Array.from(dead, ({ tags }) => tags),
    );
  }
  state.deadTags.length = 0;
  for await (const { position, epoch, body } of store.tokens(from, state.position)) {
    const columns = standingTokens(state, position, body);
    await matcher.insert({ ...columns, isPrevious: control.rotation !== undefined && epoch === control.rotation.from });
    onProgress?.("tokens", position, state.position);
  }
}

/** The tokens of one stored body that belong in the index now, with their ordinals. */
export function standingTokens(
  state: State,
  position: number,
  body: Uint8Array,
): { tokens: Uint8Array; ordinals: Uint32Array; marks: Uint8Array } {
  const { contacts } = state;
  const { number, mark, token } = decodeTokens(body);
  const ordinals = new Uint32Array(number.length);
  const marks = new Uint8Array(number.length);
  const tokens = new Uint8Array(token.length);
  let count = 0;
  for (let i = 0; i < number.length; i++) {
    if (!contacts.tagStands(number[i]!, mark[i]! >> 4, position)) continue;
    ordinals[count] = contacts.ordinalOf(number[i]!);
    marks[count] = mark[i]!;
    tokens.set(token.subarray(i * TOKEN_BYTES, (i + 1) * TOKEN_BYTES), count * TOKEN_BYTES);
    count++;
  }
  return {
    tokens: tokens.slice(0, count * TOKEN_BYTES),
    ordinals: ordinals.slice(0, count),
    marks: marks.slice(0, count),
  };
}
