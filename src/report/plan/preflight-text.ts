import type { SettingOrigin } from '../../domain/amount.ts';
import type { TableInfo, WriteCapacity } from '../../domain/table.ts';
import {
  countsText,
  formatBytes,
  formatCount,
  formatNoun,
  formatRate,
  labelIndent,
  labelled,
  pageOf,
  partLabel,
  printable,
  widestPage,
  wrappedText,
  wrapSentence,
  wrapWords,
} from '../format.ts';
import { estimateLines, limitsToWarnOf, limitText } from './estimate-text.ts';
import { notCheckedText, skewFindings } from './plan-warnings.ts';
import {
  deletesText,
  expiredText,
  type ImportPreview,
  type Preflight,
  preflightTitle,
  rateText,
  type S3Facts,
  shardLine,
} from './preflight.ts';

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

function putText({ ifExists, columns }: Preflight): string {
  const whole = 'replaces the whole item: attributes that the source does not have are gone';
  if (ifExists.kind === 'replace') return whole;
  if (ifExists.kind === 'keep') return 'leaves an item that is there as it is; a request for each row';
  const type = columns.find(({ name }) => name === ifExists.column)?.type;
  const compared = `"${printable(ifExists.column)}"${type === 'S' ? ', compared as text,' : ''}`;
  return `${whole}, but only where its ${compared} is missing or less than the row's; a request for each row`;
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
