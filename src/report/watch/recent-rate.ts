import type { Clock } from '../../ports/clock.ts';
import { formatDuration } from '../format.ts';

/** Figures a second over the last `windowMs`, from totals told now and then. */
type RecentRate = {
  add(atMs: number, total: number): void;
  /** Undefined until the totals span a second. */
  perSecond(): number | undefined;
  /** Seconds that the totals span. */
  seconds(): number;
  /** Forgets what was before, such as a pause: the next total begins the window. */
  restart(): void;
};

/** Below this a burst looks like a rate. */
const shortestSpanSeconds = 1;

/** The first total tells where the count begins. Memory is bounded by how often it is told within the window. */
export function recentRate(windowMs: number): RecentRate {
  let samples: { readonly atMs: number; readonly total: number }[] = [];

  function seconds(): number {
    const [first, last] = [samples[0], samples.at(-1)];
    return first === undefined || last === undefined ? 0 : (last.atMs - first.atMs) / 1000;
  }

  return {
    seconds,
    add(atMs, total) {
      samples.push({ atMs, total });
      // One sample from before the window stays, so that the window is spanned whole.
      const firstInside = samples.findIndex((sample) => sample.atMs > atMs - windowMs);
      if (firstInside > 1) samples = samples.slice(firstInside - 1);
    },
    perSecond() {
      const span = seconds();
      return span < shortestSpanSeconds ? undefined : (samples.at(-1)!.total - samples[0]!.total) / span;
    },
    restart() {
      samples = [];
    },
  };
}

/** `62 %` and `ETA 3 s`; undefined if they cannot be told. */
type ProgressTexts = { readonly done: string | undefined; readonly eta: string | undefined };

const windowMs = 10_000;

/** How far a work is, by the share of it that is done, 0 to 1; the time left comes from the calls before. */
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
