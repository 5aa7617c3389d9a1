import { expect, test } from 'vitest';
import { latencyToHoldMs, secondsWithRamp, slowestPart, trafficOf } from '../../src/domain/import-estimate.ts';

test('ten million units at 20,000 a second take 8 min 20 s', () => {
  // 10,000,000 / 20,000 = 500 s.
  expect(slowestPart([{ writeUnits: 10_000_000, unitsPerSecond: 20_000 }])).toEqual({ seconds: 500 });
});

test('the part that needs longest holds the others back', () => {
  // The index gets half of the rows, at a tenth of the rate: 5,000,000 / 2,000 = 2,500 s.
  const parts = [
    { writeUnits: 10_000_000, unitsPerSecond: 20_000 },
    { index: 'by-user', writeUnits: 5_000_000, unitsPerSecond: 2_000 },
    { index: 'by-day', writeUnits: 10_000_000, unitsPerSecond: undefined },
  ];
  expect(slowestPart(parts)).toEqual({ index: 'by-user', seconds: 2_500 });
});

test('nothing is held back where nothing is limited', () => {
  expect(slowestPart([{ writeUnits: 5, unitsPerSecond: undefined }])).toBeUndefined();
});

test('with the ramp a table takes 4,000 at first, and twice as many every half hour', () => {
  // 1,800 s at 4,000 are 7,200,000; the other 2,800,000 at 8,000 take 350 s.
  expect(secondsWithRamp(10_000_000, 20_000, 4_000)).toBe(2_150);
  // 7,200,000 + 14,400,000 + 28,800,000 in 5,400 s, and 10,000,000 at 20,000: the doubling ends at the rate.
  expect(secondsWithRamp(60_400_000, 20_000, 4_000)).toBe(5_900);
  expect(secondsWithRamp(1_000, 20_000, 4_000)).toBe(0.25);
  expect(secondsWithRamp(10_000_000, 20_000, 20_000)).toBe(500);
});

test('traffic is what the bodies hold, and a head and a wrapper for each batch of 25', () => {
  // 10,000,000 rows in 25s are 400,000 requests, 800 a second over 500 s.
  // Each row's text of 200 bytes: 2,000,000,000. Commas between them: 10,000,000 - 400,000 = 9,600,000.
  // Around each batch 600 bytes of head, 59 of wrapper and 6 for `tokens`: 400,000 × 665 = 266,000,000.
  // 2,275,600,000 bytes × 8 / 500 s = 36.4096 Mb/s.
  const setup = { rows: 10_000_000, writeUnits: 10_000_000, bodyBytes: 2_000_000_000, seconds: 500, batchSize: 25 };
  expect(trafficOf({ ...setup, unitsPerSecond: 20_000, tableName: 'tokens' })).toEqual({
    requests: 400_000,
    requestsPerSecond: 800,
    bytes: 2_275_600_000,
    megabitsPerSecond: 36.4096,
  });
});

test('batches are smaller where 25 rows would be more than 5 % of the rate', () => {
  // Items of 4 units at 1,000 a second: 50 units a batch are 12 rows; 1,200 rows make 100 requests.
  const setup = { rows: 1_200, writeUnits: 4_800, bodyBytes: 0, seconds: 4.8, batchSize: 25 };
  expect(trafficOf({ ...setup, unitsPerSecond: 1_000, tableName: 't' }).requests).toBe(100);
  // At 10 units a second not even one item fits, and goes all the same.
  expect(trafficOf({ ...setup, unitsPerSecond: 10, tableName: 't' }).requests).toBe(1_200);
});

test('64 batches in flight hold 800 requests a second up to 80 ms each', () => {
  expect(latencyToHoldMs(64, 800)).toBe(80);
});
