/**
 * The sample case as the plain model reads it: what really happened lies between the bounds, account by account and in all.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parse, parseAllDocuments } from "yaml";
import { writeSampleCase } from "../src/audit/sample/case.js";
import { SAMPLE_NOTICES } from "../src/audit/sample/notices.js";
import { kindCode, Messages, Normaliser } from "../src/contact/index.js";
import { parseNotice, unmentionedPurposes } from "../src/purpose/index.js";
import { type AuditNotice, type AuditRecords, auditByModel, type ModelCounts, untilOf } from "./audit-model.js";

const ACCOUNTS = 200;
const SEEDS = [1, 2, 3];

const dir = mkdtempSync(join(tmpdir(), "solely-sample-case-"));
after(() => rmSync(dir, { recursive: true, force: true }));

type Cells = Readonly<Record<string, string>>;
interface Source {
  readonly file: string;
  readonly columns: Cells;
  readonly constants?: Cells;
}

/** Rows of a table under the audit's own names; a column that a source lacks is not in its rows. */
function rowsOf(from: string, sources: Source | readonly Source[]): Cells[] {
  return [sources].flat().flatMap(({ file, columns, constants }) => {
    const [header, ...lines] = readFileSync(join(from, file), "utf8").trimEnd().split("\n");
    const places = Object.entries(columns).map(([name, own]) => [name, header!.split(",").indexOf(own)] as const);
    assert.ok(places.every(([, place]) => place >= 0));
    return lines.map((line) => {
      const cells = line.split(",");
      return { ...Object.fromEntries(places.map(([name, place]) => [name, cells[place]!])), ...constants };
    });
  });
}

const isInstant = (text: string): boolean => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text));
const known = (cell: string | undefined): string | undefined => (cell === "" ? undefined : cell);

/** One label for each contact point: the digest of its form. */
function labelOf(kind: string | undefined, cell: string | undefined): string | undefined {
  const value = known(cell);
  if (value === undefined || /^[0-9a-f]{64}$/.test(value)) return value;
  const digits = value.replace(/[^0-9]/g, "");
  const form = kind === "email" ? value.toLowerCase() : value.startsWith("0") ? `+49${digits.slice(1)}` : `+${digits}`;
  return createHash("sha256").update(form).digest("hex");
}

function readCase(from: string): { readonly records: AuditRecords; readonly refused: number } {
  const map = parse(readFileSync(join(from, "audit.yaml"), "utf8"));
  const notices = parseAllDocuments(readFileSync(join(from, "notices.yaml"), "utf8")).map(
    (document): AuditNotice => ({ exclusive: false, subject: "self", ...document.toJS() }),
  );
  const [contacts, events, matches] = [rowsOf(from, map.contacts), rowsOf(from, map.events), rowsOf(from, map.matches)];
  const showings = rowsOf(from, map.showings);
  const noticeOf = ({ surface, given_at }: Cells): string | undefined => {
    const shown = notices.filter(
      (one) => one.surface === surface && Date.parse(one.effective_from) <= Date.parse(given_at!),
    );
    const last = shown.sort((a, b) => Date.parse(a.effective_from) - Date.parse(b.effective_from)).at(-1);
    return last === undefined ? undefined : `${last.id}@${last.version}`;
  };
  const about = ({ kind, value }: Cells) => ({ kind: known(kind), value: labelOf(kind, value) });
  const good = {
    contacts: contacts.filter((row) => isInstant(row.given_at!) && noticeOf(row) !== undefined),
    matches: matches.filter((row) => isInstant(row.matched_at!)),
    showings: showings.filter((row) => isInstant(row.at!)),
  };
  const records: AuditRecords = {
    ...{ notices, confirmed: map.confirmed },
    contacts: good.contacts.map((row) => ({
      ...{ account: row.account!, kind: row.kind!, value: labelOf(row.kind, row.value), notice: noticeOf(row)! },
      ...{ isOwn: true, isVerified: row.verified_at !== "", at: Date.parse(row.given_at!) },
    })),
    events: events.map((row) => ({
      ...{ account: row.account!, ...about(row), coversAds: row.purpose === "ads.match", at: Date.parse(row.at!) },
    })),
    matches: good.matches.map((row) => ({
      ...{ advertiser: row.advertiser!, list: row.list!, account: row.account!, ...about(row), match: row.match },
      at: Date.parse(row.matched_at!),
      left: row.left_at === undefined ? undefined : row.left_at === "" ? "goes-on" : Date.parse(row.left_at),
    })),
    showings: good.showings.map((row) => ({
      ...{ advertiser: row.advertiser!, list: row.list!, account: row.account!, campaign: row.campaign },
      at: Date.parse(row.at!),
    })),
    countries: Object.fromEntries(rowsOf(from, map.accounts).map((row) => [row.account!, row.country!])),
  };
  const all = contacts.length + matches.length + showings.length;
  return { records, refused: all - good.contacts.length - good.matches.length - good.showings.length };
}

/** Whether each number of `truth` lies between those of the bounds; one that is missing is 0. */
function assertBetween(truth: Numbers, { atLeast, atMost }: Bounds, where: string): void {
  const isBetween = (least = 0, really = 0, most = 0) => least <= really && really <= most;
  for (const name of ["people", "contactPoints"] as const) {
    assert.ok(isBetween(atLeast[name], truth[name], atMost[name]), `${name} of ${where}`);
  }
  for (const name of ["byPurpose", "byKind", "byDay", "byCountry"] as const) {
    for (const key of new Set([truth, atLeast, atMost].flatMap((one) => Object.keys(one[name])))) {
      assert.ok(isBetween(atLeast[name][key], truth[name][key], atMost[name][key]), `${name} ${key} of ${where}`);
    }
  }
}

