/** What `npm pack` makes is whole: installed alone elsewhere, it does the main job, from the command line and as a library. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const NOTICE = `id: signup
surface: sign-up form
version: 1
language: en
text: We use your e-mail address to let you sign in and to show you ads of companies that know you.
purposes: [service.account, ads.match]
effective_from: 2020-01-01T00:00:00Z
`;
const CONTACTS = `account,kind,value,notice,given_at
u1,email,Ann@Example.com,signup,2024-01-01T00:00:00Z
u2,email,ben@example.com,signup,2024-01-01T00:00:00Z
`;
const AS_A_LIBRARY = `
import { doctor, eligibility, Solely } from "solely";
const solely = await Solely.open({ data: "data" });
const { audiences } = eligibility(solely, "u1");
const [audience] = solely.audiences.list();
const members = solely.audiences.members(solely.gate.permit("ads.match"), audience).size;
const { isHealthy } = await doctor(solely);
await solely.close();
process.stdout.write(JSON.stringify({ audiences: audiences.length, members, isHealthy }));
`;

test("the tarball, installed alone elsewhere, does the main job", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "solely-tarball-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const npm = (...args: string[]) => spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: ROOT, stdio: "pipe" });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "elsewhere", private: true, type: "module" }));
  const installed = npm("install", "--no-audit", "--no-fund", "--prefer-offline", tarball);
  if (installed.status !== 0 && /ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|network/.test(installed.stderr)) {
    return t.skip(`the package registry can't be reached: ${installed.stderr.split("\n")[0]}`);
  }
  assert.equal(installed.status, 0, installed.stderr);
  const packed = readdirSync(join(folder, "node_modules/solely"), { recursive: true }) as string[];
  assert.ok(!packed.some((name) => /\.test\.|^(src|test|bench)\//.test(name)), "no tests, no sources");

  const env = { ...process.env, SOLELY_DATA: "data", SOLELY_OPERATORS: join(folder, "operators"), DATABASE_URL: "" };
  const solely = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(join(folder, "node_modules/.bin/solely"), [...args, "--json"], {
      ...{ cwd: folder, env, encoding: "utf8" },
    });
    assert.equal(status, 0, `solely ${args[0]}: ${stderr}`);
    return JSON.parse(stdout);
  };
  writeFileSync(join(folder, "notice.yaml"), NOTICE);
  writeFileSync(join(folder, "contacts.csv"), CONTACTS);
  writeFileSync(join(folder, "list.csv"), "email\nann@example.com\nstranger@example.com\n");
  solely("init", "--operator", "alice", "--operator", "bob");
  solely("notice", "propose", "notice.yaml", "--as", "alice");
  solely("notice", "approve", "signup", "--as", "bob");
  assert.equal(solely("ingest", "contacts.csv").accepted, 2);
  const { audience } = solely("match", "list.csv", "--advertiser", "acme", "--name", "list");
  assert.equal(solely("audience", "export", audience, "--out", "audience.csv").notServed, "pending");
  assert.equal(readFileSync(join(folder, "audience.csv"), "utf8"), "account\n");
  assert.equal(solely("audience", "export", audience, "--out", "audience.csv", "--unreleased").accounts, 1);
  assert.equal(readFileSync(join(folder, "audience.csv"), "utf8"), "account_not_for_serving\nu1\n");

  const library = spawnSync(process.execPath, ["--input-type=module", "-e", AS_A_LIBRARY], {
    ...{ cwd: folder, env, encoding: "utf8" },
  });
  assert.equal(library.stdout, JSON.stringify({ audiences: 0, members: 1, isHealthy: true }), library.stderr);
});
