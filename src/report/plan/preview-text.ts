import { formatCount, formatNoun } from '../format.ts';
import { wrappedText } from '../page.ts';
import { estimateLines, limitText } from './estimate-text.ts';
import { skewFindings } from './key-skew-text.ts';
import type { ImportPreview } from './preview.ts';
import { notCheckedText } from './side-effects.ts';

/** What the import will be, in a few lines. */
export function previewLines(preview: ImportPreview, columns: number): readonly string[] {
  const line = (label: string, text: string) => wrappedText(label, text, columns);
  const { rows, estimate, concurrency, keySpreads, sideEffects } = preview;
  const about = rows === undefined || rows.isExact ? '' : 'about ';
  const unchecked = notCheckedText(preview.notChecked);
  return [
    rows === undefined ? undefined : line('rows', `${about}${formatCount(rows.count)}${judged(preview)}`),
    ...(estimate === undefined ? [] : estimateLines(estimate, concurrency, columns, about)),
    // What is provisioned has been told with the rate.
    ...(estimate?.limits ?? [])
      .filter(({ holdsBack, kind }) => holdsBack && kind !== 'provisioned')
      .map((limit) => line('limit', `${formatCount(limit.unitsPerSecond)} write units a second: ${limitText(limit)}`)),
    rejectsLine(preview, columns),
    ...skewFindings(keySpreads, false).flatMap(({ message, hint }) => [line('crowded', message), line('', hint)]),
    ...sideEffects.map(({ message }) => line('beware', message)),
    unchecked && line('not checked', unchecked),
  ].filter((line) => line !== undefined);
}

function judged({ rows, sampleRows }: ImportPreview): string {
  return rows?.isExact ? '' : `, judged by the first ${formatCount(sampleRows)}; import-tokens plan counts them all`;
}

function rejectsLine({ sampleRows, sampleRejects }: ImportPreview, columns: number): string | undefined {
  const codes = Object.entries(sampleRejects);
  if (codes.length === 0) return undefined;
  const counts = codes.map(([code, count]) => `${formatCount(count)} ${code}`).join(', ');
  return wrappedText('rejects', `of the first ${formatNoun(sampleRows, 'row')}: ${counts}`, columns);
}
