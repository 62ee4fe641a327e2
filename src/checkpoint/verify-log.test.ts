import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { FreshStore } from "../../test/fresh-store.js";
import { formatVerifier, LeafKind, SIGNATURE_TYPE, signerOf } from "../ledger/index.js";
import { exportLog, logSource } from "./static-log.js";
import { verifyLog } from "./verify-log.js";
import { cosign } from "./witness.js";

/** Leaves: more than one tile, and a partial one. */
const LEAVES = 600;
const FLIPS = 1000;

const folder = mkdtempSync(join(tmpdir(), "solely-log-"));
const out = join(folder, "log");
let fresh: FreshStore;
let key: string;
before(async () => {
  fresh = await FreshStore.make();
  await addLeaves(LEAVES);
  ({ verifier: key } = await exportLog(fresh.solely.checkpoints, out));
});
after(async () => {
  await fresh.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function addLeaves(count: number): Promise<void> {
  const { log } = fresh.solely;
  await Promise.all(Array.from({ length: count }, () => log.record(LeafKind.export, () => Buffer.from("{}"))));
}

const filesOf = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((file) => statSync(join(dir, file)).isFile());

test("an export is whole, by its key and without the store", async () => {
  const verified = await verifyLog(logSource(out), { key });
  assert.deepEqual(verified.findings, []);
  assert.ok(verified.isWhole);
  assert.equal(verified.leaves, verified.size);
  assert.ok(verified.size > LEAVES);
  await assert.rejects(verifyLog(logSource(join(folder, "none"))), { code: "no-log" });
});

test("any one bit of an export that is flipped is found, and where", async () => {
  const files = filesOf(out);
  const bytes = files.reduce((sum, file) => sum + statSync(join(out, file)).size, 0);
  let seed = 20_190_917;
  const draw = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const source = logSource(out);
  const whole = new Map(await Promise.all(files.map(async (file) => [file, (await source.read(file))!] as const)));
  let found = 0;
  for (let flip = 0; flip < FLIPS; flip++) {
    let at = draw(bytes);
    const file = files.find((name) => (at -= whole.get(name)!.length) < 0)!;
    const changed = Buffer.from(whole.get(file)!);
    const byte = changed.length + at;
    changed[byte]! ^= 1 << draw(8);
    const read = async (path: string) => (path === file ? changed : whole.get(path));
    const { isWhole, findings } = await verifyLog({ name: "flipped", read }, {});
    assert.ok(!isWhole, `${file}, byte ${byte}`);
    const here = findings.filter((finding) => finding.file === file);
    // A key that was changed to another one shows in the signature alone.
    if (file === "verifier") assert.equal(findings.length, 1);
    else assert.ok(here.length > 0, `${file}, byte ${byte}: ${JSON.stringify(findings[0])}`);
    if (file.startsWith("tile/")) {
      assert.ok(
        here.some(({ bytes: [from, to] = [0, 0] }) => from <= byte && byte < to),
        `${file}, byte ${byte}: ${JSON.stringify(here)}`,
      );
    }
    found++;
  }
  assert.equal(found, FLIPS);
});

test("files that were taken away are found, be it the first ones", async () => {
  const source = logSource(out);
  const tiles = filesOf(out).filter((file) => file.startsWith("tile/"));
  for (const gone of tiles) {
    const read = async (path: string) => (path === gone ? undefined : source.read(path));
    const { isWhole, findings } = await verifyLog({ name: "taken", read }, { key });
    assert.ok(!isWhole && findings.some(({ code, file }) => code === "missing-file" && file === gone), gone);
  }
  const bare = async (path: string) => (path.startsWith("tile/entries/") ? undefined : source.read(path));
  const { isWhole, leaves } = await verifyLog({ name: "hashes alone", read: bare }, { key });
  assert.deepEqual([isWhole, leaves], [true, 0]);
  const stranger = formatVerifier(signerOf("stranger", SIGNATURE_TYPE.ed25519, Buffer.alloc(32, 3)).verifier);
  const codes = (await verifyLog(source, { key: stranger })).findings.map(({ code }) => code);
  assert.deepEqual(codes, ["other-key", "bad-checkpoint"]);
});

test("a witness follows the log, and refuses a fork and a rollback", async () => {
  const state = join(folder, "witness.json");
  const options = { key, state, name: "witness.example", seed: Buffer.alloc(32, 9), nowMs: Date.now() };
  const first = await cosign(logSource(out), options);
  assert.equal(first.before, null);
  await addLeaves(300);
  const later = join(folder, "later");
  await exportLog(fresh.solely.checkpoints, later);
  const second = await cosign(logSource(later), options);
  assert.equal(second.before, first.size);
  await assert.rejects(cosign(logSource(out), options), { code: "rolled-back" });
  fresh.solely.checkpoints.addCosignature(second.note, second.witness);
  writeFileSync(join(later, "checkpoint"), fresh.solely.checkpoints.newest.note);
  const witnessed = await verifyLog(logSource(later), { key, witnesses: [second.witness] });
  assert.deepEqual(
    witnessed.witnesses.map(({ name }) => name),
    ["witness.example"],
  );
  const stranger = formatVerifier(signerOf("stranger", SIGNATURE_TYPE.cosignature, Buffer.alloc(32, 3)).verifier);
  assert.equal((await verifyLog(logSource(later), { key, witnesses: [stranger] })).isWhole, false);
  // The log's own key signs another past.
  const forked = join(folder, "forked");
  const kept = JSON.parse(readFileSync(state, "utf8"));
  writeFileSync(state, JSON.stringify({ ...kept, root: Buffer.alloc(32, 1).toString("base64") }));
  await addLeaves(1);
  await exportLog(fresh.solely.checkpoints, forked);
  await assert.rejects(cosign(logSource(forked), options), { code: "fork" });
});