type Numbers = Pick<ModelCounts, "people" | "contactPoints" | "byPurpose" | "byKind" | "byDay" | "byCountry">;
interface Bounds {
  readonly atLeast: Numbers;
  readonly atMost: Numbers;
}

/** Sums over accounts: they are independent of each other. */
function sum(all: readonly Numbers[]): Numbers {
  const breakdown = (name: "byPurpose" | "byKind" | "byDay" | "byCountry") => {
    const sums: Record<string, number> = {};
    for (const one of all) for (const [key, people] of Object.entries(one[name])) sums[key] = (sums[key] ?? 0) + people;
    return sums;
  };
  const total = (name: "people" | "contactPoints") => all.reduce((so, one) => so + one[name], 0);
  return {
    ...{ people: total("people"), contactPoints: total("contactPoints") },
    ...{ byPurpose: breakdown("byPurpose"), byKind: breakdown("byKind") },
    ...{ byDay: breakdown("byDay"), byCountry: breakdown("byCountry") },
  };
}

const sumOf = (all: readonly Bounds[]): Bounds => ({
  ...{ atLeast: sum(all.map(({ atLeast }) => atLeast)), atMost: sum(all.map(({ atMost }) => atMost)) },
});

for (const seed of SEEDS) {
  test(`what really happened in the sample case of seed ${seed} lies between the bounds`, async () => {
    const folder = join(dir, String(seed));
    const truth = await writeSampleCase(folder, { accounts: ACCOUNTS, seed });
    const { records } = readCase(folder);
    const until = untilOf(records);
    assert.equal(new Date(until).toISOString(), truth.until);
    const affected = new Set(truth.affected);
    const answers = [...new Set(records.matches.map(({ account }) => account))].map((account) => {
      const matches = records.matches.filter((match) => match.account === account);
      const answer = auditByModel({ ...records, until, matches });
      const really = affected.has(account) ? 1 : 0;
      assert.ok(answer.atLeast.people <= really && really <= answer.atMost.people, account);
      return answer;
    });
    const found = sumOf(answers);
    assertBetween(truth, found, "all");
    // Some of it is certain, and some is not.
    assert.ok(found.atLeast.people > 0 && found.atLeast.people < found.atMost.people);
    for (const { advertiser, list, people } of truth.lists) {
      const own = answers.flatMap(({ lists }) =>
        lists.filter((one) => one.advertiser === advertiser && one.list === list),
      );
      const { atLeast, atMost } = sumOf(own);
      assert.ok(atLeast.people <= people && people <= atMost.people, list);
    }
  });
}

test("the sample case has a few rows that can't be taken, and matches of accounts whose contacts are gone", async () => {
  const folder = join(dir, "larger");
  const truth = await writeSampleCase(folder, { accounts: 2000, seed: 7 });
  const { records, refused } = readCase(folder);
  const rows = records.contacts.length + records.matches.length + records.showings.length;
  assert.ok(refused > 0 && refused < rows / 100);
  const accounts = new Set(records.contacts.map(({ account }) => account));
  const gone = new Set(records.matches.flatMap(({ account }) => (accounts.has(account) ? [] : [account])));
  assert.ok(gone.size > 0 && gone.size < truth.accounts / 50);
});

test("of the sample's notices one names ads in words that don't say so, and one in a language that has to be confirmed", () => {
  const notices = Object.values(SAMPLE_NOTICES).map(({ fromMs, ...rest }) =>
    parseNotice({ ...rest, effective_from: new Date(fromMs).toISOString() }),
  );
  const silent = notices.filter((notice) => unmentionedPurposes(notice).length > 0).map(({ id }) => id);
  assert.deepEqual(silent, ["signup-hi", "login-alerts"]);
});

test("every contact of the sample is one that the product reads, to the form that its digest is of", async () => {
  const folder = join(dir, "values");
  await writeSampleCase(folder, { accounts: 500, seed: 3 });
  const { contacts } = parse(readFileSync(join(folder, "audit.yaml"), "utf8"));
  const normaliser = new Normaliser({ region: "DE" });
  const rows = rowsOf(folder, contacts).filter(({ value = "" }) => value !== "" && value.length < 64);
  assert.ok(rows.length > 300);
  for (const { kind, value } of rows) {
    const [bytes, forms] = [Buffer.from(value!), new Messages()];
    assert.equal(normaliser.form(kindCode(kind!), "plain", bytes, 0, bytes.length, forms), 0, value);
    const form = forms.bytes.subarray(0, forms.ends[0]);
    assert.equal(createHash("sha256").update(form).digest("hex"), labelOf(kind, value));
  }
});

test("the sample case is the same for the same seed, and another for another", async () => {
  const bytesOf = async (name: string, seed: number) => {
    await writeSampleCase(join(dir, name), { accounts: 50, seed });
    return readdirSync(join(dir, name)).map((file) => readFileSync(join(dir, name, file), "utf8"));
  };
  const once = await bytesOf("once", 11);
  assert.deepEqual(await bytesOf("again", 11), once);
  assert.notDeepEqual(await bytesOf("other", 12), once);
});
