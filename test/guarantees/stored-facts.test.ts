/**
 * Every stored fact is held against its leaf: flip any bit of a fact, of its keys, of a leaf or of what an erasure kept, take
 * a row away or slip one in, and the audit says where. Single facts are proved to strangers, until they are erased.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { type Audit, audit, checkLeaf, proveFacts, verifyFactProof } from "../../src/evidence/index.js";
import { decodeErasures, erasureRows } from "../../src/grant/erasure.js";
import { compact, ingest, matchList, takeAccounts, takeEvents } from "../../src/index.js";
import {
  batchFacts,
  decodeLeaf,
  encodeLeaf,
  formatVerifier,
  KeyTree,
  LeafKind,
  leafKindName,
  leafRoot,
} from "../../src/ledger/index.js";
import { exportPerson } from "../../src/person/index.js";
import { takeShowings } from "../../src/showing/index.js";
import type { StoredRow } from "../../src/store/index.js";
import { startPostgres } from "../../src/store/postgres.js";
import { FreshStore, ndjson, streamOf } from "../fresh-store.js";

const FLIPS = 1000;
const GIVEN = "2024-01-01T00:00:00Z";

let store: FreshStore;
let client: pg.Client | undefined;
/** A proof of what is erased later. */
let proofOfErased: string;

before(async () => {
  store = await FreshStore.make();
  await store.adopt({ id: "signup", purposes: ["service.account", "ads.match"] });
  await store.adopt({ id: "mfa", purposes: ["security.mfa"], exclusive: true });
  await fill();
  const config = store.databaseUrl ?? (await startPostgres(store.data)).connection;
  client = new pg.Client(config);
  await client.connect();
});
after(async () => {
  await client?.end();
  await store.remove();
});

const nameOf = (i: number): string => `person-${i}`;
const emailOf = (i: number): string => `mail.${i}@example.com`;
const take = (rows: readonly unknown[]) =>
  ingest(store.solely, ndjson(rows), { source: "local", actor: "test", format: "ndjson" });
const event = (...events: readonly unknown[]) => takeEvents(store.solely, ndjson(events), { actor: "test" });

/** Leaves of every kind of data, with erasures of accounts, of single contacts, and of what other leaves tell of them. */
async function fill(): Promise<void> {
  const rows = Array.from({ length: 60 }, (_, i) => [
    { account: nameOf(i), kind: "email", value: emailOf(i), notice: "signup", given_at: GIVEN },
    { account: nameOf(i), kind: "phone", value: `+1202555${1000 + i}`, notice: "mfa", given_at: GIVEN },
    ...(i % 5 === 0
      ? [{ account: nameOf(i), kind: "email", value: `friend.${i}@example.com`, given_by: nameOf((i + 1) % 60) }]
      : []
    ).map((row) => ({ ...row, notice: "signup", given_at: GIVEN })),
  ]).flat();
  await take(rows.slice(0, 50));
  await take(rows);
  await take([{ ...rows[0], given_at: "2024-02-01T00:00:00Z", verified_at: "2024-03-01T00:00:00.123Z" }]);
  const told = Array.from({ length: 70 }, (_, i) => ({ account: nameOf(i), country: i % 2 ? "DE" : "FR" }));
  const profiles = { actor: "test", format: "ndjson" } as const;
  await takeAccounts(store.solely, ndjson(told), profiles);
  const more = { account: nameOf(3), created_at: GIVEN, cohort: "blue", premium: "yes", ...manyAttributes };
  await takeAccounts(store.solely, ndjson([more, { account: nameOf(5), premium: "no" }]), profiles);
  await event(
    { type: "withdraw", account: nameOf(1), at: GIVEN },
    { type: "withdraw", account: nameOf(2), kind: "email", value: emailOf(2), purpose: "ads.match", at: GIVEN },
    { type: "disown", account: "not-known-yet", kind: "email", value: "later@example.com", at: GIVEN },
  );
  const list = { advertiser: "acme", name: "list", actor: "test" };
  const cells = (from: number) =>
    streamOf(`email\n${Array.from({ length: 9 }, (_, i) => emailOf(from + i)).join("\n")}\n`);
  await matchList(store.solely, cells(0), { ...list, operation: "create" });
  await matchList(store.solely, cells(20), { ...list, operation: "append" });
  await exportPerson(store.solely, { account: nameOf(4), actor: "test" });
  const { id: audience } = store.solely.audiences.find("acme", "list")!;
  const shown = [4, 7, 22].map((i) => ({ account: nameOf(i), at: new Date().toISOString() }));
  const showings = shown.map((row) => ({ advertiser: "acme", campaign: "spring", audience, ...row }));
  await takeShowings(store.solely, ndjson(showings), { actor: "test" });
  proofOfErased = await prove(1, nameOf(7));
  for (const i of [7, 8, 30, 59]) await event({ type: "erase", account: nameOf(i), at: "2025-01-01T00:00:00Z" });
  await event({ type: "erase", account: nameOf(9), kind: "email", value: emailOf(9), at: "2025-01-01T00:00:00Z" });
  await event({ type: "erase", account: nameOf(3), at: "2025-01-01T00:00:00Z" });
  await take([{ ...rows[0], account: "afterwards" }]);
  if (store.databaseUrl === undefined) await compact(store.solely, "test");
}

