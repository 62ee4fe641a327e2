/**
 * The audit of a platform's export, as whoever runs it sees it: the same finding from every form of the same records, who was
 * affected, what is refused, and what is left behind on disk.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import { parse, stringify } from "yaml";
import { type AuditOptions, audit, type Finding, findingSchema, writeSampleCase } from "../../src/audit/index.js";
import { startPostgres } from "../../src/store/postgres.js";
import { mountSmallDisk, unmountSmallDisk } from "../small-disk.js";
import { CommandLine, type Failure } from "./command-line.js";

const ACCOUNTS = 3000;
const SEED = 11;
let shell: CommandLine;
let csv: string;
let truth: Awaited<ReturnType<typeof writeSampleCase>>;
let found: Omit<Finding, "madeAt">;

before(async () => {
  shell = new CommandLine();
  csv = join(shell.folder, "csv");
  truth = await writeSampleCase(csv, { accounts: ACCOUNTS, seed: SEED });
  found = await findingOf({ dir: csv });
});
after(() => shell.remove());

/** All of a finding that does not depend on when it was made. */
async function findingOf(options: AuditOptions): Promise<Omit<Finding, "madeAt">> {
  const { madeAt: _, ...finding } = await audit(options);
  return finding;
}

/** The same records in files or queries of another form. */
async function inDuckDb(work: (run: (sql: string) => Promise<unknown>) => Promise<void>): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const db = await instance.connect();
  await work((sql) => db.run(sql));
  db.closeSync();
  instance.closeSync();
}

/** The map of the sample, with every source changed. */
function mapWith(change: (source: Record<string, unknown>) => Record<string, unknown>): string {
  const map = parse(readFileSync(join(csv, "audit.yaml"), "utf8")) as Record<string, unknown>;
  for (const table of ["contacts", "events", "matches", "showings", "accounts"]) {
    const sources = [map[table]].flat() as Record<string, unknown>[];
    map[table] = sources.map(change);
  }
  return stringify(map);
}

test("what really happened lies between the least and the most, and the sample's report is written", async () => {
  const dir = join(shell.folder, "sample");
  const { status, stdout, stderr } = await shell.run(["audit", "sample", dir, "--accounts", "2000"]);
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /at least +at most\npeople +[\d,]+ +[\d,]+\n/);
  assert.match(readFileSync(join(dir, "report.html"), "utf8"), /^<!doctype html>/);
  const { atLeast, atMost } = found;
  for (const name of ["people", "contactPoints"] as const) {
    assert.ok(atLeast[name] <= truth[name] && truth[name] <= atMost[name], `${name}: ${truth[name]}`);
  }
  for (const name of ["byPurpose", "byKind", "byDay", "byCountry"] as const) {
    for (const [of, count] of Object.entries(truth[name])) {
      assert.ok((atLeast[name][of] ?? 0) <= count && count <= (atMost[name][of] ?? 0), `${name} ${of}: ${count}`);
    }
  }
  for (const { list, advertiser, people } of truth.lists) {
    const one = found.lists.find((other) => other.list === list && other.advertiser === advertiser);
    assert.ok((one?.atLeast.people ?? 0) <= people && people <= (one?.atMost.people ?? 0), `${list}: ${people}`);
  }
  const { certain, open } = found;
  assert.equal(certain.byIdentifier + certain.byEveryContact, atLeast.people);
  const opened = open.identifierMissing + open.valueMissing + open.endMissing;
  assert.equal(opened + found.tangled, atMost.people - atLeast.people);
  assert.ok(atLeast.people > 0 && opened > 0 && found.unexplained.people > 0);
});

