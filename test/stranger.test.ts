/** A stranger's tool reads the log: Go's own packages for transparency logs, which know nothing of Solely. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { exportLog } from "../src/checkpoint/index.js";
import { LeafKind } from "../src/ledger/index.js";
import { FreshStore } from "./fresh-store.js";

const LEAVES = 700;
const PACKAGES = ["note", "tlog"];

/** Go carries the packages in the source of its own command; nothing is fetched. */
function packagesOfGo(): string | undefined {
  const { status, stdout } = spawnSync("go", ["env", "GOROOT"], { encoding: "utf8" });
  const folder = join(String(stdout).trim(), "src/cmd/vendor/golang.org/x/mod/sumdb");
  return status === 0 && PACKAGES.every((name) => existsSync(join(folder, name))) ? folder : undefined;
}

const packages = packagesOfGo();
const skip = packages === undefined ? "Go with its source is not on this machine" : false;

test("Go's note and tlog read an export, and agree on every leaf and on our proofs", { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "solely-stranger-"));
  const fresh = await FreshStore.make();
  try {
    const { log, checkpoints } = fresh.solely;
    await Promise.all(Array.from({ length: LEAVES }, () => log.record(LeafKind.export, () => Buffer.from("{}"))));
    const out = join(folder, "log");
    const { size, verifier, root } = await exportLog(checkpoints, out);
    const base64 = (path: readonly Uint8Array[]) => path.map((hash) => Buffer.from(hash).toString("base64"));
    const inclusion: { position: number; path: string[] }[] = [];
    for (const position of [0, 255, 256, 511, size - 1]) {
      inclusion.push({ position, path: base64(await checkpoints.inclusion(position, size)) });
    }
    const consistency: { from: number; path: string[] }[] = [];
    for (const from of [1, 3, 256, 300, 512, size - 1]) {
      consistency.push({ from, path: base64(await checkpoints.consistency(from, size)) });
    }
    const program = build(join(folder, "go"));
    const read = (key: string) =>
      spawnSync(program, [out, key], { encoding: "utf8", input: JSON.stringify({ inclusion, consistency }) });
    const whole = read(verifier);
    assert.equal(whole.stderr, "");
    assert.equal(whole.stdout, `${verifier.split("+")[0]}: ${size} leaves, 5 and 6 proofs\n`);
    const checkpoint = readFileSync(join(out, "checkpoint"), "utf8");
    writeFileSync(join(out, "checkpoint"), checkpoint.replace(root, Buffer.alloc(32, 1).toString("base64")));
    assert.equal(read(verifier).status, 1);
  } finally {
    await fresh.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Builds the program beside this test with the packages that Go carries. */
function build(folder: string): string {
  mkdirSync(join(folder, "mod/sumdb"), { recursive: true });
  for (const name of PACKAGES) cpSync(join(packages!, name), join(folder, "mod/sumdb", name), { recursive: true });
  const installed = execFileSync("go", ["env", "GOVERSION"], { encoding: "utf8" });
  const version = `go ${/\d+\.\d+/.exec(installed)?.[0]}\n`;
  writeFileSync(join(folder, "mod/go.mod"), `module golang.org/x/mod\n\n${version}`);
  const needed = "require golang.org/x/mod v0.0.0\nreplace golang.org/x/mod => ./mod\n";
  writeFileSync(join(folder, "go.mod"), `module stranger\n\n${version}\n${needed}`);
  // From dist/test to where the sources are.
  cpSync(fileURLToPath(new URL("../../test/stranger/main.go", import.meta.url)), join(folder, "main.go"));
  const env = { ...process.env, GOFLAGS: "-mod=mod", GOPROXY: "off" };
  execFileSync("go", ["build", "-o", "stranger", "."], { cwd: folder, env });
  return join(folder, "stranger");
}
