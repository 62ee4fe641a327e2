/**
 * The main job as a script does it, on a small world: once with every command on its own, and once through a running
 * server, with the same answers. Who comes out is, to the byte, who the world says may be served.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { CommandLine, type Outcome } from "./command-line.js";

const ACCOUNTS = 3000;

interface List {
  readonly name: string;
  readonly file: string;
  readonly scheme: string;
  readonly region?: string;
  readonly rows: number;
  readonly usable: number;
  readonly refused: number;
}
interface Counts {
  readonly rows: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly rejectFile: string | null;
}
type Ingested = Counts & { readonly freed: number; readonly files: readonly Counts[] };
interface Matched {
  readonly match: string;
  readonly list: string;
  readonly audience: string;
  readonly rows: number;
  readonly usable: number;
  readonly refused: number;
  readonly rejectFile: string | null;
  readonly seconds: number;
}
interface Exported {
  readonly audience: string;
  readonly accounts: number;
  readonly position: number;
  readonly expiresAt: string;
}
interface Explained {
  readonly account: string;
  readonly contactPoints: readonly {
    readonly kind: string;
    readonly isPermitted: boolean;
    readonly why: string;
    readonly history: readonly { readonly entry: string; readonly changed: string }[];
  }[];
}

const shared = new CommandLine();
const world = join(shared.folder, "world");
const fileOf = (...path: readonly string[]): string => readFileSync(join(world, ...path), "utf8");
const linesOf = (...path: readonly string[]): string[] =>
  fileOf(...path)
    .trimEnd()
    .split("\n");
const truthOf = (list: string): string[] => linesOf("truth", `${list}.csv`).slice(1);
const lists = (): readonly List[] => (JSON.parse(fileOf("lists.json")) as { lists: readonly List[] }).lists;
const listOf = (list: string): List => lists().find(({ name }) => name === list)!;

before(() => shared.done(["world", "--accounts", String(ACCOUNTS), "--seed", "11", "--out", world]));
after(() => shared.remove());

/** One script's calls, each as it was answered. */
class Script {
  readonly answers: unknown[] = [];

  constructor(readonly solely: CommandLine) {}

  /** Runs a command that must be done, and notes its answer. */
  async run<T>(...args: readonly string[]): Promise<T> {
    return this.runWith<T>(undefined, args);
  }

  async runWith<T>(stdin: string | undefined, args: readonly string[]): Promise<T> {
    const outcome = await this.solely.run<T>([...args, "--json"], { stdin: stdin ?? "" });
    assert.equal(outcome.status, 0, `${outcome} failed:\n${outcome.stderr}`);
    this.#note(outcome);
    return outcome.json;
  }

  #note({ args, json, stderr }: Outcome<unknown>): void {
    this.answers.push(JSON.parse(withoutChance(JSON.stringify({ args, json, stderr }), this.solely.folder)));
  }
}

/** Ids, times, keys and signatures are drawn or read from the clock; nothing else may differ. */
function withoutChance(text: string, folder: string): string {
  return text
    .replaceAll(folder, "FOLDER")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "TIME")
    .replaceAll(/\b[alm][0-9a-f]{16}\b/g, "ID")
    .replaceAll(/\b[0-9a-f]{12}([0-9a-f]{20}([0-9a-f]{32})?)?\b/g, "HEX")
    .replaceAll(/solely_HEX_[\w-]{43}/g, "SECRET")
    .replaceAll(/"signature":"[^"]+"/g, '"signature":"SIGNATURE"')
    .replaceAll(/"seconds":[\d.]+/g, '"seconds":0');
}

/** The cells of a row of the world's contacts, where quotes are only about values with blanks. */
const cellsOf = (row: string): string[] => row.split(",").map((cell) => cell.replace(/^"(.*)"$/, "$1"));

/** Contacts in every form that the command takes, and the rest of them for stdin. */
function split(solely: CommandLine): { files: string[]; stdin: string } {
  const [header = "", ...rows] = linesOf("contacts.csv");
  const columns = header.split(",");
  const part = (n: number): string[] => rows.slice((n * rows.length) / 5, ((n + 1) * rows.length) / 5);
  const csv = (of: readonly string[]): string => `${[header, ...of].join("\n")}\n`;
  const cells = (of: readonly string[]): string[][] => of.map(cellsOf);
  const objects = cells(part(1)).map((row) =>
    JSON.stringify(Object.fromEntries(row.flatMap((cell, i) => (cell === "" ? [] : [[columns[i], cell]])))),
  );
  const table = cells(part(2));
  const parquet = parquetWriteBuffer({
    columnData: columns.map((name, i) => ({ name, type: "STRING", data: table.map((row) => row[i] || null) })),
  });
  const files = [
    solely.write("part.csv", csv(part(0))),
    solely.write("part.ndjson", `${objects.join("\n")}\n`),
    solely.write("part.parquet", new Uint8Array(parquet)),
    solely.write("part.csv.gz", gzipSync(csv(part(3)))),
  ];
  return { files, stdin: csv(part(4)) };
}

