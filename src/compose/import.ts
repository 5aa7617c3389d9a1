import { openRejectFiles } from '../adapters/file/run/reject-files.ts';
import { CheckpointFile } from '../adapters/file/run/run-stores.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { ImportError } from '../domain/import-error.ts';
import type { RunSummary } from '../domain/run-summary.ts';
import type { CapacityRaise } from '../domain/table.ts';
import type { ImportOptions } from '../options/import-options.ts';
import { RowMapper } from '../pipeline/map-row.ts';
import { ImportRun } from '../pipeline/run-import.ts';
import type { Preflight } from '../report/plan/preflight.ts';
import { refuseSecondRaise, repeatedSummary, resumeRaised, warnOfUnrestored } from './capacity/restore-raise.ts';
import { whileRaised } from './capacity/while-raised.ts';
import { openPace, openTarget, type Target, withRateFile } from './open-target.ts';
import { preflightFacts, previewImport, refuseToStop } from './plan/preflight.ts';
import { shardOf, withShard } from './resolve-shard.ts';
import { checkSummaryFile, importSummary, keepSummary } from './run/import-summary.ts';
import { checkMetricsFile, recordRun } from './run/record-run.ts';
import {
  abandonedClaim,
  checkSameTable,
  manifestTable,
  rememberRows,
  resumedFolder,
  withRunToResume,
} from './run/resume-run.ts';
import { beginRun, followEarlierProcess, type RunFolder, reopenRun } from './run/run-folder.ts';
import { watchImport } from './run/watch-import.ts';
import type { MappedRows } from './source/map-columns.ts';
import { listedShape, type OpenedRows, openRows } from './source/open-rows.ts';
import { type OpenedSource, withSource } from './source/open-source.ts';
import { manifestExpiry, skipExpired } from './source/skip-expired.ts';
import { withAbsolutePaths } from './source/source-places.ts';
import type { Surroundings } from './surroundings.ts';

/** Runs one import, from options to summary. Throws ImportError for what stops it before the first row. */
export async function composeImport(
  asked: ImportOptions,
  surroundings: Surroundings,
): Promise<{
  readonly summary: RunSummary;
  /** The options that a resumed run was started with; undefined if they are those given. */
  readonly options?: ImportOptions;
}> {
  const given = await withRunToResume(withShard(withAbsolutePaths(asked, surroundings), surroundings), surroundings);
  const { resume } = given;
  const abandoned =
    asked.resume === 'auto' && resume !== undefined ? await abandonedClaim(resume, surroundings) : undefined;
  const reopened =
    resume === undefined
      ? undefined
      : await reopenRun(await resumedFolder(given, 'import', surroundings), given, surroundings, { abandoned });
  try {
    if (reopened?.summary !== undefined) {
      surroundings.warn('this run is finished: its summary and exit code are repeated, nothing is written');
      return { summary: await repeatedSummary(reopened, reopened.summary, surroundings) };
    }
    if (reopened === undefined) await warnOfUnrestored(given.runDir, surroundings);
    const options = reopened?.options ?? given;
    const summary = await resumeRaised(reopened?.directory?.path, surroundings, (raised) =>
      openAndImport(options, reopened, raised, surroundings),
    );
    return { summary, options };
  } finally {
    await reopened?.directory?.close();
  }
}

/** Whatever can fail before the first write fails here, the source first, since that costs no request. */
async function openAndImport(
  options: ImportOptions,
  reopened: RunFolder | undefined,
  raised: CapacityRaise | undefined,
  surroundings: Surroundings,
): Promise<RunSummary> {
  await checkSummaryFile(options, surroundings.cwd);
  await checkMetricsFile(options);
  return withSource(options, surroundings, reopened, (source) =>
    importFrom(source, options, reopened, raised, surroundings),
  );
}

async function importFrom(
  source: OpenedSource,
  options: ImportOptions,
  reopened: RunFolder | undefined,
  raised: CapacityRaise | undefined,
  surroundings: Surroundings,
): Promise<RunSummary> {
  const clockMs = systemClock.wallMs();
  const folder = reopened?.directory?.path;
  const rows = await openRows(options, source, reopened, surroundings, options.runDir !== null);
  const hasRowsLeft = hasRowsToWrite(options, rows, reopened);
  const opened = await openTarget(options, surroundings, { raised, hasRowsLeft });
  const target = folder === undefined ? opened : await withRateFile(opened, options, folder, surroundings);
  let begun: RunFolder | undefined;
  try {
    checkSameTable(reopened?.table, target);
    const { raise } = target;
    if (raise?.isNeeded && raise.parts.length > 0) {
      await refuseSecondRaise(folder ?? options.runDir, raise.found, surroundings);
    }
    const ttlAttribute = async () => (await target.attachments()).ttlAttribute;
    const mapped = await skipExpired(options, rows.mapTo(target.table), ttlAttribute, clockMs, reopened?.expiry);
    const rowsDone = reopened?.progress?.mark.ordinal ?? 0;
    const preview = await previewImport(options, rows, mapped, target, rowsDone, surroundings.signal);
    if (options.yes && target.endpoint !== 'memory') refuseToStop(preview);
    const expiry = manifestExpiry(mapped, clockMs);
    if (reopened === undefined) begun = await beginRun(options, rows, manifestTable(target), expiry, surroundings);
    const runFolder = reopened ?? begun!;
    const preflight = preflightFacts(runFolder, rows, mapped, target, preview);
    try {
      if (!(await surroundings.confirm(preflight)))
        throw surroundings.signal.aborted ? surroundings.signal.reason : notConfirmed();
    } catch (error) {
      await begun?.discard();
      throw error;
    }
    surroundings.began?.(runFolder.directory?.path);
    return await importRows(runFolder, rows, mapped, target, preflight, surroundings);
  } finally {
    await target.close();
    await begun?.directory?.close();
  }
}

