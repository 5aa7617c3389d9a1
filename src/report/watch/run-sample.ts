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

const maxima = ['inFlight', 'p90Ms', 'p99Ms', 'residentBytes', 'heapBytes'] as const;

/** Two neighbouring stretches as one: peaks stay peaks. */
export function mergeSamples(earlier: RunSample, later: RunSample): RunSample {
  const merged: { -readonly [Name in keyof RunSample]: RunSample[Name] } = { ...later, ...sum(earlier, later) };
  for (const name of maxima) merged[name] = Math.max(earlier[name], later[name]);
  merged.p50Ms = weighted(earlier.p50Ms, acceptedIn(earlier), later.p50Ms, acceptedIn(later));
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
