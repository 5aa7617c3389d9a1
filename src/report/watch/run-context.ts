import type { Bottleneck, RowCounts } from '../../domain/run-summary.ts';
import { type PipelineFigures, type RunTotals, type StoredBytes, sum } from '../../domain/run-totals.ts';
import type { TableInfo } from '../../domain/table.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RunObserver } from '../../ports/run-observer.ts';
import type { TrafficTotals } from '../../ports/token-repository.ts';
import { formatClock, formatCount, formatDuration, formatRate, printable } from '../format.ts';
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

/** How the table is paid for, which tells what can be done if it throttles. */
export type Billing = TableInfo['billing'] | 'rehearsal';

/** What a listener knows of the run it listens to. */
export type RunContext = {
  readonly runId: string;
  /** Where the rows go, in a few words: `tokens in eu-west-1, account 123456789012`. */
  readonly target: string;
  readonly runDir?: string;
  /** Its path as a shell takes it, for the operator to write to. */
  readonly rateFile?: string;
  readonly billing?: Billing | undefined;
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
  Pick<RunCounted, 'pausedFor' | 'rejects'> & {
    /** In ms since 1970. */
    readonly atMs: number;
    /** Of this process. */
    readonly thisProcess: RunTotals;
    /** Of all processes of the run. */
    readonly wholeRun: RunTotals;
    /** Of all processes of the run, by their fate. */
    readonly rows: RowCounts;
    /** Share of the source, or of `--max-rows`, that is done, 0 to 1. */
    readonly fraction: number | undefined;
    /** Rows that will have been done in the end. */
    readonly rowsExpected: { readonly count: number; readonly isExact: boolean } | undefined;
    /** Undefined if it cannot be told, and as long as nothing gets through. */
    readonly etaSeconds: number | undefined;
    readonly credentialsExpireMs: number | undefined;
    /** Write units a second that the run never exceeds; null: no limit. */
    readonly rateLimit: number | null;
    /** True after a raise or a pause, until the rate is reached. */
    readonly isRampingUp: boolean;
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

/** One line: `1,234,567 rows   62 %   19,987/s of 20,000 write units   ETA 3 min 5 s, 02:08 UTC   12 throttled`. */
export function figuresText(figures: RunFigures): string {
  const { wholeRun, writeUnitsPerSecond: rate, rateLimit, etaSeconds, fraction, pausedFor } = figures;
  const limit = rateLimit === null ? '' : ` of ${formatRate(rateLimit)}`;
  return [
    `${formatCount(wholeRun.rowsDone)} rows`,
    fraction === undefined ? undefined : `${Math.floor(fraction * 100)} %`,
    rate === undefined ? undefined : `${formatCount(rate)}/s${limit} write units`,
    fraction === undefined || pausedFor !== undefined ? undefined : etaText(etaSeconds, figures.atMs),
    wholeRun.requestsThrottled === 0 ? undefined : `${formatCount(wholeRun.requestsThrottled)} throttled`,
    wholeRun.unprocessedItems === 0 ? undefined : `${formatCount(wholeRun.unprocessedItems)} handed back`,
    wholeRun.rowsRejected === 0 ? undefined : `${formatCount(wholeRun.rowsRejected)} rejected`,
    heldText(figures),
  ]
    .filter((part) => part !== undefined)
    .join('   ');
}

function heldText({ pausedFor, isRampingUp, bottleneck, advice }: RunFigures): string | undefined {
  if (pausedFor !== undefined) return `paused: ${printable(pausedFor)}`;
  if (isRampingUp) return 'ramping up';
  return bottleneck === 'limit' || advice === '' ? undefined : `held back by ${advice}`;
}

/** `ETA 3 min 5 s, 02:08 UTC`, or `ETA —` while it cannot be told. */
export function etaText(etaSeconds: number | undefined, atMs: number, dash = '—'): string {
  if (etaSeconds === undefined) return `ETA ${dash}`;
  const left = formatDuration(Math.max(1, Math.round(etaSeconds)));
  return `ETA ${left}, ${formatClock(atMs + etaSeconds * 1000, atMs)}`;
}

/** What happened in one stretch of a run. */
export type RunSample = RunTotals & {
  /** When it ended, in ms since 1970. */
  readonly endMs: number;
  /** Write units a second granted at its end; null: no limit. */
  readonly rateLimit: number | null;
  /** Most batches in flight at once. */
  readonly inFlight: number;
  /** Latencies of accepted batches; 0 if there was none. */
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly bottleneck: Bottleneck;
};

/** Two neighbouring stretches as one: peaks stay peaks. */
export function mergeSamples(earlier: RunSample, later: RunSample): RunSample {
  return Object.assign(sum(earlier, later), {
    endMs: later.endMs,
    rateLimit: later.rateLimit,
    inFlight: Math.max(earlier.inFlight, later.inFlight),
    p50Ms: weighted(earlier.p50Ms, acceptedIn(earlier), later.p50Ms, acceptedIn(later)),
    p90Ms: Math.max(earlier.p90Ms, later.p90Ms),
    p99Ms: Math.max(earlier.p99Ms, later.p99Ms),
    residentBytes: Math.max(earlier.residentBytes, later.residentBytes),
    heapBytes: Math.max(earlier.heapBytes, later.heapBytes),
    bottleneck: earlier.durationMs > later.durationMs ? earlier.bottleneck : later.bottleneck,
  });
}

function acceptedIn({ requestsSent, requestsThrottled, requestsFailed }: RunSample): number {
  return Math.max(0, requestsSent - requestsThrottled - requestsFailed);
}

function weighted(a: number, weightOfA: number, b: number, weightOfB: number): number {
  const weight = weightOfA + weightOfB;
  return weight === 0 ? 0 : (a * weightOfA + b * weightOfB) / weight;
}
