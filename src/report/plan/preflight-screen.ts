import { type Amount, amountText } from '../../domain/amount.ts';
import {
  countsText,
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatNoun,
  labelled,
  pageOf,
  partLabel,
  printable,
  wrappedText,
  wrapSentence,
  wrapWords,
} from '../format.ts';
import { formatUsd, limitsToWarnOf, limitText } from './estimate-text.ts';
import { notCheckedText, skewFindings } from './plan-warnings.ts';
import { deletesText, expiredText, type Preflight, preflightTitle, rateText, shardLine } from './preflight.ts';

/** A screen of 24 lines, less the question and one for the cursor's answer. */
const mostLines = 22;
const mostFactLines = 12;
const mostWarningLines = 4;

/** Width of the screen, and whether it has colours. */
type PreflightLook = { readonly columns: number; readonly colors: boolean };

/**
 * What the operator has to decide on, for one screen of 24 lines: what matters in at most 12 lines, then warnings. The
 * rest is in `run.log`, and in the page that `--details` shows. Ends with a line break.
 */
export function preflightScreen(preflight: Preflight, { columns, colors }: PreflightLook): string {
  const { resumed, runDir } = preflight;
  const line = (label: string, text: string | undefined) =>
    text === undefined ? undefined : wrappedText(label, text, columns);
  const entries = [
    wrapSentence(preflightTitle(preflight), columns),
    line('source', sourceText(preflight)),
    line('format', printable(preflight.format)),
    resumed && line('resumed', `${formatNoun(resumed.rowsDone, 'row')} done before`),
    line('shard', shardLine(preflight)),
    line('table', tableText(preflight)),
    line('holds', preflight.tableInfo && holdsText(preflight.tableInfo)),
    line('rate', rateText(preflight)),
    line('raised', raiseText(preflight)),
    line('time', timeText(preflight)),
    line('cost', costText(preflight)),
    line('a put', putText(preflight)),
    runDir === undefined ? undefined : labelled('run dir', printable(runDir)),
  ].filter((text) => text !== undefined);
  const facts = cutToFit(entries, columns);
  return pageOf([...facts, ...warningLines(preflight, mostLines - facts.length, columns, colors)]);
}

/** The lines of the entries; where they are too many, the longest entry ends with an ellipsis. */
function cutToFit(entries: readonly string[], columns: number): readonly string[] {
  const lines = entries.map((entry) => entry.split('\n'));
  while (lines.flat().length > mostFactLines) {
    const longest = lines.reduce((most, entry) => (entry.length > most.length ? entry : most));
    if (longest.length === 1) break;
    longest.pop();
    longest.push(`${longest.pop()!.slice(0, columns - 2)} …`);
  }
  return lines.flat();
}

function putText({ ifExists, columns }: Preflight): string {
  if (ifExists.kind === 'replace') return 'replaces the whole item; attributes not in the source are lost';
  if (ifExists.kind === 'keep') return 'leaves existing items as they are; one request per row';
  const isText = columns.find(({ name }) => name === ifExists.column)?.type === 'S';
  const compared = `"${printable(ifExists.column)}"${isText ? ' (compared as text)' : ''}`;
  return `replaces the whole item only if its ${compared} is missing or less; one request per row`;
}

/** `tokens.csv (1.2 GB), about 10,000,000 rows`. */
function sourceText({ sources, preview }: Preflight): string {
  const [first, ...others] = sources;
  const sizes = sources.map(({ storedBytes }) => storedBytes);
  const isSized = sizes.every((size) => size !== undefined);
  const size = isSized ? ` (${formatBytes(sizes.reduce((sum, bytes) => sum + (bytes ?? 0), 0))})` : '';
  const names = `${printable(first?.name ?? '')}${others.length === 0 ? '' : ` and ${formatNoun(others.length, 'more file')}`}`;
  if (preview?.rows === undefined) return `${names}${size}`;
  const { count, isExact } = preview.rows;
  return `${names}${size}, ${isExact ? '' : 'about '}${formatNoun(count, 'row')} to import`;
}

function tableText({ repository, tableName, tableInfo: table, account, region }: Preflight): string | undefined {
  if (repository === 'memory') return undefined;
  const place = [
    `account ${table?.account ?? account ?? 'not known'}`,
    `region ${table?.region ?? region ?? 'not known'}`,
  ];
  return `${printable(table?.name ?? tableName)}, ${place.join(', ')}`;
}

function holdsText({ itemCount, sizeBytes, billing }: NonNullable<Preflight['tableInfo']>): string {
  return `${formatNoun(itemCount, 'item')} (${formatBytes(sizeBytes)}) at AWS's last count; ${billing}`;
}

