import type { RunTotals } from '../../domain/run-totals.ts';
import { formatCount, formatDuration, printable } from '../format.ts';
import {
  judgeShards,
  ownRows,
  resumeCommandsOf,
  rowsOf,
  type ShardStatus,
  type ShardsStatus,
  shardsHeadline,
  stateWords,
} from '../watch/shards-status.ts';
import { chartedPage, chartsSection, type Html, html } from './charted-page.ts';
import { shardCharts } from './report-charts.ts';
import { totalsOf } from './report-data.ts';
import type { RunHistory } from './run-history.ts';

/**
 * One page about all shards of an import: one file that needs nothing else. `histories`: of each shard, by index;
 * undefined where a shard has kept none.
 */
export function shardsPage(status: ShardsStatus, histories: readonly (RunHistory | undefined)[]): string {
  const charts = shardCharts(histories);
  const { faults } = judgeShards(status);
  return chartedPage(
    `Import in ${status.shards.length} shards`,
    html`<main class="${toneOfShards(status)}">
<header>
<h1>${printable(shardsHeadline(status))}</h1>
<p class="muted">${whereFrom(status)}</p>
</header>
${faults.map((fault) => html`<p><strong>${printable(fault)}</strong></p>\n`)}
${tilesOf(status, histories)}
${chartsSection(charts)}
${tableOfShards(status, histories)}
${commandsOf(status)}
<footer>This page shows the shards as they stood when it was drawn. It holds no field of any row, and loads nothing.</footer>
</main>`,
    charts,
    shardStyle(status.shards.length),
  );
}

/** Hues a golden angle apart, so that neighbours differ however many there are; darker on white, lighter on black. */
function shardStyle(count: number): string {
  const colors = (saturation: number, lightness: number) =>
    Array.from(
      { length: count },
      (_, i) => `--shard-${i + 1}:hsl(${Math.round((205 + i * 137.508) % 360)} ${saturation}% ${lightness}%);`,
    ).join('');
  const [light, dark] = [colors(60, 38), colors(62, 66)];
  return `:root{${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
:root[data-print]{${light}}
@media print{:root{${light}}}
.scroll{overflow-x:auto;font-size:.88rem}
.scroll td,.scroll th{white-space:nowrap;padding-right:16px}
.scroll .figure{text-align:right}
`;
}

function toneOfShards(status: ShardsStatus): string {
  const { state, exitCode, faults } = judgeShards(status);
  if (faults.length > 0) return 'bad';
  if (state === 'running') return 'neutral';
  return exitCode === 0 ? 'good' : state === 'done' ? 'fair' : 'bad';
}

function whereFrom({ shards }: ShardsStatus): string {
  const run = shards.find((shard) => shard.run !== undefined)?.run;
  if (run === undefined) return '';
  const { sources, table, startedAt = '' } = run;
  const from = sources.length > 3 ? `${sources.length} files` : sources.map(printable).join(', ');
  const into = table === 'memory' ? 'into memory, as a rehearsal' : `into ${printable(table)}`;
  const first = shards.map((shard) => shard.run?.startedAt ?? startedAt).sort()[0]!;
  return `From ${from} ${into}${first === '' ? '' : `, started ${first.slice(0, 16).replace('T', ' ')} UTC`}`;
}

function tilesOf(status: ShardsStatus, histories: readonly (RunHistory | undefined)[]): Html {
  const { rows, read } = judgeShards(status);
  const totals = status.shards.map((shard, i) => figuresOf(shard, histories[i]));
  const units = totals.reduce((sum, total) => sum + (total?.writeUnits ?? 0), 0);
  const ends = histories.flatMap((history) => history?.samples.at(-1)?.endMs ?? []);
  const starts = histories.flatMap((history) => history?.processes[0]?.startedMs ?? []);
  const seconds = ends.length === 0 ? 0 : (Math.max(...ends) - Math.min(...starts)) / 1000;
  const done = status.shards.filter(({ state }) => state === 'done').length;
  const entries: readonly (readonly [string, string, string])[] = [
    ['Shards done', formatCount(done), `of ${formatCount(status.shards.length)}`],
    [
      'Rows written',
      formatCount(rows.written),
      `of ${formatCount(read ?? rows.own)}${read === undefined ? ' so far' : ''}`,
    ],
    ['Rejected', formatCount(rows.rejected), 'over all shards'],
    ['Write units', formatCount(units), seconds > 0 ? `consumed in ${formatDuration(seconds)}` : 'consumed'],
  ];
  return html`<dl class="tiles">${entries.map(
    ([label, value, below]) => html`<div><dt>${label}</dt><dd>${value}<small>${below}</small></dd></div>`,
  )}</dl>`;
}

/** Undefined before it has told any. */
function figuresOf({ run }: ShardStatus, history: RunHistory | undefined): RunTotals | undefined {
  if (run === undefined) return undefined;
  const totals = totalsOf({ history, summary: run.summary, state: run.state });
  return totals.durationMs > 0 ? totals : undefined;
}

function tableOfShards({ shards }: ShardsStatus, histories: readonly (RunHistory | undefined)[]): Html {
  const headings = ['read', 'own', 'written', 'rejected', 'write units', 'a second', 'took', 'exit'];
  return html`<section><h2>Shard by shard</h2><div class="card scroll"><table>
<tr><th>shard</th><th>state</th>${headings.map((heading) => html`<th class="figure">${heading}</th>`)}</tr>
${shards.map((shard, i) => rowOf(shard, histories[i]))}</table></div></section>`;
}

function rowOf(shard: ShardStatus, history: RunHistory | undefined): Html {
  const rows = rowsOf(shard);
  const totals = figuresOf(shard, history);
  const seconds = (totals?.durationMs ?? 0) / 1000;
  const count = (figure: number | undefined) => (figure === undefined ? '' : formatCount(figure));
  const figures = [
    count(rows?.read),
    count(rows && ownRows(rows)),
    count(rows?.written),
    count(rows?.rejected),
    count(totals?.writeUnits),
    count(totals && totals.writeUnits / seconds),
    totals === undefined ? '' : formatDuration(seconds),
    String(shard.run?.summary?.exitCode ?? ''),
  ];
  return html`<tr><td><span class="dot" style="background:var(--shard-${shard.index})"></span>${shard.index}</td><td>${stateWords[shard.state]}</td>${figures.map(
    (figure) => html`<td class="figure">${figure}</td>`,
  )}</tr>\n`;
}

function commandsOf({ shards }: ShardsStatus): Html | undefined {
  const commands = resumeCommandsOf(shards);
  if (commands.length === 0) return undefined;
  return html`<section><h2>To be done</h2><p>The shards that stopped go on with:</p><pre>${printable(commands.join('\n'))}</pre></section>`;
}
