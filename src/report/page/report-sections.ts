import { byFrequency } from '../count-lines.ts';
import { formatBytes, formatCount, formatDuration, formatMs, formatNoun } from '../format.ts';
import { printable } from '../printable.ts';
import { type Html, html } from './html.ts';
import { type ReportData, type RunSums, sumsOf } from './report-data.ts';
import { balanceSentence, fatesOf } from './report-words.ts';
import type { RunHistory } from './run-history.ts';

/** The figures that are asked for first. */
export function tiles(data: ReportData): Html {
  const { summary, history } = data;
  const sums = sumsOf(data);
  const rows = summary?.rows ?? data.counts;
  const average = sums.ranSeconds > 0 ? sums.writeUnits / sums.ranSeconds : 0;
  const limit = summary?.rate.limit ?? history?.samples.at(-1)?.rateLimit;
  const latency = summary?.latencyMs;
  const lastGo = (history?.processes.length ?? 1) > 1 ? ' in the last go' : '';
  // A process that was killed early has left no figures, which are not the same as none.
  const isKnown = summary !== undefined || sums.ranSeconds > 0;
  const entries: readonly (readonly [string, string, string] | undefined | false)[] = [
    rows && ['Rows written', formatCount(rows.written), `of ${formatCount(rows.read)} read`],
    isKnown && ['Took', formatDuration(sums.ranSeconds), processesText(history)],
    isKnown && [
      'Average rate',
      `${formatCount(average)}/s`,
      limit ? `limit ${formatCount(limit)} write units` : 'write units, no limit',
    ],
    isKnown && ['Write units', formatCount(sums.writeUnits), 'consumed'],
    isKnown && ['Throttled', formatCount(sums.requestsThrottled), `of ${formatNoun(sums.requestsSent, 'request')}`],
    latency && latency.max > 0 && ['Latency', formatMs(latency.p50), `p99 ${formatMs(latency.p99)}${lastGo}`],
    rows && ['Rejected', formatCount(rows.rejected), `of ${formatNoun(rows.read, 'row')}`],
    summary && [
      'Sent',
      formatBytes(sums.bytesSent),
      `over ${formatNoun(summary.connectionsOpened, 'connection')}${lastGo}`,
    ],
  ];
  return html`<dl class="tiles">${entries
    .filter((entry) => entry !== undefined && entry !== false)
    .map(([label, value, below]) => html`<div><dt>${label}</dt><dd>${value}<small>${below}</small></dd></div>`)}</dl>
${isKnown && summary === undefined ? html`<p class="muted hint">${keptNote}</p>` : undefined}`;
}

const keptNote =
  'Rows are those of the last checkpoint; the other figures are kept every ten seconds, so those of the last seconds may be missing.';

function processesText(history: RunHistory | undefined): string {
  const count = history?.processes.length ?? 1;
  return count === 1 ? 'in one go' : `in ${count} goes`;
}

/** What somebody still has to do. */
export function commandsSection({ summary, resumeCommand }: ReportData): Html | undefined {
  const resume = summary?.resumeCommand ?? resumeCommand;
  const { restoreCommand: restore, awsCommand } = summary?.capacity ?? {};
  if (resume === undefined && restore === undefined) return undefined;
  const hint = summary?.error?.hint;
  return html`<section><h2>To be done</h2>
${hint === undefined ? undefined : html`<p>${printable(hint)}</p>`}
${command('The import goes on from where it stopped with:', resume)}
${command('The table is still raised, and costs more than before. This puts its capacity back:', restore)}
${command('Or, from any machine:', awsCommand)}</section>`;
}

function command(what: string, text: string | undefined): Html | undefined {
  return text === undefined ? undefined : html`<p>${what}</p><pre>${printable(text)}</pre>`;
}

export function balanceSection({ summary, history, counts: unfinished }: ReportData): Html | undefined {
  const counts = summary?.rows ?? unfinished;
  if (counts === undefined) return undefined;
  const isRehearsal = (summary?.repository ?? history?.facts.repository) === 'memory';
  const fates = fatesOf(counts, isRehearsal);
  return html`<section><h2>What became of every row</h2>
<div class="card"><p>${balanceSentence(counts)}</p>
<div class="split" aria-hidden="true">${fates
    .filter(({ count }) => count > 0)
    .map(({ fate, count }) => html`<i class="tone-${fate}" style="flex:${count}"></i>`)}</div>
<table>${fates.map(
    ({ fate, count, words }) =>
      html`<tr><td class="count">${formatCount(count)}</td><td><span class="dot tone-${fate}"></span>${words}</td></tr>`,
  )}</table></div></section>`;
}

export function heldSection({ summary }: ReportData): Html | undefined {
  if (summary === undefined || summary.advice === '') return undefined;
  return html`<section><h2>What set the pace</h2><p>The import was held back by ${printable(summary.advice)}.</p></section>`;
}

export function rejectsSection({ summary }: ReportData): Html | undefined {
  const codes = byFrequency(summary?.rejectsByCode ?? {});
  if (codes.length === 0) return undefined;
  return html`<section><h2>Rejected rows, by reason</h2><div class="card"><table>${codes.map(
    ([code, count]) => html`<tr><td class="count">${formatCount(count)}</td><td><code>${code}</code></td></tr>`,
  )}</table></div></section>`;
}

export function indexesSection(history: RunHistory | undefined, { writeUnits, indexUnits }: RunSums): Html | undefined {
  const indexes = history?.facts.tableInfo?.globalIndexes ?? [];
  if (indexUnits.length === 0 || indexes.length === 0) return undefined;
  const parts = [
    { name: 'the table', units: writeUnits },
    ...indexes.map(({ name }, i) => ({ name: `index ${name}`, units: indexUnits[i] ?? 0 })),
  ];
  return html`<section><h2>Write units, by table and index</h2><div class="card"><table>${parts.map(
    ({ name, units }) => html`<tr><td class="count">${formatCount(units)}</td><td>${printable(name)}</td></tr>`,
  )}</table></div></section>`;
}

export function notesSection(history: RunHistory | undefined): Html | undefined {
  if (history === undefined || history.notes.length === 0) return undefined;
  return html`<section><h2>What happened on the way</h2><div class="card wide"><table>${history.notes.map(
    ({ ranMs, text }) =>
      html`<tr><td class="count">after ${formatDuration(ranMs / 1000)}</td><td>${printable(text)}</td></tr>`,
  )}</table></div></section>`;
}

const origins = { flag: 'given', default: 'by default' } as const;

export function optionsSection(history: RunHistory | undefined): Html | undefined {
  if (history === undefined) return undefined;
  const { settings, rateLimit, format, columns } = history.facts;
  const facts = [
    [
      'rate',
      rateLimit.writeUnitsPerSecond === null ? 'no limit' : formatCount(rateLimit.writeUnitsPerSecond),
      rateLimit.chosen,
    ],
    ['format', format, 'of the source'],
    ['columns', columns.map(({ name, type }) => `${name} ${type}`).join(', '), 'as attributes'],
  ] as const;
  const rows = [...facts, ...settings.map(({ flag, value, origin }) => [flag, value, origins[origin]] as const)];
  return html`<section><h2>How it was set</h2><div class="card wide"><table>${rows.map(
    ([name, value, origin]) =>
      html`<tr><td><code>${name}</code></td><td>${printable(value)} <small>${printable(origin)}</small></td></tr>`,
  )}</table></div></section>`;
}
