/**
 * Shadow mode, held against a plain slow reading of a world: another system that matches every contact, whatever it was given
 * for, in SQL over the world's files; and the rules one contact after the other, as docs/notices.md says them.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { takeEvents } from "../src/index.js";
import { type ByGrant, type ComparedCounts, type ComparedList, compare, LOST_RULES } from "../src/shadow/index.js";
import { streamOf } from "./fresh-store.js";
import { Oracle } from "./oracle.js";
import { WorldStore } from "./world-store.js";

const LISTS = ["x-emails", "x-hashed", "security-contacts"];

interface Grant {
  readonly account: string;
  readonly kind: string;
  readonly identity: string;
  readonly at: number;
  readonly notice: string;
  readonly surface: string;
  readonly purposes: readonly string[];
  readonly exclusive: boolean;
  readonly isOwn: boolean;
}
interface Event {
  readonly type: string;
  readonly account: string;
  readonly kind: string | null;
  readonly identity: string | null;
  readonly purpose: string | null;
  readonly at: number;
}
/** A contact that a system without rules matched. */
interface Match {
  readonly account: string;
  readonly kind: string;
  readonly identity: string;
  readonly value: string;
  readonly form: string;
}
interface Decided {
  readonly rule: string;
  readonly grant?: Grant;
}

let world: WorldStore;
let oracle: Oracle;
let grants: Map<string, Grant[]>;
let events: Map<string, Event[]>;
/** An account that no list reaches here. */
let unreached: string;
/** Accounts that a list reaches here, by SQL. */
const reached = new Map<string, string[]>();
const naive = new Map<string, Match[]>();
const standing = new Map<string, Match[]>();

before(async () => {
  world = await WorldStore.make({ accounts: 4000, seed: 20_191_008 });
  await addEvents();
  oracle = await Oracle.open(world.folder);
  const files = { contacts: `${world.folder}/contacts.csv`, events: `${world.folder}/events.ndjson` };
  const { notices } = world.store.solely;
  const rows = await query<{
    account: string;
    kind: string;
    identity: string;
    at: number;
    reference: string;
    own: boolean;
  }>(`
    SELECT account, kind, coarsest(kind, value) AS identity, at_ms(given_at)::DOUBLE AS at, notice AS reference,
      given_by IS NULL OR given_by = '' OR given_by = account AS own
    FROM read_csv('${files.contacts}', header = true, all_varchar = true, delim = ',', quote = '"')`);
  grants = byAccount(
    rows.map(({ reference, own, ...row }) => {
      const [id, version] = reference.split("@");
      const notice = notices
        .versions()
        .map((one) => one.notice)
        .findLast(
          (one) =>
            one.id === id &&
            (version === undefined ? Date.parse(one.effective_from) <= row.at : String(one.version) === version),
        )!;
      const { surface, purposes, exclusive, subject } = notice;
      const isOwn = own && subject === "self";
      return { ...row, notice: `${id}@${notice.version}`, surface, purposes, exclusive, isOwn };
    }),
  );
  events = byAccount(
    await query<Event>(`
      SELECT type, account, kind, coarsest(kind, value) AS identity, purpose, at_ms("at")::DOUBLE AS at
      FROM read_json('${files.events}', format = 'newline_delimited', columns = {type: 'VARCHAR', account: 'VARCHAR',
        kind: 'VARCHAR', value: 'VARCHAR', purpose: 'VARCHAR', "at": 'VARCHAR'})`),
  );
  for (const name of LISTS) reached.set(name, await oracle.members(name));
  const all = new Set([...reached.values()].flat());
  unreached = [...grants.keys()].find((account) => !all.has(account) && !events.has(account))!;
  await query("CREATE TABLE everything AS SELECT DISTINCT account, kind, value, identity FROM grants");
  for (const name of LISTS) {
    const list = world.lists.find((one) => one.name === name)!;
    await world.match(list);
    await oracle.members(name);
    for (const [table, found] of [
      ["everything", naive],
      ["standing", standing],
    ] as const) {
      const matches = await query<Match>(`
        WITH named AS (SELECT DISTINCT kind, is_digest(cell) AS is_digest,
            CASE WHEN is_digest(cell) THEN lower(trimmed(cell)) ELSE form(kind, '${list.scheme}', cell, region) END AS form
          FROM cells)
        SELECT DISTINCT account, t.kind, identity, value, form(t.kind, '${list.scheme}', value, NULL) AS form
        FROM ${table} t JOIN named ON (is_digest AND sha256(form(t.kind, '${list.scheme}', value, NULL)) = form
            AND (t.kind = named.kind OR named.kind = '*' AND t.kind IN ('email', 'phone', 'maid', 'handle')))
          OR (NOT is_digest AND t.kind = named.kind AND form(t.kind, '${list.scheme}', value, NULL) = form)`);
      found.set(name, matches);
    }
  }
});
after(async () => {
  oracle?.close();
  await world?.remove();
});

