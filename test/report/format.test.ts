import { expect, test } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatMs, formatNoun } from '../../src/report/format.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [10_000_000, '10,000,000'],
  [19_999.6, '20,000'],
])('%d is counted as %s', (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test.each([
  [0.85, '850 ms'],
  [4.24, '4.2 s'],
  [9.96, '10 s'],
  [59.6, '1 min'],
  [500, '8 min 20 s'],
  [3599.7, '1 h'],
  [7500, '2 h 5 min'],
  [7 * 86_400, '7 d'],
  [100_000, '1 d 4 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [0.84, '0.8 ms'],
  [4, '4 ms'],
  [12.4, '12 ms'],
  [1250, '1.3 s'],
])('%d ms are %s', (ms, text) => {
  expect(formatMs(ms)).toBe(text);
});

test.each([
  [512, '512 bytes'],
  [1200, '1.2 kB'],
  [999_499, '999 kB'],
  [999_500, '1 MB'],
  [64_000_000, '64 MB'],
  [1_930_000_000, '1.9 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('one thing is not many', () => {
  expect([0, 1, 2].map((count) => formatNoun(count, 'row'))).toEqual(['0 rows', '1 row', '2 rows']);
});