/** So many that a row of facts is longer than one block of the hash. */
const manyAttributes = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`attribute_${i}`, "yes"]));

/** Of an account's facts at the n-th leaf of contacts or accounts that tells of it. */
async function prove(nth: number, account: string): Promise<string> {
  const { solely } = store;
  let seen = 0;
  for (let position = 0; position < solely.log.position; position++) {
    const kind = decodeLeaf((await solely.store.leaf(position))!).kind;
    if (kind !== LeafKind.contacts && kind !== LeafKind.accounts) continue;
    try {
      const proof = await proveFacts(solely, { position, of: { account }, actor: "test" });
      if (++seen === nth) return proof;
    } catch (error) {
      assert.equal((error as { code?: string }).code, "no-such-fact");
    }
  }
  return assert.fail("no such leaf");
}

async function audited(): Promise<Audit> {
  await store.solely.checkpoints.signNow();
  const { checkpoints, contacts } = store.solely;
  return audit(store.solely.store, {
    verifier: formatVerifier(checkpoints.verifier),
    firstOf: (position) => contacts.arrivals.at(position)?.first ?? 0,
  });
}

/** All rows, by position, with the number that newcomers begin at. */
async function storedLeaves(): Promise<{ rows: StoredRow[]; first: number }[]> {
  const leaves: { rows: StoredRow[]; first: number }[] = [];
  let first = 0;
  for await (const row of store.solely.store.storedRows({})) {
    assert.equal(row.position, leaves.length, "one row a leaf");
    leaves.push({ rows: [row], first });
    first += checkLeaf(row.position, [row], first).arrivals!;
  }
  return leaves;
}

test("a store that nobody changed is whole: facts of every kind, erased ones by their kept hashes", async () => {
  const result = await audited();
  assert.deepEqual([result.findings, result.log, result.unproven], [[], [], []]);
  assert.equal(result.isWhole, true);
  assert.equal(result.leaves, store.solely.log.position);
  assert.equal(result.signed, result.leaves);
  // Of five accounts the contacts, names, and what was told of them; of one more account one contact.
  assert.ok(result.erased >= 5 * 4, String(result.erased));
  const kinds = new Set((await storedLeaves()).map(({ rows }) => leafKindName(rows[0]!.fact!.kind)));
  for (const kind of ["genesis", "contacts", "events", "accounts", "list", "showings", "export", "erasure"] as const)
    assert.ok(kinds.has(kind), kind);
});

test(`${FLIPS} flips of one bit, over all kinds and columns: each is found, at its position`, async () => {
  const leaves = await storedLeaves();
  const flipped = (bytes: Uint8Array): Uint8Array => {
    const copy = bytes.slice();
    const bit = Math.floor(Math.random() * bytes.length * 8);
    copy[bit >> 3]! ^= 1 << (bit & 7);
    return copy;
  };
  const touched = new Set<string>();
  for (let i = 0; i < FLIPS; i++) {
    const { rows, first } = leaves[Math.floor(Math.random() * leaves.length)]!;
    const [row] = rows as [StoredRow];
    const columns: (readonly [string, () => StoredRow])[] = [
      ["leaf", () => ({ ...row, leaf: flipped(row.leaf!) })],
      ["fact", () => ({ ...row, fact: { ...row.fact!, body: flipped(row.fact!.body) } })],
      [
        "kind",
        () => ({ ...row, fact: { ...row.fact!, kind: row.fact!.kind ^ (1 << Math.floor(Math.random() * 15)) } }),
      ],
      [
        "time",
        () => ({ ...row, fact: { ...row.fact!, timeMs: row.fact!.timeMs + 2 ** Math.floor(Math.random() * 40) } }),
      ],
    ];
    if (row.keys !== undefined) columns.push(["keys", () => ({ ...row, keys: flipped(row.keys!) })]);
    if (row.erased.length > 0) columns.push(["erased", () => ({ ...row, erased: flipped(row.erased) })]);
    const [column, alter] = columns[Math.floor(Math.random() * columns.length)]!;
    touched.add(`${leafKindName(row.fact!.kind)} ${column}`);
    const changed = alter();
    const { findings, withoutHash } = checkLeaf(row.position, [changed], first);
    assert.ok(
      findings.length > 0 || withoutHash.length > 0,
      `${column} of leaf ${row.position}: ${Buffer.from(changed.keys ?? []).toString("hex")}`,
    );
    assert.ok(findings.every(({ position }) => position === row.position));
  }
  for (const what of ["contacts keys", "accounts erased", "list fact", "erasure leaf", "showings keys"])
    assert.ok(touched.has(what), what);
});

