import { stripVTControlCharacters } from 'node:util';
import {
  formatBitRate,
  formatCount,
  formatDuration,
  formatMs,
  formatNoun,
  formatRate,
  printable,
  rejectText,
  widthOf,
  wrapSentence,
} from '../format.ts';
import { etaText, type RunContext, type RunFigures } from './run-context.ts';

/** What a terminal can show in addition to plain text. */
export type TerminalLook = {
  /** It moves the cursor when told to. */
  readonly redraws: boolean;
  readonly colors: boolean;
  /** It shows more than ASCII. */
  readonly unicode: boolean;
};

export type ViewSize = Pick<TerminalLook, 'colors' | 'unicode'> & {
  readonly columns: number;
  /** True for a run that is over: it has no time left. */
  readonly isOver?: boolean;
};

type Paint = (style: keyof typeof styles, text: string) => string;

const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
const gap = '   ';
const widestBar = 50;
const narrowestBar = 10;

/** Codes of rejected rows that have a line each. */
const mostRejectLines = 3;

/** The run at a glance, as many lines as the width takes; none is wider than `columns`. */
export function liveLines(figures: RunFigures, { columns, colors, unicode, isOver = false }: ViewSize): string[] {
  const paint = painter(colors);
  const dash = unicode ? '—' : '-';
  const [first = '', ...more] = flow(progressParts(figures, paint), columns - narrowestBar - gap.length);
  const bar = barText(figures, columns - widthOf(first) - gap.length, unicode, paint);
  return [
    bar === '' ? first : `${bar}${gap}${first}`,
    ...flow([...more, ...timeParts(figures, isOver, dash, paint)], columns),
    ...flow(rateParts(figures, dash, paint), columns),
    ...flow(countParts(figures, paint), columns),
    ...processLines(figures, columns),
    ...rejectLines(figures, columns, unicode, paint),
    ...heldLines(figures, columns, paint),
  ].map((line) => cut(line, columns));
}

/** What the screen of the run itself shows above and below: where the rows go, and what the operator can do. */
export function frameLines(run: RunContext, figures: RunFigures, { columns, colors, unicode }: ViewSize) {
  const paint = painter(colors);
  const keys = ['Ctrl-C stops cleanly', ...(run.rateFile === undefined ? [] : [rateCommand(run.rateFile, figures)])];
  return {
    above: [cut(paint('bold', printable(run.target)), columns)],
    below: flow(keys, columns, unicode ? ' · ' : '; ').map((line) => cut(paint('dim', line), columns)),
  };
}

function painter(colors: boolean): Paint {
  return (style, text) => (colors ? `\u001b[${styles[style]}m${text}\u001b[0m` : text);
}

/** Half of the rate shows what the command does, and harms nothing. */
function rateCommand(rateFile: string, { rateLimit }: RunFigures): string {
  const units = rateLimit === null ? 5000 : Math.max(1, Math.round(rateLimit / 2));
  return `echo ${units} > ${rateFile} changes the rate`;
}

function progressParts({ fraction, wholeRun, rowsExpected }: RunFigures, paint: Paint): string[] {
  const share = fraction === undefined ? [] : [paint('bold', `${String(Math.floor(fraction * 100)).padStart(2)} %`)];
  if (rowsExpected === undefined) return [...share, formatNoun(wholeRun.rowsDone, 'row')];
  const about = rowsExpected.isExact ? '' : 'about ';
  return [...share, `${formatCount(wholeRun.rowsDone)} of ${about}${formatCount(rowsExpected.count)} rows`];
}

function timeParts(figures: RunFigures, isOver: boolean, dash: string, paint: Paint): string[] {
  const { thisProcess, fraction, etaSeconds, credentialsExpireMs, atMs } = figures;
  const ran = formatDuration(thisProcess.durationMs / 1000);
  if (isOver) return [`ran for ${ran}`];
  const parts = [`running for ${ran}`];
  if (fraction !== undefined) parts.push(etaText(etaSeconds, atMs, dash));
  if (credentialsExpireMs === undefined) return parts;
  const leftSeconds = Math.max(0, (credentialsExpireMs - atMs) / 1000);
  const text = `credentials for ${whole(leftSeconds)}`;
  return [...parts, leftSeconds < (etaSeconds ?? 0) ? paint('yellow', text) : text];
}

