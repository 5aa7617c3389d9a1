import type { Bottleneck } from '../../domain/run-summary.ts';
import { type RunTotals, sum } from '../../domain/run-totals.ts';

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
