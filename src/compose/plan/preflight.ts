import { systemClock } from '../../adapters/system/system-clock.ts';
import type { Amount } from '../../domain/amount.ts';
import { formatCount } from '../../domain/format.ts';
import { ImportError } from '../../domain/import-error.ts';
import type { SourceMeasure } from '../../domain/source-measure.ts';
import { knownValue, parseTableArn } from '../../domain/table.ts';
import { type RowBlock, RowReader } from '../../input/row-reader.ts';
import { RunningHash } from '../../input/source-hash.ts';
import type { ChosenRates } from '../../limit/choose-rate.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { rowsBeforeShareCounts } from '../../pipeline/row-fates.ts';
import { notChecked, sideEffects } from '../../report/plan/plan-warnings.ts';
import { deletesText, type ImportPreview, type Preflight } from '../../report/plan/preflight.ts';
import { raisedInShort } from '../capacity/restore-raise.ts';
import type { DescribedTarget, Target } from '../open-target.ts';
import { shardOf } from '../resolve-shard.ts';
import type { RunFolder } from '../run/run-folder.ts';
import type { MappedRows } from '../source/map-columns.ts';
import type { OpenedRows } from '../source/open-rows.ts';
import type { OpenedSource } from '../source/open-source.ts';
import { estimateImport, openSourceMeter } from './estimate-import.ts';

/** A short plan, judged by the first rows, which have been read anyway. `rowsDone`: by earlier processes of the run. */
export async function previewImport(
  options: ImportOptions,
  rows: OpenedRows,
  mapped: MappedRows,
  target: Target,
  rowsDone: number,
  signal: AbortSignal,
): Promise<ImportPreview> {
  // A shard previews the whole job, which its operator decides on.
  const concurrency = options.concurrency * (shardOf(options)?.count ?? 1);
  const { table, raise, wholeRate: rate = target.rate } = target;
  const attachments = await target.attachments();
  const ttlAttribute = knownValue(attachments.ttlAttribute);
  const sample = await measureSample(options, rows, mapped, rate, ttlAttribute, signal);
  const checks = options.repository === 'memory' || options.repository === 'own' ? [] : notChecked(attachments);
  if (sample === undefined || sample.rows.importable === 0) {
    if (sample !== undefined && rowsDone === 0) refuseWhereNoRowFits(options, sample, rows);
    const effects = sideEffects(table, attachments, { columns: [] }, undefined);
    const { rows: counts, rejectsByCode: sampleRejects = {} } = sample ?? {};
    const sampleRows = counts?.read ?? 0;
    const sampleExpired = sample?.expired?.rows ?? 0;
    return {
      sampleRows,
      sampleRejects,
      sampleExpired,
      concurrency,
      keySpreads: [],
      sideEffects: effects,
      notChecked: checks,
    };
  }
  const toImport = rowsToImport(options, rows, rowsDone, sample.rows.read);
  const { read: sampleRows, rejected, deletes = 0 } = sample.rows;
  const shards = shardOf(options)?.count ?? 1;
  // Rows that are skipped are in the sample.
  const nearOf = (limit: Amount, count: number) =>
    rowsDone === 0 && options.skipRows === 0 ? stopsNear(limit, count, sampleRows, shards, toImport?.count) : undefined;
  const stopsNearRow = nearOf(options.maxRejects, rejected);
  const deletesStopNearRow = nearOf(options.maxDeletes, deletes);
  const known = { table, present: raise?.found ?? table, rate, attachments, region: target.region };
  const estimate = toImport && estimateImport(scaled(sample, toImport.count), known, { ...options, concurrency });
  return {
    sampleRows,
    sampleRejects: sample.rejectsByCode,
    sampleExpired: sample.expired?.rows ?? 0,
    ...(sample.rows.deletes !== undefined && { sampleDeletes: sample.rows.deletes }),
    ...(stopsNearRow !== undefined && { stopsNearRow }),
    ...(deletesStopNearRow !== undefined && { deletesStopNearRow }),
    ...(toImport !== undefined && { rows: toImport }),
    ...(estimate !== undefined && { estimate }),
    concurrency,
    keySpreads: sample.keySpreads,
    sideEffects: sideEffects(table, attachments, sample, toImport?.count, sampleRows),
    notChecked: checks,
  };
}

