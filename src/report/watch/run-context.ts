import type { ImportFigures, StoredBytes } from '../../domain/import-figures.ts';
import type { Bottleneck } from '../../domain/run-summary.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RunObserver } from '../../ports/run-observer.ts';
import type { TrafficTotals } from '../../ports/token-repository.ts';
import { formatCount, formatDuration } from '../format.ts';
import type { RunCounted } from './run-stats.ts';

/** What the process has used since it started. */
export type ProcessUsage = {
  /** Time in which its one thread was not idle. */
  readonly loopBusyMs: number;
  readonly cpuMs: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
};

/** Figures of this moment that no event carries. */
export type LiveFigures = ImportFigures &
  StoredBytes &
  TrafficTotals &
  ProcessUsage & {
    /** In ms since 1970; undefined where they do not expire, or it is not known. */
    readonly credentialsExpireMs?: number | undefined;
  };

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
  Pick<RunCounted, 'requests' | 'rejected' | 'rowsWritten' | 'pausedFor'> & {
    /** In ms since 1970. */
    readonly atMs: number;
    readonly elapsedSeconds: number;
    /** Since the start of the import, over resumes. */
    readonly rowsRead: number;
    readonly rowsDone: number;
    /** Share of the source, or of `--max-rows`, that is done, 0 to 1. */
    readonly fraction: number | undefined;
    readonly etaSeconds: number | undefined;
    readonly credentialsExpireMs: number | undefined;
    /** Write units a second that are granted now; null: no limit. */
    readonly rateLimit: number | null;
    readonly writeUnits: number;
    /** Over the last seconds; undefined until that can be said. */
    readonly writeUnitsPerSecond: number | undefined;
    readonly bytesPerSecond: number;
    readonly inFlight: number;
    readonly concurrency: number;
    /** Of the batches accepted in the last seconds. */
    readonly latencyMs: { readonly p50: number; readonly p99: number };
    readonly connectionsOpened: number;
    readonly bytesSent: number;
    readonly bottleneck: Bottleneck;
    readonly advice: string;
  };

/** One line: `1,234,567 rows   62 %   19,987/s of 20,000 write units   ETA 3 min 5 s   12 throttled   3 rejected`. */
export function figuresText(figures: RunFigures): string {
  const { writeUnitsPerSecond: rate, rateLimit, requests, rejected, etaSeconds, fraction, pausedFor } = figures;
  const limit = rateLimit === null ? '' : ` of ${formatCount(rateLimit)}`;
  return [
    `${formatCount(figures.rowsDone)} rows`,
    fraction === undefined ? undefined : `${Math.floor(fraction * 100)} %`,
    rate === undefined ? undefined : `${formatCount(rate)}/s${limit} write units`,
    pausedFor === undefined ? etaText(etaSeconds) : `paused: ${pausedFor}`,
    requests.throttled === 0 ? undefined : `${formatCount(requests.throttled)} throttled`,
    rejected === 0 ? undefined : `${formatCount(rejected)} rejected`,
    figures.bottleneck === 'limit' || figures.advice === '' ? undefined : `held back by ${figures.advice}`,
  ]
    .filter((part) => part !== undefined)
    .join('   ');
}

function etaText(etaSeconds: number | undefined): string | undefined {
  if (etaSeconds === undefined || etaSeconds === 0) return undefined;
  return `ETA ${formatDuration(Math.max(1, Math.round(etaSeconds)))}`;
}
