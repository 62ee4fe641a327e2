/**
 * The first look of an audit as a person takes it: a schema in, a page to print and a map out, where there is no store; and
 * the page as a browser shows and prints it.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseDocument } from "yaml";
import { assertA4, lookedAt, openBrowser, withoutBrowser } from "../opened-page.js";
import { columnsCsv, SOCIAL_NETWORK } from "../platform-schemas.js";
import { CommandLine } from "./command-line.js";

const HOSTILE = '<img src="https://evil.example/x" onerror="alert(1)"><script>alert(2)</script> email';

const shell = new CommandLine();
after(() => shell.remove());

interface Answer {
  readonly tables: number;
  readonly file: string | null;
  readonly mapFile: string | null;
  readonly guesses: readonly { table: string; roles: readonly { role: string }[] }[];
}

test("without a schema it prints the general checklist, and opens no store", async () => {
  const { status, stdout, stderr } = await shell.run(["audit", "questions"]);
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /^# Which contacts/);
  for (const part of [
    "Where contacts lie",
    "Which surfaces feed them",
    "Which jobs read them",
    "The files that audit needs",
  ])
    assert.match(stdout, new RegExp(`^#+ ${part}$`, "m"));
  assert.equal(existsSync(shell.data), false);
});

test("a schema gives a page and a map, for their owner alone, and says how many tables", async () => {
  const schema = shell.write("columns.csv", columnsCsv(SOCIAL_NETWORK));
  const [file, mapFile] = [join(shell.folder, "questions.html"), join(shell.folder, "audit.yaml")];
  const args = ["audit", "questions", "--schema", schema, "--out", file, "--map-out", mapFile];
  const answer = await shell.done<Answer>(args);
  assert.deepEqual([answer.tables, answer.file, answer.mapFile], [SOCIAL_NETWORK.length, file, mapFile]);
  assert.deepEqual(
    answer.guesses.find(({ table }) => table === "tailored_audience_members")?.roles.map(({ role }) => role),
    ["matches"],
  );
  assert.match(readFileSync(file, "utf8"), /tailored_<wbr>audience_<wbr>members/);
  assert.deepEqual(parseDocument(readFileSync(mapFile, "utf8")).errors, []);
  for (const one of [file, mapFile]) assert.equal(statSync(one).mode & 0o777, 0o600);
  const { stdout } = await shell.run(["audit", "questions", "--schema", schema, "--out", join(shell.folder, "q.md")]);
  assert.equal(stdout, `${SOCIAL_NETWORK.length} tables: ${join(shell.folder, "q.md")}\n`);
});

test("what is wrong with schema, address or output is said, and no address is", async () => {
  const wrong = shell.write("wrong.csv", "account,kind\nu1,email\n");
  assert.equal((await shell.refused(["audit", "questions", "--schema", wrong])).code, "missing-column");
  const unanswered = ["audit", "questions", "--from", "postgres://someone:hunter2@127.0.0.1:1/x"];
  const { code, message } = await shell.refused(unanswered);
  assert.deepEqual([code, message], ["database-failed", "the database could not be asked (ECONNREFUSED)"]);
  const noFolder = ["audit", "questions", "--out", join(shell.folder, "no/such/q.html")];
  assert.equal((await shell.refused(noFolder)).code, "unwritable-file");
  for (const more of [
    ["--out", "q.pdf"],
    ["--schema", wrong, "--from", "postgres://x"],
  ])
    assert.equal((await shell.run(["audit", "questions", ...more])).status, 2);
});

test("a browser shows the page without a complaint, however the tables are called, and prints it on A4", {
  skip: withoutBrowser,
}, async () => {
  const hostile = { schema: HOSTILE, name: HOSTILE, columns: [{ name: HOSTILE, type: HOSTILE }] };
  const long = { schema: "s", name: `email_${"x".repeat(4000)}`, columns: [{ name: "email", type: "text" }] };
  const schema = shell.write("hostile.csv", columnsCsv([...SOCIAL_NETWORK, hostile, long]));
  const page = join(shell.folder, "hostile.html");
  await shell.done(["audit", "questions", "--schema", schema, "--out", page]);
  const browser = await openBrowser();
  try {
    for (const colorScheme of ["light", "dark"] as const)
      await lookedAt(browser, page, { colorScheme, width: 390 }, async (opened) => {
        assert.ok((await opened.locator("code", { hasText: HOSTILE }).count()) > 2);
        await assertA4(opened);
      });
  } finally {
    await browser.close();
  }
});
