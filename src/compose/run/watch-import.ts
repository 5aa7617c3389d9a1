import { openLogFile } from '../../adapters/file/append-file.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { noneDone, type Progress, sourceStart } from '../../domain/checkpoint.ts';
import { exitCodeOfFault, isAbort } from '../../domain/import-error.ts';
import type { RejectGroup, RunSummary, ScopeFigures } from '../../domain/run-summary.ts';
import { noTotals, type RunTotals, sum } from '../../domain/run-totals.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { ImportRun } from '../../pipeline/run-import.ts';
import type { RunObserver } from '../../ports/run-observer.ts';
import type { TokenRepository } from '../../ports/token-repository.ts';
import type { RunHistory } from '../../report/page/run-history.ts';
import type { Preflight } from '../../report/plan/preflight.ts';
import { createLog, logRun } from '../../report/watch/log-run.ts';
import type { RunContext, RunFigures } from '../../report/watch/run-context.ts';
import { RunWatch } from '../../report/watch/watch-run.ts';
import type { DescribedTarget, Target } from '../open-target.ts';
import { shownPath } from '../shell-command.ts';
import type { OpenedRows } from '../source/open-rows.ts';
import type { Surroundings } from '../surroundings.ts';
import type { ProcessFigures } from './import-summary.ts';
import { keepMetrics, type RunRecord } from './record-run.ts';
import type { RunFolder } from './run-folder.ts';

/** Everything that listens to one import: the figures, the screen, the log in the run directory. */
export type ImportWatch = {
  readonly watch: RunWatch;
  readonly observer: RunObserver;
  /** Shows the figures of `importRun` from now on. */
  begin(importRun: ImportRun): void;
  /** What the summary tells of the process. */
  seen(): Omit<ProcessFigures, 'durationSeconds'>;
  /** Logs how it ended, and writes the report. */
  end(summary: RunSummary): Promise<void>;
  /** Notes that it ended without a summary. */
  fail(fault: unknown): Promise<void>;
  close(): void;
};

/** Throws ImportError `disk-full` or `run-dir` if the log cannot be opened. */
export async function watchImport(
  { options, runId, directory, progress }: RunFolder,
  rows: OpenedRows,
  target: DescribedTarget,
  repository: Pick<TokenRepository, 'traffic'>,
  record: RunRecord | undefined,
  surroundings: Omit<Surroundings, 'confirm'>,
): Promise<ImportWatch> {
  const folder = directory?.path;
  const { concurrency, maxAhead, skipRows, maxRows } = options;
  const askedRate = target.rate.writeUnitsPerSecond ?? null;
  const start = progress?.mark ?? sourceStart;
  const notBegun = {
    ...noTotals,
    rowsRead: start.ordinal,
    rowsDone: start.ordinal,
    fates: progress?.counts ?? noneDone,
    inFlight: 0,
    ratePerSecond: undefined,
  };
  const sources = rows.source.files.map(({ name }) => name);
  const billing = options.repository === 'memory' ? 'rehearsal' : target.table?.billing;
  let importRun: ImportRun | undefined;
  const watch = new RunWatch({
    clock: systemClock,
    live: () => ({
      ...(importRun?.figures ?? notBegun),
      ...rows.bytesRead(importRun?.figures.place ?? start),
      ...repository.traffic(),
      ...surroundings.usage(),
      credentialsExpireMs: target.credentialsExpireMs?.(),
    }),
    askedRate,
    concurrency,
    maxAhead,
    billing,
    rowsWanted: maxRows === undefined ? rows.countedRows : skipRows + maxRows,
    sources,
    earlier: earlierTotals(record?.earlier, progress),
    earlierRejects: earlierRejects(record?.earlier, progress),
    onSample: (sample) => record?.add(sample, watch.figures()),
  });
  const context: RunContext = {
    runId,
    target: targetText(options, target),
    billing,
    ...(folder !== undefined && { runDir: folder, rateFile: shownPath(`${folder}/rate`, surroundings) }),
    sources,
    clock: systemClock,
    figures: () => watch.figures(),
  };
  const log = folder === undefined ? undefined : logToFile(folder, context, record?.run.preflight, surroundings);
  const run = { runId, table: target.table?.name ?? options.table, startedMs: systemClock.wallMs() };
  const metrics =
    options.metricsFile === undefined
      ? undefined
      : keepMetrics(
          options.metricsFile,
          folder,
          () => ({ run, figures: watch.figures(), counted: watch.counted() }),
          systemClock,
          surroundings.warn,
        );
  const listeners = [watch, surroundings.observe(context), log?.listener, record].filter((one) => one !== undefined);
  return {
    watch,
    observer: { on: (event) => listeners.forEach((listener) => void listener.on(event)) },
    begin(started) {
      importRun = started;
      watch.begin();
    },
    seen: () => ({
      ...repository.traffic(),
      ...watch.judgement(),
      ...scopesOf(watch.figures(), record?.earlier),
      counted: watch.counted(),
      rateLimit: askedRate,
      limits: watch.limits(),
    }),
    async end(summary) {
      log?.tellEnd(summary);
      await record?.finish(summary, watch.figures());
      await metrics?.finish(summary);
    },
    async fail(fault) {
      const exitCode = exitCodeOfFault(fault, surroundings.signal);
      await metrics?.finish({ exitCode, outcome: isAbort(fault, surroundings.signal) ? 'interrupted' : 'failed' });
    },
    close() {
      watch.close();
      metrics?.close();
      log?.close();
    },
  };
}

