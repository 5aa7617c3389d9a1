import { formatCount, formatDuration } from './format.ts';
import type { PlanProgress } from './plan.ts';
import { recentRate } from './recent-rate.ts';

const windowMs = 10_000;

/** How far the reading of a plan is: `1,234,567 rows   62 %   ETA 3 s`. Rates come from the calls before. */
export function planProgressText({ clock, figures }: PlanProgress): () => string {
  const bytes = recentRate(windowMs);
  return () => {
    const { rowsRead, storedBytesRead, storedBytesTotal: total } = figures();
    bytes.add(clock.nowMs(), storedBytesRead);
    const perSecond = bytes.perSecond();
    const left = total === undefined || !perSecond ? undefined : (total - storedBytesRead) / perSecond;
    return [
      `${formatCount(rowsRead)} rows read for the plan`,
      total ? `${Math.floor(Math.min(1, storedBytesRead / total) * 100)} %` : undefined,
      left === undefined || left < 1 ? undefined : `ETA ${formatDuration(Math.round(left))}`,
    ]
      .filter((part) => part !== undefined)
      .join('   ');
  };
}
