/** The approver's comparison of two texts loses and invents nothing, and marks what has changed alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import fc from "fast-check";
import type * as WordDiff from "../../src/web/operator/word-diff.js";

// The console's code is built for browsers: what is tested here is built the same way.
const source = fileURLToPath(new URL("../../../src/web/operator/word-diff.ts", import.meta.url));
const { outputFiles } = await build({ entryPoints: [source], format: "esm", write: false });
const bytes = Buffer.from(outputFiles[0]!.contents).toString("base64");
const { wordDiff }: typeof WordDiff = await import(`data:text/javascript;base64,${bytes}`);

const word = fc.constantFrom("we", "use", "this", "only", "never", "ads", " ", "\n", ".", "é", "");
const text = fc.array(word, { maxLength: 30 }).map((words) => words.join(""));

test("what is same and gone is the text before, what is same and new the text after", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const spans = wordDiff(before, after);
      const without = (left: string) =>
        spans
          .filter(({ is }) => is !== left)
          .map((span) => span.text)
          .join("");
      assert.equal(without("new"), before);
      assert.equal(without("gone"), after);
      if (before === after) assert.ok(spans.every(({ is }) => is === "same"));
    }),
  );
});

test("one word that was put in is all that is marked", () => {
  assert.deepEqual(wordDiff("We never use it for ads.", "We use it for ads."), [
    { is: "same", text: "We " },
    { is: "gone", text: "never " },
    { is: "same", text: "use it for ads." },
  ]);
});
