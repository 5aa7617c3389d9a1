import { formatCount } from '../format.ts';
import { printable } from '../printable.ts';
import type { PlannedColumn } from './plan.ts';

const headings = ['column', 'type', 'becomes', 'NULL', 'empty', 'bytes', 'dates', 'rejects'];

/** What becomes of each column, as a table with a heading; columns of it that would be empty are left out. */
export function columnLines(columns: readonly PlannedColumn[]): readonly string[] {
  const cells = columns.map(cellsOf);
  const used = headings.map((_, i) => cells.some((row) => row[i] !== ''));
  const table = [headings, ...cells].map((row) => row.filter((_, i) => used[i]));
  const widths = table[0]!.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
  const lines = table.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd());
  return [lines[0]!, ...columns.flatMap((column, i) => [lines[i + 1]!, ...valueLines(column)])];
}

function cellsOf({
  sourceName,
  sourceType,
  attribute,
  nulls,
  empty,
  bytes,
  dates,
  rejectsByCode,
}: PlannedColumn): string[] {
  return [
    printable(sourceName),
    sourceType ?? '',
    attribute === undefined
      ? 'left out'
      : `${attribute.name === sourceName ? '' : `${printable(attribute.name)} `}${attribute.type}`,
    formatCount(nulls),
    formatCount(empty),
    bytes === undefined ? 'no values' : range(formatCount(bytes.shortest), formatCount(bytes.longest)),
    dates === undefined ? '' : range(dayOf(dates.firstSeconds), dayOf(dates.lastSeconds)),
    Object.entries(rejectsByCode)
      .map(([code, count]) => `${formatCount(count)} ${code}`)
      .join(', '),
  ];
}

function valueLines({ values, bytes }: PlannedColumn): string[] {
  if (values === undefined) return [];
  const shortest = `    shortest  ${printable(values.shortest)}`;
  return bytes?.shortest === bytes?.longest ? [shortest] : [shortest, `    longest   ${printable(values.longest)}`];
}

function range(first: string, last: string): string {
  return first === last ? first : `${first} to ${last}`;
}

/** The day says enough of a date, and no more than that of a row. */
function dayOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? 'beyond all calendars' : date.toISOString().slice(0, 10);
}
