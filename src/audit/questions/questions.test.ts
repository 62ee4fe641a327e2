/** The document and the map: nothing left out, and nothing that a name says taken for more than a name. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { parseDocument } from "yaml";
import { NEWSPAPER, SHOP, SOCIAL_NETWORK } from "../../../test/platform-schemas.js";
import { markdownOf } from "./markdown.js";
import { pageOf } from "./page.js";
import { askAbout } from "./questions.js";
import type { SchemaTable } from "./schema.js";
import { SCHEMA_QUERY } from "./schema-query.js";

type Source = {
  readonly file?: string;
  readonly sql?: string;
  readonly columns?: Record<string, string>;
  readonly constants?: Record<string, string>;
};
type AuditMap = Record<string, Source[]>;

/** The map as a YAML reader has it; what it warns of counts, too. */
function mapOf(text: string): AuditMap {
  const document = parseDocument(text);
  assert.deepEqual([...document.errors, ...document.warnings], []);
  return document.toJS() as AuditMap;
}

const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  contacts: ["account", "kind", "value", "notice", "surface", "given_at", "given_by", "verified_at"],
  events: ["type", "account", "kind", "value", "purpose", "at"],
  matches: ["advertiser", "list", "account", "kind", "value", "matched_at", "left_at", "match"],
  showings: ["advertiser", "list", "campaign", "account", "at"],
  accounts: ["account", "country"],
};

/** That a map has the form that an audit reads. */
function assertForm(map: AuditMap): void {
  const { confirmed, ...tables } = map;
  assert.deepEqual(confirmed, []);
  for (const [table, sources] of Object.entries(tables)) {
    assert.ok(table in COLUMNS, table);
    for (const { file, sql, columns = {}, constants = {}, ...more } of sources) {
      assert.deepEqual(more, {});
      assert.equal((file === undefined) !== (sql === undefined), true);
      for (const [ours, theirs] of [...Object.entries(columns), ...Object.entries(constants)]) {
        assert.ok(COLUMNS[table]!.includes(ours), `${table}.${ours}`);
        assert.ok(typeof theirs === "string" && theirs.length > 0 && theirs.length <= 256, theirs);
      }
      assert.ok(file === undefined || /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*\.csv$/u.test(file), file);
    }
  }
}

const tablesIn = (schemas: readonly SchemaTable[]) => schemas.map(({ schema, name }) => `${schema}.${name}`);

test("every table of a schema is in the document, with a guess or without one", () => {
  for (const schema of [SOCIAL_NETWORK, SHOP, NEWSPAPER]) {
    const { document } = askAbout(schema, "files");
    const markdown = markdownOf(document);
    for (const table of tablesIn(schema)) assert.ok(markdown.includes(`\`${table}\``), table);
    assert.equal(document.figures[0]?.count, schema.length);
  }
});

test("the map of files has a file for each column of contacts, and the form that audit reads", () => {
  const map = mapOf(askAbout(SOCIAL_NETWORK, "files").map);
  assertForm(map);
  const files = Object.values(map).flatMap((sources) => sources.flatMap(({ file }) => file ?? []));
  assert.equal(new Set(files).size, files.length);
  assert.deepEqual(
    map.contacts!.find(({ columns }) => columns?.value === "recovery_email"),
    {
      file: "public.account_recovery.recovery_email.csv",
      columns: {
        account: "user_id",
        value: "recovery_email",
        given_at: "recovery_email_added_at",
        surface: "prompt_source",
      },
      constants: { kind: "email" },
    },
  );
  assert.deepEqual(map.matches, [
    {
      file: "public.tailored_audience_members.csv",
      columns: {
        ...{ list: "audience_id", account: "user_id", matched_at: "matched_at", left_at: "removed_at" },
        kind: "match_key_type",
      },
    },
  ]);
  for (const schema of [SHOP, NEWSPAPER, []]) assertForm(mapOf(askAbout(schema, "files").map));
});

test("no file is called as an audit's own tables are, or it would be read as one of them", () => {
  const named = ["accounts", "events", "Matches", "notices", "contacts"];
  const tables = named.map((name) => ({
    schema: "",
    name,
    columns: [
      { name: "email", type: "" },
      { name: "tel", type: "" },
    ],
  }));
  const files = Object.values(mapOf(askAbout(tables, "files").map)).flatMap((sources) =>
    sources.map(({ file }) => file!),
  );
  assert.equal(files.length, 10);
  for (const file of files) assert.match(file, /^of-\w+\.(email|tel)\.csv$/);
});

