import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { KINDS, kindCode, Messages, Normaliser, schemes } from "./index.js";

const VectorFile = z.object({
  scheme: z.enum(schemes),
  source: z.array(z.string()),
  vectors: z.array(
    z.object({
      kind: z.enum(KINDS),
      value: z.string(),
      region: z.string().optional(),
      form: z.string(),
      sha256: z.string().optional(),
    }),
  ),
});

/** The folder of vectors in the package, wherever the compiled test lies. */
function vectorFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const vectors = join(folder, "src/contact/vectors");
    if (existsSync(join(folder, "package.json")) && existsSync(vectors)) return vectors;
    if (folder === dirname(folder)) throw new Error("no package folder above this test");
    folder = dirname(folder);
  }
}

const folder = vectorFolder();
const files = readdirSync(folder).filter((file) => file.endsWith(".json"));

test("there are vectors of every platform that has a scheme", () => {
  assert.deepEqual(files.sort(), ["google.json", "meta.json", "x.json"]);
});

for (const file of files) {
  test(`${file}: each published example gives its published form and digest`, () => {
    const { scheme, vectors } = VectorFile.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
    assert.ok(vectors.length > 0);
    for (const { kind, value, region, form, sha256 } of vectors) {
      const out = new Messages();
      const bytes = new TextEncoder().encode(value);
      assert.equal(new Normaliser({ region }).form(kindCode(kind), scheme, bytes, 0, bytes.length, out), 0, form);
      assert.equal(new TextDecoder().decode(out.message(0)), form);
      if (sha256 !== undefined) assert.equal(createHash("sha256").update(out.message(0)).digest("hex"), sha256, form);
    }
  });
}