function raiseText({ raise }: Preflight): string | undefined {
  if (raise === undefined || raise.parts.length === 0) return undefined;
  const parts = raise.parts.map(
    ({ index, before, raised }) => `${partLabel(index)} ${formatCount(before)} to ${formatCount(raised)}`,
  );
  const scaling = raise.suspendsAutoScaling ? '; auto scaling is suspended meanwhile' : '';
  return `${parts.join(', ')} write units a second until the end${scaling}`;
}

/** `about 8 min 20 s, until 14:32 UTC`. */
function timeText({ preview, atMs }: Preflight): string | undefined {
  const seconds = preview?.estimate?.times[0]?.seconds;
  if (seconds === undefined) return undefined;
  const until = atMs === undefined ? '' : `, until ${formatClock(atMs + seconds * 1000, atMs)} if it starts now`;
  return `${preview?.rows?.isExact ? '' : 'about '}${formatDuration(seconds)}${until}`;
}

/** In the billing mode of the table, or in both if it is not known. A rehearsal costs nothing. */
function costText({ repository, tableInfo, preview }: Preflight): string | undefined {
  if (repository === 'memory' || preview?.estimate === undefined) return undefined;
  const { onDemand, provisioned } = preview.estimate.cost;
  const onDemandText = `${formatUsd(onDemand.totalUsd)} on demand`;
  if (provisioned === null || tableInfo?.billing === 'on-demand') return onDemandText;
  const extra = provisioned.extraUsd === 0 ? 'nothing' : formatUsd(provisioned.extraUsd);
  const provisionedText = `${extra} on top of what is provisioned now`;
  return tableInfo === undefined ? `${onDemandText}, or ${provisionedText}` : provisionedText;
}

/** The warnings that fit, each cut to a few lines, and how many do not fit. */
function warningLines(preflight: Preflight, room: number, columns: number, colors: boolean): readonly string[] {
  const warnings = warningsOf(preflight).map((text) => wrapWords(['!', ...text.split(' ')], columns, 2).split('\n'));
  const shown: string[] = [];
  let count = 0;
  for (const lines of warnings) {
    const cut = lines.length > mostWarningLines ? [...lines.slice(0, mostWarningLines - 1), '  …'] : lines;
    // One line is left for what does not fit.
    const isLast = count === warnings.length - 1;
    if (shown.length + cut.length > room - (isLast ? 0 : 1)) break;
    shown.push(...cut);
    count++;
  }
  const hidden = warnings.length - count;
  if (hidden > 0) shown.push(`! ${formatNoun(hidden, 'more warning')} with --details`);
  return colors ? shown.map((line) => `\u001b[33m${line}\u001b[39m`) : shown;
}

/** What could cost data, money or time, the gravest first. */
function warningsOf({ preview, maxRejects, maxDeletes }: Preflight): readonly string[] {
  if (preview === undefined) return [];
  const { estimate, keySpreads, sideEffects, sampleRows, sampleRejects, stopsNearRow, deletesStopNearRow } = preview;
  const rejects = countsText(sampleRejects);
  const unchecked = notCheckedText(preview.notChecked);
  const expired = expiredText(preview);
  return [
    ...(stopsNearRow === undefined ? [] : [stopText(stopsNearRow, 'are rejected', '--max-rejects', maxRejects)]),
    ...(deletesStopNearRow === undefined ? [] : [stopText(deletesStopNearRow, 'delete', '--max-deletes', maxDeletes)]),
    ...(preview.sampleDeletes === undefined ? [] : [deletesText(preview, preview.sampleDeletes)]),
    ...(rejects === '' ? [] : [`rejects among the first ${formatNoun(sampleRows, 'row')}: ${rejects}`]),
    ...(expired === undefined ? [] : [`expired ${expired}`]),
    ...sideEffects.map(({ message }) => message),
    ...skewFindings(keySpreads, false).map(({ message }) => message),
    ...limitsToWarnOf(estimate).map(
      (limit) => `${formatCount(limit.unitsPerSecond)} write units a second is the limit of ${limitText(limit)}`,
    ),
    ...(unchecked === undefined || unchecked === '' ? [] : [`not checked: ${unchecked}`]),
  ];
}

function stopText(row: number, verb: string, flag: string, amount: Amount | undefined): string {
  const limit = amount === undefined ? flag : `${flag} ${amountText(amount)}`;
  return `it will stop near row ${formatCount(row)}, as more rows ${verb} than ${limit} allows`;
}
