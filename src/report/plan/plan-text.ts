import type { StoredBytes } from '../../domain/run-totals.ts';
import type { ColumnMeasure, SourceMeasure } from '../../domain/source-measure.ts';
import type { TableInfo } from '../../domain/table.ts';
import type { WriteCost } from '../../domain/write-result.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  alignedRows,
  countsText,
  formatBytes,
  formatCount,
  formatDuration,
  formatNoun,
  pageOf,
  printable,
  rejectLines,
  widestPage,
  wrappedText,
  wrapSentence,
} from '../format.ts';
import type { LoadWay } from '../load-ways.ts';
import { shareProgress } from '../watch/run-progress.ts';
import { estimateLines, formatUsd, type ImportEstimate, limitLines } from './estimate-text.ts';
import { type NotChecked, notCheckedText, type SideEffect, skewFindings } from './plan-warnings.ts';

export type PlanOutcome =
  | 'ready'
  | 'ready-with-rejects'
  | 'too-many-rejects'
  | 'too-many-deletes'
  | 'unexpected-row-count';

/** A column, with its type where the table definition of the dump tells it: `varchar(64)`. */
export type PlannedColumn = ColumnMeasure & { readonly sourceType?: string };

/** What an import would be; the JSON of `plan --json`, schema version 1. */
export type Plan = Omit<SourceMeasure, 'columns'> & {
  readonly version: 1;
  readonly outcome: PlanOutcome;
  readonly exitCode: number;
  readonly source: readonly string[];
  /** A few words: `csv with a header row`. */
  readonly format: string;
  readonly columns: readonly PlannedColumn[];
  readonly repository: string;
  readonly table: string;
  /** Partition key, then sort key. */
  readonly keyNames: readonly string[];
  readonly rate: PlannedRate & { readonly indexes: readonly (PlannedRate & { readonly name: string })[] };
  /** Null where there is none, or it may not be described. */
  readonly tableInfo: TableInfo | null;
  /** Requests and write units by `--if-exists`, before any retry. */
  readonly cost: WriteCost;
  readonly estimate: ImportEstimate;
  readonly concurrency: number;
  /** Of the rows that are skipped because they have expired: USD on demand, and seconds at the full rate. */
  readonly savedByExpiry?: { readonly usdOnDemand: number; readonly seconds: number | null };
  readonly sideEffects: readonly SideEffect[];
  readonly notChecked: readonly NotChecked[];
  /** The way into the table that fits best; absent for a rehearsal in memory. */
  readonly advice?: LoadWay;
  /** What `--expect-rows` says, where it does. */
  readonly expectedRows?: number;
};

/** The reading of a source for a plan, while it goes on. */
export type PlanProgress = {
  readonly clock: Clock;
  figures(): StoredBytes & { readonly rowsRead: number };
};