/** Bytes that the puts of all rows take in requests, judged by the first rows; undefined if the source has no size. */
export async function expectedBodyBytes(
  options: ImportOptions,
  rows: OpenedRows,
  mapped: MappedRows,
  rate: ChosenRates,
  signal: AbortSignal,
): Promise<number | undefined> {
  const sample = await measureSample(options, rows, mapped, rate, undefined, signal);
  if (sample === undefined || sample.rows.importable === 0) return undefined;
  const toImport = rowsToImport(options, rows, 0, sample.rows.read);
  return toImport && scaled(sample, toImport.count).bodyBytes;
}

/** Undefined if the sample holds no row that can be looked at: the import itself tells why. */
async function measureSample(
  options: ImportOptions,
  rows: OpenedRows,
  mapped: MappedRows,
  rate: ChosenRates,
  ttlAttribute: string | undefined,
  signal: AbortSignal,
): Promise<SourceMeasure | undefined> {
  const wholeSample = { ...options, skipRows: 0, maxRows: undefined, showValues: false };
  const sampleRows = { blocks: sampleBlocks(rows), names: rows.names };
  const meter = await openSourceMeter(wholeSample, sampleRows, mapped, rate, ttlAttribute, signal);
  try {
    return await meter.measure();
  } catch (error) {
    if (error instanceof ImportError) return undefined;
    throw error;
  }
}

/** Throws ImportError `too-many-rejects` if every row of the sample is rejected, unless any number of rejects is allowed. */
function refuseWhereNoRowFits(
  { maxRejects, skipRows }: ImportOptions,
  { rows: { rejected, skipped }, rejectsByCode, firstRejects }: SourceMeasure,
  { source }: OpenedRows,
): void {
  // The sample skips no rows but those that have expired.
  if (rejected === 0 || skipped > 0 || skipRows > 0 || maxRejects.value < 0) return;
  const [mostFrequent] = Object.entries(rejectsByCode).sort(([, a], [, b]) => b - a);
  const { code, line, message } = firstRejects.find((reject) => reject.code === mostFrequent?.[0]) ?? firstRejects[0]!;
  const where = `${source.files[0]!.name} line ${line}`;
  const rows = rejected === 1 ? 'the only row' : `each of the first ${formatCount(rejected)} rows`;
  throw new ImportError('too-many-rejects', `${rows} would be rejected: ${where}: ${message} (${code})`, {
    hint: 'Correct the flags that say how the source is read, such as --types, and check them with import-tokens plan.',
  });
}

/**
 * The row near which the limit is exceeded if the other rows are like the sample; undefined if it is not.
 * @param count rows of the sample that count towards the limit
 */
function stopsNear(
  limit: Amount,
  count: number,
  sampleRows: number,
  shards: number,
  total: number | undefined,
): number | undefined {
  if (count === 0 || limit.value < 0) return undefined;
  const near = stoppingRow(limit, count / sampleRows, shards);
  if (near === undefined || near > (total ?? sampleRows)) return undefined;
  return near;
}

/** Each shard may reject or delete as many rows of its own. */
function stoppingRow({ kind, value }: Amount, share: number, shards: number): number | undefined {
  if (kind === 'units') return Math.ceil(((value + 1) / share) * shards);
  return share * 100 > value ? rowsBeforeShareCounts * shards : undefined;
}

/** Whole rows only: the last row of a sample is cut off unless the sample is the whole file. */
async function* sampleBlocks({ source, dialect, sample }: OpenedRows): AsyncGenerator<RowBlock> {
  const read = async function* () {
    yield sample.bytes;
  };
  const reader = new RowReader({ files: [{ ...source.files[0]!, read }] }, dialect, new RunningHash());
  for await (const block of reader.blocks()) {
    yield block;
    if (!sample.isWhole) return;
  }
}

/** Counted if the sample is all there is, else estimated from the size of the files. */
function rowsToImport(
  { skipRows, maxRows = Number.POSITIVE_INFINITY }: ImportOptions,
  { source: { files }, sample: { isWhole, storedBytes }, countedRows }: OpenedRows,
  rowsDone: number,
  sampleRows: number,
): ImportPreview['rows'] {
  const isExact = countedRows !== undefined || (isWhole && files.length === 1);
  const sizes = files.map((file) => file.storedBytes);
  if (!isExact && (sizes.includes(undefined) || storedBytes === 0)) return undefined;
  const stored = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const total = isExact ? (countedRows ?? sampleRows) : Math.round((stored / storedBytes) * sampleRows);
  return { count: Math.max(0, Math.min(total - skipRows, maxRows) - Math.max(0, rowsDone - skipRows)), isExact };
}

