import { rateFile } from '../adapters/file/run/rate-file.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { readAmount } from '../domain/amount.ts';
import { LimitWatch } from '../limit/limit-watch.ts';
import { Pace } from '../limit/pace.ts';
import type { ImportOptions } from '../options/import-options.ts';
import type { RunObserver } from '../ports/run-observer.ts';
import type { TokenRepository } from '../ports/token-repository.ts';
import type { Target } from './open-target.ts';

type PacedRun = {
  readonly options: ImportOptions;
  readonly target: Target;
  readonly repository: TokenRepository;
  readonly observer: RunObserver;
  /** The run directory, where there is one. */
  readonly folder: string | undefined;
};

/**
 * How fast an import may go into this repository, and the watch over what limits it. The burst is that of a full batch,
 * also where one is a single put.
 */
export function openPace({ options, target, repository, observer, folder }: PacedRun) {
  const { maxBatchBytes: maxBodyBytes, maxBatchTokens } = repository;
  const pace = new Pace({
    ...{ clock: systemClock, observer, rates: target.rate, maxBodyBytes },
    ...{ maxTokens: Math.min(options.batchSize, maxBatchTokens), smallestBurst: options.batchSize },
  });
  const limits = new LimitWatch({
    ...{ clock: systemClock, pace, observer, wps: options.wps, table: target.table, readAmount },
    choose: target.chooseRate,
    capacity: target.capacity,
    override: folder === undefined ? undefined : rateFile(folder),
  });
  return { limits, pacing: { pace, limiter: pace.limiter, batchLimits: pace.batchLimits } };
}
