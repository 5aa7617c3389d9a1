import { costOf, type ImportCost, type PricedPart } from '../../domain/import-estimate.ts';
import { type RejectCode, rejectReasons } from '../../domain/row.ts';
import type { RejectGroup, RowCounts, SkipCounts } from '../../domain/run-summary.ts';
import type { RunTotals } from '../../domain/run-totals.ts';
import { formatBalance, formatBytes, formatCount, formatDuration, formatMs, formatNoun, printable } from '../format.ts';
import { hasAdvice } from '../summary-text.ts';
import { type Html, html } from './charted-page.ts';
import { type ReportData, totalsOf } from './report-data.ts';
import type { RunHistory } from './run-history.ts';

/** The figures that are asked for first. */
export function tiles(data: ReportData): Html {
  const { summary, history } = data;
  const totals = totalsOf(data);
  const ranSeconds = totals.durationMs / 1000;
  const rows = summary?.rows ?? data.counts;
  const average = ranSeconds > 0 ? totals.writeUnits / ranSeconds : 0;
  const limit = summary?.rate.limit ?? history?.samples.at(-1)?.rateLimit;
  const latency = summary?.latencyMs;
  const lastGo = (history?.processes.length ?? 1) > 1 ? ' in the last process' : '';
  // A process that was killed early has left no figures, which are not the same as none.
  const isKnown = summary !== undefined || ranSeconds > 0;
  const entries: readonly (readonly [string, string, string] | undefined | false)[] = [
    rows && ['Rows written', formatCount(rows.written), `of ${formatCount(rows.read)} read`],
    isKnown && ['Took', formatDuration(ranSeconds), processesText(history)],
    isKnown && [
      'Average rate',
      `${formatCount(average)}/s`,
      limit ? `limit ${formatCount(limit)} write units` : 'write units, no limit',
    ],
    isKnown && ['Write units', formatCount(totals.writeUnits), 'consumed'],
    isKnown && ['Throttled', formatCount(totals.requestsThrottled), `of ${formatNoun(totals.requestsSent, 'request')}`],
    isKnown && ['Handed back', formatCount(totals.unprocessedItems), 'items that the table did not take at once'],
    latency && latency.max > 0 && ['Latency', formatMs(latency.p50), `p99 ${formatMs(latency.p99)}${lastGo}`],
    rows && ['Rejected', formatCount(rows.rejected), `of ${formatNoun(rows.read, 'row')}`],
    summary && [
      'Sent',
      formatBytes(totals.bytesSent),
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
  return count === 1 ? 'in one run' : `in ${count} runs`;
}

/** What somebody still has to do. */
export function commandsSection({ summary, resumeCommand, raised, state }: ReportData): Html | undefined {
  const resume = summary?.resumeCommand ?? resumeCommand;
  const { restoreCommand: restore, awsCommand }: Partial<NonNullable<ReportData['raised']>> =
    summary?.capacity ?? (state === 'running' ? undefined : raised) ?? {};
  if (resume === undefined && restore === undefined) return undefined;
  const hint = summary?.error?.hint;
  return html`<section><h2>To be done</h2>
${command('The table is still raised, and costs more than before. This restores its capacity:', restore)}
${command('Or, from any machine:', awsCommand)}
${hint === undefined ? undefined : html`<p>${printable(hint)}</p>`}
${command('The import goes on from where it stopped with:', resume)}</section>`;
}

export function verificationSection({ summary }: ReportData): Html | undefined {
  const verification = summary?.verification;
  if (verification === undefined) return undefined;
  const { outcome, rows, files } = verification;
  const sentence = `${outcome === 'equal' ? 'Every' : 'Not every'} row compared agrees with the table: ${formatBalance(rows)}.`;
  return html`<section><h2>Verification</h2><p>${sentence}</p>
${files.map((file) => html`<p><code>${printable(file)}</code></p>`)}</section>`;
}

function command(what: string, text: string | undefined): Html | undefined {
  return text === undefined ? undefined : html`<p>${what}</p><pre>${printable(text)}</pre>`;
}

export function balanceSection({ summary, history, counts: unfinished }: ReportData): Html | undefined {
  const counts = summary?.rows ?? unfinished;
  if (counts === undefined) return undefined;
  const isRehearsal = (summary?.repository ?? history?.preflight.repository) === 'memory';
  const fates = fatesOf(counts, isRehearsal, summary?.skippedByReason);
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
  if (summary === undefined || !hasAdvice(summary)) return undefined;
  return html`<section><h2>What set the pace</h2><p>The import was held back by ${printable(summary.advice)}.</p></section>`;
}

export function rejectsSection({ summary, history }: ReportData): Html | undefined {
  const groups = summary?.rejects ?? history?.rejects ?? [];
  if (groups.length === 0) return undefined;
  return html`<section><h2>Rejected rows, by reason</h2><div class="card wide"><table>${groups.map(
    (group) =>
      html`<tr><td class="count">${formatCount(group.count)}</td><td>${rejectReason(group.code)} <code>${group.code}</code><small>${firstText(group)}</small></td></tr>`,
  )}</table></div></section>`;
}

/** The code itself if it is one of another version. */
function rejectReason(code: string): string {
  return Object.hasOwn(rejectReasons, code) ? rejectReasons[code as RejectCode] : code;
}

function firstText({ first }: RejectGroup): string {
  if (first === undefined) return '';
  const file = first.source === undefined ? '' : ` of ${printable(first.source)}`;
  return ` first at line ${formatCount(first.line)}${file}${first.column === undefined ? '' : `, column ${printable(first.column)}`}`;
}

export function indexesSection(
  history: RunHistory | undefined,
  { writeUnits, indexUnits }: RunTotals,
): Html | undefined {
  const indexes = history?.preflight.tableInfo?.globalIndexes ?? [];
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
  const { settings, rateLimit, format, columns } = history.preflight;
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

type Fate = Exclude<keyof RowCounts, 'read'>;

/** What became of the rows, in sentences for a reader who did not see the run. */
type FateInWords = { readonly fate: Fate; readonly count: number; readonly words: string };

/** The fates that rows met, the usual one first. */
function fatesOf(counts: RowCounts, isRehearsal: boolean, skips?: SkipCounts): FateInWords[] {
  const written = isRehearsal
    ? 'went through; nothing was written, as this was a rehearsal'
    : 'were written to the table';
  const words: Readonly<Record<Fate, string>> = {
    written,
    superseded: 'were replaced by a later row with the same key, which is what the table holds',
    kept: 'were left out, because the table’s own item was to be kept',
    deleted: isRehearsal
      ? 'would have deleted the item with their key'
      : 'deleted the item with their key, if the table had one',
    rejected: 'were rejected; they stand in the run directory, with the reason for each',
    skipped: skippedWords(skips),
    elsewhere: 'belong to other shards of the job, which write them',
    pending: 'were read, but not done when the run stopped; a resume writes them',
  };
  return (Object.keys(words) as Fate[])
    .map((fate) => ({ fate, count: counts[fate] ?? 0, words: words[fate] }))
    .filter(({ fate, count }) => count > 0 || fate === 'written');
}

function skippedWords({ 'skip-rows': first = 0, expired = 0 }: SkipCounts = {}): string {
  if (expired === 0) return first === 0 ? 'were skipped' : 'were left out, as --skip-rows asked';
  if (first === 0) return 'were left out, because they had expired (--skip-expired)';
  return `were left out: ${formatCount(expired)} had expired (--skip-expired), ${formatCount(first)} by --skip-rows`;
}

/** Whether all is accounted for. */
function balanceSentence(counts: RowCounts): string {
  const { read, ...fates } = counts;
  const sum = Object.values(fates).reduce((total, count) => total + count, 0);
  if (sum !== read) {
    return `Of ${formatNoun(read, 'row')} read only ${formatCount(sum)} are accounted for. This is a bug: please report it.`;
  }
  return `${formatNoun(read, 'row')} ${read === 1 ? 'was' : 'were'} read, and each is accounted for: none is missing.`;
}

/** What the import cost, by what it consumed. Nothing where it cost nothing, or the table is not known. */
export function costSection(data: ReportData): Html | undefined {
  const { history } = data;
  const table = history?.preflight.tableInfo;
  if (history === undefined || table === undefined) return undefined;
  const cost = costOfRun(history, data);
  const copies = cost.regions === 1 ? '' : `, in ${cost.regions} regions`;
  const sentence =
    table.billing === 'on-demand'
      ? `It cost ${cost.onDemand.totalUsd < leastUsd ? '' : 'about '}${usd(cost.onDemand.totalUsd)}${copies}.`
      : provisionedText(cost, copies);
  return html`<section><h2>What it cost</h2><p>${sentence} <small>By ${cost.prices.source}; your contract may say otherwise.</small></p></section>`;
}

function provisionedText({ provisioned, onDemand }: ImportCost, copies: string): string {
  if (provisioned === null) return '';
  const hours = provisioned.hours === 1 ? 'an hour' : `${formatCount(provisioned.hours)} hours`;
  return `What is provisioned costs ${usd(provisioned.totalUsd)} for ${hours}${copies}, whether it is used or not; on demand the same writes would have cost ${usd(onDemand.totalUsd)}.`;
}

function costOfRun(history: RunHistory, data: ReportData): ImportCost {
  const table = history.preflight.tableInfo!;
  const totals = totalsOf(data);
  const part = (writeUnits: number, provisioned: number | undefined, index?: string): PricedPart => ({
    ...(index !== undefined && { index }),
    writeUnits,
    neededUnitsPerSecond: provisioned ?? 0,
    presentUnitsPerSecond: provisioned ?? 0,
  });
  const parts = [
    part(totals.writeUnits, table.provisionedWriteUnits),
    ...table.globalIndexes.map((index, i) => part(totals.indexUnits[i] ?? 0, index.provisionedWriteUnits, index.name)),
  ];
  return costOf(parts, totals.durationMs / 1000, table.replicaRegions?.length ?? 0, history.prices);
}

const leastUsd = 0.01;

function usd(amount: number): string {
  return amount < leastUsd ? 'less than a cent' : `$${amount.toFixed(2)}`;
}
