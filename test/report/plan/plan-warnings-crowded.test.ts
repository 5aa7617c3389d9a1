import { expect, test } from 'vitest';
import type { KeySpread } from '../../../src/domain/source-measure.ts';
import { skewFindings } from '../../../src/report/plan/plan-warnings.ts';

const even: KeySpread = {
  attribute: 'user',
  units: 1_000_000,
  longestRun: 3,
  topShare: 0.001,
  secondsAtRate: 50,
  secondsWithHotKeys: 50,
};

test('nothing is said of keys that cost nothing, or next to nothing', () => {
  expect(skewFindings([even, { ...even, secondsWithHotKeys: 52 }], true)).toEqual([]);
});

test('long runs are told with what they cost, and another order is advised', () => {
  const [finding] = skewFindings([{ ...even, longestRun: 83_000, topShare: 0.83, secondsWithHotKeys: 500 }], true);
  expect(finding?.message).toBe(
    'up to 83,000 rows in a row bear one value, 83 % of the write units of a stretch in "user", ' +
      'a partition key of the table; one partition takes 1,000 write units a second: ' +
      'on average 2,000 a second in place of 20,000, 8 min 20 s in place of 50 s',
  );
  expect(finding?.hint).toContain('ORDER BY RAND()');
});

test('for an index key of few values no order is advised, since none helps', () => {
  // Half of 1,000,000 units on one value: 500 s at 1,000 a second in any order.
  const spread = {
    ...even,
    index: 'by-state',
    attribute: 'state',
    distinct: 3,
    topShare: 0.5,
    secondsWithHotKeys: 500,
  };
  const [finding] = skewFindings([spread], true);
  expect(finding?.message).toContain('3 values, one of them with 50 % of the write units, in "state"');
  expect(finding?.message).toContain('a partition key of index by-state');
  expect(finding?.hint).toMatch(/^No order of the rows helps: import without index by-state/);
});

test('values that are few but even are helped by another order', () => {
  // 100 values with 1 % each: 10,000 units at 1,000 a second, 10 s, where the rate needs 50 s.
  const [finding] = skewFindings([{ ...even, distinct: 100, topShare: 0.01, secondsWithHotKeys: 1_000 }], true);
  expect(finding?.hint).toContain('ORDER BY RAND()');
});

test('of a sample no time is told, since the whole takes another', () => {
  const [finding] = skewFindings([{ ...even, secondsWithHotKeys: 500 }], false);
  expect(finding?.message).toMatch(/: on average 2,000 a second in place of 20,000$/);
});