/** Whether this process has a row to write, as far as can be told before reading on. */
function hasRowsToWrite({ skipRows, maxRows }: ImportOptions, rows: OpenedRows, run: RunFolder | undefined): boolean {
  const rowsDone = run?.progress?.mark.ordinal ?? 0;
  return rows.hasRows && (maxRows === undefined || rowsDone < skipRows + maxRows);
}

function notConfirmed(): ImportError {
  return new ImportError('not-confirmed', 'not confirmed: nothing was written', {
    hint: 'Answer y to go on, or pass --yes.',
  });
}

async function importRows(
  runFolder: RunFolder,
  rows: OpenedRows,
  mapped: MappedRows,
  target: Target,
  preflight: Preflight,
  surroundings: Surroundings,
): Promise<RunSummary> {
  const { options, progress } = runFolder;
  const folder = runFolder.directory?.path;
  const record =
    folder === undefined
      ? undefined
      : await recordRun(folder, { runId: runFolder.runId, preflight, prices: options.prices }, surroundings.warn);
  const writesBefore = await followEarlierProcess(runFolder, surroundings);
  const repository = await target.openRepository(mapped.key, mapped.ifExists);
  const watching = await watchImport(runFolder, rows, target, repository, record, surroundings);
  const rejects = folder === undefined ? undefined : await openRejects(folder, rows, runFolder);
  const store = folder === undefined ? undefined : new CheckpointFile(folder, progress);
  try {
    // A kill before the next checkpoint leaves writes under way, whatever the process before could vouch for.
    if (progress?.settled) await store?.save({ ...progress, settled: false });
    const encoder = repository.encoder(mapped.columns);
    if (mapped.deletes !== undefined && encoder.encodeDelete === undefined) throw cannotDelete();
    const shard = shardOf(options);
    const mapper = new RowMapper({ ...mapped, shard, encoder });
    if (mapped.ifExists.kind !== 'replace' && progress !== undefined) {
      await rememberRows(options, rows, mapper, repository, progress.mark, surroundings);
    }
    const { limits, pace } = openPace(options, target, repository, watching.observer, folder);
    const importRun = new ImportRun({
      ...pipelineSettings(options, rows.countedRows),
      shard,
      blocks: rows.blocks,
      hash: rows.hash,
      mapper,
      pace,
      limiter: pace.limiter,
      batchLimits: pace.batchLimits,
      repository,
      everyRowCounts: mapped.ifExists.kind === 'newer',
      observer: watching.observer,
      clock: systemClock,
      random: surroundings.random,
      signal: surroundings.signal,
      writesBefore,
      ...(rejects !== undefined && { rejects }),
      ...(store !== undefined && { store }),
      ...(progress !== undefined && { start: progress }),
    });
    let durationSeconds = 0;
    const { result, capacity } = await whileRaised(target.raise, folder, watching.observer, surroundings, async () => {
      watching.begin(importRun);
      const startedMs = systemClock.nowMs();
      await limits.start((bug) => importRun.fail(bug));
      const ended = await importRun.run().finally(() => limits.stop());
      durationSeconds = Math.round(systemClock.nowMs() - startedMs) / 1000;
      watching.watch.close();
      return ended;
    });
    const seen = { ...watching.seen(), durationSeconds };
    const summary = await importSummary(runFolder, rows, target, result, seen, capacity, surroundings);
    await keepSummary(
      summary,
      options,
      folder,
      result.finished && result.endOfSource ? store : undefined,
      surroundings.warn,
    );
    await watching.end(summary);
    return summary;
  } catch (fault) {
    await watching.fail(fault);
    throw fault;
  } finally {
    watching.close();
    await rejects?.close();
    await repository.close();
  }
}

function cannotDelete(): ImportError {
  return new ImportError(
    'usage',
    '--delete-where needs a repository that deletes, and its encoder has no encodeDelete',
    {
      hint: 'Add `encodeDelete` to the encoder, and delete the items of tokens with `deletes`.',
    },
  );
}

/** Rows that were counted have to come, unless reading ends before them. */
export function pipelineSettings(options: ImportOptions, countedRows: number | undefined) {
  const { concurrency, maxAhead, settleMs, stallTimeoutMs, maxRejects, maxDeletes, skipRows, maxRows } = options;
  const expectRows = options.expectRows ?? (maxRows === undefined ? countedRows : undefined);
  return { concurrency, maxAhead, settleMs, stallTimeoutMs, maxRejects, maxDeletes, skipRows, maxRows, expectRows };
}

export async function openRejects(folder: string, rows: OpenedRows, { progress }: Pick<RunFolder, 'progress'>) {
  return openRejectFiles(folder, {
    ...listedShape(rows),
    ...(progress !== undefined && { resumeAt: progress.rejects }),
  });
}
