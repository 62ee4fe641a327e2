import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { parseAllDocuments } from "yaml";
import { Bytes } from "./bytes.js";
import { WorldError, type WorldSummary, writeWorld } from "./index.js";
import { countryNames, People, PHONE, SPELLING } from "./values.js";

const ACCOUNTS = 4000;
const SEED = 42;
let folder: string;
let summary: WorldSummary;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "solely-world-"));
  summary = await writeWorld({ accounts: ACCOUNTS, seed: SEED, out: join(folder, "a") });
});
after(() => rm(folder, { recursive: true }));

const lines = async (file: string): Promise<string[]> =>
  (await readFile(join(folder, "a", file), "utf8")).trimEnd().split("\n");

async function digests(world: string): Promise<string[]> {
  const files = await readdir(join(folder, world), { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  return Promise.all(
    paths.sort().map(
      async (path) =>
        `${path.slice(join(folder, world).length)} ${createHash("sha256")
          .update(await readFile(path))
          .digest("hex")}`,
    ),
  );
}

test("the same seed makes the same bytes, another seed others", async () => {
  await writeWorld({ accounts: ACCOUNTS, seed: SEED, out: join(folder, "b") });
  await writeWorld({ accounts: ACCOUNTS, seed: SEED + 1, out: join(folder, "c") });
  const [a, b, c] = await Promise.all(["a", "b", "c"].map(digests));
  assert.deepEqual(b, a);
  const same = c!.filter((line) => a!.includes(line)).map((line) => line.split(" ")[0]);
  assert.deepEqual(same, ["/notices.yaml", "/truth/security-contacts.csv"]); // who is nobody is the same in all
});

test("of 100 contact points about 40 are for security alone, and an account has 2.5", () => {
  const share = summary.securityOnly / summary.contactPoints;
  assert.ok(share > 0.38 && share < 0.42, `security-only: ${share}`);
  const each = summary.contactPoints / ACCOUNTS;
  assert.ok(each > 2.4 && each < 2.6, `contact points an account: ${each}`);
  assert.ok(summary.permitted > summary.contactPoints * 0.4);
});

test("each file has the rows that the summary counts", async () => {
  assert.equal((await lines("contacts.csv")).length - 1, summary.rows);
  assert.equal((await lines("events.ndjson")).length, summary.events);
  assert.equal((await lines("accounts.csv")).length - 1, ACCOUNTS);
  assert.equal((await lines("truth/security-only.csv")).length - 1, summary.securityOnly);
  const zipped = gunzipSync(await readFile(join(folder, "a/lists/exclusions.csv.gz"))).toString();
  assert.equal(zipped.trimEnd().split("\n").length - 1, summary.lists.exclusions?.rows);
  for (const [list, { members }] of Object.entries(summary.lists))
    assert.equal((await lines(`truth/${list}.csv`)).length - 1, members);
});

test("members are distinct and sorted by their bytes", async () => {
  for (const list of Object.keys(summary.lists)) {
    const members = (await lines(`truth/${list}.csv`)).slice(1);
    const sorted = [...new Set(members)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(members, sorted, list);
  }
});

test("each row of contacts.csv has seven columns, a known notice and an instant between 2014 and 2024", async () => {
  const notices = parseAllDocuments(await readFile(join(folder, "a/notices.yaml"), "utf8")).map((document) =>
    document.toJS(),
  );
  const known = new Set(notices.flatMap(({ id, version }) => [id, `${id}@${version}`]));
  for (const row of (await lines("contacts.csv")).slice(1)) {
    const cells = row.split(",");
    assert.equal(cells.length, 7);
    assert.ok(known.has(cells[3]));
    const given = new Date(cells[4]!).getFullYear();
    assert.ok(given >= 2013 && given <= 2024, cells[4]);
    if (cells[6] !== "") assert.ok(Date.parse(cells[6]!) > Date.parse(cells[4]!));
  }
});

test("every phone is possible in its country, however it is written", () => {
  const people = new People(99);
  const out = new Bytes();
  const decoder = new TextDecoder();
  const seen = new Set<string>();
  for (let person = 0; person < 1500; person++) {
    const slot = person % 5;
    const write = (spelling: number): string => {
      people.write(out.clear(), PHONE, person, slot, spelling);
      return decoder.decode(out.view());
    };
    const country = countryNames[people.country(person)]!;
    const plain = write(SPELLING.asIs);
    for (const spelling of [SPELLING.asIs, SPELLING.spaced, SPELLING.dashed]) {
      const parsed = parsePhoneNumberFromString(write(spelling));
      assert.ok(parsed?.isPossible(), `${country} ${spelling}: not possible`);
      assert.equal(parsed!.number, plain);
    }
    if (country === "IN" || country === "BR") continue;
    for (let style = 0; style < 3; style++) {
      people.writeNational(out.clear(), person, slot, style);
      const parsed = parsePhoneNumberFromString(decoder.decode(out.view()), country);
      assert.ok(parsed?.isPossible(), `${country} style ${style}: not possible`);
      assert.equal(parsed!.number, plain);
    }
    seen.add(country);
  }
  assert.equal(seen.size, 4);
});

test("a bench world has two lists of the rows asked for, and their truth", async () => {
  const bench = await writeWorld({ accounts: 2000, seed: 1, out: join(folder, "bench"), lists: "bench", rows: 777 });
  assert.deepEqual(Object.keys(bench.lists), ["hashed", "raw"]);
  const hashed = (await readFile(join(folder, "bench/lists/hashed.csv"), "utf8")).trimEnd().split("\n");
  assert.equal(hashed.length, 777);
  assert.ok(hashed.every((row) => /^[0-9a-f]{64}$/.test(row)));
  assert.ok(bench.lists.raw!.members > 50);
});

test("with mistakes upstream the same people gave the same contacts, some of them under a wrong label for a while", async () => {
  const mistaken = await writeWorld({ accounts: ACCOUNTS, seed: SEED, out: join(folder, "m"), incidents: true });
  const rows = async (world: string) =>
    (await readFile(join(folder, world, "contacts.csv"), "utf8"))
      .trimEnd()
      .split("\n")
      .map((row) => row.split(","));
  const [right, wrong] = await Promise.all(["a", "m"].map(rows));
  assert.equal(wrong!.length, right!.length);
  let labelled = 0;
  for (const [i, row] of wrong!.entries()) {
    const [notice = "", version] = row[3]!.split("@");
    assert.equal(notice, right![i]![3]!.split("@")[0]);
    assert.deepEqual(row.toSpliced(3, 1), right![i]!.toSpliced(3, 1));
    if (version === "2" && notice !== "profile") labelled++;
  }
  assert.ok(labelled > ACCOUNTS / 100, `${labelled} rows have the wrong label`);
  const { affected } = mistaken;
  assert.ok(affected!["login-alerts-2018"]! > 5 && affected!["security-screens-2021"]! > 20, JSON.stringify(affected));
  assert.equal(mistaken.lists["security-contacts"]!.members, 0, "the label is right, of whom that list names");
});

test("a world out of its limits is refused by field, and one at the limit is not", async () => {
  const refused = async (options: { accounts?: number; seed?: number; rows?: number }, field: string) =>
    assert.rejects(
      writeWorld({ accounts: 10, seed: 1, out: join(folder, "none"), ...options }),
      (error: unknown) => error instanceof WorldError && error.field === field && error.fix !== "",
    );
  await refused({ accounts: 9 }, "accounts");
  await refused({ accounts: 100_000_001 }, "accounts");
  await refused({ accounts: 10.5 }, "accounts");
  await refused({ seed: -1 }, "seed");
  await refused({ rows: 0 }, "rows");
  const least = await writeWorld({ accounts: 10, seed: Number.MAX_SAFE_INTEGER, out: join(folder, "least") });
  assert.equal(least.accounts, 10);
});
