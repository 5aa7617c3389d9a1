import { expect, test } from 'vitest';
import { KeySkew } from '../../../src/pipeline/plan/survey.ts';

const setup = { attribute: 'user', writeUnitsPerSecond: 20_000, windowRows: 10_000 };

function spreadOf(keys: Iterable<string>, more: Partial<typeof setup> = {}) {
  const skew = new KeySkew({ ...setup, ...more });
  for (const key of keys) skew.countRow(key, 1);
  return skew.result()!;
}

function* rows(count: number, keyOf: (i: number) => string): Generator<string> {
  for (let i = 0; i < count; i++) yield keyOf(i);
}

test('keys that differ cost nothing beyond the rate', () => {
  // 40,000 units at 20,000 a second: 2 s.
  const spread = spreadOf(rows(40_000, (i) => `t${i}`));
  expect(spread).toMatchObject({ units: 40_000, longestRun: 1, secondsAtRate: 2, secondsWithHotKeys: 2 });
  expect(spread.distinct).toBeUndefined();
});

test('a long run of one key takes as long as one partition needs for it', () => {
  // Four stretches of 10,000 rows at 20,000 a second: 0.5 s each. One bears a single key: 10,000 units at 1,000 a second, 10 s.
  const spread = spreadOf(rows(40_000, (i) => (i >= 10_000 && i < 20_000 ? 'hot' : `t${i}`)));
  expect(spread).toMatchObject({ longestRun: 10_000, topShare: 1, secondsAtRate: 2, secondsWithHotKeys: 11.5 });
});

test('the same rows in another order cost nothing', () => {
  // Every fortieth row of 400,000 bears the hot key: 250 of each stretch, 500 a second.
  const spread = spreadOf(rows(400_000, (i) => (i % 40 === 0 ? 'hot' : `t${i}`)));
  expect(spread.secondsWithHotKeys).toBe(spread.secondsAtRate);
});

test('few values crowd in any order', () => {
  // Three values for 40,000 rows; the fullest has half: 5,000 units of each stretch, 5 s where the rate needs 0.5 s.
  const spread = spreadOf(rows(40_000, (i) => (i % 2 === 0 ? 'active' : i % 4 === 1 ? 'spent' : 'new')));
  expect(spread).toMatchObject({ distinct: 3, topShare: 0.5, longestRun: 1, secondsAtRate: 2, secondsWithHotKeys: 20 });
});

test('a second’s worth of one key is no crowd, however few rows there are', () => {
  const spread = spreadOf(rows(1_000, () => 'one'));
  expect(spread).toMatchObject({ distinct: 1, longestRun: 1_000, secondsAtRate: 0.05, secondsWithHotKeys: 0.05 });
});

test('units are counted, not rows', () => {
  const skew = new KeySkew({ ...setup, index: 'by-user' });
  for (let i = 0; i < 10; i++) skew.countRow('large', 400);
  expect(skew.result()).toMatchObject({ index: 'by-user', units: 4_000, secondsAtRate: 0.2, secondsWithHotKeys: 4 });
});

test('an index that gets no item has no spread', () => {
  expect(new KeySkew(setup).result()).toBeUndefined();
});
