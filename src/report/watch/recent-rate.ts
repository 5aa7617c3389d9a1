import type { Clock } from '../../ports/clock.ts';
import { formatDuration } from '../format.ts';

/** Figures a second over the last `windowMs`, from totals told now and then. */
type RecentRate = {
  add(atMs: number, total: number): void;
  /** Undefined until two totals are known. */
  perSecond(): number | undefined;
};

/** The first total tells where the count begins. Memory is bounded by how often it is told within the window. */
export function recentRate(windowMs: number): RecentRate {
  let samples: { readonly atMs: number; readonly total: number }[] = [];
  return {
    add(atMs, total) {
      samples.push({ atMs, total });
      // One sample from before the window stays, so that the window is spanned whole.
      const firstInside = samples.findIndex((sample) => sample.atMs > atMs - windowMs);
      if (firstInside > 1) samples = samples.slice(firstInside - 1);
    },
    perSecond() {
      const first = samples[0];
      const last = samples.at(-1);
      if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
      return (last.total - first.total) / ((last.atMs - first.atMs) / 1000);
    },
  };
}

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
