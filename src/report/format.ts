import { stripVTControlCharacters } from 'node:util';
import { formatCount, formatRate, printable } from '../domain/format.ts';
import type { RejectGroup } from '../domain/run-summary.ts';

export { formatCount, formatRate, printable };

/** `850 ms`, `4.2 s`, `42 s`, `8 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${oneDecimal(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(whole, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return pair(minutes, 60, 'h', 'min');
  return pair(Math.round(minutes / 60), 24, 'd', 'h');
}

/** `0.8 ms`, `12 ms`, `1.2 s`. */
export function formatMs(ms: number): string {
  if (ms < 9.95) return `${oneDecimal(ms)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : formatDuration(ms / 1000);
}

/** `512 bytes`, `1.2 kB`, `64 MB`, in powers of 1,000 as networks count. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} bytes`;
  let value = bytes / 1000;
  let unit = 0;
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? oneDecimal(value) : formatCount(value)} ${units[unit]}`;
}

/** `0.4 Mb/s`, `243 Mb/s`, as networks are sold. */
export function formatBitRate(bytesPerSecond: number): string {
  const megabits = (bytesPerSecond * 8) / 1e6;
  return `${megabits < 9.95 ? oneDecimal(megabits) : formatCount(megabits)} Mb/s`;
}

/** `02:08 UTC`, with the day before it if that is not today's: `Feb 1 02:08 UTC`. */
export function formatClock(ms: number, nowMs: number): string {
  const [date, now] = [new Date(ms), new Date(nowMs)];
  // Intl would take 5 MB of memory for the rest of the run.
  const [, day, month] = date.toUTCString().split(' ');
  const isToday = date.toISOString().slice(0, 10) === now.toISOString().slice(0, 10);
  return `${isToday ? '' : `${month} ${Number(day)} `}${date.toISOString().slice(11, 16)} UTC`;
}

/** `1 row`, `2 rows`. */
export function formatNoun(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `10 read = 8 written + 2 rejected`, or `is not` where the rows by their fate are not the rows read. */
export function formatBalance({ read, ...fates }: { readonly read: number; readonly [fate: string]: number }): string {
  const sum = Object.values(fates).reduce((total, count) => total + count, 0);
  const right = Object.entries(fates).map(([fate, count]) => `${formatCount(count)} ${fate}`);
  return `${formatCount(read)} read ${sum === read ? '=' : 'is not'} ${right.join(' + ')}`;
}

function pair(value: number, divisor: number, large: string, small: string): string {
  const rest = value % divisor;
  return `${Math.floor(value / divisor)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

function oneDecimal(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}

/** Lines no longer than `columns` where the words allow it, the later ones indented by `indent` blanks. */
export function wrapWords(words: readonly string[], columns: number, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > columns - indent) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

/** A text of as many lines as it takes, for what has no label. */
export function wrapSentence(text: string, columns: number): string {
  return wrapWords(text.split(' '), columns, 2);
}

/** `  label        text`: the labels of a page stand in one column. */
export function labelled(label: string, text: string): string {
  return `  ${label.padEnd(labelColumns)}${text}`;
}

/** A labelled text of as many lines as it takes. */
export function wrappedText(label: string, text: string, columns: number): string {
  return labelled(label, wrapWords(text.split(' '), columns, labelIndent));
}

/** How wide a page is: what the terminal shows, but no wider than one reads, and no narrower than makes sense. */
export function pageColumns(output: { readonly isTerminal: boolean; columns(): number }): number {
  return output.isTerminal ? Math.min(widestPage, Math.max(narrowestPage, output.columns())) : widestPage;
}

/** For a page of figures, which only a terminal makes narrower: undefined where there is none. */
export function terminalColumns(output: { readonly isTerminal: boolean; columns(): number }): number | undefined {
  return output.isTerminal ? Math.max(narrowestPage, output.columns()) : undefined;
}

export const widestPage = 110;
const narrowestPage = 40;
/** Blanks and label before a labelled text. */
export const labelIndent = 15;
const labelColumns = labelIndent - 2;

/** The lines as a page, without those that are undefined. Ends with a line break. */
export function pageOf(lines: readonly (string | undefined)[]): string {
  return `${lines.filter((line) => line !== undefined).join('\n')}\n`;
}

/** Rows of cells as lines, all columns as wide as their widest cell; `isRight`: of which columns the cells stand at the right. */
export function alignedRows(
  rows: readonly (readonly string[])[],
  isRight: (place: number) => boolean = () => false,
): string[] {
  const widths = rows[0]!.map((_, place) => Math.max(...rows.map((cells) => cells[place]!.length)));
  const aligned = (cell: string, place: number) =>
    isRight(place) ? cell.padStart(widths[place]!) : cell.padEnd(widths[place]!);
  return rows.map((cells) => cells.map(aligned).join('  '));
}

/** How wide a text is on a terminal, colours left out. */
export function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** The table or an index, as a page names it. */
export function partLabel(index: string | undefined): string {
  return index === undefined ? 'table' : `index ${index}`;
}

/** One line for a reason of rejects: `key-empty ×11, first at line 500, column token`. */
export function rejectText({ code, count, first }: RejectGroup, times = '×'): string {
  const counted = `${printable(code)} ${times}${formatCount(count)}`;
  if (first === undefined) return counted;
  const { source, line, column } = first;
  const file = source === undefined ? '' : `${printable(source)} `;
  return `${counted}, first at ${file}line ${formatCount(line)}${column === undefined ? '' : `, column ${printable(column)}`}`;
}

type Counts = Readonly<Record<string, number>>;

/** `480 key-empty, 2 ragged-row`. */
export function countsText(counts: Counts): string {
  return Object.entries(counts)
    .map(([name, count]) => `${formatCount(count)} ${name}`)
    .join(', ');
}

/** The most frequent first. */
export function byFrequency(counts: Counts): readonly (readonly [string, number])[] {
  return Object.entries(counts).sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
}

/** A heading, and a line for each code of rejected rows; nothing where there is none. */
export function rejectLines(rejectsByCode: Counts): readonly string[] {
  return countLines('Rejected rows by code:', byFrequency(rejectsByCode));
}

/** A heading, and a line for each count; nothing where there is none. */
export function countLines(heading: string, counts: readonly (readonly [string, number])[]): readonly string[] {
  if (counts.length === 0) return [];
  const widest = Math.max(...counts.map(([, count]) => formatCount(count).length));
  return [heading, ...counts.map(([name, count]) => `  ${formatCount(count).padStart(widest)}  ${printable(name)}`)];
}
