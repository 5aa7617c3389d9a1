import { createHash } from 'node:crypto';
import uplotScript from 'uplot/dist/uPlot.iife.min.js' with { type: 'text' };
import uplotStyle from 'uplot/dist/uPlot.min.css' with { type: 'text' };
import { printable } from '../format.ts';
import { drawCharts } from './draw-charts.ts';
import { type Html, html, raw, scriptJson } from './html.ts';
import { type Chart, chartsOf } from './report-charts.ts';
import { type ReportData, toneOf, totalsOf } from './report-data.ts';
import {
  balanceSection,
  commandsSection,
  costSection,
  headline,
  heldSection,
  indexesSection,
  notesSection,
  optionsSection,
  rejectsSection,
  tiles,
  verificationSection,
} from './report-sections.ts';
import { reportStyle } from './report-style.ts';

/** Below this a curve is a dot. */
const fewestSamples = 3;

/** The report of a run: one file that needs nothing else, neither files nor network. Holds no field of a row. */
export function reportPage(data: ReportData): string {
  const { history } = data;
  const charts = history === undefined || history.samples.length < fewestSamples ? [] : chartsOf(history);
  const script = charts.length === 0 ? '' : chartScript;
  const title = `Import into ${printable(tableOf(data))}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policyFor(script)}">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${raw(uplotStyle + reportStyle)}</style>
</head>
<body>
<main class="${toneOf(data)}">
<header>
<h1>${printable(headline(data))}</h1>
<p class="muted">${whenAndWhere(data)}</p>
</header>
${commandsSection(data)}
${tiles(data)}
${balanceSection(data)}
${verificationSection(data)}
${heldSection(data)}
${costSection(data)}
${chartsSection(charts)}
${indexesSection(history, totalsOf(data))}
${rejectsSection(data)}
${notesSection(history)}
${optionsSection(history)}
<footer>${footer(data)}</footer>
</main>
<script type="application/json" id="charts">${scriptJson(charts)}</script>
<script>${raw(script)}</script>
</body>
</html>
`;
  return page.html;
}

const chartScript = `${uplotScript}
(${drawCharts.toString()})(window,uPlot,JSON.parse(document.getElementById("charts").textContent));`;

/** Nothing is loaded, and no other script runs, whatever has got into the page. */
function policyFor(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  return `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`;
}

function chartsSection(charts: readonly Chart[]): Html | undefined {
  if (charts.length === 0) return undefined;
  return html`<section><h2>Over time</h2>
<p class="muted hint">Time is UTC. Point at a curve to read it, drag to look closer, double-click to go back.</p>
${charts.map(({ id, title }) => html`<figure class="card"><h3>${title}</h3><div id="chart-${id}"></div></figure>\n`)}</section>`;
}

function tableOf({ summary, history }: ReportData): string {
  return summary?.table ?? history?.preflight.tableName ?? 'a table';
}

function whenAndWhere({ history }: ReportData): string {
  if (history === undefined) return '';
  const { preflight, processes, samples } = history;
  const { shard } = preflight;
  const sources = preflight.sources.map(({ name }) => printable(name));
  const from = sources.length > 3 ? `${sources.length} files` : sources.join(', ');
  const started = processes[0]?.startedMs;
  const ended = samples.at(-1)?.endMs;
  const account = preflight.tableInfo?.account ?? preflight.account;
  const region = preflight.tableInfo?.region ?? preflight.region;
  const place = [account && `account ${account}`, region].filter(Boolean).join(', ');
  return [
    `From ${shard === undefined ? '' : `shard ${shard.index} of ${shard.count} of `}${from}`,
    preflight.repository === 'memory'
      ? 'into memory, as a rehearsal'
      : `into ${printable(preflight.tableName)}${place && ` (${place})`}`,
    started === undefined ? '' : `, from ${minute(started)}${ended === undefined ? '' : ` to ${minute(ended)}`} UTC`,
  ]
    .join(' ')
    .replace(' ,', ',');
}

function minute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

function footer({ history, state }: ReportData): string {
  const runId = history === undefined ? '' : `Run ${history.runId}. `;
  const live = state === 'running' ? 'It shows the run as it stood when the page was drawn. ' : '';
  return `${runId}${live}This page holds no field of any row, and loads nothing.`;
}
