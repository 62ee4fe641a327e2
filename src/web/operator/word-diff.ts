/**
 * What has changed between two texts, by words: the longest common subsequence of words and the blanks between them.
 * Of texts that differ in very many words the whole is told as changed.
 */

export interface Span {
  readonly is: "same" | "gone" | "new";
  readonly text: string;
}

/** Cells of the table of lengths. */
const MAX_CELLS = 4_000_000;

/** Spans in order: those that are same and gone are the text before, those that are same and new the text after. */
export function wordDiff(before: string, after: string): Span[] {
  const [old, now] = [wordsOf(before), wordsOf(after)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const middle = between(old.slice(start, old.length - end), now.slice(start, now.length - end));
  return joined([
    { is: "same", text: old.slice(0, start).join("") },
    ...middle,
    { is: "same", text: old.slice(old.length - end).join("") },
  ]);
}

const wordsOf = (text: string): string[] => text.match(/\s+|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];

function between(old: readonly string[], now: readonly string[]): Span[] {
  const width = now.length + 1;
  if (old.length * now.length > MAX_CELLS) {
    return [
      { is: "gone", text: old.join("") },
      { is: "new", text: now.join("") },
    ];
  }
  // Of what is left from (i, j) on, how many words are common.
  const common = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      common[i * width + j] =
        old[i] === now[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const spans: Span[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      spans.push({ is: "same", text: old[i]! });
      i++;
      j++;
    } else if (j === now.length || (i < old.length && common[(i + 1) * width + j]! >= common[i * width + j + 1]!)) {
      spans.push({ is: "gone", text: old[i++]! });
    } else spans.push({ is: "new", text: now[j++]! });
  }
  return spans;
}

function joined(spans: readonly Span[]): Span[] {
  const all: { is: Span["is"]; text: string }[] = [];
  for (const { is, text } of spans) {
    if (text === "") continue;
    if (all.at(-1)?.is === is) all.at(-1)!.text += text;
    else all.push({ is, text });
  }
  return all;
}
