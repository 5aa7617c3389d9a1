import type { Clock } from '../ports/clock.ts';
import { formatCount, formatDuration } from './format.ts';
import { recentRate } from './recent-rate.ts';
import type { VerifyFigures } from './verify-facts.ts';

const windowMs = 10_000;

/** How far a verification is: `1,234,567 rows   62 %   1,987/s read units   3 found   ETA 3 min`. */
export function verifyProgressText(clock: Clock, figures: () => VerifyFigures): () => string {
  // Drawing a sample is one work, comparing it another.
  const drawing = recentRate(windowMs);
  const comparing = recentRate(windowMs);
  const units = recentRate(windowMs);
  return () => {
    const now = figures();
    const done = now.equal + now.found;
    const share = shareDone(now);
    const speed = now.isSample && now.drawn === undefined ? drawing : comparing;
    if (share !== undefined) speed.add(clock.nowMs(), share);
    units.add(clock.nowMs(), now.readUnits);
    const perSecond = speed.perSecond();
    const left = share === undefined || !perSecond ? undefined : (1 - share) / perSecond;
    return [
      `${formatCount(now.rowsRead)} rows`,
      share === undefined ? undefined : `${Math.floor(share * 100)} %`,
      now.isSample && now.drawn === undefined ? 'drawing the sample' : `${formatCount(done)} compared`,
      `${formatCount(units.perSecond() ?? 0)}/s read units`,
      now.found === 0 ? undefined : `${formatCount(now.found)} missing or different`,
      left === undefined || left < 1 ? undefined : `ETA ${formatDuration(Math.round(left))}`,
    ]
      .filter((part) => part !== undefined)
      .join('   ');
  };
}

/** Of the sample, once it is drawn; else of the source, less what is read and not compared yet. */
function shareDone(figures: VerifyFigures): number | undefined {
  const { isSample, drawn, equal, found, rowsRead, pending, storedBytesRead, storedBytesTotal: total } = figures;
  if (drawn !== undefined) return drawn === 0 ? undefined : (equal + found) / drawn;
  if (!total) return undefined;
  const judged = isSample || rowsRead === 0 ? 1 : 1 - pending / rowsRead;
  return Math.min(1, storedBytesRead / total) * judged;
}
