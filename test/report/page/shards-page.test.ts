import { expect, test } from 'vitest';
import { shardCharts } from '../../../src/report/page/report-charts.ts';
import type { RunHistory } from '../../../src/report/page/run-history.ts';
import { shardsPage } from '../../../src/report/page/shards-page.ts';
import { nightHistories, nightShards } from '../night-shards.ts';
import { sampleWith } from '../sample.ts';

function historyWith(samples: RunHistory['samples']): RunHistory {
  return { ...nightHistories(1)[0]!, stretchMs: 1000, samples };
}

test('the sum of the curves is what the shards wrote together, second by second', () => {
  const at = (endMs: number, writeUnits: number) => sampleWith({ endMs, durationMs: 1000, writeUnits });
  const [sum, byShard] = shardCharts([
    historyWith([at(1000, 100), at(2000, 100), at(3000, 100)]),
    historyWith([at(1500, 40), at(2500, 80), at(3500, 40)]),
  ]);
  expect(byShard!.curves.map(({ values }) => values)).toEqual([
    [100, 100, 100],
    [20, 60, 60],
  ]);
  expect(sum!.curves[0]!.values).toEqual([120, 160, 160]);
});

test('a time in which a shard did not run is a gap in its curve, and the sum is that of the others', () => {
  const at = (endMs: number) => sampleWith({ endMs, durationMs: 1000, writeUnits: 10 });
  const [sum, byShard] = shardCharts([
    historyWith([1000, 2000, 3000, 4000].map(at)),
    historyWith([1000, 4000].map(at)),
  ]);
  expect(byShard!.curves[1]!.values).toEqual([10, null, null, 10]);
  expect(sum!.curves[0]!.values).toEqual([20, 10, 10, 20]);
});

test('every shard has a curve of its own colour and label, and a line in the table', () => {
  const page = shardsPage(nightShards(64), nightHistories(64));
  const [, byShard] = shardCharts(nightHistories(64));
  expect(new Set(byShard!.curves.map(({ color }) => color)).size).toBe(64);
  expect(byShard!.curves.map(({ label }) => label)).toContain('shard 64');
  const colors = Array.from(page.matchAll(/--shard-\d+:(hsl\([^)]+\))/g), ([, color]) => color);
  expect(new Set(colors).size).toBeGreaterThanOrEqual(128);
  expect(page.match(/class="dot" style="background:var\(--shard-\d+\)"/g)).toHaveLength(64);
});

test('shards without a history are still told, without a chart', () => {
  const page = shardsPage(nightShards(2), [undefined, undefined]);
  expect(page).toContain('All 2 shards are done');
  expect(page).not.toContain('<figure');
});

test('names from outside stay text, and no script may run but its own', () => {
  const page = shardsPage(nightShards(2), nightHistories(2));
  expect(page).not.toContain('<img');
  expect(page.match(/<script/g)).toHaveLength(2);
  expect(page).not.toMatch(/(src|href)="/);
});
