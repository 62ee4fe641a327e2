/** A finding as files: a table for each breakdown, and one of the lists. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type AffectedCounts, csv } from "../incident/index.js";
import { isSecurity, purposeNames } from "../purpose/index.js";
import { writeWhole } from "../serve/index.js";
import { AuditError } from "./error.js";
import type { Finding } from "./finding.js";

/**
 * Writes `lists.csv` and one file for each breakdown into a folder.
 * @throws {ServeError} code `unwritable-file`
 */
export async function writeFindingTables(dir: string, { atLeast, atMost, lists }: Finding): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch(() => {
    throw new AuditError("unwritable-file", `the folder ${dir} can't be made`, "check its name and permissions");
  });
  for (const [file, column, name] of [
    ["by-purpose.csv", "purpose", "byPurpose"],
    ["by-kind.csv", "kind", "byKind"],
    ["by-day.csv", "day", "byDay"],
    ["by-country.csv", "country", "byCountry"],
  ] as const) {
    const rows = Object.entries(atMost[name]).map(([of, most]) => [of, atLeast[name][of] ?? 0, most]);
    await writeWhole(join(dir, file), csv([column, "at_least", "at_most"], rows));
  }
  const twice = NUMBERS.flatMap(([name]) => [`${name}_at_least`, `${name}_at_most`]);
  const rows = lists.map((one) => [
    ...[one.list, one.advertiser, one.matched],
    ...NUMBERS.flatMap(([, of]) => [of(one.atLeast), of(one.atMost)]),
    ...[one.atMost.firstAt, one.atMost.lastAt],
    ...BREAKDOWNS.flatMap((name) => [JSON.stringify(one.atLeast[name]), JSON.stringify(one.atMost[name])]),
  ]);
  const columns = ["list", "advertiser", "matched", ...twice, "first_at", "last_at"];
  const breakdowns = ["by_kind", "by_day", "by_country"].flatMap((name) => [`${name}_at_least`, `${name}_at_most`]);
  await writeWhole(join(dir, "lists.csv"), csv([...columns, ...breakdowns], rows));
}

/** Columns of a list that are one number. */
const NUMBERS: readonly (readonly [string, (counts: AffectedCounts) => number])[] = [
  ["people", (counts) => counts.people],
  ["contact_points", (counts) => counts.contactPoints],
  ["campaigns", (counts) => counts.campaigns],
  ["showings", (counts) => counts.showings],
  ["also_matched_rightly", (counts) => counts.alsoMatchedRightly],
  ["permitted_otherwise", (counts) => counts.permittedOtherwise],
  ["late_people", (counts) => counts.lateFacts.people],
  ...purposeNames
    .filter(isSecurity)
    .map((purpose) => [purpose, (counts: AffectedCounts) => counts.byPurpose[purpose] ?? 0] as const),
];
const BREAKDOWNS = ["byKind", "byDay", "byCountry"] as const;
