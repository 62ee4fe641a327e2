/**
 * Writes the sample case: a made-up platform that, from 2014 to 2019, matched advertisers' lists with every contact that it
 * had, those given for security too; as it would export it, in its own names and forms, with an `audit.yaml` that maps
 * them, and `truth.json`, which no platform has.
 *
 * The same (accounts, seed) gives the same bytes. Accounts stream by; of each no more is kept than its name, if it was affected.
 * The files have a few rows that no audit can take: they are in nothing.
 */
import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Account, drawAccount, type Point } from "./account.js";
import { Draw } from "./draw.js";
import { drawLists, isInOldLog, type SampleList } from "./lists.js";
import { CONFIRMED, referenceOf, SAMPLE_NOTICES } from "./notices.js";
import { type SampleTruth, TruthCounter } from "./truth.js";

interface SampleCaseOptions {
  readonly accounts: number;
  /** A whole number. */
  readonly seed: number;
}

/** So many lines wait before they are written. */
const POUR_AT_LINES = 1 << 14;
/** One row in so many of those that may be broken is. */
const BROKEN_EVERY = 700;

/**
 * @param dir made if it is not there; files in it of the same names are replaced
 * @example await writeSampleCase("sample", { accounts: 20_000, seed: 7 })
 */
export async function writeSampleCase(dir: string, { accounts, seed }: SampleCaseOptions): Promise<SampleTruth> {
  const lists = drawLists(new Draw(seed, 0));
  const account = (number: number) => drawAccount(number, new Draw(seed, number + 1), lists);
  // Drawn once before: what went on did so until the latest instant of all.
  let untilMs = 0;
  for (let i = 0; i < accounts; i++) untilMs = Math.max(untilMs, latestOf(account(i)));

  await mkdir(dir, { recursive: true });
  const truth = new TruthCounter(lists, untilMs);
  const files = await CaseFiles.create(dir);
  try {
    for (let i = 0; i < accounts; i++) {
      const one = account(i);
      truth.add(one);
      files.write(one);
      if (files.lines >= POUR_AT_LINES) await files.pour();
    }
    await files.pour();
  } finally {
    await files.close();
  }
  await writeFile(join(dir, "notices.yaml"), noticesYaml());
  await writeFile(join(dir, "audit.yaml"), AUDIT_YAML);
  const told = truth.told(accounts, seed);
  await writeFile(join(dir, "truth.json"), `${JSON.stringify(told, undefined, 1)}\n`);
  return told;
}

function latestOf({ contacts, isClosed, objections, memberships }: Account): number {
  const members = memberships.flatMap(({ list, endMs, shown }) => [
    list.atMs,
    ...(isEndWritten(list) && endMs !== Number.POSITIVE_INFINITY ? [endMs] : []),
    ...shown.map(({ atMs }) => atMs),
  ]);
  return Math.max(0, ...[...(isClosed ? [] : contacts), ...objections].map(({ atMs }) => atMs), ...members);
}

const isEndWritten = (list: SampleList): boolean => !isInOldLog(list);

const HEADERS = {
  "users.csv": "user_id,email,form,created_at",
  "phone_signups.csv": "user_id,phone,created_at",
  "phones.csv": "user_id,number,screen,added_at,code_entered_at",
  "security_contacts.csv": "user_id,sort,screen,entered_at",
  "audiences_old.csv": "advertiser,list_name,run_at,user_id",
  "audiences_log.csv": "run,advertiser,list_name,run_at,user_id,matched_by,digest,taken_out_at",
  "impressions.csv": "shown_at,user_id,advertiser,list_name,campaign",
  "objections.csv": "user_id,received_at,sort,contact",
  "users_country.csv": "user_id,country",
} as const;
type CaseFile = keyof typeof HEADERS;

/** The platform's tables; what is written waits for `pour`. */
class CaseFiles {
  lines = 0;
  #breakable = 0;
  readonly #files: ReadonlyMap<CaseFile, { readonly handle: FileHandle; waiting: string[] }>;

  private constructor(files: ReadonlyMap<CaseFile, { readonly handle: FileHandle; waiting: string[] }>) {
    this.#files = files;
  }

  static async create(dir: string): Promise<CaseFiles> {
    const files = new Map<CaseFile, { readonly handle: FileHandle; waiting: string[] }>();
    for (const [name, header] of Object.entries(HEADERS) as [CaseFile, string][]) {
      files.set(name, { handle: await open(join(dir, name), "w"), waiting: [`${header}\n`] });
    }
    return new CaseFiles(files);
  }

