import { expect, test } from 'vitest';
import { countRun } from '../../../src/report/watch/run-stats.ts';
import { accepted, rejectedOn, secret } from '../facts.ts';

test('a run that has not begun counts nothing', () => {
  expect(countRun().counted()).toEqual({
    requestsSent: 0,
    requestsThrottled: 0,
    requestsRetried: 0,
    requestsFailed: 0,
    unprocessedItems: 0,
    latencyMs: { p50: 0, p90: 0, p99: 0, max: 0 },
    latencySumMs: 0,
    rowsWritten: 0,
    rowsDeleted: 0,
    rowsRejected: 0,
    writeUnits: 0,
    indexUnits: [],
    tokensSent: 0,
    throttledBy: undefined,
    failedBy: undefined,
    pausedFor: undefined,
    rejects: [],
  });
});

test('every attempt is a request, and what the table handed back is not written', () => {
  const stats = countRun();
  stats.on(accepted(25));
  stats.on(accepted(25, { unprocessed: 5, consumedWriteUnits: 40 }));
  stats.on(accepted(5, { attempt: 2 }));
  stats.on({ kind: 'batch-throttled', tokens: 25, permits: 25, reason: 'table', latencyMs: 1 });
  stats.on({ kind: 'attempt-failed', tokens: 25, permits: 25, reason: 'reset', attempt: 1, delayMs: 50 });
  stats.on({ kind: 'attempt-failed', tokens: 25, permits: 25, reason: 'reset', attempt: 2, delayMs: 50 });
  expect(stats.counted()).toMatchObject({
    requestsSent: 6,
    requestsThrottled: 1,
    requestsRetried: 2,
    requestsFailed: 2,
    unprocessedItems: 5,
    rowsWritten: 50,
    writeUnits: 70,
    tokensSent: 130,
    throttledBy: 'table',
    failedBy: 'reset',
  });
});

test('latencies are those of accepted batches, to three digits', () => {
  const stats = countRun();
  for (let ms = 1; ms <= 100; ms++) stats.on(accepted(1, { latencyMs: ms }));
  stats.on({ kind: 'batch-throttled', tokens: 1, permits: 1, reason: 'table', latencyMs: 5000 });
  const { p50, p90, p99, max } = stats.counted().latencyMs;
  for (const [measuredMs, trueMs] of [
    [p50, 50],
    [p90, 90],
    [p99, 99],
    [max, 100],
  ] as const) {
    expect(Math.abs(measuredMs - trueMs) / trueMs).toBeLessThan(0.001);
  }
});

test('recent latencies begin anew with each look', () => {
  const stats = countRun();
  stats.on(accepted(1, { latencyMs: 100 }));
  expect(stats.takeLatencies().max).toBeCloseTo(100, 0);
  stats.on(accepted(1, { latencyMs: 2 }));
  stats.on(accepted(1, { latencyMs: 4 }));
  expect(stats.takeLatencies()).toMatchObject({ min: 2, p50: 2 });
  expect(stats.takeLatencies()).toEqual({ min: 0, p50: 0, p90: 0, p99: 0, max: 0 });
  expect(stats.counted().latencyMs.max).toBeCloseTo(100, 0);
});

test('an answer quicker than the clock can tell is counted', () => {
  const stats = countRun();
  stats.on(accepted(1, { latencyMs: 0 }));
  expect(stats.counted().latencyMs.p50).toBe(0.001);
});

test('rejects are counted by code with the place of the first, and no value is kept', () => {
  const stats = countRun();
  for (let line = 2; line < 14; line++) stats.on(rejectedOn(line));
  const counted = stats.counted();
  expect(counted.rowsRejected).toBe(12);
  expect(counted.rejects).toEqual([{ code: 'not-a-number', count: 12, first: { line: 2, column: 'quota' } }]);
  expect(JSON.stringify(counted)).not.toContain(secret);
});

test('rejects of the processes before count, and of several files each is named', () => {
  const before = { code: 'not-a-number', count: 4, first: { source: 'a.csv', line: 7 } };
  const stats = countRun(['a.csv', 'b.csv'], [before]);
  stats.on(rejectedOn(3));
  stats.on(rejectedOn(9, 'ragged-row'));
  expect(stats.counted().rejects).toEqual([
    { ...before, count: 5 },
    { code: 'ragged-row', count: 1, first: { source: 'a.csv', line: 9, column: 'quota' } },
  ]);
});

test('a pause is known until it ends', () => {
  const stats = countRun();
  stats.on({ kind: 'paused', reason: 'the credentials expired' });
  expect(stats.counted().pausedFor).toBe('the credentials expired');
  stats.on({ kind: 'unpaused' });
  expect(stats.counted().pausedFor).toBeUndefined();
});
