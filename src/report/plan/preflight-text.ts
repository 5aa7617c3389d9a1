import type { Amount, Setting, SettingOrigin } from '../../domain/amount.ts';
import type { Column } from '../../domain/column.ts';
import type { CapacityEnding } from '../../domain/run-summary.ts';
import type { KeySpread, RejectCounts } from '../../domain/source-measure.ts';
import type { TableInfo, WriteCapacity } from '../../domain/table.ts';
import type { Shard } from '../../domain/token.ts';
import type { IfExists } from '../../domain/write-result.ts';
import { formatBytes, formatCount, formatNoun, formatRate, printable } from '../format.ts';
import {
  countsText,
  labelIndent,
  labelled,
  pageOf,
  partLabel,
  widestPage,
  wrappedText,
  wrapSentence,
  wrapWords,
} from '../page.ts';
import { estimateLines, type ImportEstimate, limitsToWarnOf, limitText } from './estimate-text.ts';
import { type NotChecked, notCheckedText, type SideEffect, skewFindings } from './plan-warnings.ts';

/** A short plan, estimated from the first rows. */
export type ImportPreview = {
  /** The rows that were looked at. */
  readonly sampleRows: number;
  readonly sampleRejects: RejectCounts;
  /** Rows that are skipped because they have expired. */
  readonly sampleExpired?: number;
  /** Rows of the sample that delete; absent without `--delete-where`. */
  readonly sampleDeletes?: number;
  /** Row near which more are rejected than `--max-rejects` allows, if the rest is like the sample. */
  readonly stopsNearRow?: number;
  /** The same of rows that delete and `--max-deletes`. */
  readonly deletesStopNearRow?: number;
  /** Rows to import; absent where the size of the source is not known. */
  readonly rows?: { readonly count: number; readonly isExact: boolean };
  readonly estimate?: ImportEstimate;
  readonly concurrency: number;
  readonly keySpreads: readonly KeySpread[];
  readonly sideEffects: readonly SideEffect[];
  readonly notChecked: readonly NotChecked[];
};

/** What is known before the first write. */
export type Preflight = {
  readonly runId?: string;
  readonly repository: 'dynamodb' | 'dynamodb-sdk' | 'memory' | 'own';
  readonly tableName: string;
  /** Absent for memory, and where the table may not be described. */
  readonly tableInfo?: TableInfo;
  /** Capacity that is raised before the first write. */
  readonly raise?: { readonly parts: CapacityEnding['raised']; readonly suspendsAutoScaling: boolean };
  readonly endpoint: string;
  /** `newer` names an attribute. */
  readonly ifExists: IfExists;
  readonly region?: string;
  /** What the region was taken from: `AWS_REGION`. */
  readonly regionFrom?: string;
  readonly account?: string;
  /** Where the credentials come from. */
  readonly credentials?: string;
  /** Partition key, then sort key, as the table names them. */
  readonly keyNames: readonly string[];
  /** `chosen` says how, after a colon: `--wps 20000`, `provisioned 25,000 less the reserve of 20 %`. */
  readonly rateLimit: { readonly writeUnitsPerSecond: number | null; readonly chosen: string };
  /** The same for each global index that has a limit of its own. */
  readonly indexRateLimits?: readonly {
    readonly name: string;
    readonly writeUnitsPerSecond: number;
    readonly chosen: string;
  }[];
  readonly sources: readonly { readonly name: string; readonly storedBytes?: number }[];
  /** The objects of S3 among them. */
  readonly s3?: S3Facts;
  /** A few words: `csv with a header row`. */
  readonly format: string;
  /** `isMade`: by --set. */
  readonly columns: readonly (Pick<Column, 'sourceName' | 'name' | 'type'> & { readonly isMade?: boolean })[];
  /** A plan in short. */
  readonly preview?: ImportPreview;
  readonly resumed?: { readonly rowsDone: number };
  /** The shard of this process; the preview is of all shards. */
  readonly shard?: Shard;
  readonly runDir?: string;
  /** When this was known, in ms since 1970. */
  readonly atMs?: number;
  readonly maxRejects?: Amount;
  readonly maxDeletes?: Amount;
  readonly settings: readonly Setting[];
};

/** `versions`: how many objects are read by their version. */
type S3Facts = {
  readonly objects: number;
  readonly storedBytes: number;
  readonly region: string;
  readonly versions: number;
};

const mostSources = 20;

type Line = (label: string, text: string) => string;

