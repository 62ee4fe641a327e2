/**
 * The console in the machine's own Chromium, as somebody who is signed in sees it: it may say nothing on the browser's
 * console, ask for nothing elsewhere, have nothing that axe finds, and fit the screen.
 *
 * Screenshots are kept in `test-artefacts/console`, to be looked at.
 */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { Server } from "../../src/http/index.js";
import type { Solely } from "../../src/index.js";
import type { Visitor } from "../../src/signin/index.js";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const ARTEFACTS = fileURLToPath(new URL("../../../test-artefacts/console/", import.meta.url));

/** Where the console is looked at: a desk, a dark one, and a small phone. */
export const SCREENS = [
  { name: "light", colorScheme: "light", width: 1280 },
  { name: "dark", colorScheme: "dark", width: 1280 },
  { name: "phone", colorScheme: "light", width: 360 },
] as const;
const HEIGHT = 900;
/** What an A4 page leaves between its margins (`@page` in style.css), at 96 px an inch. */
const PAPER = { width: Math.floor(((210 - 2 * 16) / 25.4) * 96), height: Math.floor(((297 - 2 * 16) / 25.4) * 96) };
/** What only helps on a screen, and what lies beyond the paper's edge; run in the page. */
const UNPRINTABLE = `[...document.querySelectorAll("body *")].flatMap((one) => {
  const { width, right } = one.getBoundingClientRect();
  if (width === 0 || !one.checkVisibility({ visibilityProperty: true }) || one.closest(".unseen, .skip")) return [];
  const isForScreens = one.matches("nav, button, .button, select, textarea, input[type=file], [role=combobox]");
  return isForScreens || right > innerWidth + 1 ? [one.outerHTML.slice(0, 200)] : [];
})`;

export class Visit {
  /** What the browser complained about, and what was asked for elsewhere. */
  readonly complaints: string[] = [];
  /** Addresses asked for, in order. */
  readonly asked: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly origin: string,
  ) {}

  /**
   * Opens the console in a browser of its own.
   * @param visitor who is signed in already; undefined: nobody
   */
  static async open(
    browser: Browser,
    { solely, server }: { readonly solely: Solely; readonly server: Server },
    visitor?: Visitor,
    screen: { colorScheme: "light" | "dark"; width: number } = SCREENS[0],
  ): Promise<Visit> {
    const { colorScheme, width } = screen;
    const context = await browser.newContext({
      ...{ colorScheme, viewport: { width, height: HEIGHT }, reducedMotion: "reduce" },
      ...{ baseURL: server.origin, bypassCSP: false, permissions: ["clipboard-read", "clipboard-write"] },
    });
    if (visitor !== undefined) {
      const value = solely.sessions.open(visitor);
      await context.addCookies([{ name: "solely", value, url: server.origin, httpOnly: true, sameSite: "Strict" }]);
    }
    const page = await context.newPage();
    const visit = new Visit(context, page, server.origin);
    // Its hints to those who write pages are no complaints.
    page.on("console", (message) => message.text().startsWith("[DOM]") || visit.complaints.push(message.text()));
    page.on("pageerror", (error) => visit.complaints.push(error.message));
    page.on("request", (request) => {
      visit.asked.push(`${request.method()} ${request.url()}`);
      if (!request.url().startsWith(server.origin) && !request.url().startsWith("data:")) {
        visit.complaints.push(`asked for ${request.url()}`);
      }
    });
    return visit;
  }

  /** Opens a page by its address, and waits until its heading is there. */
  async go(path: string): Promise<Page> {
    await this.page.goto(path);
    await this.page.locator("h1").first().waitFor();
    return this.page;
  }

  /** Searches by the keyboard alone, and opens what is found first. */
  async search(text: string): Promise<void> {
    await this.page.keyboard.press("Control+k");
    await this.page.waitForLoadState("networkidle");
    await this.page.keyboard.type(text);
    await this.page.getByRole("option").first().waitFor();
    await this.page.keyboard.press("Enter");
  }

  /** That the page as it stands has nothing that axe finds, and is no wider than the screen; kept as a picture. */
  async look(name: string): Promise<void> {
    const { page } = this;
    await page.waitForLoadState("networkidle");
    mkdirSync(ARTEFACTS, { recursive: true });
    await page.screenshot({ path: `${ARTEFACTS}${name}.png`, fullPage: true });
    const isWide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");
    assert.equal(isWide, false, `${name} is wider than the screen`);
    // Evaluated by the debugger: the page's own policy lets nothing else in.
    await page.evaluate(`${(await import("node:fs")).readFileSync(AXE, "utf8")}; undefined`);
    const found = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as {
      violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[];
    };
    const told = found.violations.map(({ id, help, nodes }) =>
      [id, help, ...nodes.map(({ html }) => html)].join("\n  "),
    );
    assert.deepEqual(told, [], name);
    if (page.viewportSize()?.width === SCREENS[0].width) await this.#print(name);
  }

  /** Looks at the page as it stands on each screen. */
  async lookEverywhere(name: string): Promise<void> {
    for (const { name: screen, colorScheme, width } of [...SCREENS].reverse()) {
      await this.page.setViewportSize({ width, height: HEIGHT });
      await this.page.emulateMedia({ colorScheme });
      await this.look(`${name}-${screen}`);
    }
  }

  /** That on paper the page has no navigation, nothing to press, and nothing wider than the paper; kept as a picture. */
  async #print(name: string): Promise<void> {
    const { page } = this;
    const size = page.viewportSize()!;
    await page.emulateMedia({ media: "print" });
    await page.setViewportSize(PAPER);
    await page.screenshot({ path: `${ARTEFACTS}${name}-print.png`, fullPage: true });
    assert.deepEqual(await page.evaluate(UNPRINTABLE), [], `${name} in print`);
    await page.emulateMedia({ media: "screen" });
    await page.setViewportSize(size);
  }

  async close(): Promise<void> {
    await this.context.close();
    assert.deepEqual(this.complaints, []);
  }
}
