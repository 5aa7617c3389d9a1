import { openLogFile } from '../../adapters/file/run/log-file.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { type Progress, sourceStart } from '../../domain/checkpoint.ts';
import type { RunSummary } from '../../domain/run-summary.ts';
import { noTotals, type RunTotals } from '../../domain/run-totals.ts';
import type { ImportRun } from '../../pipeline/run-import.ts';
import type { RunObserver } from '../../ports/run-observer.ts';
import type { TokenRepository } from '../../ports/token-repository.ts';
import type { Preflight } from '../../report/plan/preflight-text.ts';
import { createLog, logRun } from '../../report/watch/log-run.ts';
import type { RunContext } from '../../report/watch/run-context.ts';
import { RunWatch } from '../../report/watch/watch-run.ts';
import type { Target } from '../open-target.ts';
import type { OpenedRows } from '../source/open-rows.ts';
import type { Surroundings } from '../surroundings.ts';
import type { ProcessFigures } from './import-summary.ts';
import type { RunRecord } from './record-run.ts';
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
  close(): void;
};

/** Throws ImportError `disk-full` or `run-dir` if the log cannot be opened. */
export async function watchImport(
  { options, runId, directory, progress }: RunFolder,
  rows: OpenedRows,
  target: Target,
  repository: TokenRepository,
  record: RunRecord | undefined,
  surroundings: Surroundings,
): Promise<ImportWatch> {
  const folder = directory?.path;
  const { concurrency, maxAhead, skipRows, maxRows } = options;
  const askedRate = target.rate.writeUnitsPerSecond ?? null;
  const start = progress?.mark ?? sourceStart;
  const notBegun = {
    ...noTotals,
    rowsRead: start.ordinal,
    rowsDone: start.ordinal,
    inFlight: 0,
    ratePerSecond: undefined,
  };
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
    rowsWanted: maxRows === undefined ? undefined : skipRows + maxRows,
    earlier: earlierTotals(record?.earlier ?? noTotals, progress),
    onSample: (sample) => record?.add(sample, watch.figures()),
  });
  const context: RunContext = {
    runId,
    ...(folder !== undefined && { runDir: folder }),
    sources: rows.source.files.map(({ name }) => name),
    clock: systemClock,
    figures: () => watch.figures(),
  };
  const log = folder === undefined ? undefined : logToFile(folder, context, record?.run.preflight, surroundings);
  const listeners = [watch, surroundings.observe(context), log?.listener, record].filter((one) => one !== undefined);
  return {
    watch,
    observer: { on: (event) => listeners.forEach((listener) => void listener.on(event)) },
    begin(started) {
      importRun = started;
      watch.begin();
    },
    seen: () => ({ ...repository.traffic(), ...watch.judgement(), counted: watch.counted(), rateLimit: askedRate }),
    async end(summary) {
      log?.tellEnd(summary);
      await record?.finish(summary, watch.figures());
    },
    close() {
      watch.close();
      log?.close();
    },
  };
}

/** The checkpoint tells the rows exactly; the history may lack the last seconds of a process that was killed. */
function earlierTotals(counted: RunTotals, progress: Progress | undefined): RunTotals {
  if (progress === undefined) return counted;
  const { mark, counts } = progress;
  return {
    ...counted,
    rowsRead: mark.ordinal,
    rowsDone: mark.ordinal,
    rowsWritten: counts.written,
    rowsRejected: counts.rejected,
  };
}

function logToFile(folder: string, run: RunContext, preflight: Preflight | undefined, surroundings: Surroundings) {
  const file = openLogFile(folder, surroundings.warn);
  const log = createLog({ write: file.write, level: 'info', format: 'json' });
  log.info(
    { run: run.runId, event: 'preflight', ...preflight, runId: undefined },
    'what was known before the first write',
  );
  const listener = logRun({ log, run, figuresEveryMs: 5000 });
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
