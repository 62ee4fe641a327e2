/** A page in the machine's own Chromium, as a reader opens it: it must say nothing, ask for nothing and fit the screen. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";
/** Why pages are not opened here; false where they are. */
export const withoutBrowser = existsSync(CHROMIUM) ? false : "no Chromium here";

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });

export interface Screen {
  readonly colorScheme: "light" | "dark";
  readonly width: number;
}

/** Opens a file and gives it to `look`; whatever it says or asks for is a complaint. */
export async function lookedAt(
  browser: Browser,
  file: string,
  { colorScheme, width }: Screen,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
  const address = pathToFileURL(file).href;
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => complaints.push(dialog.message()));
  page.on("request", (request) => request.url() === address || complaints.push(request.url()));
  await page.goto(address);
  await look(page);
  const isWide = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
  assert.equal(await page.evaluate(isWide), false);
  assert.equal(await page.locator("img, script").count(), 0);
  assert.deepEqual(complaints, []);
  await page.close();
}

/** That it prints on A4, upright. */
export async function assertA4(page: Page): Promise<void> {
  const pdf = await page.pdf({ preferCSSPageSize: true });
  assert.match(pdf.toString("latin1"), /\/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]/);
}
