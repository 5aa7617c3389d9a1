import { type KeySpread, partitionUnitsPerSecond, type SourceMeasure } from '../../domain/source-measure.ts';
import { knownValue, type TableAttachments, type TableInfo } from '../../domain/table.ts';
import { formatCount, formatDuration, formatNoun, printable } from '../format.ts';

/** What the import sets off in addition to its writes, or makes impossible to undo. None of it stops an import. */
export type SideEffect = {
  readonly kind: 'stream' | 'kinesis' | 'replicas' | 'backup' | 'ttl' | 'status' | 'class';
  readonly message: string;
};

/** What the caller may not read. */
export type NotChecked = { readonly what: string; readonly because: string };

/**
 * `measured`: of the whole source, or of its first `sampleRows`. `rows`: to import; undefined if they were not counted.
 */
export function sideEffects(
  table: TableInfo | undefined,
  attachments: TableAttachments,
  measured: Pick<SourceMeasure, 'columns' | 'ttl'>,
  rows: number | undefined,
  sampleRows?: number,
): readonly SideEffect[] {
  const records = `${rows === undefined ? 'a record for every row' : formatNoun(rows, 'record')} will reach its consumers`;
  const { streamView, replicaRegions = [], status = 'ACTIVE' } = table ?? {};
  const effects: (SideEffect | undefined)[] = [
    status === 'ACTIVE' ? undefined : { kind: 'status', message: `the table is ${status}` },
    streamView === undefined ? undefined : { kind: 'stream', message: `a stream is on (${streamView}): ${records}` },
    ...(knownValue(attachments.kinesisStreams) ?? []).map((name) => {
      return { kind: 'kinesis', message: `Kinesis stream ${printable(name)} is attached: ${records}` } as const;
    }),
    replicaRegions.length === 0
      ? undefined
      : { kind: 'replicas', message: `every write is copied to ${replicaRegions.join(', ')}, and paid for there` },
    table?.infrequentAccess
      ? {
          kind: 'class',
          message: 'the table is of the class for infrequent access, whose writes cost more: see --prices',
        }
      : undefined,
    backupEffect(attachments),
  ];
  return [...effects.filter((effect) => effect !== undefined), ...ttlEffects(attachments, measured, sampleRows)];
}

export function notChecked(attachments: TableAttachments): readonly NotChecked[] {
  const { kinesisStreams, pointInTimeRecovery, ttlAttribute, quotas } = attachments;
  const checks = {
    'Kinesis streams': kinesisStreams,
    'point-in-time recovery': pointInTimeRecovery,
    'time-to-live': ttlAttribute,
    quotas,
  };
  return Object.entries(checks).flatMap(([what, checked]) =>
    checked.kind === 'known' ? [] : [{ what, because: checked.because }],
  );
}

/** `not checked: time-to-live (needs …), quotas (needs …)`, or undefined. */
export function notCheckedText(checks: readonly NotChecked[]): string | undefined {
  if (checks.length === 0) return undefined;
  const reasons = [...new Set(checks.map(({ because }) => because))];
  const groups = reasons.map((because) => {
    const names = checks.filter((check) => check.because === because).map(({ what }) => what);
    return `${names.join(', ')} (${because})`;
  });
  return groups.join(', ');
}

function backupEffect({ pointInTimeRecovery }: TableAttachments): SideEffect | undefined {
  const state = knownValue(pointInTimeRecovery);
  if (state === undefined) return undefined;
  const message = state.isOn
    ? 'point-in-time recovery is on: the moment before the first write, to go back to, is kept in the summary'
    : 'point-in-time recovery is off: what a put replaces is gone for good';
  return { kind: 'backup', message };
}

