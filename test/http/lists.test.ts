/**
 * Lists over a real server: raw and form bodies, sessions of parts, operations, and what is refused. Answers come at whole
 * seconds, so the tests run side by side, each with lists of its own.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import {
  type Answer,
  type Asked,
  assertProblem,
  contact,
  emails,
  type Json,
  lines,
  ServedStore,
} from "./served-store.js";

const LISTS = "/v1/advertisers/acme/lists";
/** Enough for a reading thread of its own, and past every buffer on the way. */
const MANY = 150_000;

let served: ServedStore;
let key: string;
before(async () => {
  served = await ServedStore.make();
  key = await served.advertiser("acme");
  const people = Array.from({ length: 60 }, (_, i) => contact(`p${i}`, address(i)));
  const phone = contact("p0", "+4915112345678", { kind: "phone" });
  const guarded = contact("guarded", "guarded@example.com", { notice: "mfa" });
  const body = lines([...people, phone, guarded]);
  const taken = await served.ask("POST /v1/contacts", { key: await served.key("contacts", { source: "local" }), body });
  assert.equal(taken.json.accepted, 62);
});
after(() => served.remove());

const address = (i: number): string => `p${i}@example.com`;
const nobody = (i: number): string => `nobody${i}@example.com`;
const many = (value: (i: number) => string, count = MANY): string[] =>
  Array.from({ length: count }, (_, i) => value(i));
const digest = (value: string): string => createHash("sha256").update(value).digest("hex");
const path = (query: Record<string, string>): string => `${LISTS}?${new URLSearchParams(query)}`;
const send = (query: Record<string, string>, body: Asked["body"] & {}, headers: Record<string, string> = {}) =>
  served.ask(`POST ${path(query)}`, { key, body, headers });
const list = (name: string, body: string | Buffer = emails(address(0)), query: Record<string, string> = {}) =>
  send({ name, ...query }, body);
const members = ({ json }: Answer): string[] => served.members(json.audience);
const exists = (name: string): boolean => served.solely.audiences.find("acme", name) !== undefined;

type Field = readonly [name: string, value: string | Blob];

function form(...fields: readonly Field[]): FormData {
  const made = new FormData();
  for (const [name, value] of fields) {
    if (typeof value === "string") made.append(name, value);
    else made.append(name, value, "list.csv");
  }
  return made;
}
const file = (content: string | Buffer): Blob => new Blob([content]);

/** What was read, of an answer that is none of a problem. */
function counts(answer: Answer): Json {
  assert.equal(answer.status, 200, answer.text);
  const { rows, usable, refused } = answer.json;
  return { rows, usable, refused };
}

