import type { Clock } from '../ports/clock.ts';
import { formatCount, formatDuration } from './format.ts';
import { recentRate } from './recent-rate.ts';
import type { VerifyFigures } from './verify-facts.ts';

const windowMs = 10_000;

/** How far a verification is: `1,234,567 rows   62 %   1,987/s read units   3 found   ETA 3 min`. */
export function verifyProgressText(clock: Clock, figures: () => VerifyFigures): () => string {
  const bytes = recentRate(windowMs);
  const units = recentRate(windowMs);
  return () => {
    const now = figures();
    const { storedBytesRead, storedBytesTotal: total } = now;
    bytes.add(clock.nowMs(), storedBytesRead);
    units.add(clock.nowMs(), now.readUnits);
    const perSecond = bytes.perSecond();
    const left = total === undefined || !perSecond ? undefined : (total - storedBytesRead) / perSecond;
    const done = now.equal + now.found;
    return [
      `${formatCount(now.rowsRead)} rows`,
      total ? `${Math.floor(Math.min(1, storedBytesRead / total) * 100)} %` : undefined,
      now.isSample && done === 0 ? 'drawing the sample' : `${formatCount(done)} compared`,
      `${formatCount(units.perSecond() ?? 0)}/s read units`,
      now.found === 0 ? undefined : `${formatCount(now.found)} missing or different`,
      left === undefined || left < 1 ? undefined : `ETA ${formatDuration(Math.round(left))}`,
    ]
      .filter((part) => part !== undefined)
      .join('   ');
  };
}
