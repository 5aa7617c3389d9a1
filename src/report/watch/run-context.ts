import type { Bottleneck } from '../../domain/run-summary.ts';
import type { PipelineFigures, RunTotals, StoredBytes } from '../../domain/run-totals.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RunObserver } from '../../ports/run-observer.ts';
import type { TrafficTotals } from '../../ports/token-repository.ts';
import { formatCount, formatDuration } from '../format.ts';
import type { RunCounted } from './run-stats.ts';

/** What the process has used since it started. */
export type ProcessUsage = Pick<RunTotals, 'cpuMs' | 'loopBusyMs'> & {
  readonly residentBytes: number;
  readonly heapBytes: number;
};

/** What no event carries: the parts of the totals that pipeline, repository and process count, and how they stand now. */
export type LiveFigures = PipelineFigures &
  StoredBytes &
  TrafficTotals &
  ProcessUsage & {
    /** In ms since 1970; undefined where they do not expire, or it is not known. */
    readonly credentialsExpireMs?: number | undefined;
  };

/** All that is known of a run at one moment; its totals are those of the process. */
export type Snapshot = LiveFigures & RunCounted & RunTotals;

/** What a listener knows of the run it listens to. */
export type RunContext = {
  readonly runId: string;
  readonly runDir?: string;
  /** Names for messages, by `fileIndex`. */
  readonly sources: readonly string[];
  readonly clock: Clock;
  /** How the run stands now; to be asked a few times a second at most. */
  readonly figures: () => RunFigures;
};

/** A listener with something to put away at the end: timers, a line on the screen. */
export type RunListener = RunObserver & { close(): void };

/** How a run stands at a moment, for the eye, the log and other sessions. */
export type RunFigures = StoredBytes &
  Pick<RunCounted, 'pausedFor'> & {
    /** In ms since 1970. */
    readonly atMs: number;
    /** Of this process. */
    readonly thisProcess: RunTotals;
    /** Of all processes of the run. */
    readonly wholeRun: RunTotals;
    /** Share of the source, or of `--max-rows`, that is done, 0 to 1. */
    readonly fraction: number | undefined;
    readonly etaSeconds: number | undefined;
    readonly credentialsExpireMs: number | undefined;
    /** Write units a second that are granted now; null: no limit. */
    readonly rateLimit: number | null;
    /** Over the last seconds; undefined until that can be said. */
    readonly writeUnitsPerSecond: number | undefined;
    readonly bytesPerSecond: number;
    readonly inFlight: number;
    readonly concurrency: number;
    /** Of the batches accepted in the last seconds. */
    readonly latencyMs: { readonly p50: number; readonly p99: number };
    readonly bottleneck: Bottleneck;
    readonly advice: string;
  };

/** One line: `1,234,567 rows   62 %   19,987/s of 20,000 write units   ETA 3 min 5 s   12 throttled   3 rejected`. */
export function figuresText(figures: RunFigures): string {
  const { wholeRun, thisProcess, writeUnitsPerSecond: rate, rateLimit, etaSeconds, fraction, pausedFor } = figures;
  const limit = rateLimit === null ? '' : ` of ${formatCount(rateLimit)}`;
  return [
    `${formatCount(wholeRun.rowsDone)} rows`,
    fraction === undefined ? undefined : `${Math.floor(fraction * 100)} %`,
    rate === undefined ? undefined : `${formatCount(rate)}/s${limit} write units`,
    pausedFor === undefined ? etaText(etaSeconds) : `paused: ${pausedFor}`,
    thisProcess.requestsThrottled === 0 ? undefined : `${formatCount(thisProcess.requestsThrottled)} throttled`,
    wholeRun.rowsRejected === 0 ? undefined : `${formatCount(wholeRun.rowsRejected)} rejected`,
    figures.bottleneck === 'limit' || figures.advice === '' ? undefined : `held back by ${figures.advice}`,
  ]
    .filter((part) => part !== undefined)
    .join('   ');
}

function etaText(etaSeconds: number | undefined): string | undefined {
  if (etaSeconds === undefined || etaSeconds === 0) return undefined;
  return `ETA ${formatDuration(Math.max(1, Math.round(etaSeconds)))}`;
}
