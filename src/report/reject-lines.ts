import { formatCount } from './format.ts';

/** A heading, and a line for each code, the most frequent first; nothing where no row was rejected. */
export function rejectLines(rejectsByCode: Readonly<Record<string, number>>): readonly string[] {
  const byCode = Object.entries(rejectsByCode).sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  if (byCode.length === 0) return [];
  const widest = formatCount(byCode[0]?.[1] ?? 0).length;
  return [
    'Rejected rows by code:',
    ...byCode.map(([code, count]) => `  ${formatCount(count).padStart(widest)}  ${code}`),
  ];
}
