/**
 * The frame of a report: one HTML file, no script, nothing from elsewhere, for a screen in light or dark and for A4 paper.
 */
import { html, Markup } from "./markup.js";
import { REPORT_STYLE } from "./style.js";

/**
 * The whole file around what a report says.
 * @param style rules of its own, behind those of all
 */
export function framed(title: string, body: Markup, style = ""): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Markup(REPORT_STYLE)}${new Markup(style)}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.text;
}