/** What the operator is shown before the first write, wrapped but for what is there to be copied. Ends with a line break. */
export function preflightText(preflight: Preflight, columns = widestPage): string {
  const { resumed, runDir, keyNames } = preflight;
  const line: Line = (label, text) => wrappedText(label, text, columns);
  return pageOf([
    wrapSentence(preflightTitle(preflight), columns),
    listed('source', sourceTexts(preflight.sources), ', ', columns),
    preflight.s3 && line('from S3', s3Text(preflight.s3)),
    line('format', printable(preflight.format)),
    preflight.shard && line('shard', shardLine(preflight)!),
    ...tableLines(preflight, line),
    ...raiseLines(preflight, line),
    line('rate', rateText(preflight)),
    ...(preflight.indexRateLimits ?? []).map((index) => line('index rate', indexRateText(index))),
    ...(preflight.preview === undefined ? [] : previewLines(preflight.preview, columns)),
    keyNames.length === 0 ? undefined : line('key', keyNames.map(printable).join(', ')),
    listed('columns', preflight.columns.map(columnText), ', ', columns),
    line('a put', putText(preflight)),
    resumed && line('resumed', `${formatNoun(resumed.rowsDone, 'row')} done before`),
    runDir === undefined ? undefined : labelled('run dir', printable(runDir)),
    ...settingLines(preflight, columns),
  ]);
}

/** `3 of 8; rows, time and cost are those of all shards`. */
export function shardLine({ shard }: Preflight): string | undefined {
  return shard && `${shard.index} of ${shard.count}; rows, time and cost are those of all shards`;
}

/** What is asked below it, with the target once more: the top of the page may have left the screen. */
export function goOnQuestion(preflight: Preflight): string {
  const { preview } = preflight;
  const deletes = preview?.sampleDeletes === undefined ? '' : `${deletesText(preview, preview.sampleDeletes)}. `;
  return `${deletes}Go on with table ${targetInWords(preflight)}?`;
}

/** `12 of the first 1,000 rows delete an item`. */
export function deletesText({ sampleRows }: ImportPreview, deletes: number): string {
  return `${formatCount(deletes)} of the first ${formatNoun(sampleRows, 'row')} ${deletes === 1 ? 'deletes' : 'delete'} an item`;
}

/** `tokens (000000000000, eu-west-1)`, as far as account and region are known. */
export function targetInWords({ tableInfo: table, tableName, account, region }: Preflight): string {
  const places = [table?.account ?? account, table?.region ?? region].filter((place) => place !== undefined);
  return `${printable(tableName)}${places.length === 0 ? '' : ` (${places.map(printable).join(', ')})`}`;
}

function putText({ ifExists, columns }: Preflight): string {
  const whole = 'replaces the whole item: attributes that the source does not have are gone';
  if (ifExists.kind === 'replace') return whole;
  if (ifExists.kind === 'keep') return 'leaves an item that is there as it is; a request for each row';
  const type = columns.find(({ name }) => name === ifExists.column)?.type;
  const compared = `"${printable(ifExists.column)}"${type === 'S' ? ', compared as text,' : ''}`;
  return `${whole}, but only where its ${compared} is missing or less than the row's; a request for each row`;
}

export function preflightTitle({ repository, tableName, resumed }: Preflight): string {
  const verb = resumed === undefined ? 'About to import' : 'About to go on importing';
  if (repository === 'memory') return `${verb} into memory: a rehearsal, nothing is written to DynamoDB`;
  return `${verb} into the DynamoDB table ${printable(tableName)}`;
}

function tableLines(preflight: Preflight, line: Line): readonly (string | undefined)[] {
  const { repository, tableInfo: table, endpoint } = preflight;
  if (repository === 'memory') return [];
  const account = table?.account ?? preflight.account;
  const region = table?.region ?? preflight.region;
  const from = preflight.regionFrom === undefined ? '' : `, from ${printable(preflight.regionFrom)}`;
  return [
    line('account', account ?? 'not known: the table could not be described'),
    preflight.credentials === undefined ? undefined : line('credentials', printable(preflight.credentials)),
    region === undefined ? undefined : line('region', `${region}${from}`),
    line('endpoint', printable(endpoint)),
    ...(table === undefined ? [] : describedLines(table, line)),
  ];
}

function describedLines(table: TableInfo, line: Line): readonly string[] {
  return [
    line('table', table.arn),
    line('holds', `${formatNoun(table.itemCount, 'item')} (${formatBytes(table.sizeBytes)}) as of AWS's last count`),
    line('billing', `${table.billing}${capacityText(table)}`),
    ...table.globalIndexes.map((index) => line('index', `${index.name}${capacityText(index)}`)),
  ];
}

function raiseLines({ raise }: Preflight, line: Line): readonly string[] {
  if (raise === undefined || raise.parts.length === 0) return [];
  const parts = raise.parts.map(
    ({ index, before, raised }) => `${partLabel(index)} from ${formatCount(before)} to ${formatCount(raised)}`,
  );
  return [
    line('raised', `${parts.join('; ')} write units a second for the import, restored at its end`),
    ...(raise.suspendsAutoScaling ? [line('', 'auto scaling is suspended for as long')] : []),
  ];
}

function capacityText({ provisionedWriteUnits, maxWriteUnits, warmWriteUnits }: WriteCapacity): string {
  return [
    provisionedWriteUnits && `${formatCount(provisionedWriteUnits)} write units a second`,
    maxWriteUnits && `at most ${formatCount(maxWriteUnits)} write units a second`,
    warmWriteUnits && `warm for ${formatCount(warmWriteUnits)} write units a second`,
  ]
    .filter(Boolean)
    .map((part) => `, ${part}`)
    .join('');
}