function rateParts(figures: RunFigures, dash: string, paint: Paint): string[] {
  const { writeUnitsPerSecond: perSecond, rateLimit, latencyMs, inFlight, concurrency } = figures;
  const rate = paint('bold', perSecond === undefined ? dash : formatCount(perSecond));
  return [
    `${rate}${rateLimit === null ? '' : ` of ${formatRate(rateLimit)}`} write units/s`,
    `${inFlight} of ${concurrency} in flight`,
    // In the first second, and if nothing is answered, there is no latency.
    ...(latencyMs.p99 === 0 ? [] : [`p50 ${formatMs(latencyMs.p50)}`, `p99 ${formatMs(latencyMs.p99)}`]),
  ];
}

function countParts({ wholeRun, bytesPerSecond }: RunFigures, paint: Paint): string[] {
  const { writeUnits, requestsThrottled, unprocessedItems, rowsRejected } = wholeRun;
  const alarm = (style: 'yellow' | 'red', count: number, word: string) => {
    const text = `${formatCount(count)} ${word}`;
    return count === 0 ? text : paint(style, text);
  };
  return [
    `${formatCount(writeUnits)} write units`,
    ...(bytesPerSecond === 0 ? [] : [formatBitRate(bytesPerSecond)]),
    alarm('yellow', requestsThrottled, 'throttled'),
    ...(unprocessedItems === 0 ? [] : [alarm('yellow', unprocessedItems, 'handed back')]),
    alarm('red', rowsRejected, 'rejected'),
  ];
}

/** All other figures are those of the whole run; of a run of one process there is no difference to tell. */
function processLines({ thisProcess, wholeRun }: RunFigures, columns: number): string[] {
  if (thisProcess.rowsDone === wholeRun.rowsDone) return [];
  const { rowsDone, writeUnits } = thisProcess;
  const text = `this process: ${formatNoun(rowsDone, 'row')}, ${formatNoun(writeUnits, 'write unit')}`;
  return wrapSentence(text, columns).split('\n');
}

function rejectLines({ rejects }: RunFigures, columns: number, unicode: boolean, paint: Paint): string[] {
  const shown = rejects.slice(0, rejects.length > mostRejectLines ? mostRejectLines - 1 : mostRejectLines);
  const lines = shown.map((group) => `rejected: ${rejectText(group, unicode ? '×' : 'x')}`);
  const more = rejects.length - shown.length;
  if (more > 0) lines.push(`rejected: ${formatCount(more)} more codes, see rejects.jsonl`);
  return lines.flatMap((line) => wrapped(line, columns, 'red', paint));
}

function heldLines(figures: RunFigures, columns: number, paint: Paint): string[] {
  const { pausedFor, isRampingUp, bottleneck, advice } = figures;
  if (pausedFor !== undefined) return wrapped(`paused: ${printable(pausedFor)}`, columns, 'yellow', paint);
  if (isRampingUp) return wrapped('ramping up', columns, 'green', paint);
  if (advice === '') return [];
  return wrapped(`held back by ${printable(advice)}`, columns, bottleneck === 'limit' ? 'green' : 'yellow', paint);
}

function wrapped(text: string, columns: number, style: 'green' | 'yellow' | 'red', paint: Paint): string[] {
  const lines = wrapSentence(text, columns).split('\n');
  return lines.map((line) => paint(style, line));
}

/** Empty where the size of the source is not known. */
function barText({ fraction }: RunFigures, room: number, unicode: boolean, paint: Paint): string {
  const width = Math.min(widestBar, room);
  if (fraction === undefined || width < 1) return '';
  const done = Math.floor(fraction * width);
  const [full, empty] = unicode ? ['█', '░'] : ['#', '.'];
  return paint('cyan', full.repeat(done)) + paint('dim', empty.repeat(width - done));
}

/** Puts parts side by side as long as they fit, the others on lines of their own. */
function flow(parts: readonly string[], columns: number, between = gap): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + between.length + widthOf(part) <= columns) {
      lines[lines.length - 1] = `${last}${between}${part}`;
    } else {
      lines.push(part);
    }
  }
  return lines;
}

/** A line that is too wide loses its colours with its end, so that none is left on. */
function cut(line: string, columns: number): string {
  return widthOf(line) <= columns ? line : stripVTControlCharacters(line).slice(0, columns);
}

function whole(seconds: number): string {
  return formatDuration(Math.max(1, Math.round(seconds)));
}