/** The checkpoint tells the rows exactly; the history may lack the last seconds of a process that was killed. */
function earlierTotals(earlier: RunHistory | undefined, progress: Progress | undefined): RunTotals {
  const counted = (earlier?.samples ?? []).reduce<RunTotals>(sum, noTotals);
  if (progress === undefined) return counted;
  const { mark, counts } = progress;
  return {
    ...counted,
    rowsRead: mark.ordinal,
    rowsDone: mark.ordinal,
    rowsWritten: counts.written,
    rowsDeleted: counts.deleted,
    rowsRejected: counts.rejected,
  };
}

/** What this process and the whole run did; empty for a run of one process. */
function scopesOf({ thisProcess, wholeRun }: RunFigures, earlier: RunHistory | undefined): Pick<RunSummary, 'scopes'> {
  const before = earlier?.processes.length ?? 0;
  if (before === 0) return {};
  return { scopes: { processes: before + 1, thisProcess: scopeOf(thisProcess), wholeRun: scopeOf(wholeRun) } };
}

function scopeOf({ rowsDone, writeUnits, durationMs }: RunTotals): ScopeFigures {
  return { rows: rowsDone, writeUnits, durationSeconds: durationMs / 1000 };
}

function earlierRejects(earlier: RunHistory | undefined, progress: Progress | undefined): RejectGroup[] {
  return Object.entries(progress?.rejectsByCode ?? {}).map(([code, count]) => {
    const first = earlier?.rejects.find((group) => group.code === code)?.first;
    return { code, count, ...(first !== undefined && { first }) };
  });
}

/** `tokens in eu-west-1, account 123456789012`. */
function targetText(
  { repository, table: asked }: ImportOptions,
  { table, region }: Pick<Target, 'table' | 'region'>,
): string {
  if (repository === 'memory') return 'memory: a rehearsal, nothing is written to DynamoDB';
  const places = [table?.region ?? region, table && `account ${table.account}`].filter((part) => part !== undefined);
  return `${table?.name ?? asked}${places.length === 0 ? '' : ` in ${places.join(', ')}`}`;
}

function logToFile(
  folder: string,
  run: RunContext,
  preflight: Preflight | undefined,
  surroundings: Pick<Surroundings, 'warn'>,
) {
  const file = openLogFile(folder, surroundings.warn);
  const log = createLog({ write: file.write, level: 'info', format: 'json' });
  log.info(
    { run: run.runId, event: 'preflight', ...preflight, runId: undefined },
    'what was known before the first write',
  );
  const listener = logRun(log, run, 5000);
  return {
    listener: listener as RunObserver,
    tellEnd: ({ outcome, exitCode, rows }: RunSummary) =>
      log.info({ run: run.runId, event: 'ended', outcome, exitCode, rows }, `ended: ${outcome}`),
    close() {
      listener.close();
      file.close();
    },
  };
}
