import { systemClock } from '../adapters/system/system-clock.ts';
import type { ChosenRates } from '../limit/choose-rate.ts';
import { Pace } from '../limit/pace.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import type { TokenRepository } from '../ports/token-repository.ts';

/** How fast an import may go into this repository. The burst is that of a full batch, also where one is a single put. */
export function openPace(rates: ChosenRates, batchSize: number, repository: TokenRepository, observer: RunObserver) {
  const { maxBatchBytes: maxBodyBytes, maxBatchTokens } = repository;
  const maxTokens = Math.min(batchSize, maxBatchTokens);
  const pace = new Pace({ clock: systemClock, observer, rates, maxTokens, maxBodyBytes, smallestBurst: batchSize });
  return { pace, limiter: pace.limiter, batchLimits: pace.batchLimits };
}