/** The members of an audience, whether or not they may be served, by an export. */
async function exported(script: Script, audience: string): Promise<string[]> {
  const out = join(script.solely.folder, `${audience}.csv`);
  const made = await script.run<Exported>("audience", "export", audience, "--out", out, "--unreleased");
  const accounts = readFileSync(out, "utf8").trimEnd().split("\n").slice(1);
  assert.equal(accounts.length, made.accounts);
  return accounts;
}

/** What the short job matches; the other lists are matched through the server alone. */
const SHORT = ["meta-template", "phones", "security-contacts"];

async function mainJob(solely: CommandLine): Promise<Script> {
  const script = new Script(solely);
  const { proposals } = await script.run<{ proposals: { review: { notice: { id: string } } }[] }>(
    ...["notice", "propose", join(world, "notices.yaml"), "--as", "alice"],
  );
  const ids = [...new Set(proposals.map(({ review }) => review.notice.id))];
  await script.run("notice", "approve", ...ids, "--as", "bob");
  assert.deepEqual(await script.run("proposals"), { proposals: [] });
  await takeIn(script);
  await script.run("advertiser", "add", "acme", "--entity", "Acme GmbH");
  const audiences: string[] = [];
  for (const name of SHORT) audiences.push(await matchAndExport(script, name));
  const position = await lookAround(script, audiences);
  await leave(script, audiences[0]!, position);
  const diagnosis = await script.run<{ isHealthy: boolean; audiences: number }>("doctor");
  assert.deepEqual([diagnosis.isHealthy, diagnosis.audiences], [true, SHORT.length]);
  return script;
}

async function takeIn(script: Script): Promise<void> {
  const { files, stdin } = split(script.solely);
  const rows = linesOf("contacts.csv").length - 1;
  const first = await script.runWith<Ingested>(stdin, ["ingest", ...files, "-"]);
  assert.equal(first.files.length, 5);
  assert.deepEqual([first.rows, first.accepted + first.duplicates, first.refused], [rows, rows, 0]);
  assert.ok(first.files.every((file) => file.accepted > rows / 6));
  const again = await script.run<Ingested>("ingest", join(world, "contacts.csv"));
  assert.deepEqual([again.rows, again.accepted, again.duplicates], [rows, 0, rows]);
  const accounts = await script.run<Counts>("accounts", join(world, "accounts.csv"));
  assert.deepEqual([accounts.rows, accounts.accepted, accounts.refused], [ACCOUNTS, ACCOUNTS, 0]);
  const events = await script.run<Counts>("event", join(world, "events.ndjson"));
  assert.equal(events.accepted, linesOf("events.ndjson").length);
}

/** Matches a list of the world, and finds in its export who the world says is in it; the audience. */
async function matchAndExport(script: Script, list: string): Promise<string> {
  const { rows, usable, refused } = listOf(list);
  const matched = await match(script, list, list);
  assert.deepEqual([matched.rows, matched.usable, matched.refused], [rows, usable, refused], list);
  const { audience } = matched;
  const out = join(script.solely.folder, `${list}.csv`);
  const unreleased = ["audience", "export", audience, "--out", out, "--unreleased"] as const;
  const { position, expiresAt } = await script.run<Exported>(...unreleased);
  const truth = fileOf("truth", `${list}.csv`).replace(/^account\n/, "account_not_for_serving\n");
  assert.equal(readFileSync(out, "utf8"), truth, `${list}: who is in it`);
  const said = JSON.parse(readFileSync(`${out}.json`, "utf8"));
  assert.deepEqual(said, { audience, position, expiresAt, isForServing: false });
  return audience;
}

function match(script: Script, list: string, name: string, ...operation: readonly string[]): Promise<Matched> {
  const { file, scheme, region } = listOf(list);
  return script.run<Matched>(
    ...["match", join(world, "lists", file), "--advertiser", "acme", "--name", name, "--scheme", scheme],
    ...(region === undefined ? [] : ["--region", region]),
    ...operation,
  );
}

/** Reads what there is; the position of an export, to follow changes from. */
async function lookAround(script: Script, audiences: readonly string[]): Promise<number> {
  const out = join(script.solely.folder, "audience.parquet");
  const served = await script.run<Exported & { notServed: string }>("audience", "export", audiences[0]!, "--out", out);
  assert.deepEqual(
    [served.accounts, served.notServed],
    [0, "pending"],
    "nothing is served before its size is released",
  );
  const unreleased = ["audience", "export", audiences[0]!, "--out", out, "--unreleased"] as const;
  const { position } = await script.run<Exported>(...unreleased);
  assert.deepEqual(
    await parquetReadObjects({ file: new Uint8Array(readFileSync(out)).buffer }),
    truthOf("meta-template").map((account) => ({ account_not_for_serving: account })),
  );
  const listed = await script.run<{ audiences: { audience: string; status: string; size: unknown }[] }>(
    "audience",
    "list",
  );
  assert.deepEqual(
    listed.audiences.map(({ audience, status, size }) => [audience, status, size]),
    audiences.map((audience) => [audience, "pending", null]),
  );
  const shown = await script.run<Matched & { size: unknown }>("audience", "show", audiences[0]!);
  assert.deepEqual([shown.rows, shown.size], [listOf("meta-template").rows, null]);
  return position;
}

