/** Refused rows of an audit: counted by reason, and written to a file, where one is named; never a value. */
import { type FileHandle, open } from "node:fs/promises";
import type { RefusalBook, Refusals } from "../input/index.js";
import { AuditError } from "./error.js";
import { AUDIT_TABLES, type AuditTable } from "./finding.js";
import { refusalsOf } from "./refusal.js";
import { COLUMNS } from "./sources.js";

const BOOKS = Object.fromEntries(AUDIT_TABLES.map((table) => [table, refusalsOf(COLUMNS[table])])) as Readonly<
  Record<AuditTable, RefusalBook>
>;

export class Refused {
  readonly #path: string | undefined;
  #file: Promise<FileHandle> | undefined;
  /** Writing in the order told. */
  #written: Promise<unknown> = Promise.resolve();
  readonly #counts = new Map<AuditTable, Map<string, number>>();

  /** @param path of a CSV file: source, line, column, code, reason, fix */
  constructor(path: string | undefined) {
    this.#path = path;
  }

  /** Notes rows of a source that were refused. */
  add(table: AuditTable, source: string, refusals: Refusals): void {
    if (refusals.count === 0) return;
    const book = BOOKS[table];
    const counts = this.#counts.get(table) ?? new Map<string, number>();
    this.#counts.set(table, counts);
    const lines: string[] = [];
    for (let i = 0; i < refusals.count; i++) {
      const { name, reason, fix } = book.refusal(refusals.code[i]!);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (this.#path === undefined) continue;
      const column = book.column(refusals.column[i]!);
      lines.push(`${[source, refusals.line[i], column, name, reason, fix].map(cell).join(",")}\n`);
    }
    if (this.#path === undefined) return;
    this.#file ??= begun(this.#path);
    const file = this.#file;
    this.#written = this.#written.then(async () => (await file).write(lines.join("")));
    // It fails where it is waited for.
    this.#written.catch(() => undefined);
  }

  /** How often each reason was told of a table's rows, most often first. */
  reasonsOf(table: AuditTable): Record<string, number> {
    return Object.fromEntries([...(this.#counts.get(table) ?? [])].sort(([, a], [, b]) => b - a));
  }

  /** @throws {AuditError} code `unwritable-file` */
  async close(): Promise<void> {
    try {
      await this.#written;
    } catch {
      throw new AuditError(
        "unwritable-file",
        `${this.#path} can't be written`,
        "check its folder, permissions and room",
      );
    } finally {
      await (await this.#file?.catch(() => undefined))?.close();
    }
  }
}

async function begun(path: string): Promise<FileHandle> {
  const file = await open(path, "w", 0o600);
  await file.write("source,line,column,code,reason,fix\n");
  return file;
}

function cell(value: string | number | undefined): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