describe("lists", { concurrency: 32 }, () => {
  test("a list is a raw body: matched, counted, and told of without who matched", async () => {
    const body = emails(address(1), "no one", address(1), "unknown@example.com", "guarded@example.com");
    const answer = await list("raw", body);
    assert.deepEqual(counts(answer), { rows: 5, usable: 4, refused: 1 });
    assert.deepEqual(members(answer), ["p1"]);
    const { match, list: id, audience, createdAt, updatedAt, nextReleaseAt, refusedRows, ...rest } = answer.json;
    for (const [letter, drawn] of Object.entries({ m: match, l: id, a: audience })) {
      assert.match(String(drawn), new RegExp(`^${letter}[0-9a-f]{16}$`));
    }
    assert.equal(createdAt, updatedAt);
    assert.ok(Date.parse(String(nextReleaseAt)) > Date.parse(String(updatedAt)));
    const [refused] = refusedRows as Json[];
    assert.deepEqual([refused?.line, refused?.column, refused?.code], [3, "1", "not-an-email"]);
    assert.deepEqual(rest, {
      ...{ name: "raw", advertiser: "acme", status: "pending", size: null },
      ...{ rows: 5, usable: 4, refused: 1, isDuplicate: false, notes: [] },
      columns: [{ index: 0, header: "email", kind: "email", form: "raw" }],
    });
  });

  test("columns are told by their headers or, without any, by their values; cells are raw or digests", async () => {
    const rows = [`x,${digest(address(2))},+49 151 12345678`, `y,${address(3)},`, "z,,", "z,no,12"];
    const headed = await list("headed", ["first name,Email_SHA256,Phone", ...rows].join("\r\n"));
    assert.deepEqual(counts(headed), { rows: 4, usable: 2, refused: 2 });
    assert.deepEqual(members(headed), ["p0", "p2", "p3"]);
    const bare = await list("bare", `${address(4)}\n${digest(address(5)).toUpperCase()}\n`);
    assert.deepEqual(members(bare), ["p4", "p5"]);
    assert.deepEqual(bare.json.notes, ["no header: column 1 holds email by its values, mixed"]);
  });

  test("scheme and region say how values are read", async () => {
    const google = emails("P.6+shop@example.com", digest(address(6)));
    assert.deepEqual(members(await list("google", google, { scheme: "google" })), ["p6"]);
    assert.deepEqual(members(await list("national", "phone\n0151 12345678\n", { region: "DE" })), ["p0"]);
    const answer = await list("elsewhere", "phone\n0151 12345678\n");
    assert.deepEqual(counts(answer), { rows: 1, usable: 0, refused: 1 });
  });

  test("until a list is answered it is not to be seen, nor that a part was added to it", async () => {
    /** What the advertiser saw of its list within the second, and the answer. */
    const watched = async (name: string, operation: string) => {
      const seen: string[] = [];
      const begunAt = performance.now();
      const answering = list(name, emails(address(1), address(2)), { operation });
      for (;;) {
        const { audiences } = (await served.ask("GET /v1/advertisers/acme/audiences", { key })).json;
        if (performance.now() - begunAt > 950) break;
        seen.push(JSON.stringify((audiences as Json[]).find((one) => one.name === name) ?? null));
        await sleep(10);
      }
      return { seen, answer: (await answering).json };
    };
    for (let i = 0, looks = 0; looks === 0; i++) {
      const created = await watched(`watched ${i}`, "create");
      const appended = await watched(`watched ${i}`, "append");
      assert.ok(created.seen.every((view) => view === "null"));
      assert.ok(appended.seen.every((view) => JSON.parse(view).updatedAt === created.answer.updatedAt));
      // On a busy machine no look may have come in time.
      looks = Math.min(created.seen.length, appended.seen.length);
    }
  });

  test("a list is the one file of a form, whose fields say what the query else would", async () => {
    const fields: Field[] = [
      ["name", "form"],
      ["region", "DE"],
      ["session", "s"],
      ["part", "2"],
    ];
    const answer = await send({}, form(...fields, ["file", file("phone\n0151 12345678\n")]));
    assert.deepEqual(counts(answer), { rows: 1, usable: 1, refused: 0 });
    assert.deepEqual([answer.json.name, members(answer)], ["form", ["p0"]]);
    assert.equal(served.solely.audiences.find("acme", "form")?.parts.get("s 2"), answer.json.match);
    const byQuery = await send({ name: "form by query" }, form(["list", file(gzipSync(emails(address(7))))]));
    assert.deepEqual([byQuery.json.name, members(byQuery)], ["form by query", ["p7"]]);
  });

  test("what comes after a form's file is refused, and nothing of the list is kept", async () => {
    const more: Field[] = [
      ["operation", "create"],
      ["file", file(emails(address(9)))],
    ];
    const contents = [emails(address(8)), gzipSync(emails(address(8))), emails(many(() => address(8)))];
    const tried = contents.flatMap((content, c) =>
      more.map(async (last, l) => {
        const name = `after ${c} ${l}`;
        assertProblem(await send({ name }, form(["file", file(content)], last)), 400, "malformed-request");
        assert.equal(exists(name), false);
      }),
    );
    await Promise.all(tried);
  });

  test("a form that is cut short is refused, and nothing of the list is kept", async () => {
    const head = `--b\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\n\r\n`;
    for (const body of [head, head + emails(address(8)), `${head}${emails(address(8))}\r\n--b`]) {
      const answer = await send({ name: "short" }, body, { "content-type": "multipart/form-data; boundary=b" });
      assert.ok(answer.status >= 400, answer.text);
      assert.equal(exists("short"), false);
    }
  });

  test("a form with a field too many, an unknown or a wrong one, or without a file is refused", async () => {
    const content = file(emails(address(8)));
    const forms = [
      form(["name", "bad form"]),
      form(),
      form(["name", "bad form"], ["advertiser", "beta"], ["file", content]),
      form(["name", "bad form"], ["scheme", "odd"], ["file", content]),
      form(["name", "bad form"], ["part", "0"], ["file", content]),
      form(["name", "bad form"], ["__proto__", "x"], ["file", content]),
      form(["name", "bad form"], ["name", "bad form"], ["file", content]),
      form(...Array.from({ length: 17 }, (_, i): Field => [`name${i}`, "bad form"]), ["file", content]),
    ];
    const answers = await Promise.all(forms.map((body) => send({}, body)));
    for (const answer of answers) assertProblem(answer, 400, "malformed-request");
    assert.equal(exists("bad form"), false);
  });

  test("parts of a session come in any order, and one that is sent again counts once", async () => {
    const part = (n: number, ...values: string[]) =>
      list("parts", emails(...values), { session: "jan", part: String(n) });
    const second = await part(2, address(12));
    const others = await Promise.all([part(1, address(10), address(11)), part(3, address(13))]);
    const again = await part(2, address(12));
    assert.equal(again.json.match, second.json.match);
    assert.deepEqual([second.json.isDuplicate, again.json.isDuplicate], [false, true]);
    assert.equal(new Set([second, ...others].map(({ json }) => json.match)).size, 3);
    assert.equal((await part(2, address(14))).json.match, second.json.match);
    assert.deepEqual(members(second), ["p10", "p11", "p12", "p13"]);
    assert.equal(served.solely.audiences.find("acme", "parts")?.rows, 4);
    assertProblem(await list("parts", emails(address(14)), { session: "feb", part: "1" }), 409, "name-exists");
  });

  test("parts that arrive at once make one list", async () => {
    const parts = await Promise.all(
      [15, 16, 17, 18, 15, 16, 17, 18].map((i) => list("at once", emails(address(i)), { session: "s", part: `${i}` })),
    );
    assert.deepEqual(new Set(parts.map(({ status, json }) => `${status} ${json.audience}`)).size, 1);
    assert.equal(new Set(parts.map(({ json }) => json.match)).size, 4);
    assert.deepEqual(members(parts[0]!), ["p15", "p16", "p17", "p18"]);
    assert.equal(served.solely.audiences.find("acme", "at once")?.rows, 4);
  });

  test("a session replaces by all of its parts, and removes what any of them names", async () => {
    await list("turned", emails(address(19), address(20)));
    const replace = { operation: "replace", session: "r" };
    await list("turned", emails(address(20)), { ...replace, part: "2" });
    const replaced = await list("turned", emails(address(21)), { ...replace, part: "1" });
    assert.deepEqual(members(replaced), ["p20", "p21"]);
    const remove = { operation: "remove", session: "x" };
    await list("turned", emails(address(20)), { ...remove, part: "1" });
    await list("turned", emails(address(21)), { ...remove, part: "2" });
    assert.deepEqual(members(replaced), []);
  });

  test("a list is appended to, removed from, replaced; its audience stays the same one", async () => {
    const [made, fresh] = await Promise.all([
      list("changing", emails(address(22), address(0))),
      list("made by replace", emails(address(22)), { operation: "replace" }),
    ]);
    assert.deepEqual(members(fresh), ["p22"]);
    const audience = made.json.audience;
    const steps = [
      ["append", emails(address(23)), ["p0", "p22", "p23"]],
      // By the phone: a remove takes out all contact points of the account.
      ["remove", "phone\n+4915112345678\n", ["p22", "p23"]],
      ["remove", emails("unknown@example.com"), ["p22", "p23"]],
      ["replace", emails(address(23), address(24)), ["p23", "p24"]],
      ["replace", "", []],
    ] as const;
    for (const [operation, body, expected] of steps) {
      const answer = await list("changing", body, { operation });
      assert.equal(answer.json.audience, audience, answer.text);
      assert.notEqual(answer.json.match, made.json.match);
      assert.deepEqual(members(answer), expected);
    }
  });

  test("a name that exists is not created anew, and one that there is not can't be changed", async () => {
    const made = await list("taken", emails(address(25)));
    const before = served.solely.audiences.get(String(made.json.audience)).position;
    const again = [
      list("taken", emails(address(26))),
      send({}, form(["name", "taken"], ["file", file(emails(address(26)))])),
    ];
    const changes = ["append", "remove"].map((operation) => list("not there", emails(address(26)), { operation }));
    for (const answer of await Promise.all(again)) assertProblem(answer, 409, "name-exists");
    for (const answer of await Promise.all(changes)) assertProblem(answer, 404, "unknown-name");
    assert.deepEqual(members(made), ["p25"]);
    assert.equal(served.solely.audiences.get(String(made.json.audience)).position, before);
    assert.equal(exists("not there"), false);
  });

  test("of two lists of one name that come at once, one is made", async () => {
    const both = await Promise.all([list("raced", emails(address(27))), list("raced", emails(address(28)))]);
    const [made, refused] = both.sort((a, b) => a.status - b.status) as [Answer, Answer];
    assert.equal(members(made).length, 1);
    assertProblem(refused, 409, "name-exists");
  });

  test("an empty list is a list without rows", async () => {
    for (const [i, body] of ["", "\n\n", "email\n", gzipSync("")].entries()) {
      const answer = await list(`empty ${i}`, body);
      assert.deepEqual(counts(answer), { rows: 0, usable: 0, refused: 0 });
      assert.deepEqual(answer.json.notes, ["the list has no rows"]);
    }
  });

  test("bytes that are no UTF-8 are refused row by row, and the rest is matched", async () => {
    const bad = Buffer.from([0xff, 0xfe, 0x40, 0x61, 0x2e, 0x62, 0x0a]);
    const answer = await list("bytes", Buffer.concat([Buffer.from("email\n"), bad, Buffer.from(`${address(29)}\n`)]));
    assert.deepEqual(counts(answer), { rows: 2, usable: 1, refused: 1 });
    assert.equal((answer.json.refusedRows as Json[])[0]?.code, "not-utf8");
    assert.deepEqual(members(answer), ["p29"]);
  });

  test("what can't be read as a whole is refused with a reason, and nothing of it is kept", async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from(emails(address(30))), Buffer.alloc(80 * 1024 * 1024, 10)]));
    const cut = gzipSync(emails(address(30))).subarray(0, -9);
    const trailed = Buffer.concat([gzipSync(emails(address(30))), Buffer.from("more")]);
    const unreadable = [
      [413, "gzip-bomb", bomb],
      [400, "broken-gzip", cut],
      [400, "broken-gzip", trailed],
      [400, "no-identifier-column", "first name\nmary\n"],
      [400, "no-identifier-column", "mary\nann\n"],
      [400, "no-identifier-column", Buffer.from(emails(address(30)), "utf16le")],
      [400, "too-many-columns", `${Array(300).fill("email").join(",")}\n`],
    ] as const;
    const tried = unreadable.map(async ([status, code, body], i) => {
      assertProblem(await list(`unreadable ${i}`, body), status, code);
      assert.equal(exists(`unreadable ${i}`), false);
    });
    await Promise.all(tried);
    const ask = served.ask(`POST ${path({ name: "bomb form" })}`, { key, body: form(["file", file(bomb)]) });
    assertProblem(await ask, 413, "gzip-bomb");
  });

  test("a query that says too little, too much or the wrong thing is refused", async () => {
    const body = emails(address(30));
    const queries: Record<string, string>[] = [
      {},
      { name: "odd", scheme: "tiktok" },
      { name: "odd", operation: "delete" },
      { name: "odd", session: "a b" },
      { name: "odd", session: "" },
      { name: "odd", session: "s" },
      { name: "odd", part: "1" },
      { name: "odd", session: "s", part: "0" },
      { name: "odd", session: "s", part: "100001" },
      { name: "odd", session: "s", part: "x" },
      { name: "odd", advertiser: "beta" },
    ];
    const answers = await Promise.all(queries.map((query) => send(query, body)));
    for (const answer of answers) assertProblem(answer, 400, "malformed-request");
    const named = await Promise.all(["", " x", "x\ny", "n".repeat(201)].map((name) => list(name, body)));
    for (const answer of named) assertProblem(answer, 400, "invalid-name");
    assertProblem(await list("odd", body, { region: "ZZ" }), 400, "unknown-region");
    assert.equal(exists("odd"), false);
    assert.equal((await list("n".repeat(200), body)).status, 200);
  });

  test("a body that its sender cuts off half-way makes no list, raw or as a form, and the server lives on", async () => {
    const raw = { key, body: emails(many(() => address(31))) };
    const head = `--b\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\n\r\n`;
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    const session = { operation: "replace", session: "s", part: "1" };
    await list("kept", emails(address(32)));
    await Promise.all([
      served.hangUp(path({ name: "cut raw" }), raw),
      served.hangUp(path({ name: "cut by length" }), {
        ...raw,
        headers: { "content-length": String(2 * raw.body.length) },
      }),
      served.hangUp(path({ name: "cut form" }), { key, body: head + raw.body, headers }),
      served.hangUp(path({ name: "cut in fields" }), {
        key,
        body: "--b\r\nContent-Disposition: form-data; na",
        headers,
      }),
      served.hangUp(path({ name: "kept", ...session }), raw),
    ]);
    await sleep(1500); // past the next whole second, when each would have been answered
    const cut = ["cut raw", "cut by length", "cut form", "cut in fields"];
    assert.deepEqual(cut.filter(exists), []);
    const whole = await list("kept", emails(address(33)), session);
    assert.deepEqual(members(whole), ["p33"], "the part that was cut off has not been taken");
  });

  test("a large list is taken whole, raw or as a form, and read while it comes", async () => {
    const body = emails(address(34), many(nobody), address(35));
    const [raw, formed] = await Promise.all([
      list("large raw", body),
      send({ name: "large form" }, form(["file", file(body)])),
    ]);
    for (const answer of [raw, formed]) {
      assert.deepEqual(counts(answer), { rows: MANY + 2, usable: MANY + 2, refused: 0 });
      assert.deepEqual(members(answer), ["p34", "p35"]);
    }
  });

  test("several advertisers send at once, and each gets its own", async () => {
    const names = Array.from({ length: 8 }, (_, i) => `brand ${i}`);
    const keys: string[] = [];
    for (const name of names) keys.push(await served.advertiser(name));
    const answers = await Promise.all(
      names.map((name, i) => {
        const what = `POST /v1/advertisers/${encodeURIComponent(name)}/lists?name=customers`;
        return served.ask(what, { key: keys[i]!, body: emails(many(nobody, 20_000), address(40 + i)) });
      }),
    );
    for (const [i, answer] of answers.entries()) {
      assert.deepEqual(counts(answer), { rows: 20_001, usable: 20_001, refused: 0 });
      assert.deepEqual([answer.json.advertiser, members(answer)], [names[i], [`p${40 + i}`]]);
    }
    assert.equal(new Set(answers.map(({ json }) => json.audience)).size, names.length);
  });

  test("without a key that opens it, a list is not taken", async () => {
    const body = emails(address(30));
    const what = `POST ${path({ name: "keyless" })}`;
    assertProblem(await served.ask(what, { body }), 401, "unauthorized");
    assertProblem(await served.ask(what, { key: await served.key("serve"), body }), 403, "forbidden");
    assert.equal(exists("keyless"), false);
  });
});
