/**
 * Sources: where each table of an audit lies, and by which names. Found by the files' names, or told by a small YAML file
 * that maps the platform's names to ours.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { AuditError } from "./error.js";
import { AUDIT_TABLES, type AuditTable } from "./finding.js";

/** Columns of each table, and those that it must have; of a pair, one. */
export const COLUMNS = {
  contacts: ["account", "kind", "value", "notice", "surface", "given_at", "given_by", "verified_at"],
  events: ["type", "account", "kind", "value", "purpose", "at"],
  matches: ["advertiser", "list", "account", "kind", "value", "matched_at", "left_at", "match"],
  showings: ["advertiser", "list", "campaign", "account", "at"],
  accounts: ["account", "country"],
} as const satisfies Record<AuditTable, readonly string[]>;

export const REQUIRED: Readonly<Record<AuditTable, readonly (readonly string[])[]>> = {
  contacts: [["account"], ["kind"], ["given_at"], ["notice", "surface"]],
  events: [["type"], ["account"], ["at"]],
  matches: [["advertiser"], ["list"], ["account"], ["matched_at"]],
  showings: [["advertiser"], ["list"], ["account"], ["at"]],
  accounts: [["account"], ["country"]],
};

const name = z.string().min(1).max(256);
const sourceSchema = z
  .strictObject({
    /** Relative to the audit's folder. */
    file: name.optional(),
    /** One query, where a database is named. */
    sql: z
      .string()
      .min(1)
      .max(64 * 1024)
      .optional(),
    /** Our names to theirs. */
    columns: z.record(name, name).default({}),
    /** What the table lacks, the same for every row. */
    constants: z.record(name, z.union([z.string().max(1024), z.number(), z.boolean()]).transform(String)).default({}),
  })
  .refine(({ file, sql }) => (file === undefined) !== (sql === undefined), "names either a file or sql");
const sources = z.union([sourceSchema.transform((one) => [one]), z.array(sourceSchema)]).optional();

/** The form of `audit.yaml`. */
const mapSchema = z.strictObject({
  contacts: sources,
  events: sources,
  matches: sources,
  showings: sources,
  accounts: sources,
  /** File or folder of notices, relative to the audit's. */
  notices: name.optional(),
  /** Notices whose texts name ads in words that we don't know. */
  confirmed: z.array(name).default([]),
  /** Two letters: how phone numbers without "+" are read. */
  region: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional(),
});
export type AuditMap = z.output<typeof mapSchema>;

/** One source of rows; plain data that can be sent to a thread. */
export interface AuditSource {
  readonly table: AuditTable;
  /** How messages call it. */
  readonly name: string;
  /** Absolute. */
  readonly file: string | undefined;
  readonly sql: string | undefined;
  readonly columns: Readonly<Record<string, string>>;
  readonly constants: Readonly<Record<string, string>>;
}

/**
 * Reads a map of names.
 * @param text YAML
 * @throws {AuditError} code `malformed-map`, naming the place
 */
function parseMap(text: string, file: string): AuditMap {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined) throw malformedMap(`${file}: ${broken.message.split("\n")[0]}`);
  let value: unknown;
  try {
    value = document.toJS();
  } catch (cause) {
    throw malformedMap(`${file}: ${(cause as Error).message}`);
  }
  const parsed = mapSchema.safeParse(value ?? {});
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw malformedMap(`${file}: ${issue.path.join(".") || "form"}: ${issue.message}`);
  }
  for (const table of AUDIT_TABLES) {
    for (const [i, source] of (parsed.data[table] ?? []).entries()) {
      for (const part of ["columns", "constants"] as const) {
        const unknown = Object.keys(source[part]).find((one) => !(COLUMNS[table] as readonly string[]).includes(one));
        if (unknown === undefined) continue;
        throw malformedMap(
          `${file}: ${table}.${i}.${part}: ${table} has no column ${unknown}; it has ${COLUMNS[table].join(", ")}`,
        );
      }
    }
  }
  return parsed.data;
}

