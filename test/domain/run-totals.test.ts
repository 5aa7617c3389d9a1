import { expect, test } from 'vitest';
import { countNames, delta, noTotals, type RunTotals, sum } from '../../src/domain/run-totals.ts';
import { seededRandom } from '../support/seeded-random.ts';

test('what happened before and after a moment is together what happened in all', () => {
  const seed = Date.now() % 2 ** 31;
  const random = seededRandom(seed);
  const later = (totals: RunTotals, indexes: number): RunTotals => ({
    ...(Object.fromEntries(
      countNames.map((name) => [name, totals[name] + Math.floor(random() * 1000)]),
    ) as unknown as RunTotals),
    indexUnits: Array.from({ length: indexes }, (_, i) => (totals.indexUnits[i] ?? 0) + Math.floor(random() * 1000)),
  });
  const begin = later(noTotals, 1);
  const middle = later(begin, 2);
  const end = later(middle, 3);
  expect(sum(delta(begin, middle), delta(middle, end)), `seed ${seed}`).toEqual(delta(begin, end));
  expect(sum(begin, delta(begin, end)), `seed ${seed}`).toEqual(end);
});

test('an index that was not known at the beginning counts from 0', () => {
  const end = { ...noTotals, indexUnits: [5, 7] };
  expect(delta({ ...noTotals, indexUnits: [2] }, end).indexUnits).toEqual([3, 7]);
});
