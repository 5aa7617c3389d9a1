import type { Bottleneck } from '../../domain/run-summary.ts';
import type { RunTotals } from './find-bottleneck.ts';
import type { LiveFigures } from './run-context.ts';
import type { Latencies, RunCounted } from './run-stats.ts';

/** What happened in one stretch of a run. Counts are those of the stretch, so that two stretches make one by adding. */
export type RunSample = {
  /** When it ended, in ms since 1970. */
  readonly endMs: number;
  readonly durationMs: number;
  readonly writeUnits: number;
  readonly requestsSent: number;
  readonly requestsThrottled: number;
  readonly requestsFailed: number;
  readonly unprocessedItems: number;
  readonly bytesSent: number;
  readonly cpuMs: number;
  readonly loopBusyMs: number;
  /** Write units a second granted at its end; null: no limit. */
  readonly rateLimit: number | null;
  /** Most batches out at once that were seen. */
  readonly inFlight: number;
  /** Of accepted batches; 0 where there was none. */
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly bottleneck: Bottleneck;
  /** Write units by global index, where the table says. */
  readonly indexUnits: readonly number[];
};

const sums = [
  'durationMs',
  'writeUnits',
  'requestsSent',
  'requestsThrottled',
  'requestsFailed',
  'unprocessedItems',
  'bytesSent',
  'cpuMs',
  'loopBusyMs',
] as const;
const maxima = ['inFlight', 'p90Ms', 'p99Ms', 'residentBytes', 'heapBytes'] as const;

/** Two neighbouring stretches as one: peaks stay peaks. */
export function mergeSamples(earlier: RunSample, later: RunSample): RunSample {
  const merged: { -readonly [Name in keyof RunSample]: RunSample[Name] } = { ...later };
  for (const name of sums) merged[name] = earlier[name] + later[name];
  for (const name of maxima) merged[name] = Math.max(earlier[name], later[name]);
  merged.p50Ms = weighted(earlier.p50Ms, acceptedIn(earlier), later.p50Ms, acceptedIn(later));
  merged.indexUnits = later.indexUnits.map((units, i) => units + (earlier.indexUnits[i] ?? 0));
  if (earlier.durationMs > later.durationMs) merged.bottleneck = earlier.bottleneck;
  return merged;
}

function acceptedIn({ requestsSent, requestsThrottled, requestsFailed }: RunSample): number {
  return Math.max(0, requestsSent - requestsThrottled - requestsFailed);
}

function weighted(a: number, weightOfA: number, b: number, weightOfB: number): number {
  const weight = weightOfA + weightOfB;
  return weight === 0 ? 0 : (a * weightOfA + b * weightOfB) / weight;
}

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