/** More events than a world has, of every sort, before and after what they take away: one for each fifth account without any. */
async function addEvents(): Promise<void> {
  const file = join(world.folder, "events.ndjson");
  const before = readFileSync(file, "utf8");
  const touched = new Set([...before.matchAll(/"account":"(u\d+)"/g)].map(([, account]) => account));
  const more: object[] = [];
  for (const line of readFileSync(join(world.folder, "contacts.csv"), "utf8").split("\n").slice(1)) {
    const [account = "", kind = "", value = "", , given_at = ""] = line.split(",");
    if (Number(account.slice(1)) % 5 !== 0 || touched.has(account) || value.includes('"') || !given_at) continue;
    touched.add(account);
    const type = (["withdraw", "withdraw", "erase", "disown"] as const)[more.length % 4]!;
    const days = type === "erase" ? 400 : (more.length % 3) - 1;
    const at = new Date(Date.parse(given_at) + days * 86_400_000).toISOString();
    const isWhole = more.length % 7 === 0;
    more.push({ type, account, ...(isWhole ? {} : { kind, value }), at });
  }
  const text = more.map((event) => `${JSON.stringify(event)}\n`).join("");
  appendFileSync(file, text);
  const { accepted } = await takeEvents(world.store.solely, streamOf(text), { actor: "test", format: "ndjson" });
  assert.ok(accepted === more.length && accepted > 100);
}

async function query<Row>(sql: string): Promise<Row[]> {
  const reader = await oracle.connection.runAndReadAll(sql);
  return reader.getRowObjects() as unknown as Row[];
}

function byAccount<T extends { account: string }>(all: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    const own = found.get(one.account);
    if (own === undefined) found.set(one.account, [one]);
    else own.push(one);
  }
  return found;
}

const coversAds = ({ type, purpose }: Event): boolean =>
  type !== "withdraw" || purpose === null || purpose === "ads.match";
const isOf = (point: { kind: string; identity: string }) => (event: Event) =>
  event.kind === null || (event.kind === point.kind && event.identity === point.identity);
const latest = <T extends { at: number }>(all: readonly T[]): T | undefined =>
  all.reduce<T | undefined>((last, one) => (last === undefined || one.at >= last.at ? one : last), undefined);

/** Whether nothing of a contact point, or of an account, is known that is later than an erasure of it. */
const isErased = (account: string, point?: { kind: string; identity: string }): boolean => {
  const own = events.get(account) ?? [];
  const told = (grants.get(account) ?? []).filter(
    (grant) => point === undefined || (grant.kind === point.kind && grant.identity === point.identity),
  );
  return own.some(
    (erasure) =>
      erasure.type === "erase" &&
      (point === undefined ? erasure.kind === null : isOf(point)(erasure)) &&
      told.every(({ at }) => at <= erasure.at) &&
      own.every(
        (event) => event.at <= erasure.at || (point !== undefined && (event.kind === null || !isOf(point)(event))),
      ),
  );
};

/** What decides about a contact point: the rules as they are said, each looked for anew. */
function decide(account: string, point: { kind: string; identity: string }): Decided {
  const all = (grants.get(account) ?? []).filter((one) => one.kind === point.kind && one.identity === point.identity);
  if (all.length === 0) return { rule: "unknown-contact" };
  const own = all.filter(({ isOwn }) => isOwn);
  const forAds = latest(own.filter(({ purposes }) => purposes.includes("ads.match")));
  const promise = latest(own.filter(({ purposes, exclusive }) => exclusive && !purposes.includes("ads.match")));
  const revoking = (events.get(account) ?? []).filter(isOf(point)).filter(coversAds);
  const revokedAt = Math.max(-1, ...revoking.map(({ at }) => at));
  if (forAds === undefined) {
    if (own.length > 0) return { rule: "never-for-ads", grant: latest(own)! };
    return { rule: "given-by-another", grant: latest(all)! };
  }
  if (forAds.at > Math.max(promise?.at ?? -1, revokedAt)) return { rule: "permitted-but-not-matched", grant: forAds };
  if (promise !== undefined && promise.at > revokedAt) return { rule: "promised-otherwise", grant: promise };
  const types = revoking.filter(({ at }) => at === revokedAt).map(({ type }) => type);
  const rule = types.includes("disown") ? "disowned" : types.includes("erase") ? "erased" : "withdrawn";
  return { rule, grant: forAds };
}

/** Distinct people by what decides about them. */
class Model {
  readonly #people = new Map<string, Map<string, Set<string>>>();

  note(account: string, { rule, grant }: Decided): void {
    this.#add("byRule", rule, account);
    if (grant === undefined) return;
    this.#add("byNotice", grant.notice, account);
    this.#add("bySurface", grant.surface, account);
    for (const purpose of grant.purposes) this.#add("byPurpose", purpose, account);
  }

