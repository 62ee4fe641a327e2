/**
 * Writes a sample world: contacts, events, accounts, notices, advertisers' lists, and the truth of who may
 * be matched.
 *
 * The same (accounts, seed, lists, rows) gives the same bytes. The lists come first and leave behind the
 * forms that they name; then the accounts stream by once, each judged as it is written. What is kept
 * grows with the lists, not with the accounts.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { AccountWriter } from "./account.js";
import type { AffectedPoints } from "./affected.js";
import { ByteFile } from "./bytes.js";
import { dirtyShape } from "./dirty.js";
import { mix3 } from "./draw.js";
import { WorldError } from "./error.js";
import { FormTable } from "./form.js";
import { History } from "./history.js";
import { type ListFacts, ListMaker, type ListShape } from "./list.js";
import { claimYaml, mistakes } from "./mistakes.js";
import { noticesYaml, rightPurposes } from "./notices.js";
import { benchShapes, cleanShapes } from "./shapes.js";
import { People } from "./values.js";

export const MIN_ACCOUNTS = 10;
export const MAX_ACCOUNTS = 100_000_000;
export const MAX_LIST_ROWS = 50_000_000;
const MIN_DEFAULT_ROWS = 200;
const MAX_DEFAULT_ROWS = 1_000_000;
const PROGRESS_EVERY_ACCOUNTS = 16_384;

export interface WorldOptions {
  /** About 2.5 contact points each. */
  readonly accounts: number;
  readonly seed: number;
  /** Folder to write to; made if it is not there, files in it of the same names are replaced. */
  readonly out: string;
  /** Rows a list; a tenth of the accounts when not given, 200 to 1,000,000. */
  readonly rows?: number;
  /** `bench`: one hashed and one raw list, and no `accounts.csv` or `truth/security-only.csv`. */
  readonly lists?: "all" | "bench";
  /** With mistakes upstream, and incidents about them: an earlier one, which is to be contained before lists come, and a large one. */
  readonly incidents?: boolean;
  readonly progress?: (accountsDone: number, accounts: number) => void;
}

/** What `truth/summary.json` holds. */
export interface WorldSummary {
  readonly accounts: number;
  readonly seed: number;
  /** Rows of `contacts.csv`. */
  readonly rows: number;
  /** Distinct (account, kind, mailbox or number or id). */
  readonly contactPoints: number;
  /** Of them, those that may be matched at the end. */
  readonly permitted: number;
  /** Of them, those that were never given for anything but security. */
  readonly securityOnly: number;
  readonly events: number;
  /** Rows, and accounts that may be served, by name of the list. */
  readonly lists: Readonly<
    Record<string, { readonly rows: number; readonly usable: number; readonly members: number }>
  >;
  /** Contact points that any of the lists reaches by a mistake, by incident. */
  readonly affected?: Readonly<Record<string, number>>;
}

/**
 * @example await writeWorld({ accounts: 20_000, seed: 7, out: "world" })
 * @throws {WorldError} codes `accounts-out-of-range`, `rows-out-of-range`, `seed-out-of-range`
 */
export async function writeWorld(options: WorldOptions): Promise<WorldSummary> {
  const { accounts, seed, out } = options;
  const isBench = options.lists === "bench";
  const hasMistakes = options.incidents === true;
  const rows = options.rows ?? Math.min(MAX_DEFAULT_ROWS, Math.max(MIN_DEFAULT_ROWS, Math.floor(accounts / 10)));
  checkNumber("accounts-out-of-range", "accounts", accounts, MIN_ACCOUNTS, MAX_ACCOUNTS);
  checkNumber("rows-out-of-range", "rows", rows, 1, MAX_LIST_ROWS);
  checkNumber("seed-out-of-range", "seed", seed, 0, Number.MAX_SAFE_INTEGER);

  await mkdir(join(out, "lists"), { recursive: true });
  await mkdir(join(out, "truth"), { recursive: true });
  await writeFile(join(out, "notices.yaml"), noticesYaml(hasMistakes));

  const people = new People(mix3(seed >>> 0, Math.floor(seed / 0x1_0000_0000), 0));
  const history = new History(people, accounts, hasMistakes);
  const table = new FormTable();
  const shapes = isBench ? benchShapes : [...cleanShapes, dirtyShape];
  const lists: ListFacts[] = [];
  for (const [i, shape] of shapes.entries())
    lists.push(await writeList(shape, join(out, "lists"), history, table, 1 << i, rows));

  const writer = await AccountWriter.create(out, history, table, lists, isBench);
  for (let account = 0; account < accounts; account++) {
    writer.write(account);
    if (writer.isFull) await writer.pour();
    if (account % PROGRESS_EVERY_ACCOUNTS === 0) options.progress?.(account, accounts);
  }
  const { members, affected, ...counts } = await writer.close();
  options.progress?.(accounts, accounts);

  const summary: WorldSummary = {
    accounts,
    seed,
    ...counts,
    lists: Object.fromEntries(
      lists.map(({ name, rows, usable }, i) => [name, { rows, usable, members: members[i]!.length }]),
    ),
    ...(hasMistakes ? { affected: await writeIncidents(out, affected, lists) } : {}),
  };
  for (const [i, { name }] of lists.entries()) await writeMembers(join(out, "truth", `${name}.csv`), members[i]!);
  await writeFile(join(out, "truth", "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
  await writeFile(join(out, "lists.json"), `${JSON.stringify({ accounts, seed, lists }, null, 2)}\n`);
  return summary;
}

/** The claims, and whom the mistakes affected. */
async function writeIncidents(out: string, affected: AffectedPoints, lists: readonly ListFacts[]) {
  for (const folder of ["incidents", "truth/incidents"]) await mkdir(join(out, folder), { recursive: true });
  for (const mistake of mistakes) {
    await writeFile(join(out, "incidents", `${mistake.incident}.yaml`), claimYaml(mistake, rightPurposes));
  }
  return affected.write(join(out, "truth", "incidents"), lists);
}

function checkNumber(code: WorldError["code"], field: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const range = `${least.toLocaleString("en")} to ${most.toLocaleString("en")}`;
  throw new WorldError(
    code,
    field,
    `${field} must be a whole number from ${range}, not ${value}`,
    `give ${field} within ${range}`,
  );
}

async function writeList(
  shape: ListShape,
  folder: string,
  history: History,
  table: FormTable,
  listBit: number,
  rows: number,
): Promise<ListFacts> {
  const isGzip = shape.file.endsWith(".gz");
  const path = join(folder, shape.file);
  const plainPath = isGzip ? path.slice(0, -3) : path;
  const file = await ByteFile.create(plainPath);
  const maker = new ListMaker(file, history, table, shape.scheme, listBit);
  await shape.write(maker, rows);
  await file.close();
  if (isGzip) {
    await pipeline(createReadStream(plainPath), createGzip(), createWriteStream(path));
    await rm(plainPath);
  }
  const { write: _, ...facts } = shape;
  return { ...facts, rows: maker.usable + maker.refused, usable: maker.usable, refused: maker.refused };
}

/** Account names, sorted by their bytes (they are ASCII), under the header `account`. */
async function writeMembers(path: string, accounts: readonly string[]): Promise<void> {
  const file = await ByteFile.create(path);
  file.ascii("account\n");
  for (const account of accounts) {
    file.ascii(account);
    file.byte(10);
    if (file.isFull) await file.pour();
  }
  await file.close();
}
