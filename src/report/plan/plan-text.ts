import { rejectLines } from '../count-lines.ts';
import { formatBytes, formatCount, formatNoun } from '../format.ts';
import { pageOf, widestPage, wrappedText, wrapWords } from '../page.ts';
import { printable } from '../printable.ts';
import { estimateLines, limitLines } from './estimate-text.ts';
import { skewFindings } from './key-skew-text.ts';
import type { Plan, PlannedRate } from './plan.ts';
import { columnLines } from './plan-columns.ts';
import { notCheckedText } from './side-effects.ts';

/** The plan as a page on standard output. Ends with a line break. */
export function planText(plan: Plan, columns = widestPage): string {
  const line = (label: string, text: string) => wrappedText(label, text, columns);
  const { rows, rate, estimate, concurrency } = plan;
  const unchecked = notCheckedText(plan.notChecked);
  return pageOf([
    wrapWords(`${titleOf(plan)} Nothing was written.`.split(' '), columns, 2),
    line('source', plan.source.map(printable).join(', ')),
    line('format', printable(plan.format)),
    ...tableLines(plan, columns),
    line('key', plan.keyNames.map(printable).join(', ')),
    line('rows', rowsText(rows)),
    line('item sizes', sizesText(plan)),
    line('write units', unitsText(plan)),
    line('requests', requestsText(plan)),
    line('rate', rateText(rate)),
    ...rate.indexes.map((index) => line('index rate', `${rateText(index)} into ${printable(index.name)}`)),
    ...estimateLines(estimate, concurrency, columns),
    ...skewFindings(plan.keySpreads, true).flatMap(({ message, hint }) => [line('crowded', message), line('', hint)]),
    ...plan.sideEffects.map(({ message }) => line('beware', message)),
    unchecked && line('not checked', unchecked),
    ...plan.advice.map((advice) => line('instead', advice)),
    'Limits, in write units a second:',
    ...limitLines(estimate.limits),
    ...rejectLines(plan.rejectsByCode),
    ...placeLines(plan),
    'Columns:',
    ...columnLines(plan.columns),
  ]);
}

/** Where the first of them stand, and why. */
function placeLines({ firstRejects, source, rows }: Plan): readonly string[] {
  const lines = firstRejects.map(
    ({ fileIndex, line, message }) => `  ${printable(source[fileIndex] ?? '')} line ${line}: ${printable(message)}`,
  );
  const more = rows.rejected - firstRejects.length;
  return more > 0 ? [...lines, `  and ${formatNoun(more, 'row')} more`] : lines;
}

function titleOf(plan: Plan): string {
  const { rows, table, repository } = plan;
  return `Plan for an import into ${repository === 'memory' ? 'memory' : `table ${printable(table)}`}: ${verdict(plan, rows)}.`;
}

function verdict({ outcome, expectedRows }: Plan, { read, rejected }: Plan['rows']): string {
  switch (outcome) {
    case 'ready':
      return 'every row would go in';
    case 'ready-with-rejects':
      return `${formatNoun(rejected, 'row')} would be rejected`;
    case 'too-many-rejects':
      return `it would stop, as --max-rejects allows fewer than ${formatNoun(rejected, 'rejected row')}`;
    case 'unexpected-row-count':
      return `it would fail, as --expect-rows is ${expectedRows} and the source holds ${formatCount(read)}`;
  }
}

function tableLines({ tableInfo }: Plan, columns: number): readonly string[] {
  if (tableInfo === null) return [];
  const { arn, billing, itemCount, sizeBytes } = tableInfo;
  const held = `${formatNoun(itemCount, 'item')} (${formatBytes(sizeBytes)}) as of AWS's last count`;
  return [wrappedText('table', `${arn}, ${billing}, holds ${held}`, columns)];
}

function rowsText({ read, importable, rejected, skipped }: Plan['rows']): string {
  return `${formatCount(read)} read = ${formatCount(importable)} to import + ${formatCount(rejected)} to reject + ${formatCount(skipped)} to skip`;
}

function sizesText({ itemBytes }: Plan): string {
  const { p50, p99, max, total } = itemBytes;
  return `p50 ${formatBytes(p50)}, p99 ${formatBytes(p99)}, max ${formatBytes(max)}; ${formatBytes(total)} in all`;
}

function unitsText({ writeUnits, indexUnits, rate }: Plan): string {
  const ofIndexes = rate.indexes.map(
    ({ name }, i) => `, ${formatCount(indexUnits[i] ?? 0)} of index ${printable(name)}`,
  );
  return `${formatCount(writeUnits)}${ofIndexes.length === 0 ? '' : ' of the table'}${ofIndexes.join('')}`;
}

function requestsText({ cost: { requests, besides } }: Plan): string {
  return `${formatCount(requests)}${besides === undefined ? '' : `, one for each row; ${besides}`}`;
}

function rateText({ limit, chosen }: PlannedRate): string {
  return limit === null ? chosen : `${formatCount(limit)} write units a second: ${chosen}`;
}