  #add(of: string, name: string, account: string): void {
    const names = this.#people.get(of) ?? new Map<string, Set<string>>();
    this.#people.set(of, names);
    names.set(name, (names.get(name) ?? new Set()).add(account));
  }

  counts(of: string): Record<string, number> {
    return Object.fromEntries([...(this.#people.get(of) ?? [])].map(([name, people]) => [name, people.size]));
  }

  byGrant(): ByGrant {
    return {
      byPurpose: this.counts("byPurpose"),
      bySurface: this.counts("bySurface"),
      byNotice: this.counts("byNotice"),
    };
  }
}

/** Which identifiers the other system tells. */
type Telling = "value" | "digest" | "kind" | "nothing";

/** One in seven is not matched there for some reason; one account there is of nobody here. */
const isThere = ({ account }: { account: string }): boolean => Number(account.slice(1)) % 7 !== 0;
const matchedThere = (list: string): Match[] => [
  ...naive.get(list)!.filter(isThere),
  ...[`nobody-${list}`, unreached].map((account) => {
    const value = "x@nowhere.example";
    return { account, kind: "email", identity: value, value, form: value };
  }),
];

function fileOf(telling: Telling): string {
  const rows = LISTS.flatMap((list) =>
    matchedThere(list).map(({ account, kind, value, form }) => {
      const told = {
        value: [kind, JSON.stringify(value)],
        digest: [kind, createHash("sha256").update(form).digest("hex").toUpperCase()],
        kind: [kind, ""],
        nothing: ["", ""],
      }[telling];
      return ["acme", list, account, ...told].join(",");
    }),
  );
  // A row that comes twice says nothing new.
  return ["advertiser,list,account,kind,value", ...rows, ...rows.slice(0, 50)].join("\n");
}

/** What decides about one who is there alone: about the contact that is told, or those that it may have been. */
function decidedOf({ account, kind, identity }: Match, telling: Telling): Decided[] {
  if (!grants.has(account) || isErased(account)) return [{ rule: "unknown-account" }];
  const point = { kind, identity };
  if (telling === "value") return [isErased(account, point) ? { rule: "unknown-contact" } : decide(account, point)];
  const points = new Map(
    grants
      .get(account)!
      .filter((grant) => telling === "nothing" || grant.kind === kind)
      .map((grant) => [`${grant.kind} ${grant.identity}`, grant]),
  );
  if (points.size === 0) return [{ rule: "unknown-contact" }];
  const all = [...points.values()].map((one) => decide(account, one));
  const refused = all.filter(({ rule }) => rule !== "permitted-but-not-matched");
  return refused.length > 0 ? refused : all;
}

function expected(lists: readonly string[], telling: Telling): ComparedCounts {
  const sides = { there: new Set<string>(), here: new Set<string>(), both: new Set<string>() };
  const only = { there: new Set<string>(), here: new Set<string>() };
  const open = new Set<string>();
  const [lost, gained] = [new Model(), new Model()];
  for (const list of lists) {
    const there = new Set(matchedThere(list).map(({ account }) => account));
    const here = new Set(reached.get(list)!);
    for (const account of there) sides.there.add(account);
    for (const account of here) sides.here.add(account);
    for (const account of there) (here.has(account) ? sides.both : only.there).add(account);
    for (const account of here) if (!there.has(account)) only.here.add(account);
    for (const match of matchedThere(list)) {
      if (here.has(match.account)) continue;
      const decided = decidedOf(match, telling);
      if (decided.length > 1) open.add(match.account);
      for (const one of decided) lost.note(match.account, one);
    }
    for (const match of standing.get(list)!) {
      if (here.has(match.account) && !there.has(match.account))
        gained.note(match.account, decide(match.account, match));
    }
  }
  return {
    ...{ there: sides.there.size, here: sides.here.size, both: sides.both.size },
    ...{ onlyThere: only.there.size, onlyHere: only.here.size, open: open.size },
    ...{ byRule: lost.counts("byRule"), ...lost.byGrant(), gained: gained.byGrant() },
  };
}

for (const telling of ["value", "digest", "kind", "nothing"] as const) {
  test(`told ${telling} of what matched there, each list and the whole are as a slow reading says`, async () => {
    const compared = await compare(world.store.solely, streamOf(fileOf(telling)), { actor: "test", format: "csv" });
    assert.equal(compared.refused, 0);
    const byName = new Map(compared.lists.map((list) => [list.name, list]));
    assert.deepEqual([...byName.keys()].sort(), LISTS.toSorted());
    for (const name of LISTS) {
      const { list, audience, advertiser, name: _, ...counts }: ComparedList = byName.get(name)!;
      assert.deepEqual(counts, expected([name], telling), name);
    }
    const { format, madeAt, position, rows, refused, rejectFile, refusedRows, lists, ...rest } = compared;
    const { unpairedThere, unpairedHere, ...whole } = rest;
    assert.deepEqual(whole, expected(LISTS, telling));
    assert.deepEqual([unpairedThere, unpairedHere], [[], []]);
    assert.ok(whole.onlyThere > 100 && whole.onlyHere > 10);
    if (telling === "nothing") assert.ok(whole.open > 10);
    if (telling !== "value") return;
    assert.equal(whole.open, 0);
    // All were there to be found, but `unverified`, which no world has, and `erased`: such a contact is not known any more.
    for (const rule of LOST_RULES.filter((one) => one !== "unverified" && one !== "erased"))
      assert.ok(whole.byRule[rule]! > 0, rule);
  });
}
