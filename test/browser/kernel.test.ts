/** The kernels as they are built, in a browser: the same results as here, byte for byte. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { type KernelInput, kernelResults } from "./kernel-results.js";

const CHROMIUM = "/usr/bin/chromium";
const DIST = new URL("../../", import.meta.url);
const TYPES: Readonly<Record<string, string>> = { js: "text/javascript", wasm: "application/wasm", html: "text/html" };

const PAGE = `<!doctype html><title>kernels</title><link rel="icon" href="data:,">`;

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const digests = Array.from({ length: 9 }, (_, i) => sha256(String(i)));
const emails = [
  "Mary@Example.com",
  " \tjürgen.GARÇON@müller.de",
  "a@b@c",
  " ",
  "m.a.r.y+x@gmail.com",
  "x\u0001@y.z",
  "漢@x.org",
];
const phones = ["+49 30 123456", "+49301234567", "+49 030 1234567", "030 123456", "+33 1 23 45 67 89", "none"];
const INPUT: KernelInput = {
  table: `a;b\r\n"x ""y""";"1\n2"\r"open;x\n${"z".repeat(3000)};1\n;\n"x"y;1\nlast`,
  values: [
    { form: "email", lines: [...emails, digests[0]].join("\n") },
    { form: "gmail", lines: [...emails, digests[1]!.toUpperCase()].join("\n") },
    { form: "phoneWithPlus", lines: phones.join("\n") },
    { form: "phoneDigits", lines: phones.join("\n") },
    { form: "none", lines: [digests[2], "x", digests[3]].join("\n") },
  ],
  digests: `${digests.join("\n")}\r\n${digests[0]}x\n`,
  messages: ["", "abc", "x".repeat(55), "y".repeat(56), "z".repeat(300), "long".repeat(5000), "é"],
  lowerCase: Array.from({ length: 1920 }, (_, i) =>
    String.fromCharCode(128 + i)
      .toLowerCase()
      .charCodeAt(0),
  ),
  phonePlan: {
    callingCode: "49",
    lengths: 0b1111_1100_0000,
    isAsItIs: Array.from({ length: 1000 }, (_, i) => (i < 100 ? 0 : 1)),
  },
};

test("in Chromium the kernels give what they give here", async (t) => {
  if (!existsSync(CHROMIUM)) return t.skip("no Chromium here");
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", DIST);
    const file = pathname === "/" ? undefined : fileURLToPath(new URL(`.${request.url}`, DIST));
    if (file !== undefined && !existsSync(file)) return response.writeHead(404).end();
    const type = file === undefined ? "html" : file.replace(/.*\./, "");
    response.writeHead(200, { "content-type": TYPES[type] ?? "text/plain" });
    response.end(file === undefined ? PAGE : readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => complaints.push(message.text()));
    await page.goto(`http://127.0.0.1:${address.port}/`);
    const there = await page.evaluate(async (input) => {
      const { kernelResults } = await import(`${"/test/browser/"}kernel-results.js`);
      return kernelResults(input, "/src/kernel/kernel.wasm");
    }, INPUT);
    const here = await kernelResults(INPUT);
    assert.deepEqual(there, here);
    assert.deepEqual(complaints, []);
    // What both say is right, and not only alike.
    const emailDigests = [emails[0]!.toLowerCase(), "jürgen.garçon@müller.de", "m.a.r.y+x@gmail.com"];
    const plain = (here.values as { codes: number[]; digests: string }[])[0]!;
    assert.deepEqual(plain.codes, [0, 0, 2, 1, 0, 2, 2, 0]);
    assert.ok(plain.digests.startsWith(emailDigests.map((email) => sha256(email).slice(0, 32)).join("")));
    assert.equal(here.hashes, INPUT.messages.map(sha256).join(""));
  } finally {
    await browser.close();
    server.close();
  }
});
