import { stripVTControlCharacters } from 'node:util';
import type { RejectGroup } from '../domain/run-summary.ts';
import { formatCount, printable } from './format.ts';

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
