import { labelIndent, labelled, wrapWords } from './columns.ts';
import { formatBytes, formatCount, formatDuration, formatNoun } from './format.ts';
import { skewFindings } from './key-skew-text.ts';
import type { Plan } from './plan.ts';
import { columnLines } from './plan-columns.ts';
import { printable } from './printable.ts';
import { rejectLines } from './reject-lines.ts';

/** The plan as a page on standard output. Ends with a line break. */
export function planText(plan: Plan): string {
  const { rows, itemBytes, rate, durationSeconds, rejectsByCode } = plan;
  return [
    `${titleOf(plan)} Nothing was written.`,
    labelled('source', plan.source.map(printable).join(', ')),
    labelled('format', printable(plan.format)),
    labelled('key', plan.keyNames.map(printable).join(', ')),
    labelled('rows', rowsText(rows)),
    labelled(
      'item sizes',
      `p50 ${formatBytes(itemBytes.p50)}, p99 ${formatBytes(itemBytes.p99)}, max ${formatBytes(itemBytes.max)}; ${formatBytes(itemBytes.total)} in all`,
    ),
    labelled('write units', formatCount(plan.writeUnits)),
    labelled(
      'rate',
      rate.limit === null
        ? `unlimited: ${rate.chosen}`
        : `${formatCount(rate.limit)} write units a second: ${rate.chosen}`,
    ),
    durationSeconds === null ? undefined : labelled('time', formatDuration(durationSeconds)),
    ...skewFindings(plan.keySpreads).flatMap(({ message, hint }) => [wrapped('crowded', message), wrapped('', hint)]),
    ...rejectLines(rejectsByCode),
    'Columns:',
    ...columnLines(plan.columns),
  ]
    .filter((line) => line !== undefined)
    .join('\n')
    .concat('\n');
}

function titleOf({ outcome, rows, table, repository }: Plan): string {
  const where = repository === 'memory' ? 'memory' : `table ${printable(table)}`;
  switch (outcome) {
    case 'ready':
      return `Plan for an import into ${where}: every row would go in.`;
    case 'ready-with-rejects':
      return `Plan for an import into ${where}: ${formatNoun(rows.rejected, 'row')} would be rejected.`;
    case 'too-many-rejects':
      return `Plan for an import into ${where}: it would stop, as --max-rejects allows fewer than ${formatNoun(rows.rejected, 'rejected row')}.`;
  }
}

function rowsText({ read, importable, rejected, skipped }: Plan['rows']): string {
  return `${formatCount(read)} read = ${formatCount(importable)} to import + ${formatCount(rejected)} to reject + ${formatCount(skipped)} to skip`;
}

const pageColumns = 110;

function wrapped(label: string, text: string): string {
  return labelled(label, wrapWords(text.split(' '), pageColumns, labelIndent));
}
