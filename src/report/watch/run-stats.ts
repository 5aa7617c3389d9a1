import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { RejectedRow } from '../../domain/row.ts';
import type { RejectGroup, RunSummary } from '../../domain/run-summary.ts';
import type { RunTotals } from '../../domain/run-totals.ts';
import { type ThrottleCause, throttleCauseText } from '../../domain/write-result.ts';
import type { RunEvent, RunObserver } from '../../ports/run-observer.ts';

/** The part of the totals that events carry, at the start; units of indexes are apart. */
const noneCounted = {
  rowsWritten: 0,
  rowsDeleted: 0,
  rowsRejected: 0,
  writeUnits: 0,
  tokensSent: 0,
  unprocessedItems: 0,
  requestsSent: 0,
  requestsThrottled: 0,
  requestsRetried: 0,
  requestsFailed: 0,
} satisfies Partial<RunTotals>;

/** Counted since the start of the process. */
export type RunCounted = Pick<RunTotals, keyof typeof noneCounted | 'indexUnits'> & {
  readonly latencyMs: RunSummary['latencyMs'];
  /** Of all accepted batches together. */
  readonly latencySumMs: number;
  /** The words that came with most throttles, and with most failures. */
  readonly throttledBy: string | undefined;
  readonly failedBy: string | undefined;
  /** The limit that `throttledBy` stands for, where it is known. */
  readonly throttleCause: ThrottleCause | undefined;
  readonly pausedFor: string | undefined;
  /** Of the whole run, in the order in which the codes turned up. */
  readonly rejects: readonly RejectGroup[];
};

/** Latencies of a time, in ms; all 0 where nothing was accepted in it. */
export type Latencies = RunSummary['latencyMs'] & { readonly min: number };

export type RunStats = RunObserver & {
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

/** Counts what happens in a run. `sources` are named by file index; `earlierRejects` are those of the processes before. */
export function countRun(sources: readonly string[] = [], earlierRejects: readonly RejectGroup[] = []): RunStats {
  const latencyUs = createHistogram(latencyRange);
  const recentUs = createHistogram(latencyRange);
  const throttles = new Map<string, number>();
  const throttleCauses = new Map<string, ThrottleCause>();
  const failures = new Map<string, number>();
  const indexUnits: number[] = [];
  const totals = { ...noneCounted };
  let latencySumMs = 0;
  let pausedFor: string | undefined;
  const rejects = new Map(earlierRejects.map((group) => [group.code, group]));

  function countAttempt(attempt: number, tokens: number): void {
    totals.requestsSent++;
    totals.tokensSent += tokens;
    if (attempt > 1) totals.requestsRetried++;
  }

  function countThrottle(cause: ThrottleCause): void {
    const text = throttleCauseText(cause);
    countReason(throttles, text);
    throttleCauses.set(text, cause);
  }

  function countReject({ code, column, position: { fileIndex, line } }: RejectedRow): void {
    const source = sources.length > 1 ? sources[fileIndex] : undefined;
    const first = { ...(source !== undefined && { source }), line, ...(column !== undefined && { column }) };
    const { count = 0, ...known } = rejects.get(code) ?? {};
    rejects.set(code, { code, first, ...known, count: count + 1 });
  }

  function recordLatency(latencyMs: number): void {
    latencySumMs += latencyMs;
    const us = Math.max(1, Math.round(latencyMs * 1000));
    latencyUs.record(us);
    recentUs.record(us);
  }

  function on(event: RunEvent): void {
    switch (event.kind) {
      case 'batch-accepted':
        countAttempt(event.attempt, event.tokens);
        totals.rowsDeleted += event.deleted ?? 0;
        totals.rowsWritten +=
          event.tokens - event.unprocessed - (event.kept ?? 0) - (event.again ?? 0) - (event.deleted ?? 0);
        totals.unprocessedItems += event.unprocessed;
        totals.writeUnits += event.consumedWriteUnits;
        event.consumedIndexUnits?.forEach((units, i) => {
          indexUnits[i] = (indexUnits[i] ?? 0) + units;
        });
        recordLatency(event.latencyMs);
        break;
      case 'batch-throttled':
        countAttempt(1, event.tokens);
        totals.requestsThrottled++;
        for (const cause of event.causes ?? []) countThrottle(cause);
        if (event.causes === undefined) countReason(throttles, event.reason);
        break;
      case 'attempt-failed':
        countAttempt(event.attempt, event.tokens);
        totals.requestsFailed++;
        countReason(failures, event.reason);
        break;
      case 'rate-changed':
        if (event.cause !== undefined) countThrottle(event.cause);
        break;
      case 'row-rejected':
        totals.rowsRejected++;
        countReject(event.row);
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
      ...totals,
      indexUnits: [...indexUnits],
      latencyMs,
      latencySumMs,
      throttledBy,
      throttleCause: throttledBy === undefined ? undefined : throttleCauses.get(throttledBy),
      failedBy: mostFrequent(failures),
      pausedFor,
      rejects: [...rejects.values()],
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
