import { createHash } from 'node:crypto';
import uplotScript from 'uplot/dist/uPlot.iife.min.js' with { type: 'text' };
import uplotStyle from 'uplot/dist/uPlot.min.css' with { type: 'text' };
import { drawCharts } from './draw-charts.ts';
import { type Html, html, raw, scriptJson } from './html.ts';
import type { Chart } from './report-charts.ts';
import { reportStyle } from './report-style.ts';

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