function scaled({ rows, writeUnits, indexUnits, bodyBytes }: SourceMeasure, count: number) {
  const scale = count / rows.read;
  const times = (value: number) => Math.round(value * scale);
  return {
    rows: times(rows.importable),
    writeUnits: times(writeUnits),
    bodyBytes: times(bodyBytes),
    indexUnits: indexUnits.map(times),
  };
}

/** What the operator is shown before the first write. */
export function preflightFacts(
  { options, runId, directory, progress }: RunFolder,
  rows: OpenedRows,
  { columns, keyNames, ifExists }: MappedRows,
  { table, rate, endpoint, region, raise, origins }: DescribedTarget,
  preview: ImportPreview,
): Preflight {
  const shard = shardOf(options);
  const account = table?.account ?? parseTableArn(options.table)?.account;
  return {
    runId,
    repository: options.repository,
    tableName: table?.name ?? options.table,
    ...(table !== undefined && { tableInfo: raise?.found ?? table }),
    ...(account !== undefined && { account }),
    ...(raise?.isNeeded && {
      raise: { parts: raise.parts.map(raisedInShort), suspendsAutoScaling: raise.scaling.length > 0 },
    }),
    endpoint,
    ifExists,
    ...((table?.region ?? region) !== undefined && { region: (table?.region ?? region)! }),
    ...(origins?.region !== undefined && { regionFrom: origins.region }),
    ...(origins !== undefined && { credentials: origins.credentials }),
    keyNames,
    rateLimit: { writeUnitsPerSecond: rate.writeUnitsPerSecond ?? null, chosen: rate.chosen },
    indexRateLimits: rate.indexes.flatMap(({ name, writeUnitsPerSecond, chosen }) =>
      writeUnitsPerSecond === undefined ? [] : [{ name, writeUnitsPerSecond, chosen }],
    ),
    sources: rows.source.files.map(({ name, storedBytes }) => ({
      name,
      ...(storedBytes !== undefined && { storedBytes }),
    })),
    ...s3Facts(rows.source),
    format: rows.format,
    columns: columns.map(({ sourceName, name, type, template }) => {
      return { sourceName, name, type, isMade: template !== undefined };
    }),
    preview,
    ...(progress !== undefined && { resumed: { rowsDone: progress.mark.ordinal } }),
    ...(shard !== undefined && { shard }),
    ...(directory !== undefined && { runDir: directory.path }),
    atMs: systemClock.wallMs(),
    maxRejects: options.maxRejects,
    maxDeletes: options.maxDeletes,
    settings: options.settings,
  };
}

/** Throws ImportError `too-many-rejects` or `too-many-deletes` if the import would stop early, where nobody is asked. */
export function refuseToStop(preview: ImportPreview): void {
  const { stopsNearRow, deletesStopNearRow, sampleRows, sampleRejects, sampleDeletes = 0 } = preview;
  if (deletesStopNearRow !== undefined) {
    throw new ImportError(
      'too-many-deletes',
      `it would stop near row ${formatCount(deletesStopNearRow)}, because of --max-deletes; ${deletesText(preview, sampleDeletes)}`,
      { hint: 'Check --delete-where. If the rows are to delete, pass a higher --max-deletes.' },
    );
  }
  if (stopsNearRow === undefined) return;
  const codes = Object.entries(sampleRejects).map(([code, count]) => `${formatCount(count)} ${code}`);
  const seen = `of the first ${formatCount(sampleRows)} rows: ${codes.join(', ')}`;
  throw new ImportError(
    'too-many-rejects',
    `it would stop near row ${formatCount(stopsNearRow)}, because of --max-rejects; rejects ${seen}`,
    { hint: 'Pass a higher --max-rejects, or correct the source or --types; import-tokens plan shows every reason.' },
  );
}

function s3Facts({ files, places: { s3Region } }: OpenedSource): Pick<Preflight, 's3'> {
  const objects = files.filter(({ etag }) => etag !== undefined);
  if (s3Region === undefined || objects.length === 0) return {};
  const storedBytes = objects.reduce((sum, object) => sum + (object.storedBytes ?? 0), 0);
  const versions = objects.filter(({ versionId }) => versionId !== undefined).length;
  return { s3: { objects: objects.length, storedBytes, region: s3Region, versions } };
}
