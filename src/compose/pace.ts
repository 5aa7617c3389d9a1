import { systemClock } from '../adapters/system/system-clock.ts';
import type { ChosenRates } from '../limit/choose-rate.ts';
import { Pace } from '../limit/pace.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import type { TokenRepository } from '../ports/token-repository.ts';

/** How fast an import may go into this repository. */
export function openPace(rates: ChosenRates, batchSize: number, repository: TokenRepository, observer: RunObserver) {
  const maxTokens = Math.min(batchSize, repository.maxBatchTokens);
  const pace = new Pace({ clock: systemClock, observer, rates, maxTokens, maxBodyBytes: repository.maxBatchBytes });
  return { pace, limiter: pace.limiter, batchLimits: pace.batchLimits };
}