const malformedMap = (what: string): AuditError =>
  new AuditError("malformed-map", what, "docs/audit.md has the form of audit.yaml");

/** The map of an audit's folder, or of the file that is named for it; an empty one where there is none. */
export async function readMap(dir: string, file: string | undefined): Promise<AuditMap> {
  const path = file ?? join(dir, "audit.yaml");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (file === undefined && (cause as NodeJS.ErrnoException).code === "ENOENT") text = "";
    else throw new AuditError("unreadable-file", `${path} can't be read`, "check its name and permissions");
  }
  return parseMap(text, basename(path));
}

/**
 * Where each table lies: as the map says, else by the files' names.
 * @throws {AuditError} codes `missing-table`, `unreadable-file`, `malformed-map`
 */
export async function findSources(
  dir: string,
  map: AuditMap,
  hasDatabase: boolean,
  onWarning: (message: string) => void = () => {},
): Promise<AuditSource[]> {
  const names = await filesIn(dir);
  const found = AUDIT_TABLES.flatMap((table): AuditSource[] => {
    const mapped = map[table];
    if (mapped === undefined) {
      return names
        .filter((file) => isOf(table, file))
        .map((file) => ({ table, name: file, file: join(dir, file), sql: undefined, columns: {}, constants: {} }));
    }
    return mapped.map(({ file, sql, columns, constants }, i) => ({
      table,
      name: file ?? `${table} by sql ${i + 1}`,
      file: file === undefined ? undefined : resolve(dir, file),
      ...{ sql, columns, constants },
    }));
  });
  const read = new Set(found.map(({ file }) => file));
  const unread = names.filter((name) => !read.has(join(dir, name)) && !KNOWN_FILE.test(name));
  if (unread.length > 0) {
    const some = unread.slice(0, MAX_TOLD).join(", ");
    onWarning(`no table's file, and not read: ${some}${unread.length > MAX_TOLD ? " and others" : ""}`);
  }
  const query = found.find(({ sql }) => sql !== undefined);
  if (query === undefined && hasDatabase) onWarning("a database is named, and audit.yaml has no query of it");
  if (query !== undefined && !hasDatabase) throw malformedMap(`${query.name}: no database is named; give --from`);
  for (const table of ["contacts", "matches"] as const) {
    if (found.some((source) => source.table === table)) continue;
    throw new AuditError(
      "missing-table",
      `there is no file of ${table} in ${dir}`,
      `name it ${table}.csv or ${table}.parquet, or name it in audit.yaml`,
    );
  }
  return found;
}

/** Folders within folders are looked into so deep. */
const MAX_DEPTH = 8;

/** Paths of all files, in order, relative to the folder. */
async function filesIn(dir: string, within = "", depth = 0): Promise<string[]> {
  const found: string[] = [];
  try {
    for (const name of (await readdir(join(dir, within))).sort()) {
      const path = join(within, name);
      const entry = await stat(join(dir, path)).catch(() => undefined);
      if (entry?.isDirectory() !== true) found.push(path);
      else if (depth < MAX_DEPTH) found.push(...(await filesIn(dir, path, depth + 1)));
    }
  } catch (cause) {
    if (cause instanceof AuditError) throw cause;
    throw new AuditError(
      "unreadable-file",
      `the folder ${join(dir, within)} can't be read`,
      "check its name and permissions",
    );
  }
  return found;
}

const MAX_TOLD = 10;
/** What an audit reads besides tables, or writes. */
const KNOWN_FILE = /^notices([\\/]|\.ya?ml$)|\.ya?ml$|^(report|truth)\./i;
const TABLE_FILE = /\.(csv|tsv|txt|ndjson|jsonl|json|parquet)(\.gz)?$/i;

function isOf(table: AuditTable, file: string): boolean {
  const [first = ""] = file.toLowerCase().split(/[\\/]/);
  return TABLE_FILE.test(file) && first.startsWith(table) && /^([-.].*)?$/.test(first.slice(table.length));
}
