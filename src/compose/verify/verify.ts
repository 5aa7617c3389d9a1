import { join, resolve } from 'node:path';
import { writeDurably, writeNamedFile } from '../../adapters/file/durable-file.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { jsonText } from '../../domain/format.ts';
import type { VerifyReport } from '../../domain/run-summary.ts';
import { chooseReadRate, shareReadRate } from '../../limit/choose-rate.ts';
import { RateLimiter } from '../../limit/rate-limiter.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { RowMapper } from '../../pipeline/map-row.ts';
import { RunControl } from '../../pipeline/run-control.ts';
import { Differences, RowSample, seededRandom } from '../../pipeline/verify/held-rows.ts';
import { BatchReader } from '../../pipeline/verify/read-batches.ts';
import { VerifyRun } from '../../pipeline/verify/verify-run.ts';
import type { OpenedFile } from '../../ports/source.ts';
import type { TokenReader } from '../../ports/token-repository.ts';
import { openTable } from '../open-connection.ts';
import { shardOf, withShard } from '../resolve-shard.ts';
import { checkSummaryFile } from '../run/import-summary.ts';
import { storedReport, verifyReportName } from '../run/read-run.ts';
import { verifyResumeCommand } from '../shell-command.ts';
import { type OpenedRows, openRows } from '../source/open-rows.ts';
import { type OpenedSource, withSource } from '../source/open-source.ts';
import { skipExpiredInVerify } from '../source/skip-expired.ts';
import type { VerifySurroundings } from '../surroundings.ts';
import { beginVerify, reopenVerify, type VerifyFolder, VerifySaver } from './verify-folder.ts';
import { findingsOf, listDifferences } from './verify-report.ts';

/** Compares a source with the table. Throws ImportError for what stops it before the first read. */
export async function composeVerify(asked: ImportOptions, surroundings: VerifySurroundings): Promise<VerifyReport> {
  const given = withShard(asked, surroundings);
  const reopened = given.resume === undefined ? undefined : await reopenVerify(given, surroundings);
  try {
    if (reopened?.state.finished === true) {
      surroundings.warn('this verification is finished: its report and exit code are repeated, nothing is read');
      return await storedReport(reopened.directory.path);
    }
    return await openAndVerify(reopened?.options ?? given, reopened, surroundings);
  } finally {
    await reopened?.directory.close();
  }
}

async function openAndVerify(
  options: ImportOptions,
  reopened: VerifyFolder | undefined,
  surroundings: VerifySurroundings,
): Promise<VerifyReport> {
  await checkSummaryFile(options, surroundings.cwd);
  const before = reopened && {
    resumeCommand: verifyResumeCommand(reopened.directory.path, [], surroundings),
    files: reopened.state.source,
  };
  return withSource(options, surroundings, before, (source) => verifyFrom(source, options, reopened, surroundings));
}

async function verifyFrom(
  source: OpenedSource,
  options: ImportOptions,
  reopened: VerifyFolder | undefined,
  surroundings: VerifySurroundings,
): Promise<VerifyReport> {
  const state = reopened?.state;
  const rowsByLines = options.all ? await estimateRows(source.files) : Number.NaN;
  const before = state && {
    columns: state.columns,
    reading: state.reading,
    progress: state.progress,
    files: state.source,
  };
  const rows = await openRows(options, source, before, surroundings, options.all);
  const { connection, table, endpoint } = await openTable(options, '--rcu', surroundings);
  let begun: VerifyFolder | undefined;
  let reader: TokenReader | undefined;
  try {
    const shard = shardOf(options);
    const rate = shareReadRate(chooseReadRate(options.rcu, options.reserve, table), shard);
    const mapped = await skipExpiredInVerify(
      options,
      rows.mapTo(table),
      async () => {
        const { describeTimeToLive } = await import('../../adapters/dynamodb/table/describe-table.ts');
        return describeTimeToLive(connection, options.table);
      },
      systemClock.wallMs(),
    );
    const seed = state?.seed ?? options.seed ?? Math.floor(surroundings.random() * 2 ** 32);
    if (reopened === undefined) begun = await beginVerify(options, rows, seed, surroundings);
    const folder = reopened ?? begun!;
    const { consistent, showValues, table: tableName } = options;
    const { createDynamoReader } = await import('../../adapters/dynamodb/dynamo-reader.ts');
    reader = createDynamoReader(connection, { tableName, key: mapped.key, consistent, showValues });
    // A line of an SQL dump can hold thousands of rows.
    const estimatedRows = options.all
      ? (rows.countedRows ?? (rows.dialect.name === 'sql' ? Number.NaN : rowsByLines))
      : options.sample;
    surroundings.preflight({
      sources: source.files.map(({ name, storedBytes }) => ({ name, storedBytes })),
      format: rows.format,
      keyNames: mapped.keyNames,
      runDir: folder.directory.path,
      table,
      tableName,
      endpoint,
      region: table?.region ?? connection.region,
      rate,
      consistent,
      seed,
      resumedAt: state?.progress?.mark.ordinal,
      sample: options.all ? undefined : options.sample,
      estimatedReadUnits: estimatedRows * unitsPerRead(options),
    });
    const mapper = new RowMapper({ ...mapped, shard, encoder: reader.encoder(mapped.columns) });
    const tableInReport = table?.name ?? tableName;
    return await compareRows(folder, rows, mapper, reader, tableInReport, rate.readUnitsPerSecond, surroundings);
  } finally {
    await reader?.close();
    await connection.close();
    await begun?.directory.close();
  }
}

