/**
 * Who is matched on one side alone, by name, and what decides about them: gathered as columns while all is judged, written
 * as a file afterwards. Never a value. Naming people gives something out, and is a leaf of the ledger.
 */
import type { Audience } from "../audience/index.js";
import { grown, Numbers } from "../column/index.js";
import { isKindCode, kindName } from "../contact/index.js";
import { type Contacts, NO_GRANT } from "../grant/index.js";
import { csv } from "../incident/index.js";
import { LeafKind } from "../ledger/index.js";
import type { Log } from "../log/index.js";
import type { NoticeBook } from "../purpose/index.js";
import { writeWhole } from "../serve/index.js";
import { OrdinalSet } from "../set/index.js";
import { ShadowError } from "./error.js";
import type { Decided } from "./judge.js";
import { LOST_RULES } from "./result.js";
import { type There, UNKNOWN_ACCOUNTS } from "./there.js";

const HEAD = ["account", "advertiser", "list", "side", "rule", "kind", "notice", "surface", "given_at"];

export class NamedRows {
  /** Rule of who is here alone. */
  static readonly HERE = 0xff;
  readonly #lists: Audience[] = [];
  readonly #list = new Numbers();
  readonly #account = new Numbers();
  /** Rule, kind and notice in one number. */
  readonly #decided = new Numbers();
  #givenAtMs: Float64Array = new Float64Array(1 << 6);

  get count(): number {
    return this.#account.count;
  }

  /** Distinct accounts. */
  get people(): number {
    const accounts = OrdinalSet.from(this.#account.values);
    const { size } = accounts;
    accounts.dispose();
    return size;
  }

  /** From here on the rows are of this list. */
  begin(audience: Audience): void {
    this.#lists.push(audience);
  }

  add(account: number, decided: Decided, rule = decided.rule): void {
    const { kind, notice, givenAtMs } = decided;
    const row = this.count;
    this.#list.push(this.#lists.length - 1);
    this.#account.push(account);
    this.#decided.push(((rule << 24) | (kind << 16) | notice) >>> 0);
    this.#givenAtMs = grown(this.#givenAtMs, row + 1);
    this.#givenAtMs[row] = givenAtMs;
  }

  /** The rows as cells. */
  *cells(contacts: Contacts, book: NoticeBook, there: There): Generator<string[]> {
    const shown = new Map<number, readonly [string, string]>();
    const shownOf = (index: number): readonly [string, string] => {
      const known = shown.get(index);
      if (known !== undefined) return known;
      const { id, version, surface } = book.version(index).notice;
      const cells = [`${id}@${version}`, surface] as const;
      shown.set(index, cells);
      return cells;
    };
    const [lists, accounts, decided] = [this.#list.values, this.#account.values, this.#decided.values];
    for (let row = 0; row < accounts.length; row++) {
      const { advertiser, list } = this.#lists[lists[row]!]!;
      const [rule, kind, notice] = [decided[row]! >>> 24, (decided[row]! >>> 16) & 0xff, decided[row]! & 0xffff];
      const isHere = rule === NamedRows.HERE;
      yield [
        ...[nameOf(contacts, there, accounts[row]!), advertiser, list],
        ...[isHere ? "here" : "there", isHere ? "permitted" : LOST_RULES[rule]!],
        isKindCode(kind) ? kindName(kind) : "",
        ...(notice === NO_GRANT ? ["", "", ""] : [...shownOf(notice), new Date(this.#givenAtMs[row]!).toISOString()]),
      ];
    }
  }
}

function nameOf({ accounts }: Contacts, there: There, account: number): string {
  if (account >= UNKNOWN_ACCOUNTS) return Buffer.from(there.nameOf(account)).toString();
  return accounts.isNameless(account) ? "erased" : Buffer.from(accounts.name(account)).toString();
}

/** @throws {ShadowError} code `unwritable-file` */
export function requireCsv(out: string): void {
  if (out.endsWith(".csv")) return;
  throw new ShadowError("unwritable-file", `${out} is not .csv`, "name it so");
}

/**
 * @param out absolute path, `.csv`
 * @param told who asked, and the position that all was judged at
 * @throws {ServeError} code `unwritable-file`
 */
export async function writeNamed(
  { log, contacts, notices }: { log: Log; contacts: Contacts; notices: NoticeBook },
  rows: NamedRows,
  { out, there, ...told }: { out: string; there: There; actor: string; asKnownAt: number },
): Promise<void> {
  const record = { type: "shadow", ...told, people: rows.people, rows: rows.count };
  await log.record(LeafKind.export, () => Buffer.from(JSON.stringify(record)));
  await writeWhole(out, csv(HEAD, rows.cells(contacts, notices, there)));
}
