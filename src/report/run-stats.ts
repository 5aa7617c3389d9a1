import { createHistogram } from 'node:perf_hooks';
import type { RejectedRow } from '../domain/rejected-row.ts';
import type { RunSummary } from '../domain/run-summary.ts';
import type { RunEvent, RunObserver } from '../ports/run-observer.ts';

/** A reject as it may be shown: where and why, never what. */
export type ShownReject = Pick<RejectedRow, 'code' | 'column' | 'message'> & {
  readonly fileIndex: number;
  readonly line: number;
  readonly byteOffset: number;
};

/** Counted since the start of the process. */
export type RunCounted = Pick<RunSummary, 'requests' | 'latencyMs' | 'rejectsByCode'> & {
  readonly rowsRead: number;
  /** Tokens that the table took. */
  readonly rowsWritten: number;
  readonly rejected: number;
  readonly firstRejects: readonly ShownReject[];
  /** Units that the table says it consumed, and permits that all attempts cost. */
  readonly writeUnits: number;
  readonly permits: number;
  readonly batchesTakenApart: number;
  readonly pausedFor: string | undefined;
};

export type RunStats = RunObserver & { counted(): RunCounted };

/** More are only counted: a screen full of rejects hides the rest. */
export const mostShownRejects = 10;

/** Counts what happens in a run. */
export function countRun(): RunStats {
  const latencyUs = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 });
  const requests = { sent: 0, throttled: 0, retried: 0, unprocessedItems: 0 };
  const rejectsByCode = new Map<string, number>();
  const firstRejects: ShownReject[] = [];
  let rowsRead = 0;
  let rowsWritten = 0;
  let rejected = 0;
  let writeUnits = 0;
  let permits = 0;
  let batchesTakenApart = 0;
  let pausedFor: string | undefined;

  function countAttempt(attempt: number, cost: number): void {
    requests.sent++;
    if (attempt > 1) requests.retried++;
    permits += cost;
  }

  function countReject(row: RejectedRow): void {
    rejected++;
    rejectsByCode.set(row.code, (rejectsByCode.get(row.code) ?? 0) + 1);
    if (firstRejects.length < mostShownRejects) firstRejects.push(shownReject(row));
  }

  function on(event: RunEvent): void {
    switch (event.kind) {
      case 'rows-read':
        rowsRead += event.rows;
        break;
      case 'batch-accepted':
        countAttempt(event.attempt, event.permits);
        rowsWritten += event.tokens - event.unprocessed;
        requests.unprocessedItems += event.unprocessed;
        writeUnits += event.consumedWriteUnits;
        latencyUs.record(Math.max(1, Math.round(event.latencyMs * 1000)));
        break;
      case 'batch-throttled':
        countAttempt(1, event.permits);
        requests.throttled++;
        break;
      case 'attempt-failed':
        countAttempt(event.attempt, event.permits);
        break;
      case 'batch-taken-apart':
        batchesTakenApart++;
        break;
      case 'row-rejected':
        countReject(event.row);
        break;
      case 'paused':
        pausedFor = event.reason;
        break;
      case 'unpaused':
        pausedFor = undefined;
        break;
      default:
        break;
    }
  }

  function counted(): RunCounted {
    const measured = latencyUs.count > 0;
    const atMs = (percentile: number) => (measured ? latencyUs.percentile(percentile) / 1000 : 0);
    return {
      requests: { ...requests },
      latencyMs: { p50: atMs(50), p90: atMs(90), p99: atMs(99), max: measured ? latencyUs.max / 1000 : 0 },
      rejectsByCode: Object.fromEntries(rejectsByCode),
      rowsRead,
      rowsWritten,
      rejected,
      firstRejects: [...firstRejects],
      writeUnits,
      permits,
      batchesTakenApart,
      pausedFor,
    };
  }

  return { on, counted };
}

/** What of a rejected row may be shown. Its bytes are left behind. */
export function shownReject({ code, column, message, position }: RejectedRow): ShownReject {
  const { fileIndex, line, byteOffset } = position;
  return { code, message, fileIndex, line, byteOffset, ...(column === undefined ? {} : { column }) };
}
