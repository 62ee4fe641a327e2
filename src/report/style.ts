/** How a report looks: contrast of at least 4.5 to 1 in light and dark; on paper always light, heads of tables repeated. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --dim: #57606a; --line: #d0d7de; --bar: #0b5cad; --bar-other: #4578ad; --open: #cf9526; --open-line: #8a5a00; --on-open: #1b1f24; --good: #116329; --bad: #a40e26; --panel: #f4f6f8; }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #14181d; --ink: #e6eaef; --dim: #a3adb8; --line: #3a434d; --bar: #6cb0f5; --bar-other: #9dbfe0; --open: #b98a35; --open-line: #e3b866; --on-open: #14181d; --good: #6fdd8b; --bad: #ff9492; --panel: #1d232a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .75rem; padding-top: .5rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
p { margin: .5rem 0; }
.kicker, .note, figcaption { color: var(--dim); font-size: .9rem; }
.kicker { margin: 0 0 .25rem; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.figures { list-style: none; display: flex; flex-wrap: wrap; gap: .75rem; padding: 0; margin: 1.5rem 0 1rem; }
.figures li { flex: 1 1 9rem; background: var(--panel); border-radius: .5rem; padding: .75rem 1rem; }
.figures b { display: block; font-size: 1.4rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.figures b span { display: block; white-space: nowrap; }
.wide { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); font-weight: normal; }
caption { text-align: left; padding: .25rem 0; font-weight: 600; }
tbody th:has(svg.bar) { overflow-wrap: anywhere; min-width: 7rem; }
thead th { color: var(--dim); font-weight: 600; }
.number { text-align: right; }
td.number, p time { white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
svg.bar, svg.stack { display: block; overflow: visible; }
svg.bar { margin-top: .15rem; }
svg.stack { margin: .75rem 0; }
.stack text, .swatch text { font-size: 13px; font-weight: 600; fill: var(--paper); }
svg.swatch { vertical-align: -.2em; margin-right: .4em; }
.note svg.swatch:not(:first-child) { margin-left: 1em; }
.certain { fill: var(--bar); }
.certain-other { fill: var(--bar-other); }
.possible { fill: var(--open); stroke: var(--open-line); }
.possible + text { fill: var(--on-open); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); gap: 0 2.5rem; }
code { font: .88em ui-monospace, monospace; overflow-wrap: anywhere; }
summary { cursor: pointer; color: var(--dim); }
figure { margin: .75rem 0; }
figure svg { display: block; max-width: 100%; height: auto; margin-bottom: .4rem; }
figure svg.stack { height: 44px; }
blockquote { margin: .25rem 0; padding: .75rem 1rem; background: var(--panel); white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: minmax(9rem, 15rem) 1fr; gap: .35rem 1.25rem; margin: .75rem 0; }
dt { color: var(--dim); }
dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
dd ul { margin: 0; padding-left: 1.1rem; white-space: normal; }
@media (min-width: 36rem) { th.number { white-space: nowrap; } }
@media (max-width: 36rem) {
  dl { display: block; }
  dd { margin: 0 0 .6rem; }
  main { padding: 1.25rem 1rem 3rem; }
  h1 { font-size: 1.6rem; }
  table { font-size: .86rem; }
  th, td { padding-right: .5rem; }
}
@page { size: A4; margin: 18mm 16mm; }
@media print {
  :root { font-size: 10pt; }
  body { font-size: 1rem; }
  details:not([open]) { display: none; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 20pt; }
  h2 { font-size: 13pt; margin-top: 8mm; }
  h2, h3 { break-after: avoid; }
  figure, tr, .figures li, dt { break-inside: avoid; }
  dt { break-after: avoid; }
  thead { display: table-header-group; }
  .wide { overflow: visible; }
  .figures li { border: 1px solid var(--line); }
}
`;
