/** Refused rows of an audit: counted by reason, and written to a file, where one is named; never a value. */
import { type FileHandle, open } from "node:fs/promises";
import { csvLine } from "../incident/index.js";
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
  readonly #file: FileHandle | undefined;
  /** Writing in the order told. */
  #written: Promise<unknown> = Promise.resolve();
  readonly #counts = new Map<AuditTable, Map<string, number>>();

  private constructor(path: string | undefined, file: FileHandle | undefined) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * @param path of a CSV file: source, line, column, code, reason, fix; undefined: they are counted alone
   * @throws {AuditError} code `unwritable-file`
   */
  static async to(path: string | undefined): Promise<Refused> {
    if (path === undefined) return new Refused(path, undefined);
    const file = await open(path, "w", 0o600).catch(() => {
      throw unwritable(path);
    });
    await file.write("source,line,column,code,reason,fix\n");
    return new Refused(path, file);
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
      if (this.#file === undefined) continue;
      lines.push(csvLine([source, refusals.line[i]!, book.column(refusals.column[i]!), name, reason, fix]));
    }
    const file = this.#file;
    if (file === undefined) return;
    this.#written = this.#written.then(() => file.write(lines.join("")));
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
      throw unwritable(this.#path!);
    } finally {
      await this.#file?.close().catch(() => undefined);
    }
  }
}

const unwritable = (path: string): AuditError =>
  new AuditError("unwritable-file", `${path} can't be written`, "check its folder, permissions and room");
