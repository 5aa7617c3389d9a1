import type { RunSample } from '../watch/run-context.ts';
import type { RunHistory } from './run-history.ts';

/** A curve; `color` is the name of a colour of the page. */
type Curve = {
  readonly label: string;
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly shape?: 'area' | 'steps';
};

/** A chart over time: seconds since 1970 in UTC, with a gap where no process ran. */
export type Chart = {
  readonly id: string;
  readonly title: string;
  /** Behind each figure: ` ms`. */
  readonly unit: string;
  readonly seconds: readonly number[];
  readonly curves: readonly Curve[];
  /** Where a later process took over. */
  readonly resumedAt: readonly number[];
};

/** The charts of a report; those that would show nothing are left out. */
export function chartsOf({ samples, processes, preflight }: RunHistory): Chart[] {
  const whole = withoutPartialEnd(samples);
  const points = withGaps(whole);
  const seconds = points.map((point) => digits(point.endMs / 1000, 1));
  const resumedAt = processes.slice(1).map(({ startedMs }) => digits(startedMs / 1000, 1));
  const chart = (id: string, title: string, unit: string, curves: readonly Curve[]): Chart => {
    return { id, title, unit, seconds, curves, resumedAt };
  };
  const perSecond = (figure: (sample: RunSample) => number) =>
    points.map((point) => (isGap(point) ? null : digits((figure(point) / point.durationMs) * 1000, 1)));
  const each = (figure: (sample: RunSample) => number) =>
    points.map((point) => (isGap(point) ? null : digits(figure(point), 2)));
  /** A time without an accepted batch has no latency. */
  const latency = (figure: (sample: RunSample) => number) => each(figure).map((ms) => (ms === 0 ? null : ms));
  const indexes = preflight.tableInfo?.globalIndexes ?? [];

  return [
    chart('throughput', 'Write units a second, against the limit', '', [
      { label: 'written', color: 'blue', shape: 'area', values: perSecond((sample) => sample.writeUnits) },
      {
        label: 'limit',
        color: 'amber',
        shape: 'steps',
        values: points.map((point) => (isGap(point) ? null : point.rateLimit)),
      },
    ]),
    chart('refused', 'Refused, a second', '', [
      { label: 'requests throttled', color: 'amber', values: perSecond((sample) => sample.requestsThrottled) },
      { label: 'items handed back', color: 'violet', values: perSecond((sample) => sample.unprocessedItems) },
      { label: 'requests failed', color: 'red', values: perSecond((sample) => sample.requestsFailed) },
    ]),
    chart('latency', 'Latency of a batch', ' ms', [
      { label: 'p50', color: 'blue', values: latency((sample) => sample.p50Ms) },
      { label: 'p90', color: 'violet', values: latency((sample) => sample.p90Ms) },
      { label: 'p99', color: 'amber', values: latency((sample) => sample.p99Ms) },
    ]),
    chart('in-flight', 'Batches in flight, at most', '', [
      { label: 'in flight', color: 'blue', shape: 'area', values: each((sample) => sample.inFlight) },
    ]),
    chart(
      'indexes',
      'Write units a second, by index',
      '',
      indexes.map(({ name }, i) => ({
        label: name,
        color: ['blue', 'amber', 'violet', 'green', 'red'][i % 5]!,
        values: perSecond((sample) => sample.indexUnits[i] ?? 0),
      })),
    ),
    chart('processor', 'Processor', ' %', [
      { label: 'of one core', color: 'blue', shape: 'area', values: perSecond(({ cpuMs }) => cpuMs / 10) },
      { label: 'main thread busy', color: 'violet', values: perSecond(({ loopBusyMs }) => loopBusyMs / 10) },
    ]),
    chart('memory', 'Memory', ' MB', [
      { label: 'resident', color: 'blue', shape: 'area', values: each(({ residentBytes }) => residentBytes / 1e6) },
      { label: 'heap', color: 'violet', values: each(({ heapBytes }) => heapBytes / 1e6) },
    ]),
  ].filter(({ curves }) => curves.some(({ values }) => values.some((value) => value !== null && value > 0)));
}

type Gap = { readonly endMs: number; readonly isGap: true };

function isGap(point: RunSample | Gap): point is Gap {
  return 'isGap' in point;
}

/** The last sample of a run is rarely whole, and its rate would be that of the last batch. */
function withoutPartialEnd(samples: readonly RunSample[]): readonly RunSample[] {
  const [before, last] = samples.slice(-2);
  if (before === undefined || last === undefined || last.durationMs >= before.durationMs / 2) return samples;
  return samples.slice(0, -1);
}

/** A point without values wherever no process ran between two samples, so that no curve bridges it. */
function withGaps(samples: readonly RunSample[]): (RunSample | Gap)[] {
  return samples.flatMap((sample, i) => {
    const before = samples[i - 1];
    const startMs = sample.endMs - sample.durationMs;
    const isApart = before !== undefined && startMs - before.endMs > Math.max(1000, sample.durationMs);
    return isApart ? [{ endMs: startMs, isGap: true as const }, sample] : [sample];
  });
}

function digits(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

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
  const chart = (id: string, title: string, curves: Chart['curves']): Chart => {
    return { id, title, unit: '', seconds, curves, resumedAt: [] };
  };
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
