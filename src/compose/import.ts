import { resolve } from 'node:path';
import { CheckpointFile } from '../adapters/file/run/checkpoint-file.ts';
import { openRejectFiles } from '../adapters/file/run/reject-files.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { ImportError } from '../domain/import-error.ts';
import type { RunSummary } from '../domain/run-summary.ts';
import type { TableAttachments } from '../domain/table.ts';
import type { CapacityDebt } from '../domain/write-capacity.ts';
import type { IfExists } from '../domain/write-result.ts';
import type { ImportOptions } from '../options/import-options.ts';
import { RowMapper } from '../pipeline/map-row.ts';
import { ImportRun } from '../pipeline/run-import.ts';
import type { Preflight } from '../report/plan/preflight-text.ts';
import { repeatedSummary, resumingInDebt } from './capacity/restore-raise.ts';
import { refuseSecondRaise, warnOfDebts } from './capacity/unrestored-runs.ts';
import { whileRaised } from './capacity/while-raised.ts';
import { checkSameTable, manifestTable } from './check-table.ts';
import { rememberRows, resolveIfExists } from './if-exists.ts';
import { openTarget, type Target } from './open-target.ts';
import { openPace } from './pace.ts';
import { previewImport } from './plan/preflight.ts';
import { awaitLateWrites, type WritesBefore } from './run/await-late-writes.ts';
import { importSummary } from './run/import-summary.ts';
import { checkSummaryFile, keepSummary } from './run/keep-summary.ts';
import { preflightFacts } from './run/preflight-facts.ts';
import { tellBegun } from './run/record-run.ts';
import { beginRun, keepReach, keepRequestTimeout, type RunFolder, reopenRun } from './run/run-folder.ts';
import { watchImport } from './run/watch-import.ts';
import { resumeCommand } from './shell-command.ts';
import type { MappedRows } from './source/map-columns.ts';
import { listedShape, type OpenedRows, openRows } from './source/open-rows.ts';
import { openSource } from './source/open-source.ts';
import type { ComposeImport, Surroundings } from './surroundings.ts';

/** Runs one import, from options to summary. Throws ImportError for what stops it before the first row. */
export const composeImport: ComposeImport = async (asked, world) => {
  const given = withAbsolutePaths(asked, world);
  const reopened = given.resume === undefined ? undefined : await reopenRun(given.resume, given, world);
  try {
    if (reopened?.summary !== undefined) {
      world.warn('this run is finished: its summary and exit code are repeated, nothing is written');
      return { summary: await repeatedSummary(reopened, reopened.summary, world) };
    }
    if (reopened === undefined) await warnOfDebts(given.runDir, world);
    const options = reopened?.options ?? given;
    const prepare = (owed?: CapacityDebt) => prepareAndImport(options, world, reopened, owed);
    return { summary: await resumingInDebt(reopened?.directory?.path, world, prepare), options };
  } finally {
    await reopened?.directory?.close();
  }
};

/** All that can go wrong before the first write goes wrong here, source first, since that costs no request. */
async function prepareAndImport(
  options: ImportOptions,
  world: Surroundings,
  reopened: RunFolder | undefined,
  owed: CapacityDebt | undefined,
): Promise<RunSummary> {
  await checkSummaryFile(options, world.cwd);
  const folder = reopened?.directory?.path;
  const source = await openSource(
    options,
    world,
    folder === undefined ? undefined : { resumeCommand: resumeCommand(folder, [], world), files: reopened?.files },
  );
  const rows = await openRows(options, source, reopened, world);
  const target = await openTarget(options, world, { owed, isDone: !hasRowsLeft(options, rows, reopened) });
  let begun: RunFolder | undefined;
  try {
    checkSameTable(reopened?.table, target);
    const { raise } = target;
    const raises = raise?.isNeeded === true && raise.parts.length > 0;
    if (raises) await refuseSecondRaise(reopened?.directory?.path ?? options.runDir, raise.found, world);
    const mapped = rows.mapTo(target.table);
    const attachments = await target.attachments();
    const rowsDone = reopened?.progress?.mark.ordinal ?? 0;
    const preview = await previewImport({ options, rows, mapped, target, attachments, rowsDone, signal: world.signal });
    const begin = () => beginRun(options, world, source.files, rows, manifestTable(target));
    begun = reopened === undefined ? await begin() : undefined;
    const run = reopened ?? begun!;
    const ifExists = resolveIfExists(options, mapped);
    const facts = preflightFacts({ options, target, rows, mapped, ifExists, run, preview });
    if (!(await world.confirm(facts))) {
      await begun?.discard();
      if (world.signal.aborted) throw world.signal.reason;
      throw notConfirmed();
    }
    if (reopened !== undefined) await keepReach(reopened, options);
    const begunMs = systemClock.wallMs();
    if (run.directory !== undefined) await tellBegun(run.directory.path, { runId: run.runId, begunMs }, world.warn);
    const writesBefore = reopened === undefined ? 'settled' : await awaitLateWrites(reopened, options, world);
    if (reopened !== undefined && writesBefore === 'settled') await keepRequestTimeout(reopened, options);
    const stage = { options, world, rows, mapped, ifExists, target, attachments, run, facts, begunMs, writesBefore };
    return await importRows(stage);
  } finally {
    await target.close();
    await begun?.directory?.close();
  }
}

