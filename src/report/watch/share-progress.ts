import type { Clock } from '../../ports/clock.ts';
import { formatDuration } from '../format.ts';
import { recentRate } from './recent-rate.ts';

/** `62 %` and `ETA 3 s`; undefined where that can't be told. */
type ProgressTexts = { readonly done: string | undefined; readonly eta: string | undefined };

const windowMs = 10_000;

/** How far a work is by the share of it that is done, 0 to 1; its speed comes from the calls before. */
export function shareProgress(clock: Clock): (share: number | undefined) => ProgressTexts {
  const shares = recentRate(windowMs);
  return (share) => {
    if (share === undefined) return { done: undefined, eta: undefined };
    shares.add(clock.nowMs(), share);
    const perSecond = shares.perSecond();
    const left = perSecond ? (1 - share) / perSecond : 0;
    return {
      done: `${Math.floor(share * 100)} %`,
      eta: left < 1 ? undefined : `ETA ${formatDuration(Math.round(left))}`,
    };
  };
}