test("what nobody could guess is asked for, and left out so that an audit stops for it", () => {
  const { map } = askAbout(SOCIAL_NETWORK, "files");
  const [, before] = /((?: {2}# ask: .*\n)+) {2}- file: public\.tailored_audience_members\.csv/.exec(map)!;
  assert.match(before!, /# ask: advertiser: no column looks like it/);
  assert.equal("advertiser" in mapOf(map).matches![0]!.columns!, false);
  assert.match(askAbout([], "files").map, /^# ask: where are the contacts\?/m);
});

test("the map by SQL quotes every name, and leaves out rows without a contact", () => {
  const map = mapOf(
    askAbout(
      [
        {
          schema: "s",
          name: 'u"s',
          columns: [
            { name: "user", type: "" },
            { name: "E mail", type: "" },
          ],
        },
      ],
      "sql",
    ).map,
  );
  assertForm(map);
  assert.equal(
    map.contacts![0]!.sql,
    `select "user" as account, "E mail" as value from "s"."u""s" where "E mail" is not null`,
  );
});

test("tables that differ in a number are asked about together, each by name", () => {
  const shards = Array.from({ length: 40 }, (_, i) => ({ ...SOCIAL_NETWORK[0]!, name: `users_${i}` }));
  const { document, map } = askAbout(shards, "files");
  const markdown = markdownOf(document);
  assert.equal(markdown.match(/Which jobs read `/g)?.length, 1);
  for (const { name } of shards) assert.ok(markdown.includes(`\`public.${name}\``), name);
  assert.equal(mapOf(map).contacts!.length, 40 * 3);
});

const HOSTILE = [
  `"><script>alert(1)</script>`,
  "email'; DROP TABLE users; --",
  "| pipe | e-mail |",
  "`email` **bold** [x](javascript:alert(1)) <b>",
  "email: [a, b] # no comment",
  "e-mail\n- file: /etc/passwd\n---\n",
  "email\r\u2028\u2029\u0085x",
  "\u202eliame\u202c email",
  "../../email",
  "{ email }",
  "null",
  "yes_email\0",
  "&email *email !email %email @email",
  `phone${"x".repeat(5000)}`,
  "mail\ud83d\ude00",
  "email\\",
  "```\nemail",
];

/** What a document of such tables must be, in each of its forms. */
function assertHarmless(tables: readonly SchemaTable[]): void {
  for (const form of ["files", "sql"] as const) {
    const { document, map, guesses } = askAbout(tables, form);
    assertForm(mapOf(map));
    assert.equal(guesses.length, tables.length);
    const page = pageOf(document);
    const tags = new Set([...page.matchAll(/<([a-z0-9]+)/gi)].map(([, tag]) => tag!.toLowerCase()));
    const ours =
      "html head meta title style body main header p h1 h2 h3 ul li b data div table thead tbody tr th td span code pre wbr";
    assert.deepEqual(
      [...tags].filter((tag) => !ours.split(" ").includes(tag)),
      [],
    );
    const markdown = markdownOf(document);
    assert.doesNotMatch(markdown, /^---$/m);
    // No name brings a line, a heading or a cell of its own.
    const rows = markdown.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| ---"));
    for (const row of rows) assert.ok([4, 5, 6].includes(row.match(/(?<!\\)\|/g)!.length), row);
    assert.doesNotMatch(`${page}${markdown}${map}`, /[\p{Zl}\p{Zp}\u202a-\u202e\0\r\u0085]/u);
  }
}

test("names that are HTML, Markdown, YAML or SQL stay names", () => {
  const types = [{ name: "email", type: "<i>text" }];
  assertHarmless(HOSTILE.map((name) => ({ schema: name, name, columns: [{ name, type: name }] })));
  assertHarmless(HOSTILE.map((name) => ({ schema: "", name, columns: [...types, { name, type: "text" }] })));
  const sql = mapOf(askAbout([{ schema: HOSTILE[1]!, name: HOSTILE[0]!, columns: types }], "sql").map).contacts![0]!
    .sql!;
  assert.equal(
    sql,
    `select "email" as value from "email'; DROP TABLE users; --"."""><script>alert(1)</script>" where "email" is not null`,
  );
});

test("any names give a map that YAML reads, with those names in it", () => {
  const name = fc.oneof(fc.string({ unit: "binary", minLength: 1 }), fc.constantFrom(...HOSTILE));
  const table = fc.record({
    schema: name,
    name,
    columns: fc.array(fc.record({ name, type: fc.constantFrom("text", "", "timestamp", "jsonb") }), { minLength: 1 }),
  });
  fc.assert(
    fc.property(fc.array(table, { maxLength: 6 }), name, (tables, column) => {
      const contact = {
        schema: "",
        name: "t",
        columns: [{ name: `email_hash ${column}`.slice(0, 200), type: "text" }],
      };
      for (const form of ["files", "sql"] as const) {
        const { map, document } = askAbout([...tables, contact], form);
        const read = mapOf(map);
        assertForm(read);
        if (form === "files")
          assert.ok(read.contacts?.some(({ columns }) => columns?.value === contact.columns[0]!.name));
        pageOf(document);
        markdownOf(document);
      }
    }),
    { numRuns: 200 },
  );
});

test("ten thousand tables are asked about in seconds, and none is dropped", () => {
  const tables = Array.from({ length: 10_000 }, (_, i) => ({
    schema: "s",
    name: `${["users", "tweets", "audience_members"][i % 3]}_${(i * 7919).toString(36).replace(/\d/g, "q")}${"z".repeat(i % 5)}`,
    columns: SOCIAL_NETWORK[i % SOCIAL_NETWORK.length]!.columns,
  }));
  const started = performance.now();
  const { document, map } = askAbout(tables, "files");
  const page = pageOf(document);
  assert.ok(performance.now() - started < 10_000);
  const seen = new Set([...page.replaceAll("<wbr>", "").matchAll(/<code>s\.(\w+)<\/code>/g)].map(([, name]) => name));
  assert.deepEqual(
    tables.filter(({ name }) => !seen.has(name)),
    [],
  );
  assert.ok(map.split("\n").filter((line) => line.startsWith("  - file: ")).length > 5000);
});

test("the document says that guesses are guesses, and how far a schema reaches", () => {
  const markdown = markdownOf(askAbout(SOCIAL_NETWORK, "files").document);
  assert.match(markdown, /guessed from the names and types of columns; no row was read/);
  assert.match(markdown, /^Guess: contacts \(/m);
  assert.match(markdown, /## Tables without a guess/);
  assert.doesNotMatch(markdownOf(askAbout([], "files").document), /guessed from the names/);
});

test("the docs print the query that --from asks", () => {
  const docs = readFileSync(new URL("../../../../docs/audit-questions.md", import.meta.url), "utf8");
  assert.ok(docs.includes(SCHEMA_QUERY));
});
