import { createHash } from 'node:crypto';
import uplotScript from 'uplot/dist/uPlot.iife.min.js' with { type: 'text' };
import uplotStyle from 'uplot/dist/uPlot.min.css' with { type: 'text' };
import { drawCharts } from './draw-charts.ts';
import type { Chart } from './report-charts.ts';

/** A piece of HTML, in which all that came from outside is escaped. */
export type Html = { readonly html: string };

type Content = Html | string | number | undefined | readonly Content[];

/** `html\`<p>${text}</p>\``: every value but pieces of HTML is text, in an element or between double quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return { html: strings.reduce((page, text, i) => page + rendered(values[i - 1]) + text) };
}

/** HTML of our own making, as it stands. */
export function raw(text: string): Html {
  return { html: text };
}

/** JSON for a script element: no text in it can end the element. */
export function scriptJson(value: unknown): Html {
  return raw(JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => unicodeEscape(character)));
}

function rendered(value: Content): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return 'html' in value ? value.html : value.map(rendered).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A page with charts as one file that needs nothing else, neither files nor network. `style` is added to that of the report. */
export function chartedPage(title: string, main: Html, charts: readonly Chart[], style = ''): string {
  const script = charts.length === 0 ? '' : chartScript;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policyFor(script)}">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${raw(uplotStyle + reportStyle + style)}</style>
</head>
<body>
${main}
<script type="application/json" id="charts">${scriptJson(charts)}</script>
<script>${raw(script)}</script>
</body>
</html>
`;
  return page.html;
}

/** The places that the charts are drawn in; nothing where there is none. */
export function chartsSection(charts: readonly Chart[]): Html | undefined {
  if (charts.length === 0) return undefined;
  return html`<section><h2>Over time</h2>
<p class="muted hint">Time is UTC. Point at a curve to read it, drag to look closer, double-click to go back.</p>
${charts.map(({ id, title }) => html`<figure class="card"><h3>${title}</h3><div id="chart-${id}"></div></figure>\n`)}</section>`;
}

const chartScript = `${uplotScript}
(${drawCharts.toString()})(window,uPlot,JSON.parse(document.getElementById("charts").textContent));`;

/** Nothing is loaded, and no other script runs, whatever has got into the page. */
function policyFor(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  return `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`;
}

const light = `--page:#faf9f7;--card:#ffffff;--text:#22252a;--muted:#6a707a;--line:#e6e3dd;
--blue:#2f6f96;--amber:#b9791c;--violet:#7657a6;--green:#3c7a54;--red:#b0443b;--orange:#c2662d;color-scheme:light;`;
const dark = `--page:#14161a;--card:#1b1e23;--text:#e4e4e1;--muted:#979da7;--line:#2d3138;
--blue:#74b4d8;--amber:#ddaa58;--violet:#b39ae0;--green:#84c29b;--red:#e58a81;--orange:#e79a66;color-scheme:dark;`;

/** The look of the report: calm on a screen, readable on a phone, black on white on paper. */
const reportStyle = `
:root{${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
:root[data-print]{${light}--page:#ffffff}
@media print{:root{${light}--page:#ffffff}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:860px;margin:0 auto;padding:48px 24px 64px}
header{border-left:4px solid var(--tone);padding-left:20px;margin-bottom:32px}
h1{font-size:1.7rem;line-height:1.25;font-weight:650;margin:0 0 8px;overflow-wrap:anywhere}
h2{font-size:1.1rem;font-weight:650;margin:40px 0 12px}
h3{font-size:.95rem;font-weight:600;margin:0 0 4px}
p{margin:0 0 12px;overflow-wrap:anywhere}
.muted,th,dt{color:var(--muted)}
.good{--tone:var(--green)}.fair{--tone:var(--amber)}.bad{--tone:var(--red)}.neutral{--tone:var(--blue)}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin:0}
.tiles div,.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.tiles dt{font-size:.85rem}
.tiles dd{margin:0;font-size:1.3rem;font-weight:600;font-variant-numeric:tabular-nums;line-height:1.3}
.tiles small{display:block;font-size:.8rem;font-weight:400;color:var(--muted)}
.card{margin-bottom:16px}
.split{display:flex;height:14px;border-radius:7px;overflow:hidden;background:var(--line);margin:4px 0 14px}
.split i{min-width:2px}
.tone-written{background:var(--green)}.tone-superseded{background:var(--blue)}.tone-kept{background:var(--violet)}.tone-deleted{background:var(--orange)}
.tone-elsewhere{background:var(--muted);opacity:.5}
.tone-rejected{background:var(--red)}.tone-skipped{background:var(--muted)}.tone-pending{background:var(--amber)}
.dot{display:inline-block;width:10px;height:10px;border-radius:50%;margin-right:8px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
.card th,.card td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;border-top:1px solid var(--line);font-weight:400}
.card tr:first-child>*{border-top:0}
.card .count{text-align:right;white-space:nowrap;width:1%}
.card code{white-space:nowrap}
small{color:var(--muted);font-size:.85em}
figure{margin:0 0 16px}
.wide td,.wide th{overflow-wrap:anywhere}
code,pre{font:.9em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px;margin:0 0 12px;white-space:pre-wrap;overflow-wrap:anywhere}
footer{margin-top:48px;font-size:.85rem;color:var(--muted)}
.uplot{font-family:inherit;max-width:100%}
.u-legend{font-size:.82rem;text-align:left;margin:4px 0 0}
.u-legend th,.u-legend td{border:0;padding:2px 4px}
.u-inline.u-live th::after{content:""}
.u-inline tr{margin-right:10px}
@media (max-width:520px){main{padding:28px 16px 48px}h1{font-size:1.4rem}.tiles{grid-template-columns:1fr 1fr}
.tiles dd{font-size:1.15rem}.card{padding:12px}.hint{display:none}}
@media print{body{font-size:11pt}main{padding:0;max-width:none}.card,.tiles div,figure,tr,pre{break-inside:avoid}h2{break-after:avoid}
.u-value,.hint{display:none!important}}
`;
