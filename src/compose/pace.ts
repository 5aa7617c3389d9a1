import { systemClock } from '../adapters/system/system-clock.ts';
import type { ChosenRates } from '../limit/choose-rate.ts';
import { burstAt, RateLimiter } from '../limit/rate-limiter.ts';
import type { BatchLimits } from '../pipeline/build-batches.ts';

/** How fast an import may go: the limiter, and batches that are small enough for it. */
export type Pace = { readonly limiter: RateLimiter; readonly batchLimits: BatchLimits };

export function openPace(rates: ChosenRates, maxTokens: number, maxBodyBytes: number): Pace {
  const { writeUnitsPerSecond, indexes } = rates;
  const indexRates = indexes.map((index) => index.writeUnitsPerSecond);
  const maxUnits = (rate: number | undefined) =>
    rate === undefined ? Number.POSITIVE_INFINITY : largestBatch(rate, maxTokens);
  return {
    limiter: new RateLimiter(systemClock, writeUnitsPerSecond, maxTokens, indexRates),
    batchLimits: {
      ...{ maxTokens, maxBodyBytes, maxWriteUnits: maxUnits(writeUnitsPerSecond) },
      ...(indexes.length > 0 && { maxIndexUnits: indexRates.map(maxUnits) }),
    },
  };
}

/**
 * Write units of a batch at most: more than 5 % of the rate would be a burst of its own, and one that needs the whole
 * burst would lose what accrues while its timer is late.
 */
function largestBatch(rate: number, maxTokens: number): number {
  return Math.max(1, Math.min(rate * 0.05, burstAt(rate, maxTokens) - rate * 0.005));
}
