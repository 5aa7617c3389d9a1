import { stripVTControlCharacters } from 'node:util';
import { formatBitRate, formatCount, formatDuration, formatMs, formatNoun, printable } from '../format.ts';
import { widthOf, wrapWords } from '../page.ts';
import type { RunFigures } from './run-context.ts';

/** What a terminal can show beside plain text. */
export type TerminalLook = {
  /** It moves the cursor when told to. */
  readonly redraws: boolean;
  readonly colors: boolean;
  /** It shows more than ASCII. */
  readonly unicode: boolean;
};

export type ViewSize = { readonly columns: number } & Pick<TerminalLook, 'colors' | 'unicode'>;

type Paint = (style: keyof typeof styles, text: string) => string;

const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
const gap = '   ';
const widestBar = 50;
const narrowestBar = 10;

/** The run at a glance, as many lines as the width takes; none is wider than `columns`. */
export function liveLines(figures: RunFigures, { columns, colors, unicode }: ViewSize): string[] {
  const paint: Paint = (style, text) => (colors ? `\u001b[${styles[style]}m${text}\u001b[0m` : text);
  const [first = '', ...more] = flow(progressParts(figures, paint), columns - narrowestBar - gap.length);
  const bar = barText(figures, columns - widthOf(first) - gap.length, unicode, paint);
  return [
    bar === '' ? first : `${bar}${gap}${first}`,
    ...flow([...more, ...figureParts(figures, paint)], columns),
    ...heldLines(figures, columns, paint),
  ].map((line) => cut(line, columns));
}

function progressParts(figures: RunFigures, paint: Paint): string[] {
  const { fraction, wholeRun, thisProcess, etaSeconds, credentialsExpireMs, atMs } = figures;
  const share = fraction === undefined ? [] : [paint('bold', `${String(Math.floor(fraction * 100)).padStart(2)} %`)];
  const time =
    etaSeconds === undefined ? `for ${formatDuration(thisProcess.durationMs / 1000)}` : `ETA ${whole(etaSeconds)}`;
  const parts = [...share, formatNoun(wholeRun.rowsDone, 'row'), time];
  if (credentialsExpireMs === undefined) return parts;
  const leftSeconds = Math.max(0, (credentialsExpireMs - atMs) / 1000);
  const text = `credentials for ${whole(leftSeconds)}`;
  return [...parts, leftSeconds < (etaSeconds ?? 0) ? paint('yellow', text) : text];
}

function figureParts(figures: RunFigures, paint: Paint): string[] {
  const { writeUnitsPerSecond, rateLimit, wholeRun, thisProcess, latencyMs, inFlight, concurrency } = figures;
  const rate = paint('bold', formatCount(writeUnitsPerSecond ?? 0));
  const alarm = (style: 'yellow' | 'red', count: number, word: string) => {
    const text = `${formatCount(count)} ${word}`;
    return count === 0 ? text : paint(style, text);
  };
  return [
    `${rate}${rateLimit === null ? '' : ` of ${formatCount(rateLimit)}`} write units/s`,
    `${formatCount(thisProcess.writeUnits)} in all`,
    ...(figures.bytesPerSecond === 0 ? [] : [formatBitRate(figures.bytesPerSecond)]),
    `${inFlight} of ${concurrency} in flight`,
    // In the first second, and where nothing is answered, there is no latency.
    ...(latencyMs.p99 === 0 ? [] : [`p50 ${formatMs(latencyMs.p50)}`, `p99 ${formatMs(latencyMs.p99)}`]),
    alarm('yellow', thisProcess.requestsThrottled, 'throttled'),
    ...(thisProcess.unprocessedItems === 0 ? [] : [alarm('yellow', thisProcess.unprocessedItems, 'handed back')]),
    alarm('red', wholeRun.rowsRejected, 'rejected'),
  ];
}

function heldLines({ pausedFor, bottleneck, advice }: RunFigures, columns: number, paint: Paint): string[] {
  if (pausedFor !== undefined) return wrapped(`paused: ${printable(pausedFor)}`, columns, 'yellow', paint);
  if (advice === '') return [];
  return wrapped(`held back by ${printable(advice)}`, columns, bottleneck === 'limit' ? 'green' : 'yellow', paint);
}

function wrapped(text: string, columns: number, style: 'green' | 'yellow', paint: Paint): string[] {
  const lines = wrapWords(text.split(' '), columns, 2).split('\n');
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
function flow(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + gap.length + widthOf(part) <= columns) {
      lines[lines.length - 1] = `${last}${gap}${part}`;
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
