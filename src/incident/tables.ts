/**
 * An assessment as files: a table for each breakdown, one of the audiences, and who was affected.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { kindName } from "../contact/index.js";
import type { Contacts } from "../grant/index.js";
import { LeafKind } from "../ledger/index.js";
import { isSecurity, purposeNames } from "../purpose/index.js";
import { writeWhole } from "../serve/index.js";
import { AffectedPeople, type AffectedPerson } from "./affected-people.js";
import type { AssessRooms, PreparedAssessment } from "./assess.js";
import type { Assessment, AudienceAssessment } from "./assessment.js";
import { IncidentError } from "./error.js";

const CHUNK_ROWS = 4096;
/** What stands where an account's name was. */
const ERASED = Buffer.from("erased");

/**
 * Writes `audiences.csv` and one file for each breakdown into a folder.
 * @throws {ServeError} code `unwritable-file`
 */
export async function writeTables(
  dir: string,
  assessment: Assessment,
  audiences: readonly AudienceAssessment[],
): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const [file, column, counts] of [
    ["by-purpose.csv", "purpose", assessment.byPurpose],
    ["by-kind.csv", "kind", assessment.byKind],
    ["by-day.csv", "day", assessment.byDay],
    ["by-country.csv", "country", assessment.byCountry],
  ] as const) {
    await writeWhole(join(dir, file), csv([column, "people"], Object.entries(counts)));
  }
  const security = purposeNames.filter(isSecurity);
  const head = [
    "audience",
    "list",
    "advertiser",
    "name",
    "people",
    "contact_points",
    "first_at",
    "last_at",
    "campaigns",
    "showings",
  ];
  const rows = audiences.map(({ byPurpose, byKind, byDay, byCountry, ...row }) => [
    ...[row.audience, row.list, row.advertiser, row.name, row.people, row.contactPoints, row.firstAt, row.lastAt],
    ...[row.campaigns, row.showings],
    row.alsoMatchedRightly,
    ...security.map((purpose) => byPurpose[purpose] ?? 0),
    ...[byKind, byDay, byCountry].map((counts) => JSON.stringify(counts)),
  ]);
  const columns = [...head, "also_matched_rightly", ...security, "by_kind", "by_day", "by_country"];
  await writeWhole(join(dir, "audiences.csv"), csv(columns, rows));
}

/** An affected contact point. */
export interface AffectedPoint {
  /** Number of the account. */
  readonly account: number;
  readonly contactPoint: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly audiences: number;
}

/** Affected contact points, by the bytes of their accounts' names and then by number. */
function inOrder(contacts: Contacts, people: Iterable<AffectedPerson>): AffectedPoint[] {
  const found: AffectedPoint[] = [];
  for (const { account, contacts: points } of people) {
    for (const [contactPoint, uses] of points) {
      const firstAtMs = uses.reduce((first, { fromMs }) => Math.min(first, fromMs), Number.POSITIVE_INFINITY);
      const lastAtMs = uses.reduce((last, { toMs }) => Math.max(last, toMs), 0);
      const audiences = new Set(uses.map(({ audience }) => audience.audience)).size;
      found.push({ account, contactPoint, firstAtMs, lastAtMs, audiences });
    }
  }
  const rank = ranks(contacts, found);
  return found.sort((a, b) => rank.get(a.account)! - rank.get(b.account)! || a.contactPoint - b.contactPoint);
}

/** What is printed of an account: its name's bytes. */
const printed = ({ accounts }: Contacts, account: number): Uint8Array =>
  accounts.isNameless(account) ? ERASED : accounts.name(account);

/** The place of each account in the order of what is printed. */
function ranks(contacts: Contacts, points: readonly AffectedPoint[]): Map<number, number> {
  const accounts = [...new Set(points.map(({ account }) => account))];
  accounts.sort((a, b) => Buffer.compare(printed(contacts, a), printed(contacts, b)));
  return new Map(accounts.map((account, i) => [account, i]));
}

export interface PeopleOptions {
  /** Absolute path: `.csv` or `.parquet`. */
  readonly out: string;
  readonly actor: string;
}

/**
 * Writes who was affected, a row for each contact point. Naming them gives something out, and is a leaf of the ledger.
 * @returns people and contact points that were written
 * @throws {IncidentError} code `unwritable-file`
 * @throws {ServeError} code `unwritable-file`
 */
export async function writePeople(
  rooms: AssessRooms,
  prepared: PreparedAssessment,
  { out, actor }: PeopleOptions,
): Promise<{ people: number; contactPoints: number }> {
  const isCsv = out.endsWith(".csv");
  if (!isCsv && !out.endsWith(".parquet")) {
    throw new IncidentError("unwritable-file", `${out} is neither .csv nor .parquet`, "name it so");
  }
  const { contacts } = rooms.grants;
  const affected = await AffectedPeople.of(prepared);
  const { position, count: people } = affected;
  const points = inOrder(contacts, affected);
  const { id: incident } = prepared.incident;
  const record = { type: "affected", actor, incident, asKnownAt: position, people, contactPoints: points.length };
  await rooms.log.record(LeafKind.export, () => Buffer.from(JSON.stringify(record)));
  const account = points.map((point) => Buffer.from(printed(contacts, point.account)).toString());
  const kind = points.map(({ contactPoint }) => kindName(contacts.points.kind(contactPoint)));
  await writeWhole(out, isCsv ? peopleCsv(points, account, kind) : [peopleParquet(points, account, kind)]);
  return { people, contactPoints: points.length };
}

function peopleCsv(
  points: readonly AffectedPoint[],
  account: readonly string[],
  kind: readonly string[],
): Generator<Uint8Array> {
  const head = ["account", "contact_point", "kind", "first_at", "last_at", "audiences"];
  const at = (ms: number): string => new Date(ms).toISOString();
  const rows = points.map((one, i) => [
    ...[account[i]!, one.contactPoint, kind[i]!, at(one.firstAtMs), at(one.lastAtMs), one.audiences],
  ]);
  return csv(head, rows);
}

function peopleParquet(points: readonly AffectedPoint[], account: readonly string[], kind: readonly string[]): Buffer {
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: "account", data: [...account], type: "STRING" },
      { name: "contact_point", data: points.map(({ contactPoint }) => BigInt(contactPoint)), type: "INT64" },
      { name: "kind", data: [...kind], type: "STRING" },
      { name: "first_at", data: points.map(({ firstAtMs }) => new Date(firstAtMs)), type: "TIMESTAMP" },
      { name: "last_at", data: points.map(({ lastAtMs }) => new Date(lastAtMs)), type: "TIMESTAMP" },
      { name: "audiences", data: points.map(({ audiences }) => audiences), type: "INT32" },
    ],
  });
  return Buffer.from(buffer);
}

/** RFC 4180, in pieces. */
export function* csv(
  head: readonly string[],
  rows: Iterable<readonly (string | number | null)[]>,
): Generator<Uint8Array> {
  let lines = [csvLine(head)];
  for (const row of rows) {
    lines.push(csvLine(row));
    if (lines.length < CHUNK_ROWS) continue;
    yield Buffer.from(lines.join(""));
    lines = [];
  }
  yield Buffer.from(lines.join(""));
}

export const csvLine = (cells: readonly (string | number | null)[]): string => `${cells.map(cell).join(",")}\n`;

function cell(value: string | number | null): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