/** Three of an audience leave it by events of their own, the first by one contact after the other. */
async function leave(script: Script, audience: string, position: number): Promise<void> {
  const members = truthOf("meta-template");
  const leaving = leavers();
  const [withdrawing, erased, disowning] = leaving as [string, string, string];
  const contacts = contactsOf(withdrawing);
  for (const [, kind, value] of contacts) {
    const contact = ["--account", withdrawing, "--kind", kind!, "--value", "-"];
    await script.runWith(`${value}\n`, ["withdraw", ...contact, "--purpose", "ads.match"]);
  }
  const erasure = await script.run<{ erased: { account: string; audiences: string[] }[] }>(
    "erase",
    "--account",
    erased,
  );
  assert.deepEqual([erasure.erased.length, erasure.erased[0]!.account], [1, erased]);
  assert.ok(erasure.erased[0]!.audiences.includes(audience), "it says what it left: nothing can say so later");
  await script.run("disown", "--account", disowning, "--at", new Date().toISOString());
  assert.deepEqual(
    await exported(script, audience),
    members.filter((account) => !leaving.includes(account)),
  );
  const { changes, notServed } = await script.run<{
    changes: readonly unknown[];
    notServed: { audience: string; reason: string }[];
  }>("audience", "changes", "--since", String(position));
  assert.deepEqual(changes, [], "who is not served anything does not leave");
  assert.ok(notServed.some((one) => one.audience === audience && one.reason === "pending"));
  const [, kind = "", value = ""] = contacts[0]!;
  const whole = await script.run<Explained>("explain", "--account", withdrawing);
  assert.ok(whole.contactPoints.every(({ isPermitted }) => !isPermitted));
  const one = await script.runWith<Explained>(value, [
    ...["explain", "--account", withdrawing, "--kind", kind, "--value", "-"],
  ]);
  assert.equal(one.contactPoints.length, 1);
  assert.equal(one.contactPoints[0]?.kind, kind);
  assert.equal(one.contactPoints[0]?.history.at(-1)?.entry, "withdraw");
}

/** Three that only one list of all reaches, so that the truth of the others stays; the first has few contacts. */
function leavers(): string[] {
  const elsewhere = new Set(lists().flatMap(({ name }) => (name === "meta-template" ? [] : truthOf(name))));
  return truthOf("meta-template")
    .filter((account) => !elsewhere.has(account))
    .sort((a, b) => contactsOf(a).length - contactsOf(b).length)
    .slice(0, 3);
}

/** Rows of the world's contacts of one account. */
const contactsOf = (account: string): string[][] =>
  linesOf("contacts.csv").flatMap((row) => (row.startsWith(`${account},`) ? [cellsOf(row)] : []));

/** One list that others are added to, taken out of and put in the place of. */
async function appendRemoveReplace(script: Script): Promise<void> {
  const [first, second, third] = ["exclusions", "extern-ids", "tiktok-hashed"] as const;
  const sorted = (accounts: Iterable<string>): string[] => [...new Set(accounts)].sort();
  const others = truthOf(second);
  const { audience } = await match(script, first, "changing");
  const steps = [
    { list: second, operation: "--append", expected: sorted([...truthOf(first), ...others]) },
    { list: second, operation: "--remove", expected: truthOf(first).filter((account) => !others.includes(account)) },
    { list: third, operation: "--replace", expected: truthOf(third) },
  ];
  for (const { list, operation, expected } of steps) {
    assert.equal((await match(script, list, "changing", operation)).audience, audience);
    assert.deepEqual(await exported(script, audience), expected, operation);
  }
  const { audience: excluded } = await match(script, first, "excluded");
  const made = await script.run<{ audience: string }>(
    ...["audience", "combine", "rest", "--advertiser", "acme", "--include", audience, "--exclude", excluded],
  );
  const { name, status } = await script.run<{ name: string; status: string }>("audience", "show", made.audience);
  assert.deepEqual([name, status], ["rest", "pending"]);
}

test("the main job gives the world's truth for every list, with and without a server, by the same answers", async () => {
  const [alone, served] = await Promise.all([CommandLine.withStore(), CommandLine.withStore()]);
  try {
    const server = await served.serve();
    const [own, through] = await Promise.all([
      mainJob(alone),
      mainJob(served).then(async (script) => {
        const { answers } = script;
        const common = answers.length;
        for (const { name } of lists()) if (!SHORT.includes(name)) await matchAndExport(script, name);
        await appendRemoveReplace(script);
        return answers.slice(0, common);
      }),
    ]);
    assert.ok(own.answers.length > 20);
    assert.deepEqual(through, own.answers);
    const { status, stderr } = await server.stop();
    assert.equal(status, 0);
    // What the API logs is one line of JSON each.
    assert.ok(stderr.split("\n").every((line) => /^(warning: |\{.*\}$|$)/.test(line)));
  } finally {
    await Promise.all([alone.remove(), served.remove()]);
  }
});
