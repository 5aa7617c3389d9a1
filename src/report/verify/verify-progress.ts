import type { Clock } from '../../ports/clock.ts';
import { formatCount } from '../format.ts';
import { recentRate } from '../watch/recent-rate.ts';
import { shareProgress } from '../watch/share-progress.ts';
import type { VerifyFigures } from './verify-facts.ts';

const windowMs = 10_000;

/** How far a verification is: `1,234,567 rows   62 %   1,987/s read units   3 found   ETA 3 min`. */
export function verifyProgressText(clock: Clock, figures: () => VerifyFigures): () => string {
  // Drawing a sample is one work, comparing it another.
  const drawing = shareProgress(clock);
  const comparing = shareProgress(clock);
  const units = recentRate(windowMs);
  return () => {
    const now = figures();
    const isDrawing = now.isSample && now.drawn === undefined;
    const { done, eta } = (isDrawing ? drawing : comparing)(shareDone(now));
    units.add(clock.nowMs(), now.readUnits);
    return [
      `${formatCount(now.rowsRead)} rows`,
      done,
      isDrawing ? 'drawing the sample' : `${formatCount(now.equal + now.found)} compared`,
      `${formatCount(units.perSecond() ?? 0)}/s read units`,
      now.found === 0 ? undefined : `${formatCount(now.found)} missing or different`,
      eta,
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
