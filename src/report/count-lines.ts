import { formatCount } from './format.ts';
import { printable } from './printable.ts';

type Counts = Readonly<Record<string, number>>;

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
