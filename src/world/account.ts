/**
 * Writes one account after the other: its rows, its events, what the platform knows of it, and, from the
 * grants that stand, the lists that reach it.
 */
import { join } from "node:path";
import { AffectedPoints } from "./affected.js";
import { ByteFile, Bytes, utf8, writeInstant } from "./bytes.js";
import { mix3 } from "./draw.js";
import { type FormTable, type SchemeName, writeForm } from "./form.js";
import { eventPurposes, type History } from "./history.js";
import type { ListFacts } from "./list.js";
import { FIRST_MISTAKE } from "./mistakes.js";
import { noticeFacts } from "./notices.js";
import { judge } from "./promise.js";
import { countryBytes, EMAIL, kindNames, PHONE, SPELLING } from "./values.js";

/** Account names are a permutation of numbers below this: in files they come in no order. */
const NAMES = 1_000_000_000;
const NAME_STEP = 7_919_317;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const kindBytes = kindNames.map(utf8);
const eventTypes = ["withdraw", "erase", "disown"] as const;
/** One account in so many was made in a burst, which is named by its month. */
const BURST_SHARE = 50;

export interface AccountCounts {
  readonly rows: number;
  readonly contactPoints: number;
  readonly permitted: number;
  readonly securityOnly: number;
  readonly events: number;
  /** By list: names of the accounts that it reaches, sorted. */
  readonly members: readonly (readonly string[])[];
  /** In a world with mistakes. */
  readonly affected: AffectedPoints;
}

export class AccountWriter {
  #rows = 0;
  #contactPoints = 0;
  #permitted = 0;
  #securityOnly = 0;
  #events = 0;
  readonly #members: Uint32Array[];
  readonly #memberCounts: number[];
  readonly #listsOfScheme: Readonly<Record<SchemeName, number>>;
  readonly #stands = new Uint8Array(32);
  readonly #affected = new AffectedPoints();
  readonly #raw = new Bytes();
  readonly #form = new Bytes();

  private constructor(
    readonly history: History,
    readonly table: FormTable,
    lists: readonly ListFacts[],
    readonly contacts: ByteFile,
    readonly events: ByteFile,
    readonly accounts: ByteFile | undefined,
    readonly securityOnly: ByteFile | undefined,
  ) {
    this.#members = lists.map(() => new Uint32Array(1024));
    this.#memberCounts = lists.map(() => 0);
    const bits = (scheme: SchemeName) =>
      lists.reduce((sum, list, i) => (list.scheme === scheme ? sum | (1 << i) : sum), 0);
    this.#listsOfScheme = { plain: bits("plain"), x: bits("x"), meta: bits("meta"), google: bits("google") };
  }

  /** @param isBench whether to leave out what benches do not read */
  static async create(out: string, history: History, table: FormTable, lists: readonly ListFacts[], isBench: boolean) {
    const contacts = await ByteFile.create(join(out, "contacts.csv"));
    const events = await ByteFile.create(join(out, "events.ndjson"));
    const accounts = isBench ? undefined : await ByteFile.create(join(out, "accounts.csv"));
    const securityOnly = isBench ? undefined : await ByteFile.create(join(out, "truth", "security-only.csv"));
    contacts.ascii("account,kind,value,notice,given_at,given_by,verified_at\n");
    accounts?.ascii("account,country,created_at,last_active_at,cohort,likes_sports,parent\n");
    securityOnly?.ascii("account,kind,notice\n");
    return new AccountWriter(history, table, lists, contacts, events, accounts, securityOnly);
  }

  get isFull(): boolean {
    return this.contacts.isFull;
  }

  async pour(): Promise<void> {
    await this.contacts.pour();
    await this.events.pour();
    await this.accounts?.pour();
    await this.securityOnly?.pour();
  }

  write(account: number): void {
    const history = this.history.fill(account);
    for (let i = 0; i < history.grants; i++) this.#contact(history.isBackwards ? history.grants - 1 - i : i);
    for (let e = 0; e < history.events; e++) this.#event(e);
    if (this.accounts !== undefined) this.#account(this.accounts);
    this.#rows += history.grants;
    this.#events += history.events;
    this.#contactPoints += history.points;
    this.#judge();
    if (history.hasMistakes) {
      this.#affected.add(history, `u${nameOf(account)}`, (grant) => this.#listsThatName(grant));
    }
  }