/** A change of the database, and its undoing. */
async function changed<T>(change: string, work: () => Promise<T>): Promise<T> {
  const tables = ["leaf", "fact", "fact_key", "erased_fact"];
  for (const table of tables) await client!.query(`CREATE TABLE saved_${table} AS TABLE solely.${table}`);
  try {
    await client!.query(change);
    return await work();
  } finally {
    for (const table of tables) {
      await client!.query(`DELETE FROM solely.${table}`);
      await client!.query(`INSERT INTO solely.${table} SELECT * FROM saved_${table}`);
      await client!.query(`DROP TABLE saved_${table}`);
    }
  }
}

test("the same in the database, by SQL: bits of every column that the audit covers", async () => {
  const columns = [
    ["leaf", "body"],
    ["fact", "body"],
    ["fact_key", "body"],
    ["erased_fact", "hash"],
  ] as const;
  for (let i = 0; i < 28; i++) {
    const [table, column] = columns[i % columns.length]!;
    const { rows } = await client!.query(
      `SELECT position, length(${column}) * 8 AS bits FROM solely.${table} ORDER BY random() LIMIT 1`,
    );
    const { position, bits } = rows[0] as { position: string; bits: number };
    const bit = Math.floor(Math.random() * bits);
    const of =
      table === "erased_fact"
        ? ` AND fact = (SELECT min(fact) FROM solely.erased_fact WHERE position = ${position})`
        : "";
    const flip = `UPDATE solely.${table} SET ${column} = set_bit(${column}, ${bit}, 1 - get_bit(${column}, ${bit})) WHERE position = ${position}${of}`;
    const result = await changed(flip, audited);
    assert.equal(result.isWhole, false, `${table} ${position}, bit ${bit}`);
    const found = result.findings.map((finding) => finding.position);
    assert.deepEqual([...new Set(found)], [Number(position)], `${table} ${position}, bit ${bit}`);
    if (table === "leaf") assert.ok(result.log.length > 0);
  }
  assert.equal((await audited()).isWhole, true);
});

test("what is taken away and what is slipped in is found, with its table", async () => {
  const contacts = (await storedLeaves()).find(({ rows }) => rows[0]!.erased.length > 0)!.rows[0]!.position;
  const { leaves } = await audited();
  const cases: readonly (readonly [string, number, string, string])[] = [
    [`DELETE FROM solely.leaf WHERE position = ${contacts}`, contacts, "leaf", "missing"],
    [`DELETE FROM solely.fact WHERE position = ${contacts}`, contacts, "fact", "missing"],
    [`DELETE FROM solely.fact_key WHERE position = ${contacts}`, contacts, "fact_key", "missing"],
    [`DELETE FROM solely.erased_fact WHERE position = ${contacts}`, contacts, "erased_fact", "missing"],
    [`INSERT INTO solely.fact_key SELECT 0, 0, body FROM solely.fact_key LIMIT 1`, 0, "fact_key", "extra"],
    [
      `INSERT INTO solely.fact SELECT position, 1, kind, time, body FROM solely.fact WHERE position = 2`,
      2,
      "fact",
      "extra",
    ],
    [
      `INSERT INTO solely.fact SELECT ${leaves + 3}, 0, kind, time, body FROM solely.fact WHERE position = 2`,
      leaves + 3,
      "fact",
      "extra",
    ],
    [
      `INSERT INTO solely.erased_fact SELECT ${contacts}, 0, hash FROM solely.erased_fact LIMIT 1`,
      contacts,
      "erased_fact",
      "extra",
    ],
    [`INSERT INTO solely.erased_fact SELECT -5, 0, hash FROM solely.erased_fact LIMIT 1`, -5, "erased_fact", "extra"],
  ];
  for (const [change, position, table, fault] of cases) {
    const { findings, isWhole } = await changed(change, audited);
    assert.equal(isWhole, false, change);
    assert.ok(
      findings.some(
        (one) => one.position === position && one.fault === fault && (one.tables as string[]).includes(table),
      ),
      `${change}: ${JSON.stringify(findings)}`,
    );
  }
});