export function rateText({ rateLimit: { writeUnitsPerSecond, chosen } }: Preflight): string {
  if (writeUnitsPerSecond === null) return `unlimited: ${chosen}`;
  return `${formatRate(writeUnitsPerSecond)} write units a second: ${chosen}`;
}

function indexRateText(index: NonNullable<Preflight['indexRateLimits']>[number]): string {
  const { name, writeUnitsPerSecond, chosen } = index;
  return `${formatRate(writeUnitsPerSecond)} write units a second into ${printable(name)}: ${chosen}`;
}

function sourceTexts(sources: Preflight['sources']): readonly string[] {
  const texts = sources.slice(0, mostSources).map(({ name, storedBytes }, index) => {
    const size = storedBytes === undefined ? '' : ` (${formatBytes(storedBytes)})`;
    return `${index > 0 ? 'then ' : ''}${printable(name)}${size}`;
  });
  return sources.length > mostSources ? [...texts, `and ${formatCount(sources.length - mostSources)} more`] : texts;
}

function s3Text({ objects, storedBytes, region, versions }: S3Facts): string {
  const order = objects > 1 ? ', those of a prefix in the order of their keys' : '';
  const pinned = versions === 0 ? '' : `; ${formatCount(versions)} pinned to a version`;
  return `${formatNoun(objects, 'object')} (${formatBytes(storedBytes)}) in ${printable(region)}${order}${pinned}`;
}

/** `user_id N`, or `id N as user_id` where it is renamed. */
function columnText({ sourceName, name, type, isMade }: Preflight['columns'][number]): string {
  if (isMade) return `${printable(name)} ${type} from --set`;
  return `${printable(sourceName)} ${type}${name === sourceName ? '' : ` as ${printable(name)}`}`;
}

const originLabels: Readonly<Record<SettingOrigin, string>> = {
  flag: 'given',
  default: 'by default',
};

function settingLines({ settings }: Preflight, columns: number): readonly (string | undefined)[] {
  return (Object.keys(originLabels) as SettingOrigin[]).map((origin) => {
    const words = settings
      .filter((setting) => setting.origin === origin)
      .map(({ flag, value }) => (value === '' ? flag : `${flag} ${printable(value)}`));
    return words.length === 0 ? undefined : listed(originLabels[origin], words, '  ', columns);
  });
}

/** The separator stays with the word before it, so that no line begins with one. */
function listed(label: string, words: readonly string[], separator: string, columns: number): string {
  const mark = separator.trimEnd();
  const spaced = words.map((word, index) => (index < words.length - 1 ? word + mark : word));
  return labelled(label, wrapWords(spaced, columns, labelIndent));
}

/** What the import will be, in a few lines. */
function previewLines(preview: ImportPreview, columns: number): readonly string[] {
  const line: Line = (label, text) => wrappedText(label, text, columns);
  const stopLine = (row: number | undefined, flag: string) =>
    row === undefined ? undefined : line('', `it will stop near row ${formatCount(row)}, because of ${flag}`);
  const { rows, estimate, concurrency, keySpreads, sideEffects } = preview;
  const about = rows === undefined || rows.isExact ? '' : 'about ';
  const unchecked = notCheckedText(preview.notChecked);
  const expired = expiredText(preview);
  const rejects = countsText(preview.sampleRejects);
  return [
    rows === undefined ? undefined : line('rows', `${about}${formatCount(rows.count)}${judged(preview)}`),
    ...(estimate === undefined ? [] : estimateLines(estimate, concurrency, columns, about)),
    ...limitsToWarnOf(estimate).map((limit) =>
      line('limit', `${formatCount(limit.unitsPerSecond)} write units a second: ${limitText(limit)}`),
    ),
    preview.sampleDeletes === undefined ? undefined : line('deletes', deletesText(preview, preview.sampleDeletes)),
    stopLine(preview.deletesStopNearRow, '--max-deletes'),
    rejects === '' ? undefined : line('rejects', `of the first ${formatNoun(preview.sampleRows, 'row')}: ${rejects}`),
    expired && line('expired', expired),
    stopLine(preview.stopsNearRow, '--max-rejects'),
    ...skewFindings(keySpreads, false).flatMap(({ message, hint }) => [line('crowded', message), line('', hint)]),
    ...sideEffects.map(({ message }) => line('beware', message)),
    unchecked && line('not checked', unchecked),
  ].filter((line) => line !== undefined);
}

function judged({ rows, sampleRows }: ImportPreview): string {
  return rows?.isExact ? '' : `, judged by the first ${formatCount(sampleRows)}; import-tokens plan counts them all`;
}

/** `of the first 1,000 rows: 480, which are skipped`; undefined if none has expired. */
export function expiredText({ sampleRows, sampleExpired = 0 }: ImportPreview): string | undefined {
  if (sampleExpired === 0) return undefined;
  return `of the first ${formatNoun(sampleRows, 'row')}: ${formatCount(sampleExpired)}, which are skipped`;
}