/** The plan as a page on standard output. Ends with a line break. */
export function planText(plan: Plan, columns = widestPage): string {
  const line = (label: string, text: string) => wrappedText(label, text, columns);
  const { rows, rate, estimate, concurrency } = plan;
  const unchecked = notCheckedText(plan.notChecked);
  return pageOf([
    wrapSentence(`${titleOf(plan)} Nothing was written.`, columns),
    line('source', plan.source.map(printable).join(', ')),
    line('format', printable(plan.format)),
    ...tableLines(plan, columns),
    line('key', plan.keyNames.map(printable).join(', ')),
    line('rows', rowsText(rows)),
    ...expiryLines(plan, line),
    line('item sizes', sizesText(plan)),
    line('write units', unitsText(plan)),
    line('requests', requestsText(plan)),
    line('rate', rateText(rate)),
    ...rate.indexes.map((index) => line('index rate', `${rateText(index)} into ${printable(index.name)}`)),
    ...estimateLines(estimate, concurrency, columns),
    ...skewFindings(plan.keySpreads, true).flatMap(({ message, hint }) => [line('crowded', message), line('', hint)]),
    ...plan.sideEffects.map(({ message }) => line('beware', message)),
    unchecked && line('not checked', unchecked),
    ...(plan.advice === undefined ? [] : [line('best way', plan.advice.text), line('because', plan.advice.because)]),
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

function verdict({ outcome, expectedRows }: Plan, { read, rejected, deletes = 0 }: Plan['rows']): string {
  switch (outcome) {
    case 'ready':
      return 'every row would go in';
    case 'ready-with-rejects':
      return `${formatNoun(rejected, 'row')} would be rejected`;
    case 'too-many-rejects':
      return `it would stop, as --max-rejects allows fewer than ${formatNoun(rejected, 'rejected row')}`;
    case 'too-many-deletes':
      return `it would stop, as --max-deletes allows fewer than ${formatNoun(deletes, 'row')} to delete`;
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

function rowsText({ read, importable, deletes, rejected, skipped }: Plan['rows']): string {
  const toDelete = deletes === undefined ? '' : ` + ${formatCount(deletes)} to delete`;
  return `${formatCount(read)} read = ${formatCount(importable - (deletes ?? 0))} to import${toDelete} + ${formatCount(rejected)} to reject + ${formatCount(skipped)} to skip`;
}

function expiryLines(
  { expired, savedByExpiry, ttl }: Plan,
  line: (label: string, text: string) => string,
): readonly string[] {
  if (expired === undefined || savedByExpiry === undefined) return [];
  const { usdOnDemand, seconds } = savedByExpiry;
  const time = seconds === null ? '' : ` and ${formatDuration(seconds)} at the full rate`;
  const units = [expired.writeUnits, ...expired.indexUnits].reduce((sum, each) => sum + each, 0);
  const saved = `${formatNoun(units, 'write unit')}, ${formatUsd(usdOnDemand)} on demand${time}`;
  const old = ttl?.tooOld ?? 0;
  return [
    line('expired', `${formatNoun(expired.rows, 'row')} to skip, which would have taken ${saved}`),
    ...(old === 0 ? [] : [line('', `${formatNoun(old, 'row')} more than five years past to write`)]),
  ];
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

const headings = ['column', 'type', 'becomes', 'NULL', 'empty', 'bytes', 'dates', 'rejects'];

/** What becomes of each column, as a table with a heading; columns of it that would be empty are left out. */
export function columnLines(columns: readonly PlannedColumn[]): readonly string[] {
  const cells = columns.map(cellsOf);
  const used = headings.map((_, i) => cells.some((row) => row[i] !== ''));
  const table = [headings, ...cells].map((row) => row.filter((_, i) => used[i]));
  const lines = alignedRows(table).map((line) => `  ${line}`.trimEnd());
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
    attributeText(sourceName, attribute),
    formatCount(nulls),
    formatCount(empty),
    bytes === undefined ? 'no values' : range(formatCount(bytes.shortest), formatCount(bytes.longest)),
    dates === undefined ? '' : range(dayOf(dates.firstSeconds), dayOf(dates.lastSeconds)),
    countsText(rejectsByCode),
  ];
}

function attributeText(sourceName: string, attribute: PlannedColumn['attribute']): string {
  if (attribute === undefined) return 'left out';
  const { name, type, isMade } = attribute;
  if (isMade) return `${type} from --set`;
  return name === sourceName ? type : `${printable(name)} ${type}`;
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

/** How far the reading of a plan is: `1,234,567 rows read for the plan   62 %   ETA 3 s`. */
export function planProgressText({ clock, figures }: PlanProgress): () => string {
  const progress = shareProgress(clock);
  return () => {
    const { rowsRead, storedBytesRead, storedBytesTotal: total } = figures();
    const { done, eta } = progress(total ? Math.min(1, storedBytesRead / total) : undefined);
    const rows = `${formatCount(rowsRead)} rows read for the plan`;
    return [rows, done, eta].filter((part) => part !== undefined).join('   ');
  };
}

/** Write units a second, null for no limit, and how the figure came to be. */
type PlannedRate = { readonly limit: number | null; readonly chosen: string };
