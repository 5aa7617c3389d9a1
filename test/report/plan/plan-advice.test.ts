import { expect, test } from 'vitest';
import { costOf, listPrices } from '../../../src/domain/import-estimate.ts';
import type { KeySpread } from '../../../src/domain/source-measure.ts';
import type { ImportEstimate } from '../../../src/report/plan/estimate-text.ts';
import { importAdvice, skewFindings } from '../../../src/report/plan/plan-advice.ts';
import { preflightFacts } from '../facts.ts';

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

const estimate: ImportEstimate = {
  ...{ times: [], heldBackBy: null, traffic: null, latencyToHoldMs: null, limits: [] },
  cost: costOf({ parts: [], seconds: undefined, replicas: 0, prices: listPrices }),
};
const faster = (unitsPerSecond: number) => ({ ...estimate, faster: { unitsPerSecond, seconds: 500 } });
const table = preflightFacts.tableInfo!;
const rows = 10_000_000;

test('for a new or empty table ImportTable is the better choice', () => {
  expect(importAdvice(undefined, true, rows, estimate)).toEqual([expect.stringMatching(/does not exist: ImportTable/)]);
  const empty = { ...table, itemCount: 0 };
  expect(importAdvice(empty, false, rows, estimate)).toEqual([expect.stringMatching(/is empty, .*: ImportTable/)]);
});

test('where the table in use lacks the capacity, StartBulkPutItems may be', () => {
  expect(importAdvice(table, false, rows, faster(20_000))).toEqual([
    expect.stringMatching(/^StartBulkPutItems writes/),
  ]);
});

test('it is not where the capacity is there, nor for a global table, nor below its least pace', () => {
  expect(importAdvice(table, false, rows, estimate)).toEqual([]);
  expect(importAdvice({ ...table, replicaRegions: ['eu-west-2'] }, false, rows, faster(20_000))).toEqual([]);
  expect(importAdvice(table, false, rows, faster(1_000))).toEqual([]);
});

test('few rows are in before a bucket is made', () => {
  expect(importAdvice(undefined, true, 5_000, estimate)).toEqual([]);
});