  write({ id, country, contacts, isClosed, objections, memberships }: Account): void {
    for (const { point, notice, atMs, table, kept } of isClosed ? [] : contacts) {
      const value = kept === "nothing" ? "" : kept === "digest" ? digestOf(point) : point.spelling;
      if (table === "users") this.#row("users.csv", id, value, notice.surface, instant(atMs));
      else if (table === "phone_signups") this.#row("phone_signups.csv", id, value, instant(atMs));
      else if (table === "phones") {
        this.#row("phones.csv", id, value, notice.surface, instant(atMs), instant(atMs));
        // Somebody tried a page out.
        if (this.#isBroken()) this.#row("phones.csv", id, value, "test page", instant(atMs), "");
      } else this.#row("security_contacts.csv", id, point.kind, notice.surface, instant(atMs));
    }
    for (const { atMs, point, isNamed } of objections) {
      const contact = point !== undefined && isNamed ? digestOf(point) : "";
      this.#row("objections.csv", id, instant(atMs), point?.kind ?? "", contact);
    }
    for (const { list, points, endMs, shown } of memberships) {
      this.#member(id, list, points, endMs);
      for (const { atMs, campaign } of shown) {
        this.#row("impressions.csv", instant(atMs), id, list.advertiser, list.list, campaign);
        // A counter that ran over.
        if (this.#isBroken())
          this.#row("impressions.csv", "1970-01-00T00:00:00Z", id, list.advertiser, list.list, campaign);
      }
    }
    if (country !== undefined) this.#row("users_country.csv", id, country);
  }

  #member(id: string, list: SampleList, points: readonly Point[], endMs: number): void {
    const { advertiser, list: name, atMs, match, written } = list;
    if (!isEndWritten(list)) {
      this.#row("audiences_old.csv", advertiser, name, instant(atMs), id);
      if (this.#isBroken()) this.#row("audiences_old.csv", advertiser, name, instant(atMs).slice(0, 7), id);
      return;
    }
    const end = endMs === Number.POSITIVE_INFINITY ? "" : instant(endMs);
    const row = (by: string, digest: string) =>
      this.#row("audiences_log.csv", match, advertiser, name, instant(atMs), id, by, digest, end);
    if (written === "identifier") for (const point of points) row(point.kind, digestOf(point));
    else if (written === "kind") for (const kind of new Set(points.map((point) => point.kind))) row(kind, "");
    else row("", "");
  }

  #isBroken = (): boolean => ++this.#breakable % BROKEN_EVERY === 0;

  #row(file: CaseFile, ...cells: readonly string[]): void {
    this.#files.get(file)!.waiting.push(`${cells.join(",")}\n`);
    this.lines++;
  }

  async pour(): Promise<void> {
    this.lines = 0;
    for (const file of this.#files.values()) {
      await file.handle.appendFile(file.waiting.join(""));
      file.waiting = [];
    }
  }

  async close(): Promise<void> {
    for (const { handle } of this.#files.values()) await handle.close();
  }
}

const instant = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");
const digestOf = ({ form }: Point): string => createHash("sha256").update(form).digest("hex");

function noticesYaml(): string {
  const documents = Object.values(SAMPLE_NOTICES).map((notice) =>
    [
      `id: ${notice.id}`,
      `surface: ${notice.surface}`,
      `version: ${notice.version}`,
      `language: ${notice.language}`,
      `text: ${JSON.stringify(notice.text)}`,
      `purposes: [${notice.purposes.join(", ")}]`,
      ...(notice.exclusive ? ["exclusive: true"] : []),
      `effective_from: ${instant(notice.fromMs)}`,
      "",
    ].join("\n"),
  );
  return documents.join("---\n");
}

const AUDIT_YAML = `# Which of the platform's tables and columns are what the audit asks for.
contacts:
  - file: users.csv
    columns: { account: user_id, value: email, surface: form, given_at: created_at }
    constants: { kind: email }
  - file: phone_signups.csv
    columns: { account: user_id, value: phone, given_at: created_at }
    constants: { kind: phone, surface: ${SAMPLE_NOTICES.signUp.surface} }
  - file: phones.csv
    columns: { account: user_id, value: number, surface: screen, given_at: added_at, verified_at: code_entered_at }
    constants: { kind: phone }
  - file: security_contacts.csv   # the addresses themselves were not kept
    columns: { account: user_id, kind: sort, surface: screen, given_at: entered_at }
events:
  file: objections.csv
  columns: { account: user_id, at: received_at, kind: sort, value: contact }
  constants: { type: withdraw, purpose: ads.match }
matches:
  - file: audiences_old.csv       # nobody wrote down when somebody was taken out, or which contact it was
    columns: { advertiser: advertiser, list: list_name, account: user_id, matched_at: run_at }
  - file: audiences_log.csv
    columns:
      { match: run, advertiser: advertiser, list: list_name, account: user_id, matched_at: run_at, left_at: taken_out_at, kind: matched_by, value: digest }
showings:
  file: impressions.csv
  columns: { advertiser: advertiser, list: list_name, account: user_id, campaign: campaign, at: shown_at }
accounts:
  file: users_country.csv
  columns: { account: user_id, country: country }
confirmed: [${CONFIRMED.map(referenceOf).join(", ")}]   # names ads in words that somebody has read
region: DE
`;
