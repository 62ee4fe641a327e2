/**
 * The export of a platform that matched whatever it had: Parquet files of any size, made by DuckDB.
 *
 * Of 100 accounts 90 have an address, given at sign-up, where 7 of 10 saw a notice that names ads; 35 have a phone, given for
 * the security of the account; one of 100 objected. Lists matched by address, by phone, or nobody wrote down by which; who was
 * matched is drawn from all accounts, had they anything to be matched by or not. Values are not in the export.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { stringify } from "yaml";

export interface ExportSize {
  readonly accounts: number;
  readonly matches: number;
}

/** After everything. */
export const UNTIL = "2019-09-17T00:00:00Z";
export const LISTS = 2000;

const NOTICES = [
  { id: "signup", surface: "sign-up", text: "We may use it to match advertisers' lists.", ads: true },
  { id: "signup-plain", surface: "sign-up, old", text: "It lets you sign in.", ads: false },
  { id: "two-factor", surface: "login", text: "We use it only for codes.", purpose: "security.mfa", exclusive: true },
  {
    id: "recovery",
    surface: "recovery",
    text: "Only to get you back in.",
    purpose: "security.recovery",
    exclusive: true,
  },
  { id: "unlock", surface: "locked", text: "Only to see that it is you.", purpose: "security.unlock", exclusive: true },
].map(({ id, surface, text, ads = false, purpose = "service.account", exclusive = false }) => ({
  ...{ id, surface, version: 1, language: "en", text, exclusive, effective_from: "2010-01-01T00:00:00Z" },
  purposes: ads ? [purpose, "ads.match"] : [purpose],
}));

/** Writes the files into a folder. */
export async function writeExport(dir: string, { accounts, matches }: ExportSize): Promise<void> {
  await mkdir(dir, { recursive: true });
  const instance = await DuckDBInstance.create(":memory:");
  const db = await instance.connect();
  const draw = (salt: number, limit: number, of = "i"): string => `(hash(${of} * 16 + ${salt}) % ${limit})`;
  const given = (salt: number): string =>
    `TIMESTAMPTZ '2012-01-01 00:00:00Z' + to_seconds(${draw(salt, 236_000_000)}::BIGINT)`;
  const file = (name: string): string => `'${join(dir, name).replaceAll("'", "''")}' (FORMAT parquet)`;
  await db.run("SET preserve_insertion_order = true");
  await db.run(`COPY (
    SELECT 'u' || i AS account, 'email' AS kind, ${given(1)} AS given_at,
      CASE WHEN ${draw(2, 10)} < 7 THEN 'signup' ELSE 'signup-plain' END AS notice
    FROM range(${accounts}) t(i) WHERE ${draw(3, 100)} < 90) TO ${file("contacts-addresses.parquet")}`);
  await db.run(`COPY (
    SELECT 'u' || i AS account, 'phone' AS kind, ${given(4)} AS given_at,
      ['two-factor', 'recovery', 'unlock'][1 + ${draw(5, 3)}::INTEGER] AS notice
    FROM range(${accounts}) t(i) WHERE ${draw(6, 100)} < 35) TO ${file("contacts-phones.parquet")}`);
  await db.run(`COPY (
    SELECT 'withdraw' AS type, 'u' || i AS account, ${given(7)} AS at
    FROM range(${accounts}) t(i) WHERE ${draw(8, 100)} < 1) TO ${file("events.parquet")}`);
  await db.run(`COPY (
    SELECT 'advertiser-' || (list % 300) AS advertiser, 'list-' || list AS list,
      'u' || ${draw(9, accounts, "j")} AS account, [NULL, 'email', 'phone'][1 + list % 3] AS kind,
      TIMESTAMPTZ '2014-01-01 00:00:00Z' + to_hours((list * ${Math.floor(50_000 / LISTS)})::BIGINT) AS matched_at,
      NULL::TIMESTAMPTZ AS left_at
    FROM (SELECT j, (j * ${LISTS} // ${matches})::INTEGER AS list FROM range(${matches}) t(j))) TO ${file("matches.parquet")}`);
  db.closeSync();
  instance.closeSync();
  await writeFile(join(dir, "notices.yaml"), NOTICES.map((notice) => stringify(notice)).join("---\n"));
}
