import type { Bottleneck } from '../../domain/run-summary.ts';
import type { RunTotals } from './find-bottleneck.ts';
import type { LiveFigures } from './run-context.ts';
import type { RunSample } from './run-sample.ts';
import type { Latencies, RunCounted } from './run-stats.ts';

/** All that is known of a run at one moment. */
export type Moment = { readonly live: LiveFigures; readonly counted: RunCounted; readonly totals: RunTotals };

export function totalsAt(atMs: number, live: LiveFigures, counted: RunCounted): RunTotals {
  return {
    atMs,
    permits: live.permits,
    requestsSent: counted.requests.sent,
    requestsThrottled: counted.requests.throttled,
    requestsFailed: counted.failed,
    tokensSent: counted.tokensSent,
    unprocessedItems: counted.requests.unprocessedItems,
    bytesSent: live.bytesSent,
    loopBusyMs: live.loopBusyMs,
    waits: live.waits,
  };
}

/** What no two moments tell of the stretch between them. */
type Between = {
  readonly endMs: number;
  readonly latencies: Latencies;
  readonly inFlight: number;
  readonly bottleneck: Bottleneck;
};

export function sampleBetween(
  from: Moment,
  to: Moment,
  { endMs, latencies, inFlight, bottleneck }: Between,
): RunSample {
  return {
    endMs,
    durationMs: to.totals.atMs - from.totals.atMs,
    writeUnits: to.counted.writeUnits - from.counted.writeUnits,
    requestsSent: to.totals.requestsSent - from.totals.requestsSent,
    requestsThrottled: to.totals.requestsThrottled - from.totals.requestsThrottled,
    requestsFailed: to.totals.requestsFailed - from.totals.requestsFailed,
    unprocessedItems: to.totals.unprocessedItems - from.totals.unprocessedItems,
    bytesSent: to.live.bytesSent - from.live.bytesSent,
    cpuMs: to.live.cpuMs - from.live.cpuMs,
    loopBusyMs: to.live.loopBusyMs - from.live.loopBusyMs,
    rateLimit: to.live.ratePerSecond ?? null,
    inFlight,
    p50Ms: latencies.p50,
    p90Ms: latencies.p90,
    p99Ms: latencies.p99,
    residentBytes: to.live.residentBytes,
    heapBytes: to.live.heapBytes,
    bottleneck,
    indexUnits: to.counted.indexUnits.map((units, i) => units - (from.counted.indexUnits[i] ?? 0)),
  };
}
