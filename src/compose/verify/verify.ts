import { join, resolve } from 'node:path';
import { writeDurably, writeNamedFile } from '../../adapters/file/durable-file.ts';
import type { FileSourceFile } from '../../adapters/file/source/file-source.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { jsonText } from '../../domain/format.ts';
import type { VerifyReport } from '../../domain/verify-report.ts';
import { RateLimiter } from '../../limit/rate-limiter.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import { RowMapper } from '../../pipeline/map-row.ts';
import { RunControl } from '../../pipeline/run-control.ts';
import { Differences } from '../../pipeline/verify/differences.ts';
import { BatchReader } from '../../pipeline/verify/read-batches.ts';
import { RowSample, seededRandom } from '../../pipeline/verify/sample-rows.ts';
import { VerifyRun } from '../../pipeline/verify/verify-run.ts';
import type { TokenReader } from '../../ports/token-reader.ts';
import { checkSummaryFile } from '../run/keep-summary.ts';
import { verifyResumeCommand } from '../shell-command.ts';
import { type OpenedRows, openRows } from '../source/open-rows.ts';
import { openSource } from '../source/open-source.ts';
import type { VerifySurroundings } from '../surroundings.ts';
import { listDifferences, VerifySaver } from './keep-verify.ts';
import { openReadTarget, type ReadTarget } from './open-read-target.ts';
import { beginVerify, reopenVerify, reportName, storedReport, type VerifyFolder } from './verify-folder.ts';
import { reportOf } from './verify-report.ts';

/** Compares a source with the table. Throws ImportError for what stops it before the first read. */
export async function composeVerify(given: ImportOptions, world: VerifySurroundings): Promise<VerifyReport> {
  const reopened = given.resume === undefined ? undefined : await reopenVerify(given, world);
  try {
    if (reopened?.state.finished === true) {
      world.warn('this verification is finished: its report and exit code are repeated, nothing is read');
      return await storedReport(reopened.directory.path);
    }
    return await openAndVerify(reopened?.options ?? given, world, reopened);
  } finally {
    await reopened?.directory.close();
  }
}

async function openAndVerify(
  options: ImportOptions,
  world: VerifySurroundings,
  reopened: VerifyFolder | undefined,
): Promise<VerifyReport> {
  await checkSummaryFile(options, world.cwd);
  const state = reopened?.state;
  const source = await openSource(
    options,
    world,
    reopened && {
      resumeCommand: verifyResumeCommand(reopened.directory.path, [], world),
      files: reopened.state.source,
    },
  );
  const rowsByLines = options.all ? await estimateRows(source.files) : undefined;
  const before = state && { columns: state.columns, reading: state.reading, progress: state.progress };
  const rows = await openRows(options, source, before, world);
  // A line of an SQL dump can hold thousands of rows.
  const estimatedRows = rows.dialect.name === 'sql' ? Number.NaN : rowsByLines;
  const target = await openReadTarget(options, world);
  let begun: VerifyFolder | undefined;
  let reader: TokenReader | undefined;
  try {
    const mapped = rows.mapTo(target.table);
    const seed = state?.seed ?? options.seed ?? Math.floor(world.random() * 2 ** 32);
    const columns = rows.names;
    begun =
      reopened === undefined
        ? await beginVerify(options, world, { files: source.files, columns, reading: rows.reading, seed })
        : undefined;
    const folder = reopened ?? begun!;
    reader = await target.openReader(mapped.key);
    const mapper = new RowMapper({ ...mapped, encoder: reader.encoder(mapped.columns) });
    world.preflight({
      sources: source.files.map(({ name, storedBytes }) => ({ name, storedBytes })),
      ...{ format: rows.format, keyNames: mapped.keyNames, runDir: folder.directory.path },
      ...{ table: target.table, tableName: options.table, endpoint: target.endpoint, region: target.region },
      ...{ rate: target.rate, consistent: options.consistent, seed, resumedAt: state?.progress?.mark.ordinal },
      sample: options.all ? undefined : options.sample,
      estimatedReadUnits: (options.all ? estimatedRows! : options.sample) * (options.consistent ? 1 : 0.5),
    });
    return await compareRows({ options, world, rows, target, folder, reader, mapper, seed });
  } finally {
    await reader?.close();
    await target.close();
    await begun?.directory.close();
  }
}

type Stage = {
  readonly options: ImportOptions;
  readonly world: VerifySurroundings;
  readonly rows: OpenedRows;
  readonly target: ReadTarget;
  readonly folder: VerifyFolder;
  readonly reader: TokenReader;
  readonly mapper: RowMapper;
  readonly seed: number;
};

async function compareRows(stage: Stage): Promise<VerifyReport> {
  const { options, world, rows, target, folder, reader, mapper, seed } = stage;
  const startedMs = systemClock.nowMs();
  const control = new RunControl(world.signal);
  const unit = options.consistent ? 1 : 0.5;
  const rate = target.rate.readUnitsPerSecond;
  // As for writes: a request takes at most 5 % of the rate in units, and the burst is that of a full batch.
  const maxTokens = Math.max(1, Math.min(reader.maxBatchTokens, Math.floor((rate * 0.05) / unit)));
  const limiter = new RateLimiter(systemClock, rate, reader.maxBatchTokens * unit);
  control.onStop(() => limiter.stop());
  const { stallTimeoutMs, concurrency, skipRows, maxRows } = options;
  const { warn, random } = world;
  const batchReader = new BatchReader({ reader, limiter, control, stallTimeoutMs, warn, random, clock: systemClock });
  const differences = new Differences();
  const saver = await VerifySaver.open(folder, { hash: rows.hash, control, clock: systemClock, differences });
  const sample = options.all
    ? undefined
    : new RowSample(options.sample, seededRandom(seed), (token) => mapper.detach(token));
  const run = new VerifyRun({
    ...{ blocks: rows.blocks, mapper, batchReader, control, concurrency, maxTokens, sample, skipRows, maxRows },
    ...{ differences, start: saver.restored },
  });
  world.observe(systemClock, () => ({
    ...rows.bytesRead(),
    rowsRead: run.rowsRead,
    isSample: !options.all,
    drawn: run.drawn,
    ...counted(run, batchReader),
  }));
  // A sample is drawn anew by a resume: the same seed gives the same rows.
  if (options.all) saver.start(run);
  try {
    await run.compareRows();
    if (options.all) await saver.close(run);
    const files = await listDifferences(folder.directory.path, rows, differences, options.showValues);
    const seconds = Math.round(systemClock.nowMs() - startedMs) / 1000;
    const report = reportOf(stage, { run, batchReader, control, files, seconds });
    const text = jsonText(report);
    await writeDurably(join(folder.directory.path, reportName), text);
    const { summary } = options;
    if (summary !== undefined)
      await writeNamedFile(resolve(world.cwd, summary), text).catch((error: Error) => warn(error.message));
    if (run.finished) await saver.finish();
    return report;
  } finally {
    await saver.files.close();
  }
}

function counted(run: VerifyRun, batchReader: BatchReader) {
  const { equal, missing, different, pending } = run.counts();
  return { equal, pending, found: missing + different, readUnits: batchReader.readUnits };
}

/** By the length of the first rows; NaN where the sizes tell nothing. */
async function estimateRows(files: readonly FileSourceFile[]): Promise<number> {
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
