/**
 * What may be served: eligibility of one account, exports, and changes since a position.
 *
 * Each asks the gate for a permit and gives the matched set intersected with it, as of now.
 */

import { writeFile } from "node:fs/promises";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { AudienceView } from "../audience/index.js";
import { InstanceError } from "./error.js";
import type { Solely } from "./solely.js";

/** Audiences that an account may be shown ads of, now. */
export interface Eligibility {
  readonly account: string;
  readonly position: number;
  readonly audiences: readonly string[];
}

/** @throws {InstanceError} code `unknown-account` */
export function eligibility(solely: Solely, account: string): Eligibility {
  const { contacts, audiences, position } = solely.state;
  const number = findAccount(solely, account);
  const ordinals = contacts.pointsOf(number).map((point) => contacts.ordinalOf(point));
  return { account, position, audiences: audiences.eligible(solely.state.permit(), ordinals) };
}

/** @throws {InstanceError} code `unknown-account` */
export function findAccount(solely: Solely, account: string): number {
  const name = Buffer.from(account);
  const number = solely.state.contacts.accounts.find(name, 0, name.length);
  if (number >= 0) return number;
  throw new InstanceError(
    "unknown-account",
    "no such account",
    "accounts are known from contacts, events and account files",
  );
}

/** Accounts that an audience may be served to now: distinct names, sorted by their bytes. */
export function servedAccounts(solely: Solely, audience: string, advertiser?: string): Buffer[] {
  const { contacts, audiences } = solely.state;
  const served = audiences.served(solely.state.permit(), audiences.get(audience, advertiser));
  const accounts = new Set<number>();
  for (const ordinal of served.toArray()) accounts.add(contacts.points.account[ordinal]!);
  served.dispose();
  return Array.from(accounts, (account) => Buffer.from(contacts.accounts.name(account))).sort(Buffer.compare);
}

export interface ExportResult {
  readonly audience: string;
  /** Ledger position that the export was made at; follow changes from here. */
  readonly position: number;
  /** Not to be used after this. */
  readonly expiresAt: string;
  readonly out?: string;
}

/** Columns of an export, and the leaf that says it was made. */
export async function exportAudience(
  solely: Solely,
  { audience, actor, advertiser }: { audience: string; actor: string; advertiser?: string },
): Promise<ExportResult & { readonly accounts: Buffer[] }> {
  const { state, config } = solely;
  state.audiences.get(audience, advertiser);
  const expiresAt = new Date(Date.now() + config.exportHours * 3_600_000).toISOString();
  let accounts: Buffer[] = [];
  let position = 0;
  await solely.record(() => {
    accounts = servedAccounts(solely, audience, advertiser);
    position = state.position;
    return { type: "export", actor, audience, asOf: position, expiresAt };
  });
  return { audience, position, expiresAt, accounts };
}

/** Writes an export as `.csv` or `.parquet`, with its position and expiry in `OUT.json` beside it. */
export async function exportToFile(
  solely: Solely,
  options: { audience: string; actor: string; out: string },
): Promise<ExportResult> {
  const { out } = options;
  if (!/\.(csv|parquet)$/.test(out)) throw new InstanceError("invalid-argument", `${out} is neither .csv nor .parquet`);
  const { accounts, ...result } = await exportAudience(solely, options);
  const bytes = out.endsWith(".csv") ? exportCsv(accounts) : exportParquet(accounts, result);
  await writeFile(out, bytes, { mode: 0o600 });
  await writeFile(`${out}.json`, `${JSON.stringify(result, null, 2)}\n`, { mode: 0o600 });
  return { ...result, out };
}

/** RFC 4180, header `account`. */
export function exportCsv(accounts: readonly Buffer[]): Buffer {
  const quote = (name: Buffer): Buffer =>
    /[",\r\n]/.test(name.toString("latin1")) ? Buffer.from(`"${name.toString().replaceAll('"', '""')}"`) : name;
  const newline = Buffer.from("\n");
  return Buffer.concat([Buffer.from("account\n"), ...accounts.flatMap((name) => [quote(name), newline])]);
}

export function exportParquet(accounts: readonly Buffer[], { audience, position, expiresAt }: ExportResult): Buffer {
  const buffer = parquetWriteBuffer({
    columnData: [{ name: "account", data: accounts.map((name) => name.toString()), type: "STRING" }],
    kvMetadata: [
      { key: "solely.audience", value: audience },
      { key: "solely.position", value: String(position) },
      { key: "solely.expiresAt", value: expiresAt },
    ],
  });
  return Buffer.from(buffer);
}

export interface AudienceChange {
  readonly audience: string;
  readonly account: string;
  /** Whether the account may be served in it now. */
  readonly eligible: boolean;
}

/**
 * Who may have joined or left an audience since a position, and whether they are in it now.
 * @throws {AudienceError} code `position-too-old`
 */
export function changesSince(solely: Solely, since: number): { position: number; changes: AudienceChange[] } {
  const { contacts, audiences, position } = solely.state;
  if (!Number.isInteger(since) || since < 0 || since > position) {
    throw new InstanceError("invalid-argument", `a position is a whole number from 0 to ${position}`);
  }
  const permit = solely.state.permit();
  const changes: AudienceChange[] = [];
  for (const [id, ordinals] of audiences.changedSince(since)) {
    const { matched } = audiences.get(id);
    const accounts = new Set(Array.from(ordinals, (ordinal) => contacts.points.account[ordinal]!));
    for (const account of accounts) {
      const isIn = contacts.pointsOf(account).some((point) => {
        const ordinal = contacts.ordinalOf(point);
        return matched.has(ordinal) && permit.ordinals.has(ordinal);
      });
      changes.push({ audience: id, account: Buffer.from(contacts.accounts.name(account)).toString(), eligible: isIn });
    }
  }
  return { position, changes };
}

export function listAudiences(solely: Solely, advertiser?: string): AudienceView[] {
  const { audiences } = solely.state;
  return audiences.list(advertiser).map((audience) => audiences.view(audience));
}

/** @throws {AudienceError} code `unknown-audience`; the same for one that is another advertiser's */
export function showAudience(
  solely: Solely,
  id: string,
  advertiser?: string,
): AudienceView & { rows: number; usable: number; refused: number } {
  const { audiences } = solely.state;
  const audience = audiences.get(id, advertiser);
  const { rows, usable, refused } = audience;
  return { ...audiences.view(audience), rows, usable, refused };
}