function ttlEffects(
  attachments: TableAttachments,
  { columns, ttl }: Pick<SourceMeasure, 'columns' | 'ttl'>,
  sampleRows: number | undefined,
): readonly SideEffect[] {
  const name = knownValue(attachments.ttlAttribute);
  if (name === undefined) return [];
  const column = columns.find(({ attribute }) => attribute?.name === name);
  const ttlEffect = (message: string): SideEffect => {
    return { kind: 'ttl', message: `time-to-live goes by "${printable(name)}", ${message}` };
  };
  if (column === undefined) return [ttlEffect('which no column gives: none of the rows will expire')];
  const { type, isMade } = column.attribute!;
  if (type !== 'N' && type !== 'EPOCH') {
    const remedy = isMade
      ? `--set '${printable(name)}:N={COLUMN}' makes it a number`
      : `--types ${printable(column.sourceName)}=EPOCH makes it seconds`;
    return [ttlEffect(`which would be ${type} and no number: none of the rows will expire; ${remedy}`)];
  }
  // With --ttl-column another column may have been counted.
  const { milliseconds = 0, expired = 0, tooOld = 0 } = ttl?.attribute === name ? ttl : {};
  const of = sampleRows === undefined ? '' : ` of the first ${formatCount(sampleRows)}`;
  return [
    ...(milliseconds > 0
      ? [`which is in milliseconds in ${formatNoun(milliseconds, 'row')}${of}: they will not expire`]
      : []),
    ...(expired > 0 ? [`which is past in ${formatNoun(expired, 'row')}${of}: they will be deleted within days`] : []),
    ...(tooOld > 0
      ? [`which is more than five years past in ${formatNoun(tooOld, 'row')}${of}: they will never be deleted`]
      : []),
  ].map(ttlEffect);
}

/** Below this a crowded key costs less than what the estimate is worth. */
const leastSlowdown = 1.05;
const partitionText = `one partition takes ${formatCount(partitionUnitsPerSecond)} write units a second`;

type SkewFinding = { readonly message: string; readonly hint: string };

/** What crowded partition keys cost, and what helps; nothing where they cost nothing. `isWhole`: all rows were looked at. */
export function skewFindings(spreads: readonly KeySpread[], isWhole: boolean): readonly SkewFinding[] {
  return spreads.filter(isSlow).map((spread) => ({ message: crowdMessage(spread, isWhole), hint: crowdHint(spread) }));
}

function isSlow({ secondsAtRate, secondsWithHotKeys }: KeySpread): boolean {
  return secondsWithHotKeys > secondsAtRate * leastSlowdown;
}

function crowdMessage(spread: KeySpread, isWhole: boolean): string {
  const { index, attribute, units, secondsAtRate, secondsWithHotKeys } = spread;
  const where = index === undefined ? 'the table' : `index ${printable(index)}`;
  const pace = `on average ${formatCount(units / secondsWithHotKeys)} a second in place of ${formatCount(units / secondsAtRate)}`;
  const took = isWhole ? `, ${formatDuration(secondsWithHotKeys)} in place of ${formatDuration(secondsAtRate)}` : '';
  return `${crowd(spread)} in "${printable(attribute)}", a partition key of ${where}; ${partitionText}: ${pace}${took}`;
}

function crowd({ distinct, topShare, longestRun }: KeySpread): string {
  const share = `${formatCount(topShare * 100)} % of the write units`;
  if (distinct === 1) return 'all rows bear one value';
  if (distinct !== undefined) return `${formatCount(distinct)} values, one of them with ${share},`;
  return `up to ${formatNoun(longestRun, 'row')} in a row bear one value, ${share} of a stretch`;
}

function crowdHint(spread: KeySpread): string {
  if (orderHelps(spread)) {
    return 'Dump in another order: SELECT … ORDER BY RAND() INTO OUTFILE, or mysqldump --where="1 ORDER BY RAND()".';
  }
  return spread.index === undefined
    ? 'No order of the rows helps: choose a partition key with more values.'
    : `No order of the rows helps: import without index ${printable(spread.index)} and create it afterwards, or lower --wps.`;
}

/** A value that is frequent among all rows stays so in any order. */
function orderHelps({ distinct, topShare, units, secondsAtRate }: KeySpread): boolean {
  return distinct === undefined || (topShare * units) / partitionUnitsPerSecond <= secondsAtRate * leastSlowdown;
}
