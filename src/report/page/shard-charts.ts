import type { RunSample } from '../watch/run-sample.ts';
import type { Chart } from './report-charts.ts';
import type { RunHistory } from './run-history.ts';

/** As wide as a screen. */
const mostPoints = 600;

/** Write units a second of all shards together, and of each by itself; none where no shard has kept a sample. */
export function shardCharts(histories: readonly (RunHistory | undefined)[]): Chart[] {
  const samples = histories.map((history) => history?.samples ?? []);
  const grid = gridOf(samples.flat(), Math.max(...histories.map((history) => history?.stretchMs ?? 0)));
  if (grid === undefined) return [];
  const byShard = samples.map((each) => unitsOn(grid, each));
  const seconds = Array.from(
    { length: grid.count },
    (_, i) => Math.round((grid.startMs + (i + 1) * grid.stepMs) / 100) / 10,
  );
  const sum = seconds.map((_, i) => {
    const present = byShard.flatMap((values) => values[i] ?? []);
    return present.length === 0 ? null : Math.round(present.reduce((total, value) => total + value, 0));
  });
  const chart = (id: string, title: string, curves: Chart['curves']): Chart => ({
    ...{ id, title, unit: '', seconds, curves, resumedAt: [] },
  });
  return [
    chart('sum', 'Write units a second, all shards together', [
      { label: 'all shards', color: 'blue', shape: 'area', values: sum },
    ]),
    chart(
      'shards',
      'Write units a second, by shard',
      byShard.map((values, i) => ({ label: `shard ${i + 1}`, color: `shard-${i + 1}`, values })),
    ),
  ];
}

/** Stretches of equal length that all samples are spread over, since the shards did not sample at the same moments. */
type Grid = { readonly startMs: number; readonly stepMs: number; readonly count: number };

/** Undefined if there are too few samples for a curve. */
function gridOf(samples: readonly RunSample[], stretchMs: number): Grid | undefined {
  let startMs = Infinity;
  let endMs = 0;
  for (const { endMs: end, durationMs } of samples) {
    startMs = Math.min(startMs, end - durationMs);
    endMs = Math.max(endMs, end);
  }
  const stepMs = Math.max(stretchMs, (endMs - startMs) / mostPoints);
  const count = Math.floor((endMs - startMs) / stepMs);
  return samples.length > 0 && count >= 2 ? { startMs, stepMs, count } : undefined;
}

/** Write units a second in each stretch; null where the shard did not run. */
function unitsOn({ startMs, stepMs, count }: Grid, samples: readonly RunSample[]): (number | null)[] {
  const units = new Float64Array(count);
  const coveredMs = new Float64Array(count);
  for (const { endMs, durationMs, writeUnits } of samples) {
    const beginMs = endMs - durationMs;
    const first = Math.max(0, Math.floor((beginMs - startMs) / stepMs));
    for (let i = first; i < count && startMs + i * stepMs < endMs; i++) {
      const overlapMs = Math.min(endMs, startMs + (i + 1) * stepMs) - Math.max(beginMs, startMs + i * stepMs);
      coveredMs[i]! += overlapMs;
      units[i]! += (writeUnits * overlapMs) / durationMs;
    }
  }
  return Array.from(units, (each, i) => (coveredMs[i]! <= 0 ? null : Math.round((each / stepMs) * 10_000) / 10));
}
