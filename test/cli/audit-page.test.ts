/**
 * The page of an audit as a browser shows and prints it: in light and dark, on a desk and on a phone, and on A4.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { findingPage } from "../../src/audit/page/page.js";
import { boundedFinding, emptyFinding } from "../found-case.js";
import { assertA4, lookedAt, openBrowser, withoutBrowser } from "../opened-page.js";

const HOSTILE = '<img src="https://evil.example/x" onerror="alert(1)"><script>alert(2)</script>';
const skip = withoutBrowser;

let folder: string;
let browser: Browser;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "audit-page-"));
  const [first, ...others] = boundedFinding.lists;
  const lists = [{ ...first!, list: `${HOSTILE} ${"unbroken".repeat(40)}` }, ...others];
  writeFileSync(join(folder, "bounded.html"), await findingPage({ ...boundedFinding, lists }));
  writeFileSync(join(folder, "empty.html"), await findingPage(emptyFinding));
  if (skip === false) browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** Opens a page, with all that it folds away. */
const opened = (name: string, colorScheme: "light" | "dark", width: number, look: (page: Page) => Promise<void>) =>
  lookedAt(browser, join(folder, `${name}.html`), { colorScheme, width }, async (page) => {
    await page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true");
    await look(page);
  });

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [360, 1100]) {
    test(`nothing is cut off or laid over another, ${colorScheme}, ${width} wide`, { skip }, async () => {
      for (const name of ["bounded", "empty"])
        await opened(name, colorScheme, width, async (page) => {
          assert.deepEqual(await page.evaluate(OVERFLOWING), []);
          assert.deepEqual(await page.evaluate(OVERLAPPING), []);
          assert.deepEqual(await page.evaluate(FAINT), []);
        });
    });
  }
}

/** What reaches beyond the page, or can only be seen by scrolling sideways. */
const OVERFLOWING = `[document.documentElement, ...document.querySelectorAll(".wide")]
  .filter((box) => box.scrollWidth > box.clientWidth)
  .map((box) => box.getAttribute("aria-label") ?? box.tagName)`;

/** Pairs of labels of a chart that lie over each other. */
const OVERLAPPING = `[...document.querySelectorAll("svg")].flatMap((svg) => {
  const boxes = [...svg.querySelectorAll("text")].filter((text) => text.textContent).map((text) => [text.textContent, text.getBoundingClientRect()]);
  return boxes.flatMap(([a, one], i) => boxes.slice(i + 1)
    .filter(([, other]) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom)
    .map(([b]) => a + " over " + b));
})`;

/** Texts with a contrast below 4.5 to 1 against what is behind them. */
const FAINT = `(() => {
  const light = (color) => color.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    if (node.previousElementSibling?.tagName === "rect") return getComputedStyle(node.previousElementSibling).fill;
    for (let at = node; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (backgroundColor !== "rgba(0, 0, 0, 0)") return backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("body *")]
    .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim() !== ""))
    .filter((node) => node.tagName !== "title")
    .flatMap((node) => {
      const style = getComputedStyle(node);
      const [a, b] = [light(node.tagName === "text" ? style.fill : style.color), light(behind(node))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return contrast < 4.5 ? [node.tagName + " " + node.textContent.trim().slice(0, 40) + " " + contrast.toFixed(2)] : [];
    });
})()`;

test("what can't be seen can be read: one heading of each rank in order, captions, headed rows, titled pictures", {
  skip,
}, async () => {
  await opened("bounded", "light", 1100, async (page) => {
    const ranks = await page.locator("h1, h2, h3").evaluateAll((all) => all.map(({ tagName }) => Number(tagName[1])));
    assert.equal(ranks.filter((rank) => rank === 1).length, 1);
    assert.ok(ranks.every((rank, i) => rank <= (ranks[i - 1] ?? 0) + 1));
    const tables = await page.locator("table").count();
    assert.equal(await page.locator("table > caption:first-child").count(), tables);
    assert.equal(await page.locator("th:not([scope])").count(), 0);
    const regions = await page
      .locator("[role=region]")
      .evaluateAll((all) => all.map((region) => region.getAttribute("aria-label")));
    assert.equal(new Set(regions).size, tables);
    assert.equal(await page.locator("svg[role=img][aria-label] > title").count(), 3);
    assert.equal(await page.locator("svg:not([role=img]):not([aria-hidden=true])").count(), 0);
  });
});

test("it prints on A4, light even where the screen is dark, with every bar", { skip }, async () => {
  await opened("bounded", "dark", 1100, async (page) => {
    await assertA4(page);
    // The width of a page's text on A4, in CSS pixels.
    await page.setViewportSize({ width: 673, height: 1000 });
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)");
    assert.deepEqual(await page.evaluate(OVERFLOWING), []);
    const hidden = `[...document.querySelectorAll("svg rect")].filter((rect) => rect.getBoundingClientRect().width === 0).length`;
    assert.equal(await page.evaluate(hidden), 0);
  });
});