  async close(): Promise<AccountCounts> {
    await Promise.all([this.contacts, this.events, this.accounts, this.securityOnly].map((file) => file?.close()));
    const members = this.#members.map((accounts, list) =>
      Array.from(accounts.subarray(0, this.#memberCounts[list]!), (account) => `u${nameOf(account)}`).sort(),
    );
    const counts = { rows: this.#rows, contactPoints: this.#contactPoints, permitted: this.#permitted };
    return { ...counts, securityOnly: this.#securityOnly, events: this.#events, members, affected: this.#affected };
  }

  #contact(g: number): void {
    const { history, contacts: out } = this;
    const point = history.grantPoint[g]!;
    const kind = history.kind[point]!;
    const spelling = history.grantSpelling[g]!;
    const notice = noticeFacts[history.grantNotice[g]!]!;
    const atMs = history.grantAtMs[g]!;
    const giver = history.grantGiver[g]!;
    const verifiedAfter = history.grantVerifiedAfterMinutes[g]!;
    const isQuoted = (spelling & SPELLING.blanks) !== 0;
    out.need(1024);
    writeName(out, history.account);
    out.byte(44);
    out.put(kindBytes[kind]!);
    out.byte(44);
    if (isQuoted) out.byte(34);
    history.people.write(out, kind, history.person[point]!, point, spelling);
    if (isQuoted) out.byte(34);
    out.byte(44);
    out.put(history.grantByBareId[g] === 1 ? notice.bare : notice.full);
    out.byte(44);
    writeInstant(out, atMs, (g & 1) === 1 && atMs % 16_000 === 0);
    out.byte(44);
    if (giver !== -1) writeName(out, giver);
    out.byte(44);
    if (verifiedAfter > 0) writeInstant(out, atMs + verifiedAfter * MINUTE_MS);
    out.byte(10);
  }

  #event(e: number): void {
    const { history, events: out } = this;
    const point = history.eventPoint[e]!;
    const purpose = eventPurposes[history.eventPurpose[e]!]!;
    out.need(1024);
    out.ascii(`{"type":"${eventTypes[history.eventType[e]!]!}","account":"`);
    writeName(out, history.account);
    if (point >= 0) {
      const kind = history.kind[point]!;
      out.ascii(`","kind":"${kindNames[kind]!}","value":"`);
      history.people.write(out, kind, history.person[point]!, point, history.eventSpelling[e]!);
    }
    if (purpose !== "") out.ascii(`","purpose":"${purpose}`);
    out.ascii('","at":"');
    writeInstant(out, history.eventAtMs[e]!);
    out.ascii('"}\n');
  }

  #account(out: ByteFile): void {
    const { history } = this;
    const traits = mix3(history.people.seed, history.account, 8192);
    out.need(256);
    writeName(out, history.account);
    out.byte(44);
    out.put(countryBytes[history.country]!);
    out.byte(44);
    writeInstant(out, history.createdMs);
    out.byte(44);
    writeInstant(out, history.createdMs + (traits % 900) * DAY_MS);
    out.byte(44);
    if ((traits >>> 8) % BURST_SHARE === 0) out.ascii(`burst-${new Date(history.createdMs).toISOString().slice(0, 7)}`);
    out.ascii((traits & 32) === 0 ? ",no" : ",yes");
    out.ascii((traits & 192) === 0 ? ",yes\n" : ",no\n");
  }

  /** Counts, and tells the lists which of their forms stand. */
  #judge(): void {
    const { history } = this;
    const stands = this.#stands;
    judge(history, stands, FIRST_MISTAKE);
    let permittedPoints = 0;
    let lists = 0;
    for (let g = 0; g < history.grants; g++) {
      if (stands[g] === 0) continue;
      permittedPoints |= 1 << history.grantPoint[g]!;
      lists |= this.#listsThatName(g);
    }
    for (let point = 0; point < history.points; point++) {
      if ((permittedPoints & (1 << point)) !== 0) this.#permitted++;
      else this.#noteSecurityOnly(point);
    }
    for (let list = 0; lists >>> list !== 0; list++) if (((lists >>> list) & 1) === 1) this.#member(list);
  }

  /** Lists that name the spelling of a grant, in the form of their own scheme; one scheme of each kind differs from plain. */
  #listsThatName(g: number): number {
    const { history, table } = this;
    const point = history.grantPoint[g]!;
    const kind = history.kind[point]!;
    history.people.write(this.#raw.clear(), kind, history.person[point]!, point, history.grantSpelling[g]!);
    const raw = this.#raw.view();
    writeForm(this.#form.clear(), kind, "plain", raw);
    const lists = table.lists(kind, this.#form.view());
    const other = kind === EMAIL ? "google" : kind === PHONE ? "meta" : undefined;
    if (other === undefined) return lists;
    const otherLists = this.#listsOfScheme[other];
    if (otherLists === 0) return lists;
    writeForm(this.#form.clear(), kind, other, raw);
    return (lists & ~otherLists) | (table.lists(kind, this.#form.view()) & otherLists);
  }

  #noteSecurityOnly(point: number): void {
    const { history } = this;
    let last = -1;
    for (let g = 0; g < history.grants; g++) {
      if (history.grantPoint[g] !== point) continue;
      const { isSecurity, namesAds } = noticeFacts[history.grantNotice[g]!]!;
      if (!isSecurity || namesAds) return;
      last = g;
    }
    this.#securityOnly++;
    const out = this.securityOnly;
    if (out === undefined) return;
    out.need(256);
    writeName(out, history.account);
    out.byte(44);
    out.put(kindBytes[history.kind[point]!]!);
    out.byte(44);
    out.put(noticeFacts[history.grantNotice[last]!]!.full);
    out.byte(10);
  }

  #member(list: number): void {
    const count = this.#memberCounts[list]!++;
    if (count === this.#members[list]!.length) {
      const grown = new Uint32Array(count * 2);
      grown.set(this.#members[list]!);
      this.#members[list] = grown;
    }
    this.#members[list]![count] = this.history.account;
  }
}

const nameOf = (account: number): number => (account * NAME_STEP + 1_234_567) % NAMES;

function writeName(out: Bytes, account: number): void {
  out.byte(117);
  out.decimal(nameOf(account));
}
