import { join } from 'node:path';
import { checkNamedFile, readStoredJson, replaceFile, replacePublicFile } from '../../adapters/file/durable-file.ts';
import { readRaise } from '../../adapters/file/run/run-stores.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { RunSummary } from '../../domain/run-summary.ts';
import type { Shard } from '../../domain/token.ts';
import type { ImportOptions } from '../../options/import-options.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RunObserver } from '../../ports/run-observer.ts';
import {
  HistoryRecorder,
  historyOf,
  historyText,
  isStoredHistory,
  type RecordedRun,
  type RunHistory,
} from '../../report/page/run-history.ts';
import { metricsText, type RunEnd, type RunMetrics } from '../../report/watch/metrics-text.ts';
import type { RunFigures, RunSample } from '../../report/watch/run-context.ts';
import { raisedInShort } from '../capacity/restore-raise.ts';

const historyName = 'history.json';
export const progressName = 'progress.json';
export const reportName = 'report.html';

/** How a run stands; written when a process begins, and once a second from its first sample on. */
export type StoredProgress = {
  readonly version: 1;
  readonly runId: string;
  /** Absent unless the run is one shard of several. */
  readonly shard?: Shard | undefined;
  /** When its last process began, in ms since 1970. */
  readonly begunMs: number;
  /** True if the process ended by itself and left a summary. */
  readonly ended: boolean;
  /** Absent before the first sample. */
  readonly figures?: RunFigures;
};

function progressText(progress: Omit<StoredProgress, 'version'>): string {
  return `${JSON.stringify({ version: 1, ...progress })}\n`;
}

/** Undefined if there is none. Throws ImportError `run-dir` if it is damaged. */
export async function readHistory(folder: string): Promise<RunHistory | undefined> {
  const stored = await readStoredJson(join(folder, historyName), isStoredHistory);
  return stored === undefined ? undefined : historyOf(stored);
}

/** Keeps in the run directory what `status` and the report need. Nothing it does may stop an import. */
export type RunRecord = RunObserver & {
  readonly run: RecordedRun;
  /** What the processes before this one left. */
  readonly earlier: RunHistory | undefined;
  add(sample: RunSample, figures: RunFigures): void;
  /** Writes the history for the last time, and the report. */
  finish(summary: RunSummary, figures: RunFigures): Promise<void>;
};

/** Less often than the checkpoint: a kill costs the report this much of its curves. */
const historyEveryMs = 10_000;

/** Begins the record of this process: what an earlier one wrote tells only of that one. */
export async function recordRun(folder: string, run: RecordedRun, warn: (message: string) => void): Promise<RunRecord> {
  const begunMs = systemClock.wallMs();
  const { runId } = run;
  const { shard } = run.preflight;
  const begun = progressText({ runId, shard, begunMs, ended: false });
  await replaceFile(join(folder, progressName), begun).catch((error: Error) =>
    warn(`cannot write ${progressName}, so \`status\` will not work; the import continues: ${error.message}`),
  );
  const earlier = await readHistory(folder).catch((error: Error) => {
    warn(`${error.message}; the report starts over`);
    return undefined;
  });
  const recorder = new HistoryRecorder(run, begunMs, earlier);
  let writtenMs = Number.NEGATIVE_INFINITY;
  let failed = false;
  let writing: Promise<void> | undefined;

  async function write(name: string, text: string): Promise<void> {
    if (failed) return;
    try {
      await replaceFile(join(folder, name), text);
    } catch (error) {
      failed = true;
      warn(`cannot write the report; the import continues: ${(error as Error).message}`);
    }
  }

  async function writeBoth(figures: RunFigures): Promise<void> {
    await writeProgress(figures, false);
    if (systemClock.nowMs() - writtenMs < historyEveryMs) return;
    writtenMs = systemClock.nowMs();
    await write(historyName, historyText(recorder.history));
  }

  async function writeProgress(figures: RunFigures, ended: boolean): Promise<void> {
    await write(progressName, progressText({ runId, shard, begunMs, ended, figures }));
  }

  return {
    earlier,
    run,
    on: (event) => recorder.on(event),
    add(sample, figures) {
      recorder.addSample(sample, figures.rejects);
      writing ??= writeBoth(figures).finally(() => {
        writing = undefined;
      });
    },
    async finish(summary, figures) {
      await writing;
      await writeProgress(figures, true);
      await write(historyName, historyText(recorder.history));
      const { reportPage } = await import('../../report/page/report-page.ts');
      await write(reportName, reportPage({ history: recorder.history, summary, state: 'ended' }));
    },
  };
}

/** The file of `--metrics-file`. Nothing it does may stop an import. */
type MetricsFile = {
  /** Writes it for the last time. */
  finish(end: RunEnd): Promise<void>;
  close(): void;
};

const metricsEveryMs = 5000;

/** Throws ImportError `usage` if the file of `--metrics-file` could not be written. */
export async function checkMetricsFile({ metricsFile }: ImportOptions): Promise<void> {
  if (metricsFile !== undefined) await checkNamedFile('--metrics-file', metricsFile, 'replaced');
}

/** Writes the file now and every 5 s. `folder` is the run directory, which records what capacity is raised. */
export function keepMetrics(
  path: string,
  folder: string | undefined,
  metrics: () => Omit<RunMetrics, 'raised' | 'end'>,
  clock: Clock,
  warn: (message: string) => void,
): MetricsFile {
  let hasFailed = false;
  let writing: Promise<void> | undefined;
  let cancel = () => {};
  tick();

  function tick(): void {
    writing ??= write().finally(() => {
      writing = undefined;
    });
    cancel = clock.setTimer(metricsEveryMs, tick);
  }

  async function write(end?: RunEnd): Promise<void> {
    try {
      const raise = folder === undefined ? undefined : await readRaise(folder).catch(() => undefined);
      const raised = raise?.parts.map(raisedInShort) ?? [];
      await replacePublicFile(path, metricsText({ ...metrics(), raised, end }));
    } catch (error) {
      if (!hasFailed) warn(`cannot write the metrics; the import continues: ${(error as Error).message}`);
      hasFailed = true;
    }
  }

  return {
    async finish(end) {
      cancel();
      await writing;
      await write(end);
    },
    close: () => cancel(),
  };
}
