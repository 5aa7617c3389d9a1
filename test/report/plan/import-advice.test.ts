import { expect, test } from 'vitest';
import { costOf, listPrices } from '../../../src/domain/import-estimate.ts';
import type { ImportEstimate } from '../../../src/report/plan/estimate.ts';
import { importAdvice } from '../../../src/report/plan/import-advice.ts';
import { preflightFacts } from '../facts.ts';

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