test("however many threads read it, and in whatever form it comes, the finding is the same", async () => {
  assert.deepEqual(await findingOf({ dir: csv, threads: 2 }), found);
  const parquet = join(shell.folder, "parquet");
  const ndjson = join(shell.folder, "ndjson");
  for (const dir of [parquet, ndjson]) {
    mkdirSync(dir);
    cpSync(join(csv, "notices.yaml"), join(dir, "notices.yaml"));
  }
  await inDuckDb(async (run) => {
    for (const file of readdirSync(csv).filter((name) => name.endsWith(".csv"))) {
      const name = file.slice(0, -4);
      // Accounts as numbers, and texts that repeat as a dictionary, as a warehouse would write them.
      await run(`CREATE TABLE ${name} AS SELECT * REPLACE (user_id::BIGINT AS user_id)
        FROM read_csv('${join(csv, file)}', all_varchar = true, header = true)`);
      await run(`COPY ${name} TO '${join(parquet, name)}.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
      await run(`COPY ${name} TO '${join(ndjson, name)}.ndjson.gz' (FORMAT json, COMPRESSION gzip)`);
    }
  });
  const other = (form: string) =>
    mapWith(({ file, ...rest }) => ({ ...rest, file: String(file).replace("csv", form) }));
  writeFileSync(join(parquet, "audit.yaml"), other("parquet"));
  writeFileSync(join(ndjson, "audit.yaml"), other("ndjson.gz"));
  assert.deepEqual(await findingOf({ dir: parquet, threads: 2 }), found);
  assert.deepEqual(await findingOf({ dir: ndjson }), found);
});

test("instants, days and nulls of Parquet are read as what they are", async () => {
  const dir = join(shell.folder, "typed");
  mkdirSync(dir);
  const notice = {
    id: "login",
    surface: "login",
    version: 1,
    language: "en",
    text: "Only for codes.",
    exclusive: true,
  };
  writeFileSync(
    join(dir, "notices.yaml"),
    stringify({ ...notice, purposes: ["security.mfa"], effective_from: "2010-01-01T00:00:00Z" }),
  );
  await inDuckDb(async (run) => {
    await run(`COPY (SELECT i AS account, 'phone'::ENUM('phone', 'email') AS kind, 'login' AS notice,
      TIMESTAMPTZ '2015-01-01 00:00:00Z' + to_hours(i) AS given_at FROM range(-2, 5) t(i)) TO '${join(dir, "contacts.parquet")}' (FORMAT parquet)`);
    await run(`COPY (SELECT 'a' AS advertiser, 'l' AS list, i AS account, DATE '2016-02-29' AS matched_at,
      CASE WHEN i % 2 = 0 THEN TIMESTAMP_NS '2016-03-01 12:00:00' END AS left_at
      FROM range(-2, 5) t(i)) TO '${join(dir, "matches.parquet")}' (FORMAT parquet)`);
  });
  const people = join(shell.folder, "typed.csv");
  const finding = await findingOf({ dir, people, untilMs: Date.UTC(2017, 0, 1) });
  assert.deepEqual(finding.atMost.byDay, { "2016-02-29": 7 });
  assert.deepEqual(finding.atLeast, finding.atMost);
  const lines = readFileSync(people, "utf8").trimEnd().split("\n");
  assert.equal(lines[0], "account,affected,kinds,lists,first_at,last_at");
  const ends = ["2017-01-01T00:00:00.000Z", "2016-03-01T12:00:00.000Z"];
  const expected = [-1, -2, 0, 1, 2, 3, 4].map(
    (i) => `${i},certainly,phone,1,2016-02-29T00:00:00.000Z,${ends[i % 2 === 0 ? 1 : 0]}`,
  );
  assert.deepEqual(lines.slice(1), expected);
});

test("straight from a database, read-only, the finding is the same", async () => {
  const folder = mkdtempSync(join(tmpdir(), "solely-other-"));
  const server = await startPostgres(folder);
  try {
    const { host, port, user, password, database } = server.connection;
    const url = `postgres://${user}:${password}@/${database}?host=${encodeURIComponent(String(host))}&port=${port}`;
    const { Client } = await import("pg").then(({ default: pg }) => pg);
    const owner = new Client(server.connection);
    await owner.connect();
    for (const file of readdirSync(csv).filter((name) => name.endsWith(".csv"))) {
      const [header, ...lines] = readFileSync(join(csv, file), "utf8").trimEnd().split("\n");
      const columns = header!.split(",");
      await owner.query(`CREATE TABLE ${file.slice(0, -4)} (${columns.map((one) => `${one} text`).join(", ")})`);
      const places = columns.map((_, i) => `split_part(line, ',', ${i + 1})`);
      await owner.query(
        `INSERT INTO ${file.slice(0, -4)} SELECT ${places.map((one) => `NULLIF(${one}, '')`).join(", ")} FROM unnest($1::text[]) line`,
        [lines],
      );
    }
    await owner.end();
    const dir = join(shell.folder, "database");
    mkdirSync(dir);
    cpSync(join(csv, "notices.yaml"), join(dir, "notices.yaml"));
    const map = mapWith(({ file, ...rest }) => ({ ...rest, sql: `SELECT * FROM ${String(file).slice(0, -4)}` }));
    writeFileSync(join(dir, "audit.yaml"), map);
    assert.deepEqual(await findingOf({ dir, from: url, threads: 2 }), found);
    const without = await shell.run<Failure>(["audit", dir, "--json"]);
    assert.equal(without.json.error.code, "malformed-map");
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("who is affected is written in the order of bytes, as CSV and as Parquet, and agrees with the numbers", async () => {
  const [people, asParquet] = [join(shell.folder, "people.csv"), join(shell.folder, "people.parquet")];
  const rejects = join(shell.folder, "rejects.csv");
  const tables = join(shell.folder, "tables");
  const options = [
    "--people",
    people,
    "--rejects",
    rejects,
    "--tables",
    tables,
    "--report",
    join(shell.folder, "r.json"),
  ];
  const { madeAt: _, ...finding } = findingSchema.parse(await shell.done(["audit", csv, ...options]));
  assert.deepEqual(finding, found);
  assert.deepEqual(JSON.parse(readFileSync(join(shell.folder, "r.json"), "utf8")).atMost, found.atMost);
  const rows = readFileSync(people, "utf8").trimEnd().split("\n").slice(1);
  assert.equal(rows.length, found.atMost.people);
  assert.equal(rows.filter((row) => row.includes(",certainly,")).length, found.atLeast.people);
  const names = rows.map((row) => row.split(",")[0]!);
  assert.deepEqual(
    names,
    [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
  const affected = new Set(names);
  assert.ok(truth.affected.every((name) => affected.has(name)));
  assert.equal(readFileSync(join(tables, "lists.csv"), "utf8").trimEnd().split("\n").length, 1 + found.lists.length);

  await audit({ dir: csv, people: asParquet });
  await inDuckDb(async (run) => {
    await run(`COPY (SELECT account, affected, kinds, lists, strftime(first_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS first_at,
      strftime(last_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS last_at FROM read_parquet('${asParquet}')) TO '${asParquet}.csv' (HEADER)`);
  });
  assert.equal(readFileSync(`${asParquet}.csv`, "utf8"), readFileSync(people, "utf8"));

  const refused = readFileSync(rejects, "utf8").trimEnd().split("\n");
  assert.equal(refused[0], "source,line,column,code,reason,fix");
  assert.equal(
    refused.length - 1,
    found.tables.reduce((sum, table) => sum + table.refused, 0),
  );
  assert.ok(refused.length > 10);
  assert.ok(refused.some((line) => /^[a-z_]+\.csv,\d+,surface,unknown-surface,/.test(line)));
  for (const text of [readFileSync(rejects, "utf8"), JSON.stringify(found)])
    assert.doesNotMatch(text, /@example|\+\d\d \d/);
});

test("nothing of it is left on disk, and nothing in its working files is a contact or its hash", async () => {
  const values = readFileSync(join(csv, "users.csv"), "utf8")
    .split("\n")
    .slice(1, 400)
    .map((line) => line.split(",")[1]!.toLowerCase())
    .filter((value) => value !== "");
  assert.ok(values.length > 100);
  let [looked, bytes] = [0, 0];
  const look = (): void => {
    for (const fd of readdirSync("/proc/self/fd")) {
      let path: string;
      try {
        path = readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        continue;
      }
      if (!path.includes("solely-audit-")) continue;
      assert.match(path, / \(deleted\)$/);
      assert.ok(!existsSync(path.replace(/\/\d+ \(deleted\)$/, "")));
      const content = readFileSync(`/proc/self/fd/${fd}`);
      looked++;
      bytes += content.length;
      for (const value of values) {
        assert.ok(!content.includes(value));
        assert.ok(!content.includes(createHash("sha256").update(value).digest().subarray(0, 8)));
      }
    }
  };
  let isFirst = true;
  await audit({
    dir: csv,
    onProgress: (what) => {
      if (what !== "parts judged" || !isFirst) return;
      isFirst = false;
      look();
    },
  });
  assert.ok(looked >= 2 && bytes > 100_000, `${looked} files, ${bytes} bytes`);

  const scratch = join(shell.folder, "scratch");
  mkdirSync(scratch);
  const call = shell.begin(["audit", "sample", join(shell.folder, "killed"), "--accounts", "40000"], {
    env: { TMPDIR: scratch },
  });
  while (!existsSync(join(shell.folder, "killed", "truth.json")))
    await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve) => setTimeout(resolve, 300));
  call.child.kill("SIGKILL");
  await call.outcome;
  assert.deepEqual(readdirSync(scratch), []);
});

test("the example of the docs is what comes of it", async () => {
  const dir = join(shell.folder, "example");
  mkdirSync(dir);
  const notice = (id: string, purposes: string[], text: string, exclusive: boolean) =>
    stringify({
      ...{ id, surface: id, version: 1, language: "en", text, purposes, exclusive },
      effective_from: "2010-01-01T00:00:00Z",
    });
  const notices = [
    notice("sign-up", ["service.account", "ads.match"], "We may match it with advertisers' lists.", false),
    notice("two-factor", ["security.mfa"], "We use it only for codes.", true),
  ];
  writeFileSync(join(dir, "notices.yaml"), notices.join("---\n"));
  const contacts = [
    "ann,phone,two-factor,2015",
    "ben,email,sign-up,2015",
    "ben,phone,two-factor,2016",
    "cid,email,sign-up,2015",
  ];
  const lines = contacts.map((row) => `${row}-01-01T00:00:00Z\n`).join("");
  writeFileSync(join(dir, "contacts.csv"), `account,kind,notice,given_at\n${lines}`);
  const members = ["ann", "ben", "cid"].map((one) => `acme,spring,${one},2017-06-01T12:00:00Z,2018-01-01T00:00:00Z\n`);
  writeFileSync(join(dir, "matches.csv"), `advertiser,list,account,matched_at,left_at\n${members.join("")}`);
  const told = JSON.parse(
    /```json\n(.*?)```/s.exec(readFileSync(new URL("../../../docs/audit.md", import.meta.url), "utf8"))![1]!,
  );
  const finding = await findingOf({ dir });
  const { tables: _, notices: __, lists: ___, assumptions: ____, ...numbers } = finding;
  assert.deepEqual(numbers, told);
});

test("what may be read in several ways is bounded or refused, never guessed", async () => {
  const folder = join(shell.folder, "example");
  const notices = readFileSync(join(folder, "notices.yaml"), "utf8");
  let cases = 0;
  const audited = (files: Readonly<Record<string, string>>, more: Partial<AuditOptions> = {}) => {
    const dir = join(shell.folder, `case-${cases++}`);
    mkdirSync(dir);
    for (const [file, text] of Object.entries({ "notices.yaml": notices, ...files })) {
      mkdirSync(join(dir, file, ".."), { recursive: true });
      writeFileSync(join(dir, file), text);
    }
    return findingOf({ dir, ...more });
  };
  const head = "account,kind,value,given_at,notice\n";
  const people = ({ atLeast, atMost }: Pick<Finding, "atLeast" | "atMost">) => [atLeast.people, atMost.people];

  // A showing that another match accounts for proves nothing.
  const two = {
    "contacts.csv": `${head}ann,email,a@example.com,2015-01-01,sign-up\nann,email,b@example.com,2015-01-01,sign-up\n`,
    "events.csv": "type,account,kind,value,at\nwithdraw,ann,email,a@example.com,2017-01-01\n",
    "matches.csv":
      "advertiser,list,account,kind,value,matched_at\na,l,ann,email,a@example.com,2016-01-01\na,l,ann,email,b@example.com,2018-01-01\n",
    "showings.csv": "advertiser,list,account,at\na,l,ann,2019-01-01\n",
  };
  const shown = await audited(two);
  assert.deepEqual([people(shown), shown.open.endMissing], [[0, 1], 1]);

  // Nothing after the end of the audit counts, whatever was shown then.
  const early = await audited(
    {
      ...two,
      "matches.csv": "advertiser,list,account,kind,value,matched_at\na,l,ann,email,a@example.com,2016-01-01\n",
    },
    { untilMs: Date.UTC(2016, 6, 1) },
  );
  assert.deepEqual(people(early), [0, 0]);

  // Notices of different purposes at one surface.
  const more = {
    version: 1,
    language: "en",
    effective_from: "2010-01-01T00:00:00Z",
    exclusive: true,
    surface: "settings",
  };
  const alike = ["security.mfa", "security.recovery"].map((purpose, i) =>
    stringify({ ...more, id: `n${i}`, text: "Only for your security.", purposes: [purpose] }),
  );
  const ambiguous = await audited({
    "notices.yaml": alike.join("---\n"),
    "contacts.csv": "account,kind,given_at,surface\nann,phone,2015-01-01,settings\n",
    "matches.csv": "advertiser,list,account,matched_at,left_at\na,l,ann,2016-01-01,\n",
  });
  assert.deepEqual(ambiguous.tables[0]!.reasons, { "unknown-surface": 1 });

  // Files however deep; "never" as a time; days as whole numbers; names that are none.
  const warnings: string[] = [];
  const found = await audited(
    {
      "contacts/year=2015/part.csv": `${head}ann,phone,,2015-01-01,two-factor\nbob,phone,,20150101,two-factor\n`,
      "matches.csv":
        'advertiser,list,account,matched_at,left_at\na,l,ann,2016-01-01,9999-12-31T00:00:00Z\na,"l\0",ann,2016-01-01,\n',
      "Matches.csv.zst": "x",
    },
    { onWarning: (warning) => void warnings.push(warning) },
  );
  assert.deepEqual([people(found), found.until], [[1, 1], "2016-01-01T00:00:00.000Z"]);
  const reasons = found.tables.map((one) => Object.keys(one.reasons).join());
  assert.deepEqual(reasons.slice(0, 3), ["bad-time", "", "name-invalid"]);
  assert.ok(
    warnings.some((warning) => warning.includes("Matches.csv.zst")),
    warnings.join(),
  );
  assert.ok(
    warnings.every((warning) => !warning.includes("part.csv")),
    warnings.join(),
  );

  // A surface's name may be long, and a column may be named late where there is no header.
  const surface = `${"the form on which somebody who was locked out says who they are, ".repeat(2)}and is let in`;
  const long = await audited({
    "notices.yaml": stringify({
      ...more,
      id: "long",
      text: "Only for your security.",
      purposes: ["security.unlock"],
      surface,
    }),
    "contacts.csv": `account,kind,given_at,surface\nann,phone,2015-01-01,"${surface}"\n`,
    "matches.ndjson": [
      '{"advertiser":"a","list":"l","account":"ann","matched_at":"2016-01-01"}',
      '{"advertiser":"a","list":"l","account":"bob","matched_at":"2016-01-01","left_at":null}',
    ].join("\n"),
  });
  assert.deepEqual([people(long), long.tables[0]!.refused], [[1, 1], 0]);
  assert.ok(long.assumptions.some((one) => one.startsWith("matches.ndjson: left_at is not in the first rows")));

  // An instant in a column that holds none is a text.
  const dated = join(shell.folder, "dated");
  mkdirSync(dated);
  writeFileSync(join(dated, "notices.yaml"), notices);
  await inDuckDb(async (run) => {
    const at = "TIMESTAMPTZ '2016-01-01 00:00:00Z'";
    await run(`COPY (SELECT 'ann' AS account, 'phone' AS kind, ${at} AS given_at, 'two-factor' AS notice)
      TO '${join(dated, "contacts.parquet")}' (FORMAT parquet)`);
    await run(`COPY (SELECT 'a' AS advertiser, ${at} + to_days(i) AS list, 'ann' AS account, ${at} AS matched_at
      FROM range(3) t(i)) TO '${join(dated, "matches.parquet")}' (FORMAT parquet)`);
  });
  assert.deepEqual(
    (await findingOf({ dir: dated })).lists.map(({ list }) => list).sort(),
    [1, 2, 3].map((day) => `2016-01-0${day}T00:00:00.000Z`),
  );

  // Nothing was ever for ads: certain, though there are too many ways to read the rows.
  const rows = Array.from({ length: 12 }, (_, i) => `ann,phone,,2015-01-${10 + i},two-factor\n`).join("");
  const many = await audited({
    "contacts.csv": head + rows,
    "matches.csv": "advertiser,list,account,matched_at,left_at\na,l,ann,2016-01-01,\n",
  });
  assert.deepEqual([people(many), many.tangled, many.certain.byEveryContact], [[1, 1], 0, 1]);
  assert.deepEqual([many.atLeast.contactPoints, many.atMost.contactPoints], [1, 12]);
  assert.deepEqual(many.atLeast.byPurpose, { "security.mfa": 1 });
});

test("an account of very many rows takes no longer than it may, and what is not looked at is told", async () => {
  const dir = join(shell.folder, "many");
  mkdirSync(dir);
  cpSync(join(shell.folder, "example", "notices.yaml"), join(dir, "notices.yaml"));
  const notices = ["sign-up", "sign-up", "two-factor"];
  const audited = async (rows: number, hasValues: boolean): Promise<readonly number[]> => {
    const tables = {
      contacts: ["account,kind,notice,given_at,value"],
      matches: ["advertiser,list,account,matched_at,kind,value"],
      showings: ["advertiser,list,account,at"],
    };
    for (let i = 0; i < rows; i++) {
      const at = new Date(Date.UTC(2015, 0, 1) + ((i * 7919) % rows) * 60_000).toISOString();
      const value = hasValues ? `p${i}@x.example` : "";
      tables.contacts.push(`u,email,${notices[i % 3]},${at},${value}`);
      tables.matches.push(`a,l${i % 50},u,${at},email,${value}`);
      tables.showings.push(`a,l${i % 50},u,${at}`);
    }
    for (const [name, lines] of Object.entries(tables))
      writeFileSync(join(dir, `${name}.csv`), `${lines.join("\n")}\n`);
    const { atLeast, atMost, tangled } = await findingOf({ dir });
    return [atLeast.people, atMost.people, tangled, atLeast.contactPoints, atMost.contactPoints];
  };
  assert.deepEqual(await audited(3000, true), [1, 1, 0, 1000, 1000]);
  assert.deepEqual(await audited(3000, false), [0, 1, 1, 0, 3000]);
  assert.deepEqual(await audited(20_000, true), [0, 1, 1, 0, 20_000]);
});

test("where there is no room for working files the audit says so, and nothing is half-written", async (t) => {
  const disk = mountSmallDisk(256);
  if ("skipped" in disk) return t.skip(disk.skipped);
  t.after(() => unmountSmallDisk(disk.folder));
  const people = join(shell.folder, "never.csv");
  const { code, fix } = await shell.refused(["audit", csv, "--people", people], { env: { TMPDIR: disk.folder } });
  assert.equal(code, "no-room");
  assert.match(fix ?? "", /TMPDIR/);
  assert.ok(!existsSync(people));
  assert.deepEqual(readdirSync(disk.folder), []);
});

test("what can't be audited says why, where, and what to do, and never a value", async () => {
  const folderOf = (name: string, files: Readonly<Record<string, string>>): string => {
    const dir = join(shell.folder, name);
    mkdirSync(dir);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, file), text);
    return dir;
  };
  const good = {
    "notices.yaml": readFileSync(join(csv, "notices.yaml"), "utf8"),
    "contacts.csv": "account,kind,given_at,surface,value\nu1,email,2016-01-01,sign-up form,secret@example.com\n",
    "matches.csv": "advertiser,list,account,matched_at\na,l,u1,2017-01-01\n",
  };
  const cases: readonly (readonly [string, RegExp, Readonly<Record<string, string>>])[] = [
    ["missing-table", /no file of matches/, { ...good, "matches.csv": "", "audit.yaml": "matches: []" }],
    ["missing-column", /no column account/, { ...good, "matches.csv": "advertiser,list,who,matched_at\n" }],
    [
      "malformed-map",
      /contacts has no column email/,
      { ...good, "audit.yaml": "contacts: {file: contacts.csv, columns: {email: value}}" },
    ],
    ["malformed-map", /audit.yaml/, { ...good, "audit.yaml": "contacts: [}" }],
    ["malformed-notice", /document 1: notice: surface/, { ...good, "notices.yaml": "id: a" }],
    ["unreadable-file", /nowhere.csv/, { ...good, "audit.yaml": "contacts: {file: nowhere.csv}" }],
    ["broken-parquet", /Parquet/, { ...good, "contacts.parquet": "PAR1 secret@example.com PAR1" }],
  ];
  for (const [i, [code, message, files]] of cases.entries()) {
    const { status, json, stdout, stderr } = await shell.run<Failure>(["audit", folderOf(`bad-${i}`, files), "--json"]);
    assert.deepEqual([status, json.error.code], [1, code], `${i}: ${stdout}`);
    assert.match(json.error.message, message);
    assert.notEqual(json.error.fix ?? "", "");
    assert.doesNotMatch(stdout + stderr, /secret/);
  }
  const { atLeast, assumptions } = await shell.done<Finding>(["audit", folderOf("good", good)]);
  assert.equal(atLeast.people, 0);
  assert.ok(assumptions.includes("2 days were taken as their first instant, in UTC."), assumptions.join());
});
