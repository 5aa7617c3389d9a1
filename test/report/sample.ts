import { noTotals } from '../../src/domain/run-totals.ts';
import type { RunSample } from '../../src/report/watch/run-context.ts';

/** A second of a run at 20,000 write units. */
export function sampleWith(change: Partial<RunSample> = {}): RunSample {
  return {
    ...noTotals,
    endMs: Date.UTC(2026, 0, 31, 2),
    durationMs: 1000,
    writeUnits: 20_000,
    requestsSent: 800,
    requestsThrottled: 0,
    requestsFailed: 0,
    unprocessedItems: 0,
    bytesSent: 4_000_000,
    cpuMs: 100,
    loopBusyMs: 90,
    rateLimit: 20_000,
    inFlight: 5,
    p50Ms: 4,
    p90Ms: 6,
    p99Ms: 12,
    residentBytes: 120_000_000,
    heapBytes: 40_000_000,
    bottleneck: 'limit',
    indexUnits: [],
    ...change,
  };
}
