import { printable } from '../format.ts';
import { chartedPage, chartsSection, html } from './charted-page.ts';
import { chartsOf } from './report-charts.ts';
import { headline, type ReportData, toneOf, totalsOf } from './report-data.ts';
import {
  balanceSection,
  commandsSection,
  costSection,
  heldSection,
  indexesSection,
  notesSection,
  optionsSection,
  rejectsSection,
  tiles,
  verificationSection,
} from './report-sections.ts';

/** Below this a curve is a dot. */
const fewestSamples = 3;

/** The report of a run: one file that needs nothing else, neither files nor network. Holds no field of a row. */
export function reportPage(data: ReportData): string {
  const { history } = data;
  const charts = history === undefined || history.samples.length < fewestSamples ? [] : chartsOf(history);
  const title = `Import into ${printable(tableOf(data))}`;
  return chartedPage(
    title,
    html`<main class="${toneOf(data)}">
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
</main>`,
    charts,
  );
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