/** Whether this process has a row to write, as far as can be told before it is looked at. */
function hasRowsLeft({ skipRows, maxRows }: ImportOptions, rows: OpenedRows, run: RunFolder | undefined): boolean {
  const rowsDone = run?.progress?.mark.ordinal ?? 0;
  return rows.hasRows && (maxRows === undefined || rowsDone < skipRows + maxRows);
}

/** A resume may be asked for in another folder. */
function withAbsolutePaths(options: ImportOptions, { cwd }: Surroundings): ImportOptions {
  const { schema, summary } = options;
  return {
    ...options,
    ...(schema !== undefined && { schema: resolve(cwd, schema) }),
    ...(summary !== undefined && { summary: resolve(cwd, summary) }),
  };
}

type Stage = {
  readonly options: ImportOptions;
  readonly world: Surroundings;
  readonly rows: OpenedRows;
  readonly mapped: MappedRows;
  readonly ifExists: IfExists;
  readonly target: Target;
  readonly attachments: TableAttachments;
  readonly run: RunFolder;
  readonly facts: Preflight;
  readonly begunMs: number;
  readonly writesBefore: WritesBefore;
};

async function importRows(stage: Stage): Promise<RunSummary> {
  const { options, world, rows, mapped, ifExists, target, run } = stage;
  const repository = await target.openRepository(mapped.key, ifExists);
  const folder = run.directory?.path;
  let startedMs = systemClock.nowMs();
  let endedMs = startedMs;
  const askedRate = target.rate.writeUnitsPerSecond ?? null;
  const watching = await watchImport({ ...stage, repository, askedRate });
  const rejects = folder === undefined ? undefined : await openRejects(folder, stage);
  const store = folder === undefined ? undefined : new CheckpointFile(folder, run.progress);
  try {
    // A kill before the next checkpoint leaves writes under way, whatever the process before could vouch for.
    if (run.progress?.settled) await store?.save({ ...run.progress, settled: false });
    const mapper = new RowMapper({ ...mapped, encoder: repository.encoder(mapped.columns) });
    const mark = run.progress?.mark;
    if (ifExists.kind !== 'replace' && mark !== undefined) {
      await rememberRows(options, world, rows, { mapper, repository }, mark);
    }
    const { pacing, limits } = openPace({ options, target, repository, observer: watching.observer, folder });
    const importRun = new ImportRun({
      ...pipelineSettings(options),
      ...pacing,
      blocks: rows.blocks,
      hash: rows.hash,
      mapper,
      repository,
      everyRowCounts: ifExists.kind === 'newer',
      observer: watching.observer,
      clock: systemClock,
      random: world.random,
      signal: world.signal,
      writesBefore: stage.writesBefore,
      ...(rejects !== undefined && { rejects }),
      ...(store !== undefined && { store }),
      ...(run.progress !== undefined && { start: run.progress }),
    });
    const running = async () => {
      watching.begin(importRun);
      startedMs = systemClock.nowMs();
      await limits.start((bug) => importRun.fail(bug));
      const ended = await importRun.run().finally(() => limits.stop());
      endedMs = systemClock.nowMs();
      watching.watch.close();
      return ended;
    };
    const scene = { ...stage, folder, observer: watching.observer };
    const { result, capacity } = await whileRaised(target.raise, scene, running);
    const { watch } = watching;
    const seen = { ...repository.traffic(), ...watch.judgement(), counted: watch.counted(), rateLimit: askedRate };
    const durationSeconds = Math.round(endedMs - startedMs) / 1000;
    const summary = importSummary(stage, result, { ...seen, durationSeconds }, capacity);
    await keepSummary(summary, options, world, folder, result.finished && result.endOfSource ? store : undefined);
    await watching.end(summary);
    return summary;
  } finally {
    watching.close();
    await rejects?.close();
    await repository.close();
  }
}

function pipelineSettings(options: ImportOptions) {
  const { concurrency, maxAhead, settleMs, stallTimeoutMs, maxRejects, skipRows, maxRows, expectRows } = options;
  return { concurrency, maxAhead, settleMs, stallTimeoutMs, maxRejects, skipRows, maxRows, expectRows };
}

async function openRejects(folder: string, { rows, run }: Stage) {
  return openRejectFiles(folder, {
    ...listedShape(rows),
    ...(run.progress !== undefined && { resumeAt: run.progress.rejects }),
  });
}

function notConfirmed(): ImportError {
  return new ImportError('not-confirmed', 'not confirmed: nothing was written', {
    hint: 'answer y to go on, or give --yes',
  });
}
