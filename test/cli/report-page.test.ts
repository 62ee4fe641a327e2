/**
 * An incident's report and evidence as an operator makes them, and the page as a browser shows and prints it.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type IncidentReport, reportSchema } from "../../src/report/index.js";
import { assertA4, lookedAt, openBrowser, withoutBrowser } from "../opened-page.js";
import { CommandLine, contactsCsv } from "./command-line.js";

const TITLE = '<img src="https://evil.example/x" onerror="alert(1)"> & <script>alert(2)</script>';

let shell: CommandLine;
let page: string;

before(async () => {
  shell = await CommandLine.withStore();
  await shell.adopt([{ id: "unlock", purposes: ["security.unlock", "ads.match"] }]);
  const row = (i: number) => `u${i},email,mary${i}@example.com,unlock@1,2019-01-0${1 + (i % 9)}T00:00:00Z`;
  await shell.done([
    "ingest",
    shell.write("contacts.csv", contactsCsv(...Array.from({ length: 30 }, (_, i) => row(i)))),
  ]);
  await shell.done(["advertiser", "add", "acme"]);
  const mails = Array.from({ length: 20 }, (_, i) => `mary${i}@example.com\n`).join("");
  const list = shell.write("list.csv", `email\n${mails}`);
  await shell.done(["match", list, "--advertiser", "acme", "--name", "Spring & <b>summer</b>"]);
  const corrected = { purposes: ["security.unlock"], exclusive: true };
  const claims = [
    { notice: "unlock@1", given_from: "2019-01-01T00:00:00Z", given_to: "2020-01-01T00:00:00Z", corrected },
  ];
  const claim = { id: "unlock", title: TITLE, purpose: "ads.match", claims };
  await shell.done(["incident", "open", shell.write("claim.yaml", JSON.stringify(claim)), "--as", "alice"]);
  page = join(shell.folder, "report.html");
  await shell.done(["incident", "report", "unlock", "--out", page]);
});
after(() => shell.remove());

test("a report says what the assessment says, and what is still missing", async () => {
  const facts = await shell.run(["incident", "report", "--template"]);
  const filled = facts.stdout.replace(/^consequences:$/m, "consequences: [unwanted ads]");
  const file = join(shell.folder, "report.json");
  const options = ["--facts", shell.write("facts.yaml", filled), "--phase", "follow-up", "--out", file];
  const said = await shell.done<{ isComplete: boolean; people: number }>(["incident", "report", "unlock", ...options]);
  assert.deepEqual([said.isComplete, said.people], [false, 20]);
  const report: IncidentReport = JSON.parse(readFileSync(file, "utf8"));
  reportSchema.parse(report);
  const { lastAt: _, ...assessed } = await shell.done<IncidentReport["assessment"]>([
    "incident",
    "assess",
    "unlock",
    "--as-known-at",
    String(report.assessment.asKnownAt),
  ]);
  const { lastAt: __, ...reported } = report.assessment;
  assert.deepEqual(reported, assessed);
  assert.deepEqual(report.facts, { consequences: ["unwanted ads"] });
  assert.ok(!report.missing.some(({ field }) => field === "consequences"));
});

test("evidence is made, verified by the program, and found wrong when it is changed", async () => {
  const out = join(shell.folder, "evidence");
  await shell.done(["incident", "evidence", "unlock", "--out", out]);
  const { key } = /key: (?<key>\S+)/.exec((await shell.run(["ledger", "head"])).stdout)!.groups!;
  const verified = await shell.done<{ people: number }>(["ledger", "verify", out, "--key", key!]);
  assert.equal(verified.people, 20);
  shell.write("evidence/assessment.json", readFileSync(join(out, "assessment.json"), "utf8").replace("20", "19"));
  const wrong = await shell.run(["ledger", "verify", out, "--key", key!]);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stdout, /assessment\.json: is not what the manifest says/);
});

test("a browser shows the page without a complaint, and prints it on A4", { skip: withoutBrowser }, async () => {
  const browser = await openBrowser();
  try {
    for (const colorScheme of ["light", "dark"] as const)
      await lookedAt(browser, page, { colorScheme, width: 390 }, async (opened) => {
        assert.equal(await opened.locator("h1").textContent(), TITLE);
        assert.equal(await opened.locator("svg[role=img] > title").count(), 2);
        await assertA4(opened);
      });
  } finally {
    await browser.close();
  }
});