test("a leaf and its facts made anew to fit one another are found by the log's tree", async () => {
  const position = store.solely.log.position - 1;
  const later = `UPDATE solely.fact SET time = time + 1 WHERE position = ${position};
    UPDATE solely.leaf SET body = set_byte(body, 9, (get_byte(body, 9) + 1) % 256) WHERE position = ${position}`;
  const { rows } = await client!.query(
    `SELECT get_byte(body, 9) AS last FROM solely.leaf WHERE position = ${position}`,
  );
  if (rows[0].last === 255) return;
  const result = await changed(later, audited);
  assert.deepEqual(result.findings, []);
  assert.equal(result.isWhole, false);
  assert.ok(result.log.length > 0);
});

test("erased by a version that kept no hashes: told as such, and not as tampering; nowhere else is that an excuse", async () => {
  const leaves = await storedLeaves();
  const last = leaves.findLast(({ rows }) => rows[0]!.fact!.kind === LeafKind.erasure)!.rows[0]!;
  const first = leaves.find(({ rows }) => rows[0]!.erased.length > 0)!.rows[0]!;
  const { rows } = decodeErasures(last.fact!.body);
  const tree = KeyTree.fresh(rows.count);
  const root = leafRoot(batchFacts(erasureRows(rows), last.fact!.body, tree.keys()));
  const hex = (bytes: Uint8Array) => `'\\x${Buffer.from(bytes).toString("hex")}'`;
  const leaf = encodeLeaf({ kind: LeafKind.erasure, timeMs: last.fact!.timeMs, root });
  const old = `UPDATE solely.leaf SET body = ${hex(leaf)} WHERE position = ${last.position};
    UPDATE solely.fact_key SET body = ${hex(KeyTree.encode([tree]))} WHERE position = ${last.position}`;
  const gone = `DELETE FROM solely.erased_fact WHERE position = ${first.position}`;
  const excused = await changed(`${old}; ${gone}`, audited);
  assert.deepEqual([excused.findings, excused.unproven], [[], [first.position]]);
  const tampered = await changed(gone, audited);
  assert.deepEqual([tampered.findings.length, tampered.unproven], [1, []]);
});

test("a fact is proved up to the signed checkpoint; any changed byte of the proof and it is none", async () => {
  const { solely } = store;
  const before = solely.log.position;
  const proof = await prove(1, nameOf(19));
  assert.equal(solely.log.position, before + 1, "giving it out is a leaf");
  const key = formatVerifier(solely.checkpoints.verifier);
  for (const given of [undefined, key]) {
    const verified = verifyFactProof(proof, { key: given });
    assert.deepEqual([verified.isWhole, verified.findings], [true, []]);
    assert.equal(verified.kind, "contacts");
    assert.equal(verified.facts.length, 2);
    assert.equal(verified.isKeyOfProof, given === undefined);
  }
  const isProof = (text: string): boolean => {
    try {
      return verifyFactProof(text, { key }).isWhole;
    } catch (error) {
      assert.equal((error as { code?: string }).code, "malformed-proof");
      return false;
    }
  };
  const bytes = Buffer.from(proof);
  for (let at = 0; at < bytes.length; at++) {
    const bit = 1 << (at % 8);
    bytes[at]! ^= bit;
    assert.equal(isProof(bytes.toString("utf8")), false, `byte ${at}`);
    bytes[at]! ^= bit;
  }
  assert.equal(isProof(bytes.toString("utf8")), true);
  const other = await FreshStore.make();
  const strange = formatVerifier(other.solely.checkpoints.verifier);
  await other.remove();
  assert.equal(verifyFactProof(proof, { key: strange }).isWhole, false);
});

test("what was erased can't be proved any more; what was proved before still can be checked, and its neighbours proved", async () => {
  const { solely } = store;
  const { isWhole, position, facts } = verifyFactProof(proofOfErased);
  assert.equal(isWhole, true);
  for (const { fact } of facts)
    await assert.rejects(proveFacts(solely, { position, of: { fact }, actor: "test" }), { code: "erased" });
  await assert.rejects(proveFacts(solely, { position, of: { account: nameOf(7) }, actor: "test" }), {
    code: "unknown-account",
  });
  const neighbour = await proveFacts(solely, { position, of: { account: nameOf(6) }, actor: "test" });
  assert.equal(verifyFactProof(neighbour).isWhole, true);
});

test("what the platform said of an erased account is without its salts too", async () => {
  let rows = 0;
  for await (const { kind, body, keys } of store.solely.store.facts(0)) {
    if (kind !== LeafKind.accounts) continue;
    const [tree] = KeyTree.decode(keys);
    rows += tree!.keys().destroyed.reduce((sum, one) => sum + one, 0);
    assert.ok(body.length > 0);
  }
  // Persons 3, 7, 8, 30 and 59 in the full feed, 3 once more.
  assert.equal(rows, 6);
});