/** Read units for an item of up to 4 KB. */
function unitsPerRead({ consistent }: ImportOptions): number {
  return consistent ? 1 : 0.5;
}

async function compareRows(
  folder: VerifyFolder,
  rows: OpenedRows,
  mapper: RowMapper,
  reader: TokenReader,
  table: string,
  rate: number,
  surroundings: VerifySurroundings,
): Promise<VerifyReport> {
  const { options, state, directory } = folder;
  const { stallTimeoutMs, concurrency, skipRows, maxRows, all, sample: sampleRows, summary, showValues } = options;
  const { warn, random, signal } = surroundings;
  const startedMs = systemClock.nowMs();
  const control = new RunControl(signal);
  const unit = unitsPerRead(options);
  // As for writes, a request takes at most 5 % of the rate in units, and the burst is that of a full batch.
  const maxTokens = Math.max(1, Math.min(reader.maxBatchTokens, Math.floor((rate * 0.05) / unit)));
  const limiter = new RateLimiter(systemClock, rate, reader.maxBatchTokens * unit);
  control.onStop(() => limiter.stop());
  const batchReader = new BatchReader({ reader, limiter, control, stallTimeoutMs, warn, random, clock: systemClock });
  const differences = new Differences();
  const saver = await VerifySaver.open(folder, rows.hash, control, differences, systemClock);
  const sample = all ? undefined : new RowSample(sampleRows, seededRandom(state.seed), (token) => mapper.detach(token));
  const run = new VerifyRun({
    blocks: rows.blocks,
    mapper,
    batchReader,
    control,
    concurrency,
    maxTokens,
    sample,
    skipRows,
    shard: shardOf(options),
    maxRows,
    differences,
    start: saver.restored,
  });
  surroundings.observe(systemClock, () => ({
    ...rows.bytesRead(),
    rowsRead: run.rowsRead,
    isSample: !all,
    drawn: run.drawn,
    ...counted(run, batchReader),
  }));
  // A resume draws a sample again: the same seed gives the same rows.
  if (all) saver.start(run);
  try {
    await run.compareRows();
    if (all) await saver.close(run);
    const files = await listDifferences(directory.path, rows, differences, showValues);
    const { readUnits, requests } = batchReader;
    const durationSeconds = Math.round(systemClock.nowMs() - startedMs) / 1000;
    const average = durationSeconds > 0 ? Math.round((readUnits / durationSeconds) * 100) / 100 : 0;
    const report: VerifyReport = {
      ...findingsOf(run, control.fault, folder, surroundings),
      table,
      readUnits,
      durationSeconds,
      rate: { limit: rate, average },
      requests,
      files,
    };
    await keepReport(report, directory.path, summary && resolve(surroundings.cwd, summary), warn);
    if (run.finished) await saver.finish();
    return report;
  } finally {
    await saver.files.close();
  }
}

function counted(run: VerifyRun, { readUnits }: BatchReader) {
  const { equal, missing, different, undeleted = 0, pending } = run.counts();
  return { equal, pending, found: missing + different + undeleted, readUnits };
}

/** Writes the report into the folder, and to the file of `--summary`. */
async function keepReport(
  report: VerifyReport,
  folder: string,
  summary: string | undefined,
  warn: VerifySurroundings['warn'],
): Promise<void> {
  const text = jsonText(report);
  await writeDurably(join(folder, verifyReportName), text);
  if (summary !== undefined) await writeNamedFile(summary, text).catch((error: Error) => warn(error.message));
}

/** Estimates from the length of the first rows; NaN if the sizes tell nothing. */
async function estimateRows(files: readonly OpenedFile[]): Promise<number> {
  const isPlain = files.every(({ path, name }) => path !== undefined && !/\.(gz|zst)$/.test(name));
  if (!isPlain) return Number.NaN;
  for await (const head of files[0]!.read()) {
    const lines = head.reduce((count, byte) => count + Number(byte === lineFeed), 0);
    const bytes = files.reduce((sum, { storedBytes = 0 }) => sum + storedBytes, 0);
    return lines === 0 ? Number.NaN : Math.round((bytes / head.length) * lines);
  }
  return Number.NaN;
}

const lineFeed = 10;
