import { formatCount, formatDuration } from './format.ts';
import { recentRate } from './recent-rate.ts';
import type { LiveFigures, RunContext } from './run-context.ts';
import type { RunCounted, RunStats } from './run-stats.ts';

/** How the run stands at a moment. */
export type RunFigures = LiveFigures &
  Pick<RunCounted, 'requests' | 'rejected' | 'pausedFor'> & {
    readonly rateLimit: number | null;
    /** Over the last seconds; undefined until that can be said. */
    readonly writeUnitsPerSecond: number | undefined;
    /** Share of the source read, 0 to 1. */
    readonly fraction: number | undefined;
    readonly etaSeconds: number | undefined;
  };

const rateWindowMs = 5000;
/** Reading goes in leaps, so what is left is judged over a longer time. */
const etaWindowMs = 30_000;

/** Takes the figures of a run, a few times a second at most; rates come from the calls before. */
export function runFigures(run: RunContext, stats: RunStats): () => RunFigures {
  const units = recentRate(rateWindowMs);
  const bytes = recentRate(etaWindowMs);
  units.add(run.clock.nowMs(), stats.counted().writeUnits);
  bytes.add(run.clock.nowMs(), run.stats().storedBytesRead);
  return () => {
    const live = run.stats();
    const { requests, rejected, pausedFor, writeUnits } = stats.counted();
    units.add(run.clock.nowMs(), writeUnits);
    bytes.add(run.clock.nowMs(), live.storedBytesRead);
    const total = live.storedBytesTotal;
    const fraction = total === undefined || total === 0 ? undefined : Math.min(1, live.storedBytesRead / total);
    const bytesPerSecond = bytes.perSecond();
    const etaSeconds =
      total === undefined || !bytesPerSecond ? undefined : Math.max(0, total - live.storedBytesRead) / bytesPerSecond;
    return {
      ...live,
      requests,
      rejected,
      pausedFor,
      rateLimit: run.rateLimit,
      writeUnitsPerSecond: rounded(units.perSecond(), 1),
      fraction: rounded(fraction, 4),
      etaSeconds: rounded(etaSeconds, 1),
    };
  };
}

/** One line: `1,234,567 rows   62 %   19,987/s of 20,000 write units   ETA 3 min 5 s   12 throttled   3 rejected`. */
export function figuresText(figures: RunFigures): string {
  const { writeUnitsPerSecond: rate, rateLimit, requests, rejected, etaSeconds, fraction, pausedFor } = figures;
  const limit = rateLimit === null ? '' : ` of ${formatCount(rateLimit)}`;
  return [
    `${formatCount(figures.rowsRead)} rows`,
    fraction === undefined ? undefined : `${Math.floor(fraction * 100)} %`,
    rate === undefined ? undefined : `${formatCount(rate)}/s${limit} write units`,
    pausedFor === undefined ? etaText(etaSeconds) : `paused: ${pausedFor}`,
    requests.throttled === 0 ? undefined : `${formatCount(requests.throttled)} throttled`,
    rejected === 0 ? undefined : `${formatCount(rejected)} rejected`,
  ]
    .filter((part) => part !== undefined)
    .join('   ');
}

function etaText(etaSeconds: number | undefined): string | undefined {
  if (etaSeconds === undefined || etaSeconds === 0) return undefined;
  return `ETA ${formatDuration(Math.max(1, Math.round(etaSeconds)))}`;
}

function rounded(value: number | undefined, decimals: number): number | undefined {
  return value === undefined ? undefined : Number(value.toFixed(decimals));
}
