import { formatCount } from '../format.ts';
import { shareProgress } from '../watch/share-progress.ts';
import type { PlanProgress } from './plan.ts';

/** How far the reading of a plan is: `1,234,567 rows read for the plan   62 %   ETA 3 s`. */
export function planProgressText({ clock, figures }: PlanProgress): () => string {
  const progress = shareProgress(clock);
  return () => {
    const { rowsRead, storedBytesRead, storedBytesTotal: total } = figures();
    const { done, eta } = progress(total ? Math.min(1, storedBytesRead / total) : undefined);
    const rows = `${formatCount(rowsRead)} rows read for the plan`;
    return [rows, done, eta].filter((part) => part !== undefined).join('   ');
  };
}
