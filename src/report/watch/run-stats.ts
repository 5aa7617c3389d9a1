import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { RunSummary } from '../../domain/run-summary.ts';
import { type ThrottleCause, throttleCauseText } from '../../domain/write-result.ts';
import type { RunEvent, RunObserver } from '../../ports/run-observer.ts';

/** Counted since the start of the process. */
export type RunCounted = Pick<RunSummary, 'requests' | 'latencyMs'> & {
  /** Tokens that the table took. */
  readonly rowsWritten: number;
  readonly rejected: number;
  /** Units that the table says it consumed. */
  readonly writeUnits: number;
  /** Units consumed by global index, as far as the table says. */
  readonly indexUnits: readonly number[];
  /** Tokens in all attempts. */
  readonly tokensSent: number;
  /** Attempts that got no answer, or one of a fault. */
  readonly failed: number;
  /** The words that came with most throttles, and with most failures. */
  readonly throttledBy: string | undefined;
  readonly failedBy: string | undefined;
  /** The limit that `throttledBy` stands for, where it is known. */
  readonly throttleCause: ThrottleCause | undefined;
  readonly pausedFor: string | undefined;
};

/** Latencies of a time, in ms; all 0 where nothing was accepted in it. */
export type Latencies = RunSummary['latencyMs'] & { readonly min: number };

type RunStats = RunObserver & {
  counted(): RunCounted;
  /** Latencies since the last such call. */
  takeLatencies(): Latencies;
};

/** What a run waits for while its table changes; the end of it clears the line. */
const pauses: Readonly<Record<string, string>> = {
  recorded: 'the capacity is being raised',
  raising: 'the capacity is being raised',
  restoring: 'the capacity is being put back',
};

/** Counts what happens in a run. */
export function countRun(): RunStats {
  const latencyUs = createHistogram(latencyRange);
  const recentUs = createHistogram(latencyRange);
  const throttles = new Map<string, number>();
  const throttleCauses = new Map<string, ThrottleCause>();
  const failures = new Map<string, number>();
  const requests = { sent: 0, throttled: 0, retried: 0, unprocessedItems: 0 };
  let rowsWritten = 0;
  let rejected = 0;
  let writeUnits = 0;
  const indexUnits: number[] = [];
  let tokensSent = 0;
  let failed = 0;
  let pausedFor: string | undefined;

  function countAttempt(attempt: number, tokens: number): void {
    requests.sent++;
    tokensSent += tokens;
    if (attempt > 1) requests.retried++;
  }

  function countThrottle(cause: ThrottleCause): void {
    const text = throttleCauseText(cause);
    countReason(throttles, text);
    throttleCauses.set(text, cause);
  }

  function recordLatency(latencyMs: number): void {
    const us = Math.max(1, Math.round(latencyMs * 1000));
    latencyUs.record(us);
    recentUs.record(us);
  }

  function on(event: RunEvent): void {
    switch (event.kind) {
      case 'batch-accepted':
        countAttempt(event.attempt, event.tokens);
        rowsWritten += event.tokens - event.unprocessed - (event.kept ?? 0) - (event.again ?? 0);
        requests.unprocessedItems += event.unprocessed;
        writeUnits += event.consumedWriteUnits;
        event.consumedIndexUnits?.forEach((units, i) => {
          indexUnits[i] = (indexUnits[i] ?? 0) + units;
        });
        recordLatency(event.latencyMs);
        break;
      case 'batch-throttled':
        countAttempt(1, event.tokens);
        requests.throttled++;
        for (const cause of event.causes ?? []) countThrottle(cause);
        if (event.causes === undefined) countReason(throttles, event.reason);
        break;
      case 'attempt-failed':
        countAttempt(event.attempt, event.tokens);
        failed++;
        countReason(failures, event.reason);
        break;
      case 'rate-changed':
        if (event.cause !== undefined) countThrottle(event.cause);
        break;
      case 'row-rejected':
        rejected++;
        break;
      case 'paused':
        pausedFor = event.reason;
        break;
      case 'unpaused':
        pausedFor = undefined;
        break;
      case 'capacity-changed':
        if (event.change !== 'waiting') pausedFor = pauses[event.change];
        break;
      default:
        break;
    }
  }

  function counted(): RunCounted {
    const { min: _min, ...latencyMs } = latenciesOf(latencyUs);
    const throttledBy = mostFrequent(throttles);
    return {
      requests: { ...requests },
      latencyMs,
      rowsWritten,
      rejected,
      writeUnits,
      indexUnits: [...indexUnits],
      tokensSent,
      failed,
      throttledBy,
      throttleCause: throttledBy === undefined ? undefined : throttleCauses.get(throttledBy),
      failedBy: mostFrequent(failures),
      pausedFor,
    };
  }

  function takeLatencies(): Latencies {
    const taken = latenciesOf(recentUs);
    recentUs.reset();
    return taken;
  }

  return { on, counted, takeLatencies };
}

const latencyRange = { lowest: 1, highest: 3_600_000_000, figures: 3 };

/** Reasons are a handful of words of the service; a bound all the same. */
export const mostReasons = 50;

function countReason(reasons: Map<string, number>, reason: string): void {
  const count = reasons.get(reason);
  if (count !== undefined || reasons.size < mostReasons) reasons.set(reason, (count ?? 0) + 1);
}

function mostFrequent(reasons: ReadonlyMap<string, number>): string | undefined {
  let most: string | undefined;
  for (const [reason, count] of reasons) if (most === undefined || count > reasons.get(most)!) most = reason;
  return most;
}

function latenciesOf(us: RecordableHistogram): Latencies {
  if (us.count === 0) return { min: 0, p50: 0, p90: 0, p99: 0, max: 0 };
  const at = (percentile: number) => us.percentile(percentile) / 1000;
  return { min: us.min / 1000, p50: at(50), p90: at(90), p99: at(99), max: us.max / 1000 };
}
