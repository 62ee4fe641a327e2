/**
 * Key services: a command for each way, tried with a shell's own tools, and with a real HSM's token behind PKCS#11
 * (SoftHSM2, whose key never leaves it).
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { doctor, ingest, rotateSealingKey } from "../../src/index.js";
import { commandKeyService, type KeyCommands, VAULT_LIMITS } from "../../src/vault/index.js";
import { FreshStore, ndjson } from "../fresh-store.js";

const folder = mkdtempSync(join(tmpdir(), "solely-keys-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const sh = (script: string): readonly string[] => ["/bin/sh", "-c", script];
const key = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);

test("a command gets bytes on stdin and answers bytes on stdout, both ways", async () => {
  const service = commandKeyService({ wrap: sh("tr '\\000-\\377' '\\001-\\377\\000'"), unwrap: sh("cat") });
  const wrapped = await service.wrap("seal.mask.1", key);
  assert.equal(wrapped.length, 32);
  assert.notDeepEqual(Uint8Array.from(wrapped), key);
  assert.deepEqual(Uint8Array.from(await service.unwrap("seal.mask.1", key)), key);
  const named = commandKeyService({ wrap: sh('cat > /dev/null; printf %s "$SOLELY_KEY"'), unwrap: ["cat"] });
  assert.equal(Buffer.from(await named.wrap("seal.mask.1", key)).toString(), "seal.mask.1");
});

test("a command that fails, says nothing, says too much or is not there is an error that names the key, not its bytes", async () => {
  const most = VAULT_LIMITS.wrappedKeyBytes;
  const enough = commandKeyService({ wrap: sh(`head -c ${most} /dev/zero`), unwrap: sh("cat") });
  assert.equal((await enough.wrap("k", key)).length, most);
  const bad = ["exit 3", "cat > /dev/null", `head -c ${most + 1} /dev/zero`, "kill -9 $$"].map(sh);
  for (const wrap of [...bad, ["/no/such/program"]]) {
    const service = commandKeyService({ wrap, unwrap: ["cat"] });
    await assert.rejects(service.wrap("seal.mask.1", key), (error: Error & { code?: string }) => {
      assert.equal(error.code, "key-service-failed", String(wrap));
      assert.ok(error.message.includes("seal.mask.1"));
      assert.ok(!error.message.includes(Buffer.from(key).toString("hex").slice(0, 8)));
      return true;
    });
  }
});

const PIN = "648219";
const MODULES = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"];

/**
 * A fresh token of SoftHSM2 with an RSA key that can't be taken out, and the commands that wrap with it. Its tool fails now and
 * then on a busy machine, so a key is asked for up to three times.
 */
function softHsm(): KeyCommands {
  const module = MODULES.find((file) => existsSync(file))!;
  const tokens = join(folder, "tokens");
  mkdirSync(tokens);
  const conf = join(folder, "softhsm2.conf");
  writeFileSync(conf, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const env = { SOFTHSM2_CONF: conf };
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { env: { ...process.env, ...env }, stdio: "pipe" });
  run("softhsm2-util", "--init-token", "--free", "--label", "solely", "--so-pin", "1234", "--pin", PIN);
  const tool = ["pkcs11-tool", "--module", module, "--token-label", "solely", "--login", "--pin", PIN] as const;
  run(...tool, "--keypairgen", "--key-type", "rsa:2048", "--id", "01", "--label", "solely", "--sensitive");
  const publicKey = join(folder, "public.der");
  run(
    "pkcs11-tool",
    "--module",
    module,
    "--token-label",
    "solely",
    "--read-object",
    "--type",
    "pubkey",
    "--id",
    "01",
    "--output-file",
    publicKey,
  );
  const script = (name: string, body: string): readonly string[] => {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\nset -e\nexport SOFTHSM2_CONF=${conf}\n${body}\n`);
    chmodSync(file, 0o700);
    return [file];
  };
  return {
    wrap: script(
      "wrap",
      `openssl pkeyutl -encrypt -pubin -keyform DER -inkey ${publicKey} -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1`,
    ),
    unwrap: script(
      "unwrap",
      `in=$(mktemp); trap 'rm -f "$in" "$in.out"' EXIT; cat > "$in"
tries=0
until ${tool.join(" ")} --id 01 --decrypt --mechanism RSA-PKCS-OAEP --hash-algorithm SHA-1 --mgf MGF1-SHA1 --input-file "$in" --output-file "$in.out" > /dev/null 2>&1
do tries=$((tries + 1)); [ $tries -lt 3 ]; done
cat "$in.out"`,
    ),
  };
}

test("behind PKCS#11 the sealing keys lie wrapped, are opened by the token alone, and a store works with them", async (t) => {
  const isThere = (program: string) => existsSync(join("/usr/bin", program));
  if (!["softhsm2-util", "pkcs11-tool", "openssl"].every(isThere)) {
    return t.skip("SoftHSM2, OpenSC or OpenSSL is not installed here");
  }
  const { wrap, unwrap } = softHsm();
  const store = await FreshStore.make();
  try {
    await store.adopt({ id: "mfa", purposes: ["security.mfa"] });
    const row = {
      account: "u1",
      kind: "phone",
      value: "+12025550142",
      notice: "mfa",
      given_at: "2024-01-01T00:00:00Z",
    };
    await ingest(store.solely, ndjson([row]), { source: "local", actor: "test", format: "ndjson" });
    await store.close();
    const file = join(store.data, "solely.json");
    const config = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...config, keyService: { wrap, unwrap } }));
    await store.open();
    const unguarded = async () =>
      (await doctor(store.solely)).findings.filter(({ what }) => what.includes("not guarded by the key service"))
        .length;
    assert.equal(await unguarded(), 8, "keys from before are used as they are, and doctor says so");
    for (const compartment of ["security.mfa", "mask"] as const) {
      await rotateSealingKey(store.solely, compartment, { actor: "test" });
    }
    assert.equal(await unguarded(), 6);
    const kept = readFileSync(join(store.data, "keys", "seal.security.mfa.2.key"), "utf8");
    assert.match(kept, /^wrapped:[A-Za-z0-9+/=]{300,400}\n$/);
    const read = async () => {
      const { contacts, gate, vault } = store.solely;
      const points = contacts.pointsOf(contacts.account("u1"));
      const opened = await vault.open(gate.permitOf("security.mfa", points), points);
      return [...opened.values(), ...(await vault.masks(points)).values()].map((one) =>
        typeof one === "string" ? one : one.value,
      );
    };
    await store.reopen("facts");
    assert.deepEqual(await read(), ["+12025550142", "+1 ••• ••42"]);
    await store.close();
    rmSync(join(folder, "tokens"), { recursive: true });
    await assert.rejects(store.open(), { code: "key-service-failed" }, "without the token nothing opens");
  } finally {
    await store.remove();
  }
});
